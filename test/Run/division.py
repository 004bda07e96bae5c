"""Quotients and remainders of ints, and where a divisor is 0.

  division.py PROGRAM FOLDER
"""
import os
import subprocess
import sys

from array_files import read_npz, write_npz

program, folder = sys.argv[1:]


def call(entry, inputs, *flags):
    write_npz(f"{folder}/in.npz", inputs)
    given = ["--inputs", f"{folder}/in.npz"] if inputs else []
    run = subprocess.run([program, "run", entry, *given, "-o", f"{folder}/out.npz", *flags],
                         capture_output=True, text=True)
    if run.returncode:
        return run.returncode, run.stderr.strip()
    return 0, [int(x) for x in read_npz(f"{folder}/out.npz")["result"][1]]


def expect(found, wanted):
    if found != wanted:
        sys.exit(f"found {found}, expected {wanted}")


def fails(entry, where, line):
    name = os.path.basename(program)
    return 1, f"{name}: error: '{entry}' stopped{where}: division by zero at division.rondo:{line}"


i = ((3, 4), [7, 8, 9, 5, 3, 0, 0, 0, 1, 2, 3, 0], "i8")
j = ((3, 4), [2, 3, 4, 5, 4, 0, 0, 0, 1, 2, 0, 0], "i8")
lengths = {"lengths.T": ((3,), [4, 1, 2], "i8")}
expect(call("quotient", {}, "--set", "a=7", "--set", "b=2"), (0, [3]))
expect(call("rest", {}, "--set", "a=7", "--set", "b=4"), (0, [3]))
expect(call("quotient", {}, "--set", "a=5", "--set", "b=0"), fails("quotient", "", 3))
expect(call("rest", {}, "--set", "a=7", "--set", "b=0"), fails("rest", "", 4))
# The padding's zeros are no divisors.
expect(call("each", {"i": i, "j": j, **lengths}), (0, [1, 2, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0]))
longer = {"lengths.T": ((3,), [4, 1, 3], "i8")}
expect(call("each", {"i": i, "j": j, **longer}), fails("each", " in example 2", 6))
expect(call("safe", {"i": i, "j": j, **longer}), (0, [3, 3, 4, 1, 0, 0, 0, 0, 1, 2, -1, 0]))
x = {"x": ((2, 2), [1.0, 1.0, 0.0, 0.0], "f8")}
expect(call("of_length", {**x, "lengths.T": ((2,), [2, 0], "i8")}), fails("of_length", " in example 1", 5))
expect(call("of_length", {**x, "lengths.T": ((2,), [2, 1], "i8")}), (0, [3, 7]))
