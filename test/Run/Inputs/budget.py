# Gradients of a ragged batch in a memory budget: numbers and memory.
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from array_files import read_safetensors, write_npz

LENGTHS = [400, 37, 1, 399]


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def numbers():
    random.seed(1)
    rows, longest = len(LENGTHS), max(LENGTHS)
    text = [random.randrange(256) for _ in range(rows * longest)]
    after = [random.randrange(256) for _ in range(rows * longest)]
    write_npz("in.npz", {"tokens": ((rows, longest), text, "i4"),
                         "targets": ((rows, longest), after, "i4"),
                         "lengths.T": ((rows,), LENGTHS, "i8")})
    run("./whole", "init", "--seed", "3", "-o", "w.safetensors")
    common = ["grad", "loss", "--weights", "w.safetensors", "--inputs", "in.npz", "-o"]
    run("./whole", *common, "whole.safetensors")
    wanted = read_safetensors("whole.safetensors")
    for size in ["1G", "4M", "2500K", "2200K"]:
        run("./budget", *common, "budget.safetensors", "--memory-budget", size)
        found = read_safetensors("budget.safetensors")
        assert found.keys() == wanted.keys()
        for name, (shape, values) in wanted.items():
            error = max(abs(a - b) for a, b in zip(values, found[name][1]))
            if not error <= 1e-5 * max(map(abs, values)):
                sys.exit(f"{name} at {size}: {error}")


def memory():
    """`info` keeps to the budget, and the peak of a process is the plan's within 5 % and the 3 MB
    of the program itself."""
    dims = ["--set", "B=16", "--set", "T=4000"]
    for size, limit in [("1G", 1 << 30), ("30M", 30 << 20), ("20M", 20 << 20)]:
        told = json.loads(run("./budget", "bench", "loss", "--grad", *dims, "--repeat", "2",
                              "--json", "--memory-budget", size))
        planned, taken = told["planned_bytes"], told["resident_bytes"]
        print(size, planned, taken)
        if not planned <= limit:
            sys.exit(f"the plan takes {planned}, the budget is {size}")
        if not abs(taken - planned) <= 0.05 * planned + (3 << 20):
            sys.exit(f"a process takes {taken}, the plan says {planned}")


def checks():
    """A check in the last step stops a gradient too, though nothing else of it is read; entries
    that are no gradients have no budget; gradients without a loop over time have."""
    run("./checked", "init", "--seed", "1", "-o", "c.safetensors")
    given = ["--inputs", "x.npz", "--weights", "c.safetensors"]
    steps = 50
    for last, stops in [(0.0, False), (9.0, True)]:
        values = [0.1] * (3 * (steps - 1)) + [last] * 3
        write_npz("x.npz", {"x": ((1, steps, 3), values, "f4")})
        for program in ["./checked", "./checked_budget"]:
            for words in [["run", "loss", "-o", "o.npz"], ["grad", "loss", "-o", "g.safetensors"]]:
                done = subprocess.run([program, *words, *given], capture_output=True, text=True)
                if (done.returncode != 0) != stops or ("large" in done.stderr) != stops:
                    sys.exit(f"{program} {words}: {done.returncode} {done.stderr}")
    steps = 5000
    write_npz("x.npz", {"x": ((1, steps, 3), [0.1] * (3 * steps), "f4")})
    run("./checked_budget", "run", "states", "-o", "o.npz", *given)
    done = subprocess.run(["./checked_budget", "grad", "free", "-o", "g.safetensors", *given],
                          capture_output=True, text=True)
    refusal = "the memory budget is 40960 bytes, but 'free.grad' takes"
    if done.returncode != 1 or refusal not in done.stderr:
        sys.exit(f"grad free: {done.returncode} {done.stderr}")


{"numbers": numbers, "memory": memory, "checks": checks}[sys.argv[1]]()
