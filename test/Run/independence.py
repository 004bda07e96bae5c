"""The number of ops at a stage does not depend on how long or how deep a model is.

Constants are not counted: whether two numbers are equal by chance decides how many there are. Neither do
the few that add up where slots begin in the arena count: which slot is below which depends on sizes.

  independence.py RONDOC FILE STAGE NAME=VALUES ...     e.g. steps=16,16384 layers=2,48
"""
import re
import subprocess
import sys


def ops(rondoc, path, stage, definitions):
    command = [rondoc, path, f"--emit={stage}", "-o", "-"]
    for name, value in definitions.items():
        command += ["-D", f"{name}={value}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line for line in text.splitlines() if ".constant" not in line]
    return sum(bool(re.match(r"\s+(%\S+ = )?\"?[a-z]+\.[a-z_.]+", line)) for line in lines)


def main():
    rondoc, path, stage = sys.argv[1:4]
    for variation in sys.argv[4:]:
        name, values = variation.split("=")
        counts = {value: ops(rondoc, path, stage, {name: value}) for value in values.split(",")}
        print(stage, name, counts)
        slack = max(counts.values()) // 500 if stage == "lower" else 0
        if max(counts.values()) - min(counts.values()) > slack or min(counts.values()) < 20:
            sys.exit(f"the size of stage {stage} depends on {name}: {counts}")


if __name__ == "__main__":
    main()
