"""What is no row of contestants: the machine's limits, versions, W8 (memory), W10 (compile time)."""
import json
import os
import subprocess
import time

import build
from contestants import Missing, Rondo
from rows import Row


def machine_limits(work):
    found = subprocess.run([os.path.join(work, "machine")], capture_output=True, text=True,
                           check=True)
    return json.loads(found.stdout)


def device(rondoc, work, name):
    """What is known of a device: {"model"} as programs say it, {"driver", "memory"} where NVIDIA's tool
    is there. Missing, with the program's words, where programs do not run on it."""
    program = build.rondo_program(rondoc, work, "lstm", {"hidden": 8}, ("--target=cuda",))
    tiny = Rondo(program, Row("W9", "lstm", "inference", layers=1, T=2, N=2, H=8), 1, None, name)
    said = json.loads(tiny.call("bench", "outputs", "--set", "B=2", "--set", "T=2", "--repeat", "1",
                                "--json", *tiny.flags()))
    facts = {"model": said["device"].split(", ", 1)[-1], "device": said["device"]}
    try:
        found = subprocess.run(["nvidia-smi", "--query-gpu=driver_version,memory.total",
                                "--format=csv,noheader", "-i", (name + ":0").split(":")[1]],
                               capture_output=True, text=True)
    except OSError:
        return facts
    if found.returncode == 0 and found.stdout.count(",") == 1:
        facts.update(zip(("driver", "memory"), map(str.strip, found.stdout.split(","))))
    return facts


def better(first, second):
    """The better figure of two measurements of the machine."""
    result = json.loads(json.dumps(first))
    for threads, figures in result["threads"].items():
        for name, value in figures.items():
            pick = min if name == "barrier_us" else max
            figures[name] = pick(value, second["threads"][threads][name])
    return result


def versions(rondoc):
    found = {}
    text = subprocess.run([rondoc, "--version"], capture_output=True, text=True).stdout
    found["rondo"] = next((line.strip() for line in text.splitlines() if "rondo" in line.lower()),
                          text.strip().splitlines()[0] if text.strip() else "unknown")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            cwd=build.HERE)
    if commit.returncode == 0:
        dirty = subprocess.run(["git", "status", "--porcelain", "--untracked-files=no",
                                "--", ".", ":!results"],
                               capture_output=True, text=True, cwd=build.HERE).stdout.strip()
        found["rondo"] += ", commit " + commit.stdout.strip() + (" with changes" if dirty else "")
    return found


def memory(options, work):
    """W8: an LSTM, H 512 N 16, at several budgets of all the memory that the gradient takes when
    everything is stored: weights, gradients and packed weights count too."""
    results = []
    programs = [build.rondo_program(options.rondoc, work, "lstm_tokens", {"hidden": 512}, flags)
                for flags in ((), ("--memory-budget",))]
    for t in (1000,) if options.quick else (1000, 10000):
        row = Row("W8", "lstm_tokens", "gradient", layers=1, T=t, N=16, H=512)
        rondos = [Rondo(program, row, max(options.threads), os.path.join(work, "w8.safetensors"))
                  for program in programs]
        rondos[0].call("init", "-o", rondos[0].weights)
        call = ["bench", "loss", "--grad", "--weights", rondos[0].weights, "--json", "--repeat",
                "3", *rondos[0].flags()]
        for name, value in row.call_dims.items():
            call += ["--set", "%s=%d" % (name, value)]
        everything = None
        for percent in (100, 25, 10, 5):
            entry = {"row": row.name, "budget": "%d %%" % percent}
            results.append(entry)
            try:
                if everything is None:
                    found = everything = json.loads(rondos[0].call(*call))
                else:
                    # Everything stored once more, beside it: neighbours slow both.
                    again = json.loads(rondos[0].call(*call))
                    found = json.loads(rondos[1].call(
                        *call, "--memory-budget",
                        str(everything["planned_bytes"] * percent // 100)))
                    everything["best_seconds"] = min(everything["best_seconds"],
                                                     again["best_seconds"])
            except Missing as missing:
                entry["failed"] = str(missing)
                if percent == 100:
                    break
                continue
            entry.update(best=found["best_seconds"], plan=found["planned_bytes"],
                         ratio=found["best_seconds"] / everything["best_seconds"],
                         measured=found["resident_bytes"])
    return results


def compilation(rondoc, work, quick):
    """W10: CharLM, a cell, 2 and 48 layers: the time of rondoc, the program's size, its start."""
    example = os.path.join(build.HERE, "..", "examples", "char_lm.rondo")
    cases = [("char_lm", example, []),
             ("char_lm, 48 layers", example, ["-D", "layers=48"]),
             ("lstm", os.path.join(build.HERE, "models", "lstm.rondo"), []),
             ("char_rnn", os.path.join(build.HERE, "models", "char_rnn.rondo"), [])]
    results = []
    for name, source, flags in cases:
        target = os.path.join(work, "compiled")
        times = []
        for _ in range(1 if quick else 3):
            start = time.perf_counter()
            subprocess.run([rondoc, source, "-o", target, *flags], check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        starts = []
        for _ in range(5 if quick else 20):
            start = time.perf_counter()
            subprocess.run([target, "info"], check=True, capture_output=True)
            starts.append(time.perf_counter() - start)
        results.append({"model": name, "compile": min(times), "bytes": os.path.getsize(target),
                        "start": min(starts)})
    return results
