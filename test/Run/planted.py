"""Plants a fault in the kernels of @lstms, a module of the stage lower on the standard input.

barrier: the first barrier of the grid is missing. arena: the arena has 256 bytes less than the plan
wants. race: a thread takes itself for another one.
"""
import re
import sys

BARRIER = r"(@cuda\.lstms\.kernel\.\d+\((?:(?!llvm\.func).)*?)\n *device\.grid_barrier[^\n]*"
ARENA = r"(@cuda\.lstms\.arena\(.*?)llvm\.return (%\S+) : i64"
RACE = r"(@cuda\.lstms\.kernel\.\d+\((?:(?!llvm\.func).)*?)(%\S+) = device\.thread\b"

PLANTS = {
    "barrier": (BARRIER, r"\1"),
    "arena": (ARENA, r"\1%cut = arith.constant 256 : i64\n%rest = arith.subi \2, %cut : i64\n"
                     r"llvm.return %rest : i64"),
    "race": (RACE, r"\1%itself = device.thread\n%one = arith.constant 1 : i64\n"
                   r"\2 = arith.shrui %itself, %one : i64"),
}

pattern, replacement = PLANTS[sys.argv[1]]
text, count = re.subn(pattern, replacement, sys.stdin.read(), count=1, flags=re.DOTALL)
assert count == 1, "nowhere to plant it"
sys.stdout.write(text)
