"""What rows that see nothing give, and their gradients, by formulas in double precision.

  masked.py PROGRAM FOLDER
"""
import math
import subprocess
import sys

from array_files import error, read_npz, read_safetensors, write_npz, write_safetensors

program, folder = sys.argv[1:]
INF = math.inf
ROWS = [[1.0, 2.0, 3.0], [-INF, -INF, -INF], [-INF, 0.5, 1.5], [-INF, -INF, 5.0]]


def softmax(row):
    top = max(row, default=-INF)
    if top == -INF:
        return [0.0] * len(row)
    e = [math.exp(x - top) for x in row]
    return [x / math.fsum(e) for x in e]


def log_sum(row):
    top = max(row, default=-INF)
    return top if top == -INF else top + math.log(math.fsum(math.exp(x - top) for x in row))


def call(command, entry, inputs):
    out = f"{folder}/out." + ("npz" if command == "run" else "safetensors")
    write_npz(f"{folder}/in.npz", inputs)
    subprocess.run([program, command, entry, "--weights", f"{folder}/w.safetensors", "--inputs",
                    f"{folder}/in.npz", "-o", out], check=True)
    arrays = read_npz(out) if command == "run" else read_safetensors(out)
    return {name: values for name, (_, values) in arrays.items()}


def expect(what, found, wanted, tolerance=2e-6):
    same = [a == b for a, b in zip(found, wanted)]  # infinities
    found = [0.0 if s else a for s, a in zip(same, found)]
    if not error(found, [0.0 if s else b for s, b in zip(same, wanted)], 1.0) <= tolerance:
        sys.exit(f"{what}: {found}, expected {wanted}")


def flat(rows):
    return [x for row in rows for x in row]


subprocess.run([program, "init", "--seed", "1", "-o", f"{folder}/w.safetensors"], check=True)
x = {"x": ((4, 3), flat(ROWS), "f4")}
expect("softmax", call("run", "soft", x)["result"], flat(map(softmax, ROWS)))
expect("log-sum-exp", call("run", "log_sum", x)["result"], list(map(log_sum, ROWS)))

lengths = [3, 0, 2, 0]
short = [row[:n] for row, n in zip(ROWS, lengths)]
ragged = dict(x, **{"lengths.T": ((4,), lengths, "i8")})
wanted = flat(softmax(row) + [0.0] * (3 - len(row)) for row in short)
expect("softmax of nothing", call("run", "soft_of_length", ragged)["result"], wanted)
expect("log-sum-exp of nothing", call("run", "log_sum_of_length", ragged)["result"],
       list(map(log_sum, short)))
expect("initial", call("run", "largest", ragged)["result"], [3.0, 2.0, 2.0, 2.0])
expect("a batch of nothing", call("run", "log_sum_of_length", {"x": ((2, 0), [], "f4")})["result"],
       [-INF, -INF])

# d/dw_j sum(c p) = p_j (c_j - sum(c p)), d/dw_j log-sum-exp = p_j.
gradient = [0.0] * 3
for p in map(softmax, ROWS):
    mean = math.fsum((i + 1) * p[i] for i in range(3))
    for j in range(3):
        gradient[j] += p[j] * (j + 1 - mean + 0.5) / len(ROWS)
expect("gradient", call("grad", "loss", x)["w"], gradient)


def attention(q, k, v, sees):
    rows = []
    for t, query in enumerate(q):
        p = softmax([(query[0] * key[0] + query[1] * key[1]) / math.sqrt(2) if sees(t, s) else -INF
                     for s, key in enumerate(k)])
        rows.append([math.fsum(a * value[i] for a, value in zip(p, v)) for i in range(2)])
    return rows


def wave(length, phase):
    return [[math.sin(phase + t), math.cos(2 * phase + t)] for t in range(length)]


T, S = [3, 0, 1], [2, 3, 0]
arrays = {name: [wave(3, phase + b) for b in range(3)] for name, phase in
          [("q", 0.1), ("k", 0.7), ("v", 1.9)]}
inputs = {name: ((3, 3, 1, 2), flat(map(flat, value)), "f4") for name, value in arrays.items()}
inputs["lengths.T"] = ((3,), T, "i8")


def padded(rows):
    return flat(rows) + [0.0] * (6 - 2 * len(rows))


def strict(scale):
    return [attention([[scale * a for a in row] for row in arrays["q"][b][:T[b]]],
                      arrays["k"][b][:T[b]], arrays["v"][b][:T[b]], lambda t, s: s < t)
            for b in range(3)]


expect("attention to nothing", call("run", "strict", inputs)["result"], flat(map(padded, strict(1))))


def loss(scale):
    return math.fsum(x * x for example in strict(scale) for row in example for x in row) / 3


expect("its gradient", call("grad", "strict_loss", inputs)["g"],
       [(loss(1 + 1e-5) - loss(1 - 1e-5)) / 2e-5], 1e-5)
inputs["lengths.S"] = ((3,), S, "i8")
wanted = [attention(arrays["q"][b][:T[b]], arrays["k"][b][:S[b]], arrays["v"][b][:S[b]],
                    lambda t, s: True) for b in range(3)]
expect("attention to an empty source", call("run", "cross", inputs)["result"],
       flat(map(padded, wanted)))

xs = [math.sin(i) for i in range(24)]
alone = call("run", "attend", {"x": ((1, 3, 4), xs[12:], "f4")})["result"]
both = call("run", "attend", {"x": ((2, 3, 4), xs, "f4"), "lengths.T": ((2,), [0, 3], "i8")})
expect("self-attention beside an empty example", both["result"], [0.0] * 12 + alone)
if not max(map(abs, alone)) > 0.01:
    sys.exit("self-attention gives nothing")
