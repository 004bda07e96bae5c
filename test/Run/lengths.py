"""Lengths that lack what a program reads are refused before anything is read, with the example, the
place and the lengths; what no element of a result needs may be wanting.

  lengths.py PROGRAM FOLDER
"""
import math
import subprocess
import sys

from array_files import error, read_npz, read_safetensors, write_npz

program, folder = sys.argv[1:]


def call(command, entry, lengths, sources=None, padding=0, z=None, index=None):
    """The result, or the message. x[b, t, i] is 1 + 10 b + 2 t + i, all else is NaN."""
    rows, size = len(lengths), max(lengths) + padding
    x = [1.0 + 10 * b + 2 * t + i if t < n else math.nan
         for b, n in enumerate(lengths) for t in range(size) for i in range(2)]
    arrays = {"x": ((rows, size, 2), x, "f4"), "lengths.T": ((rows,), lengths, "i8")}
    if sources:
        arrays["y"] = ((rows, max(sources)), [1.0] * (rows * max(sources)), "f4")
        arrays["lengths.S"] = ((rows,), sources, "i8")
    if index:
        arrays["i"] = ((rows,), index, "i8")
    if z:
        arrays["z"] = ((rows, len(z) // rows), z, "f4")
    write_npz(f"{folder}/in.npz", arrays)
    out = f"{folder}/out." + ("npz" if command == "run" else "safetensors")
    run = subprocess.run([program, command, entry, "--weights", f"{folder}/w.safetensors",
                          "--inputs", f"{folder}/in.npz", "-o", out], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"{entry} of lengths {lengths}: status {run.returncode}")
    if run.returncode:
        return run.stderr.strip()
    return (read_npz(out)["result"] if command == "run" else read_safetensors(out)["w"])[1]


def refused(entry, lengths, why, command="run", **more):
    for padding in (0, 3):
        found = call(command, entry, lengths, padding=padding, **more)
        if not (isinstance(found, str) and found.count("\n") == 0 and why in found):
            sys.exit(f"{entry} of lengths {lengths}: {found}, expected '{why}'")


def gives(entry, lengths, wanted, command="run", **more):
    found = call(command, entry, lengths, **more)
    if isinstance(found, str) or not error(found, wanted, 1.0) <= 1e-6:
        sys.exit(f"{entry} of lengths {lengths}: {found}, expected {wanted}")


subprocess.run([program, "init", "-o", f"{folder}/w.safetensors"], check=True)

# Alone, beside others, and all of a batch.
for lengths, example in (([0], 0), ([2, 0, 3], 1), ([0, 0], 0), ([5, 2, 0], 2)):
    at = f"stopped in example {example}: "
    refused("first", lengths, at + "position 0 of an axis that is shorter, where T is 0 (")
    refused("last", lengths, at + "position T - 1 of an axis that is shorter, where T is 0 (")
    refused("some", lengths, at + "a slice from 0 to 1 of an axis that is shorter, where T is 0 (")
    refused("tail", lengths, at + "a slice from 1 to T of an axis that is shorter, where T is 0 (")
    refused("head", lengths, at + "a slice from 0 to T - 1 of an axis that is shorter, where T is 0")
    refused("clipped", lengths, at + "an index from 0 to T - 1, where T is 0 (")
    refused("best", lengths, at + "argmax of nothing, where T is 0 (")
    refused("average", lengths, at + "mean of nothing, where T is 0 (")
    refused("halved", lengths, at + "the size div(T - 1, 2) would be negative, where T is 0 (")
    refused("shifted", lengths, at + "a slice from 0 to T - 1 of an axis", command="grad")
refused("first", [1, 0], "lengths.rondo:11:40)")
refused("far", [2, 5], "stopped in example 0: position 1000000 of an axis that is shorter, where T is 2 (")
far = "1099511627776"
refused("farthest", [5, 2], f"example 0: position {far} of an axis that is shorter, where T is 5 (")
refused("beyond", [2], f"example 0: a slice from {far} to T of an axis that is shorter, where T is 2 (")
refused("before_all", [3], f"example 0: position T - {far} of an axis that is shorter, where T is 3 (")
refused("multiple", [0, 1], f"example 1: a slice from {far} * T to T of an axis that is shorter, where T is 1 (")
for number in (2 ** 40, 2 ** 32 + 1, 2 ** 63 - 1, -2 ** 40, 2):
    refused("taken", [5, 2], f"'i' of example 1 is {number}, expected 0 to 1", index=[4, number])
refused("third", [5, 2], "stopped in example 1: a slice from 3 to T of an axis that is shorter, where T is 2")
refused("third", [2], "stopped in example 0: a slice from 3 to T of an axis that is shorter, where T is 2")
refused("made", [3, 1], "stopped in example 1: the size T - 3 would be negative, where T is 1 (")
refused("checked", [2, 0], "stopped in example 1: two are wanted, where T is 0 (")
refused("checked", [2, 1], "stopped in example 1: two are wanted, where T is 1 (")
refused("checked", [2, 4], "stopped in example 1: two are wanted, where T is 4 (")
refused("otherwise", [2, 0], "stopped in example 1: more than one is wanted")
refused("crossed", [5, 6], "example 0: position 5 of an axis that is shorter, where T is 5 (",
        sources=[2, 0])
refused("crossed_loss", [5, 6], "example 0: position 5 of an axis", command="grad", sources=[2, 0])

gives("first", [1, 2], [1.0, 2.0, 11.0, 12.0])
gives("multiple", [0], [0.0])
gives("taken", [5, 2], [9.0, 10.0, 13.0, 14.0], index=[4, 1])
gives("tail", [1, 3], [0.0, 13.0 + 14 + 15 + 16])
gives("third", [3, 4], [0.0, 0.0, 17.0, 18.0])
gives("third", [3], [])
gives("made", [3, 4], [21.0, 1 + 8 * 14.5])
gives("checked", [2], [20.0])
# d/dw of (w a - b)^2 at w = 1, a - b = -2: -4 a, over two examples.
gives("shifted", [3, 1], [-4 * (1 + 2 + 3 + 4) / 2, 0.0], command="grad")

gives("relative", [0], [])
gives("relative", [0, 2], [0.0] * 6 + [2.0, 2.0])
gives("centred", [0, 0], [])
gives("centred", [0, 2], [0.0] * 4 + [-1.0, -1.0, 1.0, 1.0])
gives("below", [2, 0], [-2.0, -2.0, 0.0, 0.0] + [0.0] * 4)
gives("below", [0], [])
gives("before", [0, 2], [0.0] * 4 + [11.0, 12.0, 11.0, 12.0])
gives("before", [0], [])
gives("unrolled", [0], [])
gives("unrolled", [1, 0], [1.0 + 1 + 1, 4.0 + 2 + 2, 0.0, 0.0])
for lengths in ([0], [0, 0], [4, 0]):
    gives("crossed", lengths, [], sources=[0] * len(lengths))
# 1 + (21 + 22) + x[1, 0] + x[5, 0] of the second example alone.
gives("crossed", [0, 6], [0.0, 1.0 + 43 + 13 + 21], sources=[0, 1])
gives("loss", [0], [0.0, 0.0], command="grad")
# The second example: sums over t of x[t] - x[0] are 2, two means are 2 (11 + 1) and 2 (12 + 1).
gives("loss", [0, 2], [(2.0 - 24) / 2, (2.0 - 26) / 2], command="grad")
gives("crossed_loss", [0, 3], [0.0, 0.0], command="grad", sources=[0, 0])

# T - S is 4 and 1, though the longest T and S are 4 and 3.
gives("rest", [4, 4], [2.0 * x for x in range(1, 9)] + [34.0, 36.0] + [0.0] * 6, sources=[0, 3])
gives("rest", [3, 4], [4.0 * x for x in (2.5, 3)] + [34.0, 36.0], sources=[2, 3])
gives("rest", [4, 1], [2.0 * x for x in range(5, 9)] + [22.0, 24.0] + [0.0] * 2, sources=[2, 0])
gives("rest_loss", [4, 4], [(2 * 204.0 + 2 * (17 ** 2 + 18 ** 2)) / 2, 0.0], command="grad",
      sources=[0, 3])
gives("joined", [4, 4], [60.0, 93.0], sources=[0, 3],
      z=[1.0, 2.0, 3.0, 4.0, 5.0, math.nan, math.nan, math.nan])
refused("rest", [4, 2], "example 1: a slice from S to T of an axis that is shorter, where S is 3, T is 2",
        sources=[3, 3])
refused("joined", [4, 4], "'z' has sizes [2, 1], expected f32[B, -S + T] = [2, 4]", sources=[0, 3], z=[1.0, 2.0])

gives("first_or", [0, 2], [1.0, 1.0, 11.0, 12.0])
gives("first_or", [0], [1.0, 1.0])
gives("mean_or", [0, 1, 0], [-1.0, 11.5, -1.0])
gives("fourth_or", [0, 4], [2.0, 17.0 + 18])
gives("fourth_or", [0, 4], [9.0, 9.5], command="grad")
refused("fourth_or", [0, 3], "example 1: position 3 of an axis that is shorter, where T is 3 (")
