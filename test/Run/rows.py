"""An example's result does not depend on how many others a call has: the same bits in batches of every
size, in whichever tile its row falls; and it is the product.

  rows.py PROGRAM FOLDER
"""
import math
import random
import subprocess
import sys

from array_files import error, read_npz, write_npz, write_safetensors

ROWS, K, N = 27, 37, 70


def main():
    program, folder = sys.argv[1:]
    generator = random.Random(1)
    xs = [generator.uniform(-1, 1) for _ in range(ROWS * K)]
    weights = [generator.uniform(-0.3, 0.3) for _ in range(K * N)]
    write_safetensors(f"{folder}/w.safetensors", {"W": ((K, N), weights)}, "f4")

    def run(entry, rows):
        write_npz(f"{folder}/in.npz", {"xs": ((rows, K), xs[:rows * K], "f4")})
        subprocess.run([program, "run", entry, "--weights", f"{folder}/w.safetensors", "--inputs",
                        f"{folder}/in.npz", "-o", f"{folder}/out.npz"], check=True)
        return read_npz(f"{folder}/out.npz")["result"][1]

    products = [math.fsum(xs[b * K + i] * weights[i * N + j] for i in range(K))
                for b in range(ROWS) for j in range(N)]
    wanted = {"product": products,
              "activated": [math.tanh(p) / (1 + math.exp(-p)) + math.exp(-p * p) for p in products]}
    for entry, exact in wanted.items():
        whole = run(entry, ROWS)
        if not error(whole, exact) < 1e-6:
            sys.exit(f"{entry} is {error(whole, exact)} off")
        for rows in range(1, ROWS):
            if run(entry, rows) != whole[:rows * N]:
                sys.exit(f"{entry} of {rows} rows is not that of {ROWS} rows")


main()
