"""An example's result depends neither on how many others a call has nor on how many workers share it:
the same bits in batches of every size, in whichever tile its row falls; and it is the product.

  rows.py PROGRAM FOLDER K N
"""
import math
import random
import subprocess
import sys

from array_files import error, read_npz, write_npz, write_safetensors

ROWS = 27


def main():
    program, folder = sys.argv[1:3]
    k, n = map(int, sys.argv[3:])
    generator = random.Random(1)
    xs = [generator.uniform(-1, 1) for _ in range(ROWS * k)]
    weights = [generator.uniform(-0.3, 0.3) for _ in range(k * n)]
    write_safetensors(f"{folder}/w.safetensors", {"W": ((k, n), weights)}, "f4")

    def run(entry, rows, threads=1):
        write_npz(f"{folder}/in.npz", {"xs": ((rows, k), xs[:rows * k], "f4")})
        subprocess.run([program, "run", entry, "--weights", f"{folder}/w.safetensors", "--inputs",
                        f"{folder}/in.npz", "-o", f"{folder}/out.npz", "--threads", str(threads)],
                       check=True)
        return read_npz(f"{folder}/out.npz")["result"][1]

    products = [math.fsum(xs[b * k + i] * weights[i * n + j] for i in range(k))
                for b in range(ROWS) for j in range(n)]
    wanted = {"product": products,
              "activated": [math.tanh(p) / (1 + math.exp(-p)) + math.exp(-p * p) for p in products]}
    for entry, exact in wanted.items():
        whole = run(entry, ROWS)
        if not error(whole, exact) < 1e-6:
            sys.exit(f"{entry} is {error(whole, exact)} off")
        for threads in (2, 3, 5):
            if run(entry, ROWS, threads) != whole:
                sys.exit(f"{entry} by {threads} workers is not that by one")
        for rows in range(1, ROWS):
            if run(entry, rows) != whole[:rows * n]:
                sys.exit(f"{entry} of {rows} rows is not that of {ROWS} rows")


main()
