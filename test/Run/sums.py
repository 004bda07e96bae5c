"""Sums of many equal terms: their error does not grow with the number of terms, whatever computes
them, by any number of workers; sums of what is not finite are what IEEE 754 says.

  sums.py PROGRAM FOLDER N ROWS
"""
import array
import math
import subprocess
import sys

from array_files import read_npz, read_safetensors, write_npz, write_safetensors


def single(x):
    return array.array("f", [x])[0]


def main():
    program, folder = sys.argv[1:3]
    n, rows = map(int, sys.argv[3:])
    parameters = {"bias": ((n,), [0.0] * n), "gain": ((n,), [1.0] * n), "scale": ((), [1.0]),
                  "weight": ((n, n), [0.0] * n * n), "table": ((3, n), [0.0] * 3 * n),
                  "r.one.u": ((n, n), [0.0] * n * n), "r.one.a": ((n,), [0.0] * n)}
    write_safetensors(f"{folder}/w.safetensors", parameters, "f4")
    terms = [single(0.1 + 0.37 * i) for i in range(n)]

    def run(command, entry, inputs, threads):
        if isinstance(inputs, list):
            inputs = {"x": ((1, rows, n), inputs, "f4")}
        write_npz(f"{folder}/in.npz", inputs)
        out = f"{folder}/out.{'npz' if command == 'run' else 'safetensors'}"
        subprocess.run([program, command, entry, "--weights", f"{folder}/w.safetensors",
                        "--inputs", f"{folder}/in.npz", "-o", out, "--threads", str(threads)],
                       check=True, stdout=subprocess.DEVNULL)
        return read_npz(out) if command == "run" else read_safetensors(out)

    def check(what, found, wanted, tolerance):
        for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
            if not abs(a - b) <= tolerance * abs(b):
                sys.exit(f"{what}, {i}: {a}, expected {b}")

    equal = terms * rows
    wanted = {"mean_of_rows": (terms, 1e-6),
              "sum_of_all": ([math.fsum(terms) * rows], 1e-6),
              "dot": ([terms[0] * terms[1] * rows], 1e-5),
              "weighed": ([terms[0] * x * rows for x in terms], 1e-5)}
    for entry, (values, tolerance) in wanted.items():
        first = run("run", entry, equal, 1)["result"][1]
        check(entry, first, values, tolerance)
        for threads in (2, 5):
            if run("run", entry, equal, threads)["result"][1] != first:
                sys.exit(f"{entry} has other bits by {threads} workers")
    # Up to 512 products are added as they are: an error of 1.5e-5 at most, less for few terms.
    chain = 7e-6 if n < 16 else 1e-5
    weight = ([x * rows for x in terms for _ in terms], chain)
    tenth, steps, examples = single(0.1), rows // 10, rows // 1000
    cases = [("loss", equal, {"bias": ([rows] * n, 0), "gain": ([x * rows for x in terms], 1e-6),
                              "scale": ([math.fsum(terms) * rows], 1e-6), "weight": weight}),
             ("loss", {"x": ((examples, 1000, n), equal, "f4")},
              {"weight": ([x / examples for x in weight[0]], chain)}),
             ("planes", {"z": ((1, 1, rows, n), equal, "f4")}, {"weight": weight}),
             ("planes", {"z": ((1, rows, 1, n), equal, "f4")}, {"weight": weight}),
             ("embed", {"i": ((1, rows), [1] * rows, "i4")},
              {"table": ([0.0] * n + [tenth * rows] * n + [0.0] * n, 1e-6)}),
             ("steps", {"x": ((1, steps, n), equal[:steps * n], "f4"),
                        "y": ((1, 2, n), terms * 2, "f4")},
              {"r.one.a": ([tenth * steps] * n, 1e-6)})]
    for entry, inputs, gradients in cases:
        found = run("grad", entry, inputs, 1)
        if run("grad", entry, inputs, 2) != found:
            sys.exit(f"the gradient of {entry} has other bits by 2 workers")
        for name, (values, tolerance) in gradients.items():
            check(f"gradient of {entry} by {name}", found[name][1], values, tolerance)

    # One column is infinite, one overflows, one has infinities of both signs, one a NaN.
    odd = list(equal)
    odd[n * (rows // 3)] = math.inf
    odd[n * (rows // 3) + 1] = odd[n * (rows // 2) + 1] = single(3e38)
    odd[n * (rows // 4) + 2] = math.inf
    odd[n * (rows // 2) + 2] = -math.inf
    odd[n * (rows // 2) + 3] = math.nan
    sums = run("run", "mean_of_rows", odd, 1)["result"][1]
    if not (sums[0] == sums[1] == math.inf and math.isnan(sums[2]) and math.isnan(sums[3])):
        sys.exit(f"sums of what is not finite: {sums}")
    check("beside it", sums[4:], terms[4:], 1e-6)
    odd = list(equal)
    odd[n * (rows // 3)] = odd[n * (rows // 2)] = single(3e38)
    sums = run("grad", "products", odd, 2)["weight"][1]
    if set(sums[:n]) != {math.inf}:
        sys.exit(f"gradients that overflow: {sums[:n]}")
    check("beside it", sums[n:], weight[0][n:], weight[1])


main()
