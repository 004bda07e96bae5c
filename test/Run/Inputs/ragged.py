"""Two examples of different lengths, together and alone: `make` writes them, `compare` their losses."""
import sys

import numpy

lengths = [5, 9]
rows = [numpy.array([(7 * i + 3 * k) % 256 for i in range(n)], "i4") for k, n in enumerate(lengths)]

if sys.argv[1] == "make":
    both = numpy.full((2, max(lengths)), 0, "i4")
    for row, tokens in enumerate(rows):
        both[row, : len(tokens)] = tokens
        single = tokens[None, :]
        name = ["first", "second"][row]
        numpy.savez(f"{name}.npz", tokens=single, targets=single)
    numpy.savez("both.npz", **{"tokens": both, "targets": both, "lengths.T": numpy.array(lengths)})
else:
    together = numpy.load("both.out.npz")["result"]
    alone = [numpy.load(f"{name}.out.npz")["result"][0] for name in ("first", "second")]
    for a, b in zip(together, alone):
        if not (abs(a - b) <= 1e-5 * abs(b)):
            sys.exit(f"together {together}, alone {alone}")
