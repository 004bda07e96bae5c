"""Softmax and its like of numbers that are large, or large next to their differences, by formulas in
double precision on the inputs that a float32 holds.

  large.py PROGRAM FOLDER
"""
import math
import struct
import subprocess
import sys

from array_files import error, read_npz, read_safetensors, write_npz, write_safetensors

program, folder = sys.argv[1:]


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


ROWS = [[single(x) for x in row] for row in [[0.1, -0.7, 0.3, 0.31, -2.3], [1.7, 1.9, -0.4, 1.1, 0.6],
                                             [-0.9, -1.3, -0.2, -2.1, -0.7]]]
LABELS = [0, 3, 1]


def call(command, entry, inputs, scalars):
    out = f"{folder}/out." + ("npz" if command == "run" else "safetensors")
    write_npz(f"{folder}/in.npz", inputs)
    subprocess.run([program, command, entry, "--weights", f"{folder}/w.safetensors", "--inputs",
                    f"{folder}/in.npz", "-o", out] +
                   [text for name, value in scalars.items() for text in ("--set", f"{name}={value!r}")],
                   check=True, stdout=subprocess.DEVNULL)
    arrays = read_npz(out) if command == "run" else read_safetensors(out)
    return {name: values for name, (_, values) in arrays.items()}


def expect(what, found, wanted, tolerance=4e-6):
    assert len(found) == len(wanted), what
    for f, w in zip(found, wanted):
        if not abs(f - w) <= tolerance * (1 + abs(w)):
            sys.exit(f"{what}: found {f}, expected {w}")


def differences(rows):
    return [[x - max(row) for x in row] for row in rows]


def log_softmax(rows):
    return [[d - math.log(math.fsum(map(math.exp, row))) for d in row] for row in differences(rows)]


def flat(rows):
    return [x for row in rows for x in row]


n = 5
write_safetensors(f"{folder}/w.safetensors",
                  {"w": ((n, n), [single(0.1 * ((7 * i) % 11) - 0.4) for i in range(n * n)]),
                   "b": ((n,), [0.0] * n)})
x = ((3, n), flat(ROWS), "f8")
for c in [1.0, 1e3, 1e7, 1e9, 7e9, 1e12, 1e20, 1e30]:
    c = single(c)
    products = [[single(v * c) for v in row] for row in ROWS]
    squares = [[single(single(v * v) * c) for v in row] for row in ROWS]
    sums = [[single(v + c) for v in row] for row in ROWS]
    run = lambda entry, **more: call("run", entry, {"x": x, **more}, {"c": c})["result"]
    expect(f"shifted {c}", run("shifted"), [math.exp(v) for v in flat(differences(products))])
    expect(f"added {c}", run("added"), [math.exp(v) for v in flat(differences(squares))])
    expect(f"stopped {c}", run("stopped"), [1.0] * 15)
    expect(f"soft {c}", run("soft"), [math.exp(v) for v in flat(log_softmax(products))])
    expect(f"log_soft {c}", run("log_soft"), flat(log_softmax(products)))
    expect(f"log_sum {c}", run("log_sum"),
           [max(row) + math.log(math.fsum(map(math.exp, d)))
            for row, d in zip(products, differences(products))])
    y = ((3,), LABELS, "i8")
    expect(f"entropy {c}", run("entropy", y=y),
           [-row[label] for row, label in zip(log_softmax(sums), LABELS)])
    gradient = [sum(math.exp(row[j]) - (j == label) for row, label in zip(log_softmax(sums), LABELS)) / 3
                for j in range(n)]
    expect(f"gradient {c}", call("grad", "loss", {"x": x, "y": y}, {"c": c})["b"], gradient)
    # Of sums of products probabilities are known to add up to 1.
    found = call("run", "logits", {"x": ((1, 3, n), flat(ROWS), "f8")}, {"c": c})["result"]
    expect(f"logits {c}", [math.fsum(found[i:i + n]) for i in range(0, 15, n)], [1.0] * 3)
    assert all(0 <= p <= 1 for p in found), found
