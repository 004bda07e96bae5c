"""Reads the assembly of a program and checks the code of one function, with the pieces that it was
cut into (rondo-outline):

- it calls nothing by name: no allocation, no copy, no function of libm (a barrier's wait is called
  through a pointer);
- the innermost loops of its products keep their vectors in registers: they neither store to the stack
  nor load from it. Such a loop multiplies vectors with an element that it spreads over all lanes, and
  holds no division (that of tanh). Their number is printed, and none is no success.

    hot_loops.py FUNCTION FILE.s
"""
import re
import sys


def function(text, name):
    start = re.search(r"^\"?" + re.escape(name) + r"\"?:", text, re.M)
    if not start:
        sys.exit(f"no function {name}")
    end = text.index(".Lfunc_end", start.end())
    return text[start.end():end].splitlines()


def pieces(lines):
    """Names of the pieces that code calls."""
    return {m.group(1) for line in lines if (m := re.match(r"\s+callq?\s+(\S+\.code\.\d+)$", line))}


def all_code(text, name):
    """The lines of each function that is code of this one."""
    known, new = {}, {name}
    while new:
        known.update((each, function(text, each)) for each in new)
        new = {piece for lines in known.values() for piece in pieces(lines)} - known.keys()
    return list(known.values())


def innermost_loops(lines):
    """Ranges from a label to the last jump back to it that hold no other such range."""
    labels = {m.group(1): i for i, line in enumerate(lines) if (m := re.match(r"(\.L\w+):", line))}
    ends = {}
    for i, line in enumerate(lines):
        jump = re.match(r"\s+j\w+\s+(\.L\w+)", line)
        if jump and labels.get(jump.group(1), i) < i:
            ends[labels[jump.group(1)]] = i
    loops = sorted(ends.items())
    return [(a, b) for a, b in loops
            if not any((a, b) != (c, d) and a <= c and d <= b for c, d in loops)]


def check(name, lines):
    """The numbers of hot loops and of what they spill."""
    called = sorted({m.group(1) for line in lines
                     if (m := re.match(r"\s+callq?\s+([^*\s]\S*)", line))} - pieces(lines))
    if called:
        sys.exit(f"{name} calls {', '.join(called)}")
    has_frame = any(re.match(r"\s+movq\s+%rsp, %rbp", line) for line in lines)
    stack = r"\(%rsp[,)]|\(%rbp\)" if has_frame else r"\(%rsp[,)]"
    hot = spills = 0
    for first, last in innermost_loops(lines):
        body = lines[first:last + 1]
        has = lambda pattern: any(re.search(pattern, line) for line in body)
        spreads = any(re.search(r"\svbroadcasts[sd]\s|\{1to\d+\}", line) and "%rip" not in line
                      for line in body)  # %rip: a constant
        if not spreads or not has(r"\svfmadd\w+p[sd]\s") or has(r"\svdivp[sd]\s"):
            continue
        hot += 1
        for line in body:
            if re.search(r"%[xyz]mm", line) and re.search(stack, line):
                spills += 1
                print(f"{name}: {line.strip()}")
    return hot, spills


def main():
    name, path = sys.argv[1:]
    with open(path) as file:
        counts = [check(name, lines) for lines in all_code(file.read(), name)]
    hot, spills = (sum(numbers) for numbers in zip(*counts))
    print(f"{name}: {hot} loops of products, {spills} spills")
    sys.exit(spills != 0 or hot == 0)


main()
