"""Checks what a program says of its parts: the shares add up to 1, by part and by line; the lines are
those of the model; loops run once a call and what is in them once a step. Nothing here is a timing."""
import json
import subprocess
import sys


def main():
    program = sys.argv[1]
    said = subprocess.run([program, "profile", "loss", "--grad", "--set", "B=3", "--set", "T=7",
                           "--repeat", "5", "--json"], stdout=subprocess.PIPE, check=True)
    profile = json.loads(said.stdout)
    assert profile["calls"] == 5, profile["calls"]
    shares = [part["share"] for part in profile["parts"]]
    assert all(share >= 0 for share in shares), shares
    total = sum(shares) + profile["outside_share"]
    assert abs(total - 1) <= 1e-6, total
    lines = {(line["file"].rsplit("/", 1)[-1], line["line"]) for line in profile["lines"]}
    assert {("gates.rondo", 9), ("gates.rondo", 10), ("gates.rondo", 16)} <= lines, lines
    assert abs(sum(line["share"] for line in profile["lines"]) - sum(shares)) <= 1e-6
    calls = {part["what"]: part["calls"] for part in profile["parts"]}
    assert calls["loop over T"] == 1 and calls["reverse loop over T"] == 1, calls
    inside = [part for part in profile["parts"] if part["calls"] == 7]
    # The product of a step, 3 rows x 16 gates x 8, is in a part of its own for all 7 steps.
    assert any(part["line"] == 9 and part["flops"] >= 2 * 3 * 16 * 8 * 7 for part in inside), inside
    assert {part["entry"] for part in profile["parts"]} == {"loss.grad"}


main()
