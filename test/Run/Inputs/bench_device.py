"""A row of the benchmark on an emulated GPU, with a peer that repeats rondo's numbers from before and
one that is wrong by more than bf16 explains; the time that is over; and what stands in the results."""
import os
import sys
import time
import types

root, work = sys.argv[1], os.path.abspath("device")
sys.path.insert(0, os.path.join(root, "bench", "driver"))
import build  # noqa: E402
import contestants  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402

PEER = """
import os, sys
words = dict(word.split("=", 1) for word in sys.argv[1:])
assert words["device"] == "cuda" and words["precision"] == "bf16", words
print("ready", "a peer", flush=True)
for line in sys.stdin:
    if line.startswith("check"):
        for name in os.listdir("numbers"):
            data = bytearray(open(os.path.join("numbers", name), "rb").read())
            if words["framework"] == "torch" and name == "grad.scale.f32":
                data[:4] = b"\\0\\0\\x80\\x3f"
            open(os.path.join(words["out"], name), "wb").write(data)
        print("done", flush=True)
    elif words["framework"] == "jax":
        print('{"best": 1e-3, "median": 2e-3, "count": 3}', flush=True)
    else:
        sys.exit("out of memory")
"""
with open("peer.py", "w") as file:
    file.write(PEER)


def command(peers, program, arguments, threads, data, out):
    words = {**arguments, "framework": program, "out": out}
    return [sys.executable, "peer.py"] + ["%s=%s" % item for item in words.items()]


def compile_row(row):
    return build.rondo_program("rondoc", work, row.model, row.configuration,
                               ("--target=cuda-emulate",))


row = rows.DeviceRow("W9", "lstm", "gradient", "bf16", layers=1, T=3, N=2, H=8)
options = types.SimpleNamespace(device="cuda", deadline=None, quick=False, peers=["none"], rounds=2,
                                seconds=0.001)
os.makedirs(work, exist_ok=True)
alone = measure.measure(row, compile_row, {}, 2, None, options, os.path.join(work, "row"))
assert alone["peers"] == {} and "share" not in alone and alone["gflops"] > 0, alone

os.makedirs("numbers", exist_ok=True)
rondo = contestants.Rondo(compile_row(row), row, 2, os.path.join(work, "row/weights.safetensors"),
                          "cuda")
for name, values in measure.rondo_numbers(row, rondo, os.path.join(work, "row")).items():
    with open(os.path.join("numbers", name + ".f32"), "wb") as file:
        values.tofile(file)
measure.peer_command, options.peers = command, []
result = measure.measure(row, compile_row, {}, 2, None, options, os.path.join(work, "row"))
jax, torch = result["peers"]["JAX"], result["peers"]["PyTorch"]
assert jax["best"] == 1e-3 and jax["difference"] == {"outputs": 0, "gradients": 0}, jax
assert torch["wrong"] and "grad.scale differs by" in torch["missing"], torch
assert result["best_peer"] == "JAX" and result["precision"] == "bf16", result

data = {"date": "today", "load": [0, 0], "versions": {}, "results": [result], "not_run": ["a row"],
        "machine": {"model": "A GPU", "device": "cuda", "driver": "1.2", "system": "Linux"},
        "options": {"minutes": 3}}
print(report.table(data))
assert "GFLOP/s on A GPU" in report.plot(data)

options.deadline = time.monotonic() - 1
try:
    measure.measure(row, compile_row, {}, 2, None, options, os.path.join(work, "row"))
except contestants.Missing as missing:
    print("late:", missing)
