"""What a branch of an `if` needs, or checks, holds where the branch is taken: against the same models
in Python, example by example, alone and in batches.

  branches.py PROGRAM FOLDER
"""
import math
import subprocess
import sys

from array_files import error, read_npz, read_safetensors, write_npz

program, folder = sys.argv[1:]


def flat(rows):
    return [value for row in rows for value in row]


def values(example, length):
    return [[1.0 + 10 * example + 2 * t + i for i in range(2)] for t in range(length)]


def joined(x, y):
    a, b = x[3:] + y, y + x[3:]
    return sum(p * q for p, q in zip(flat(a), flat(b))) if len(x) > 2 else 0.25


def running(x):
    totals = [0.0, 0.0]
    result = 0.0
    for row in x:
        totals = [a + b for a, b in zip(totals, row)]
        result += sum(totals)
    return result


def product(x):
    a, b = x[2:], x[:-2]
    return sum(a[t][i] * b[t][j] for t in range(len(a)) for i in range(2) for j in range(2))


def rest(x, first):
    return sum(flat(x[first:]))


# Of each entry the result of one example, and d result / d w[0], or None where w is not in it.
def between_grad(x, y):
    return [sum(flat(x[:len(y)])), rest(x, len(y))] if len(y) <= len(x) else [0.0, 0.0]


models = {
    "rest": (lambda x: rest(x, 1) if x else -1.0, None),
    "three": (lambda x: sum(flat(x[:3])) if len(x) > 2 else -1.0,
              lambda x: [sum(flat(x[:3])) if len(x) > 2 else 0.0, 0.0]),
    "either": (lambda x: rest(x, 2) if len(x) > 1 else -1.0,
               lambda x: [sum(row[i] for row in x[2:]) for i in range(2)]),
    "differs": (lambda x: sum(v * v for v in flat(x[1:])) if x else 3.0, None),
    "nested": (lambda x: rest(x, 4) if len(x) > 4 else rest(x, 1) if len(x) > 1 else -1.0, None),
    "named": (lambda x: rest(x, 3) if len(x) > 3 else 0.5, None),
    "chosen": (lambda x: sum(flat(x[:-3])) if len(x) > 2 else -2.0, None),
    "steps": (lambda x: running(x[2:]) if len(x) > 2 else -1.0, None),
    "product": (lambda x: product(x) if len(x) > 2 else -1.0, None),
}
models_of_two = {
    "joined": (joined, lambda x, y: [joined(x, y) if len(x) > 2 else 0.0, 0.0]),
    "between": (lambda x, y: sum(flat(x)) + len(x) - len(y) if len(y) <= len(x) else -4.0,
                between_grad),
}


def call(command, entry, arrays, numbers=()):
    write_npz(f"{folder}/in.npz", arrays)
    out = f"{folder}/out." + ("npz" if command == "run" else "safetensors")
    run = subprocess.run([program, command, entry, "--weights", f"{folder}/w.safetensors", "--inputs",
                          f"{folder}/in.npz", "-o", out, *(f"--set={each}" for each in numbers)],
                         capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"{entry}: status {run.returncode}")
    if run.returncode:
        return run.stderr.strip()
    return (read_npz(out)["result"] if command == "run" else read_safetensors(out)["w"])[1]


def padded(name, dim, lengths, padding):
    size = max(lengths) + padding
    data = [values(b, n) + [[math.nan] * 2] * (size - n) for b, n in enumerate(lengths)]
    return {name: ((len(lengths), size, 2), flat(flat(data)), "f4"),
            f"lengths.{dim}": ((len(lengths),), lengths, "i8")}


def expect(entry, found, wanted, about):
    scale = max([1.0, *map(abs, wanted)])
    if isinstance(found, str) or not error(found, wanted, scale) <= 1e-5:
        sys.exit(f"{entry} of {about}: {found}, expected {wanted}")


def refused(entry, found, why):
    if not (isinstance(found, str) and found.count("\n") == 0 and why in found):
        sys.exit(f"{entry}: {found}, expected '{why}'")


subprocess.run([program, "init", "-o", f"{folder}/w.safetensors"], check=True)
batches = [[n] for n in range(7)] + [[0, 0], [2, 0, 5, 1, 3], [0, 6], [4, 4, 2]]
for lengths in batches:
    for padding in (0, 9):
        x = padded("x", "T", lengths, padding)
        examples = [values(b, n) for b, n in enumerate(lengths)]
        for entry, (value, gradient) in models.items():
            expect(entry, call("run", entry, x), [value(e) for e in examples], lengths)
            if gradient:
                rows = [gradient(e) for e in examples]
                mean = [sum(column) / len(rows) for column in zip(*rows)]
                expect("d " + entry, call("grad", entry, x), mean, lengths)
        last = flat(flat(e[-2:] if len(e) > 1 else [[7.0, 7.0]] * 2 for e in examples))
        expect("last_two", call("run", "last_two", x), last, lengths)
        sources = [(3 * n + 1) % 5 for n in lengths]
        both = x | padded("y", "S", sources, padding)
        for entry, (value, gradient) in models_of_two.items():
            pairs = [(e, values(b, n)) for e, b, n in zip(examples, range(9), sources)]
            expect(entry, call("run", entry, both), [value(*p) for p in pairs], (lengths, sources))
            rows = [gradient(*p) for p in pairs]
            mean = [sum(column) / len(rows) for column in zip(*rows)]
            expect("d " + entry, call("grad", entry, both), mean, (lengths, sources))

# A check on lengths is made before anything is read, where its branch is taken; the data decide
# whether a branch is taken only when the call runs, so that what it needs of lengths is needed.
for lengths, why in (([3], None), ([2, 6], None), ([3, 5], "example 1: six are wanted, where T is 5"),
                     ([4], "example 0: six are wanted, where T is 4")):
    found = call("run", "checked", padded("x", "T", lengths, 1))
    if why:
        refused("checked", found, why)
    else:
        expect("checked", found, [sum(flat(values(b, n))) if n > 3 else 1.0
                                  for b, n in enumerate(lengths)], lengths)
expect("checked_by_data", call("run", "checked_by_data", padded("x", "T", [2, 3, 1], 0)), [1.0] * 3, 0)
refused("checked_by_data", call("run", "checked_by_data", padded("x", "T", [2, 5], 0)),
        "example 1: six are wanted")
refused("flagged", call("run", "flagged", padded("x", "T", [3, 2], 0)),
        "example 1: a slice from 3 to T of an axis that is shorter, where T is 2")

for k, wanted in ((5, 2.0), (0, 9.0), (3, 1.0)):
    expect("divided", call("run", "divided", {}, [f"k={k}"]), [wanted], k)
index = {"k": ((2, 3), [0, 3, 8, 5, 0, 0], "i4"), "lengths.T": ((2,), [3, 2], "i8")}
expect("divided_by", call("run", "divided_by", index), [-1.0, 4.0, 1.0, 2.0, -1.0, 0.0], index)
refused("undivided", call("run", "undivided", index), "example 0: division by zero at branches.rondo:")
