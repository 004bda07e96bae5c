"""Edits of a printed plan's loops that no compiler may accept: each has its message, exit status 1, and nothing else.

  refused.py PLAN RONDOC FOLDER
"""
import re
import subprocess
import sys

ROWS = "[1 : 320 lanes 8 x 2, 0 : B rows 6 alone 8, sum 2 : 64]"
SCORES = "[0 : B, 2 : S lanes 8 x 2, 1 : T rows 6 alone 8, sum 3 : 24]"
WEIGHTS = "[1 : 24 lanes 8 x 2, 0 : 96 rows 6 alone 8, sum 2 : B, sum 3 : T], by rows, blocks 512, panel 1"
WIDE = "[2 : 24 lanes 8 x 2, 0 : B, 1 : T rows 6 alone 8, sum 3 : 96], wide"
EDITS = [
    # What no nest may be: the dialect's verifier.
    (ROWS, "[1 : 320 lanes 8 x 2, 0 : B rows 6]", "it has 3 axes, and there are 2 loops"),
    (ROWS, "[1 : 320 lanes 8 x 2, 1 : 320, sum 2 : 64]", "axis 1 has two of them"),
    (ROWS, "[1 : 320 lanes 8 x 2, 7 : B, sum 2 : 64]", "there is no axis 7 among 3"),
    (ROWS, "[sum 2 : 64, 1 : 320, 0 : B]", "axis 1 is stored and stands within a sum"),
    (ROWS, "[1 : 320 lanes 8 x 2, 0 : B lanes 8, sum 2 : 64]", "axis 0 is the second one in lanes"),
    (ROWS, "[1 : 320 lanes 6, 0 : B, sum 2 : 64]", "a vector has a power of two of lanes, not 6"),
    (ROWS, "[1 : 320, 0 : B rows 6, sum 2 : 64]", "rows share the vectors of a stored axis, and none is in lanes"),
    (ROWS, "[0 : B rows 6, 1 : 320 lanes 8, sum 2 : 64]", "rows stand within all other stored axes"),
    (ROWS, "[1 : 320 lanes 8, 0 : B, sum 2 : 64 rows 4]", "axis 2 is summed and has no rows"),
    (ROWS, "[1 : 320, 0 : B, sum 2 : 64 lanes 8 x 2]", "a sum in lanes takes one vector at a time"),
    # What this head may not have: lib/Tile's.
    (ROWS, "[1 : 321 lanes 8 x 2, 0 : B, sum 2 : 64]", "axis 1 is 320, not 321"),
    (ROWS, "[1 : 320 lanes 8 x 2, sum 0 : B, sum 2 : 64]", "axis 0 is stored, not summed"),
    (ROWS, "[1 : 320 lanes 16, 0 : B, sum 2 : 64]", "a vector has 8 lanes, not 16"),
    (ROWS, "[1 : 320 lanes 8 x 4, 0 : B rows 6, sum 2 : 64]", "a tile sums in 24 registers, and there are 16"),
    (ROWS, ROWS + ", blocks 512", "it does not sum over two dims of run-time length, and has no blocks"),
    (ROWS, ROWS + ", panel 1", "a panel has a block of an operand's columns, and there is no such"),
    (SCORES, "[2 : S lanes 8 x 2, 0 : B, 1 : T, sum 3 : 24]",
     "the bounds of axis 2, S, differ by example, and it stands outside of the loop over B"),
    (SCORES, "[0 : B lanes 8, 1 : T, 2 : S, sum 3 : 24]", "axis 0 cannot be in lanes: other axes need the example"),
    (WEIGHTS, WEIGHTS.replace(", blocks 512, panel 1", ""), "it sums over dims of run-time length: expected blocks"),
    (WEIGHTS, WEIGHTS.replace("sum 2 : B, sum 3 : T", "sum 3 : T, sum 2 : B"),
     "the bounds of axis 3, T, differ by example, and it stands outside of the loop over B"),
    (WEIGHTS, WEIGHTS.replace("panel 1", "panel 0"), "a panel has at most 4 vectors of the operand's columns"),
    (WEIGHTS, WEIGHTS.replace("panel 1", "panel 2"), "there is no such"),
    (WIDE, WIDE.replace("lanes 8 x 2", "lanes 8 x 9").replace("rows 6 alone 8", "rows 1"),
     "a wide row sums in 18 registers, and there are 16"),
    (WIDE, "[0 : B, 1 : T, 2 : 24, sum 3 : 96 lanes 8], wide", "a single row may be wide where rows"),
    # What is no text of an attribute.
    (ROWS, "[1 : 320 lanes 0, 0 : B, sum 2 : 64]", "expected a number from 1 on"),
    (ROWS, ROWS + ", tall", "expected 'by rows', 'wide', 'blocks' or 'panel'"),
]


def main():
    path, rondoc, folder = sys.argv[1:4]
    with open(path) as file:
        plan = file.read()
    count = 0
    for before, after, message in EDITS:
        if before not in plan:
            continue
        count += 1
        with open(f"{folder}/wrong.mlir", "w") as file:
            file.write(plan.replace(before, after, 1))
        done = subprocess.run([rondoc, f"{folder}/wrong.mlir", "-o", f"{folder}/wrong"], capture_output=True, text=True)
        errors = [line for line in done.stderr.splitlines() if re.search(r"\berror: ", line)]
        if done.returncode != 1 or len(errors) != 1 or message not in errors[0]:
            sys.exit(f"{after}: status {done.returncode}, expected one error, '{message}', found\n{done.stderr}")
    if count < 7:
        sys.exit(f"only {count} edits are of this plan")


main()
