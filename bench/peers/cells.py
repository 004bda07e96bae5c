"""The cells of bench/models once more, for the frameworks: one step each, over a module `ops` with
tanh, sigmoid, mean, rsqrt and stack-free arithmetic, so that PyTorch and JAX share the text.

wx is W @ x for all gates, [N, gates, H]; products(h, U) is U @ h likewise, as precise as asked for. A
step gives the new state; its first component is the output.
"""


def _gates(array):
    return [array[:, k] for k in range(array.shape[1])]


def lstm(ops, p, wx, state, products):
    h, c = state
    i, f, g, o = _gates(wx + products(h, p["U"]) + p["b"])
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    return ops.sigmoid(o) * ops.tanh(c), c


def gru(ops, p, wx, state, products):
    (h,) = state
    wr, wz, wg = _gates(wx + p["b"])
    ur, uz = _gates(products(h, p["U"]))
    r, z = ops.sigmoid(wr + ur), ops.sigmoid(wz + uz)
    g = ops.tanh(wg + products(r * h, p["V"])[:, 0])
    return (z * h + (1 - z) * g,)


def gru_reset_after(ops, p, wx, state, products):
    (h,) = state
    wr, wz, wg = _gates(wx + p["b"])
    ur, uz, ug = _gates(products(h, p["U"]) + p["d"])
    r, z = ops.sigmoid(wr + ur), ops.sigmoid(wz + uz)
    g = ops.tanh(wg + r * ug)
    return (z * h + (1 - z) * g,)


def peephole(ops, p, wx, state, products):
    h, c = state
    i, f, g, o = _gates(wx + products(h, p["U"]) + p["b"])
    pi, pf, po = p["P"][0], p["P"][1], p["P"][2]
    new = ops.sigmoid(f + pf * c) * c + ops.sigmoid(i + pi * c) * ops.tanh(g)
    return ops.sigmoid(o + po * new) * ops.tanh(new), new


def layer_norm_lstm(ops, p, wx, state, products):
    def normalise(x, gain):
        centred = x - ops.mean(x)
        return centred * ops.rsqrt(ops.mean(centred * centred) + 1e-5) * gain
    h, c = state
    i, f, g, o = _gates(normalise(wx + products(h, p["U"]), p["gains"]) + p["b"])
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    return ops.sigmoid(o) * ops.tanh(normalise(c, p["gain"]) + p["bias"]), c


def two_speeds(ops, p, wx, state, products):
    h, fast, slow = state
    k, w, a, m = _gates(wx + products(h, p["U"]) + p["b"])
    kept = ops.sigmoid(k)
    new = kept * fast + (1 - kept) * ops.tanh(a)
    slow = slow + ops.sigmoid(p["rate"]) * (1 - kept) * (ops.sigmoid(w) * fast - slow)
    mix = ops.sigmoid(m)
    return ops.tanh(mix * new + (1 - mix) * slow), new, slow


# name: (step, number of states). Variants of lstm are lstm to the peers.
CELLS = {"lstm": (lstm, 2), "gru": (gru, 1), "gru_reset_after": (gru_reset_after, 1),
         "peephole": (peephole, 2), "layer_norm_lstm": (layer_norm_lstm, 2),
         "two_speeds": (two_speeds, 3)}
