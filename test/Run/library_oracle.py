"""The library's cells and blocks against formulas written out by hand, example by example.

Random weights, a ragged batch; compiled double precision agrees with the formulas to 1e-10.

  library_oracle.py PROGRAM_F64 WORKDIR
"""
import math
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import array_files  # noqa: E402

program, work = sys.argv[1:3]
rng = random.Random(5)
D, H, LENGTHS = 3, 4, [5, 1, 3]
T, B = max(LENGTHS), len(LENGTHS)


def nest(values, shape):
    if len(shape) <= 1:
        return list(values)
    step = len(values) // shape[0]
    return [nest(values[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]


def flat(value):
    return [x for item in value for x in flat(item)] if isinstance(value, (list, tuple)) else [value]


def matvec(m, v):
    return [math.fsum(a * b for a, b in zip(row, v)) for row in m]


def add(*vectors):
    return [math.fsum(items) for items in zip(*vectors)]


def sigmoid(v):
    return [1 / (1 + math.exp(-x)) for x in v]


def tanh(v):
    return [math.tanh(x) for x in v]


def softmax(v):
    top = max(v)
    exps = [math.exp(x - top) for x in v]
    return [e / math.fsum(exps) for e in exps]


weights_path = os.path.join(work, "w.safetensors")
subprocess.run([program, "init", "--seed", "1", "-o", weights_path], check=True)
weights = {name: (shape, [rng.uniform(-0.8, 0.8) for _ in values])
           for name, (shape, values) in array_files.read_safetensors(weights_path).items()}
array_files.write_safetensors(weights_path, weights)
W = {name: nest(values, shape) for name, (shape, values) in weights.items()}


def elman(xs, p="e."):
    h, ys = [0.0] * H, []
    for x in xs:
        h = tanh(add(matvec(W[p + "W"], x), matvec(W[p + "U"], h), W[p + "b"]))
        ys.append(h)
    return ys


def lstm(xs, wx, wh, b):
    h, c, ys = [0.0] * len(wh[0]), [0.0] * len(wh[0]), []
    for x in xs:
        i, f, g, o = (add(matvec(wx[k], x), matvec(wh[k], h), b[k]) for k in range(4))
        c = [a * z + u * w for a, z, u, w in zip(sigmoid(f), c, sigmoid(i), tanh(g))]
        h = [a * z for a, z in zip(sigmoid(o), tanh(c))]
        ys.append(h)
    return ys, h, c


def outputs(xs):
    return lstm(xs, W["l.W"], W["l.U"], W["l.b"])


def gru(xs):
    h, ys = [0.0] * H, []
    for x in xs:
        w = [add(matvec(W["g.W"][k], x), W["g.b"][k]) for k in range(3)]
        r = sigmoid(add(w[0], matvec(W["g.U"][0], h)))
        z = sigmoid(add(w[1], matvec(W["g.U"][1], h)))
        g = tanh(add(w[2], matvec(W["g.V"], [a * b for a, b in zip(r, h)])))
        h = [a * b + (1 - a) * n for a, b, n in zip(z, h, g)]
        ys.append(h)
    return ys


def gru_after(xs):
    h, ys = [0.0] * H, []
    for x in xs:
        w = [add(matvec(W["after.W"][k], x), W["after.b"][k]) for k in range(3)]
        u = [add(matvec(W["after.U"][k], h), W["after.d"][k]) for k in range(3)]
        r, z = sigmoid(add(w[0], u[0])), sigmoid(add(w[1], u[1]))
        g = tanh(add(w[2], [a * b for a, b in zip(r, u[2])]))
        h = [a * b + (1 - a) * n for a, b, n in zip(z, h, g)]
        ys.append(h)
    return ys


def stacked(xs):
    for k in range(2):
        xs = lstm(xs, W["deep.lstm.W"][k], W["deep.lstm.U"][k], W["deep.lstm.b"][k])[0]
    return xs


def normalised(xs):
    ys = []
    for x in xs:
        mean = math.fsum(x) / D
        spread = math.fsum((a - mean) ** 2 for a in x) / D
        ys.append([(a - mean) / math.sqrt(spread + 1e-5) * g + b
                   for a, g, b in zip(x, W["norm.gain"], W["norm.bias"])])
    return ys


def attend(xs):
    def project(name):  # x @ W
        return [[math.fsum(x[i] * W["heads." + name][i][j] for i in range(H)) for j in range(H)] for x in xs]
    q, k, v = project("Wq"), project("Wk"), project("Wv")
    mixed, size = [], H // 2
    for t in range(len(xs)):
        row = []
        for head in range(2):
            part = slice(head * size, (head + 1) * size)
            share = softmax([math.fsum(a * b for a, b in zip(q[t][part], k[s][part])) / math.sqrt(size)
                             for s in range(t + 1)])
            row += [math.fsum(w * v[s][part][j] for s, w in enumerate(share)) for j in range(size)]
        mixed.append(row)
    return [[math.fsum(m[i] * W["heads.Wo"][i][j] for i in range(H)) for j in range(H)] for m in mixed]


def slope(xs):
    """Central differences, extrapolated once."""
    def value():
        return math.fsum(y * y for row in outputs(xs)[0] for y in row)

    def quotient(x, j, step):
        kept = x[j]
        x[j] = kept + step
        up = value()
        x[j] = kept - step
        down = value()
        x[j] = kept
        return (up - down) / (2 * step)
    return [[(4 * quotient(x, j, 1e-3) - quotient(x, j, 2e-3)) / 3 for j in range(D)] for x in xs]


def arrays(width):
    return [[[rng.uniform(-1.5, 1.5) for _ in range(width)] for _ in range(T)] for _ in range(B)]


X, XH, X5 = arrays(D), arrays(H), arrays(5)
I5 = [[rng.randrange(5) for _ in range(T)] for _ in range(B)]
X1 = [[rng.uniform(-1, 1) for _ in range(T)] for _ in range(B)]
CASES = [  # entry point, its inputs, what one example gives, tolerance
    ("elman", {"x": X}, lambda x: [elman(x)], 1e-10),
    ("elman_reverse", {"x": X}, lambda x: [elman(x[::-1])[::-1]], 1e-10),
    ("lstm_outputs", {"x": X}, lambda x: [outputs(x)[0]], 1e-10),
    ("lstm_last", {"x": X}, lambda x: outputs(x)[1:], 1e-10),
    ("gru_outputs", {"x": X}, lambda x: [gru(x)], 1e-10),
    ("gru_after_outputs", {"x": X}, lambda x: [gru_after(x)], 1e-10),
    ("stacked", {"x": X}, lambda x: [stacked(x)], 1e-10),
    ("normalised", {"x": X}, lambda x: [normalised(x)], 1e-10),
    ("mapped", {"x": X}, lambda x: [[add(matvec(W["line.W"], v), W["line.b"]) for v in x]], 1e-10),
    ("attend", {"x": XH}, lambda x: [attend(x)], 1e-10),
    ("looked_up", {"i": I5}, lambda i: [[W["table.table"][k] for k in i]], 0.0),
    ("losses", {"x": X5, "i": I5},
     lambda x, i: [[-math.log(softmax(row)[k]) for row, k in zip(x, i)]], 1e-10),
    ("masked", {"x": X1}, lambda x: [[math.fsum(x[max(0, i - 1):i + 1]) for i in range(len(x))]], 1e-10),
    ("slope", {"x": X}, lambda x: [slope(x)], 1e-7),
]

failed = False
for name, inputs, formula, tolerance in CASES:
    given = {key: ((B, T, len(value[0][0])) if isinstance(value[0][0], list) else (B, T),
                   flat(value), "i8" if key == "i" else "f8") for key, value in inputs.items()}
    given["lengths.T"] = ((B,), LENGTHS, "i8")
    array_files.write_npz(os.path.join(work, "in.npz"), given)
    extra = ["--set", "k=2"] if name == "masked" else []
    subprocess.run([program, "run", name, "--weights", weights_path, "--inputs",
                    os.path.join(work, "in.npz"), "-o", os.path.join(work, "out.npz")] + extra, check=True)
    out = array_files.read_npz(os.path.join(work, "out.npz"))
    wanted = [formula(*(value[b][:LENGTHS[b]] for value in inputs.values())) for b in range(B)]
    for part in range(len(wanted[0])):
        key = "result" if len(wanted[0]) == 1 else "result.%d" % part
        found = nest(out[key][1], out[key][0])
        for b in range(B):
            one = flat(wanted[b][part])
            error = array_files.error(flat(found[b])[:len(one)], one)
            if not error <= tolerance:
                failed = True
                print("%s, %s of example %d: error %g" % (name, key, b, error))
print("failed" if failed else "%d entry points agree" % len(CASES))
sys.exit(failed)
