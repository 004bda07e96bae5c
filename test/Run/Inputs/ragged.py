"""Two examples of different lengths, together and alone: `make` writes them, `compare` their losses."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import array_files  # noqa: E402

lengths = [5, 9]
rows = [[(7 * i + 3 * k) % 256 for i in range(n)] for k, n in enumerate(lengths)]
names = ["first", "second"]

if sys.argv[1] == "make":
    longest = max(lengths)
    both = [token for row in rows for token in row + [0] * (longest - len(row))]
    for name, row in zip(names, rows):
        tokens = ((1, len(row)), row, "i4")
        array_files.write_npz(f"{name}.npz", {"tokens": tokens, "targets": tokens})
    tokens = ((2, longest), both, "i4")
    array_files.write_npz("both.npz", {"tokens": tokens, "targets": tokens,
                                       "lengths.T": ((2,), lengths, "i8")})
else:
    together = array_files.read_npz("both.out.npz")["result"][1]
    alone = [array_files.read_npz(f"{name}.out.npz")["result"][1][0] for name in names]
    for a, b in zip(together, alone, strict=True):
        if not (abs(a - b) <= 1e-5 * abs(b)):
            sys.exit(f"together {together}, alone {alone}")
