"""Counts the kernels of each entry of a lowered module, given on standard input: how many are
started, and how many of them are one loop (cooperative)."""
import re
import sys

functions = re.split(r"\n  (?=llvm\.func|func\.func)", sys.stdin.read())
cooperative = set()
for text in functions:
    name = re.match(r"llvm\.func @([\w.]+)\(", text)
    if name and "device.cooperative" in text.split("\n", 1)[0]:
        cooperative.add(name.group(1))
for text in functions:
    name = re.match(r"llvm\.func @cuda\.([\w.]+)\.code\(", text)
    if name and ".f64" not in name.group(1):
        started = re.findall(r"device\.launch @([\w.]+)", text)
        loops = [kernel for kernel in started if kernel in cooperative]
        print("%s: %d kernels, %d loops" % (name.group(1), len(started), len(loops)))
