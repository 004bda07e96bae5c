"""Whether functions of a plan and their double-precision twins are the same but for the numbers.

  twins.py PLAN FUNCTION...
"""
import re
import sys


def body(text, name):
    match = re.search(rf"func\.func @{re.escape(name)}\(.*?\n(.*?)\n  }}", text, re.S)
    lines = re.sub(r" loc\((?:[^()]|\([^()]*\))*\)", "", match[1]).splitlines()
    # A constant that was rounded to single precision stays so.
    return [re.sub(r"constant \S+", "constant", line).replace("f64", "f32") for line in lines]


def main():
    text = open(sys.argv[1]).read()
    for name in sys.argv[2:]:
        single, double = body(text, name), body(text, name + ".f64")
        if not len(single) > 5:
            sys.exit(f"{name} is empty")
        for a, b in zip(single, double):
            if a != b:
                sys.exit(f"{name}:\n{a}\nits twin:\n{b}")
        if len(single) != len(double):
            sys.exit(f"{name} and its twin differ in length")


main()
