"""Compares the labels of GRAMMAR.md with those in the front end's sources and in its tests."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
LABEL = re.compile(r"\[([A-Z][a-z]+(?:-[A-Z][A-Za-z]*)*)\]")


def labels(paths, lines=lambda line: True):
    found = {}
    for path in sorted(paths):
        for line in path.read_text().splitlines():
            if lines(line):
                for label in LABEL.findall(line):
                    found.setdefault(label, path.name)
    return found


frontend = root / "lib" / "Frontend"
sources = list(frontend.glob("*.h")) + list(frontend.glob("*.cpp"))
tests = [p for p in (root / "test" / "Frontend").rglob("*") if p.suffix in (".rondo", ".test", ".mlir")]
grammar = labels([frontend / "GRAMMAR.md"])
code = labels(sources, lambda line: "//" in line)
tested = labels(tests, lambda line: line.lstrip().startswith(("//", "#")) and "RUN:" not in line)

failed = False
for what, missing in (
    ("a rule of GRAMMAR.md without code", grammar.keys() - code.keys()),
    ("a rule of GRAMMAR.md without a test", grammar.keys() - tested.keys()),
    ("a label in the code without a rule", code.keys() - grammar.keys()),
    ("a label in a test without a rule", tested.keys() - grammar.keys()),
):
    for label in sorted(missing):
        failed = True
        print(f"{what}: [{label}] {code.get(label) or tested.get(label) or ''}")
sys.exit(failed)
