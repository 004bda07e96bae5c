"""The benchmark matrix: its rows for the CPU, how long each takes at the machine's limits, and its
rows for a GPU.

A row says which model (bench/models), its configuration, the dims of a call and what is timed:
"inference" (the entry `outputs` or `product`), "gradient" (forward and backward of `loss`) or "step"
(a training step, the update included).
"""
import itertools

GATES = {"lstm": 4, "gru": 3, "gru_reset_after": 3}
LSTM_VARIANTS = ("lstm_renamed", "lstm_reordered", "lstm_unused")
OWN_CELLS = ("layer_norm_lstm", "peephole", "two_speeds")


class Row:
    precision = "f32"

    def __init__(self, workload, model, timed, full_only=False, **dims):
        self.workload, self.model, self.timed = workload, model, timed
        self.full_only, self.dims = full_only, dims

    @property
    def name(self):
        order = ("layers", "T", "N", "H") if "H" in self.dims else ("M", "N", "K")
        shape = "x".join(str(self.dims[key]) for key in order if key in self.dims)
        return "%s %s %s %s" % (self.workload, self.model, shape, self.timed)

    @property
    def configuration(self):
        """The -D values."""
        d = self.dims
        if self.model == "contraction":
            return {"k": d["K"], "n": d["N"]}
        if self.model == "char_rnn":
            return {"hidden": d["H"], "vocab": d["V"]}
        return {"hidden": d["H"], "layers": d["layers"]}

    @property
    def call_dims(self):
        """The --set values."""
        if self.model == "contraction":
            return {"B": self.dims["M"]}
        return {"B": self.dims["N"], "T": self.dims["T"]}

    @property
    def entry(self):
        if self.model == "contraction":
            return "product"
        return "outputs" if self.timed == "inference" else "loss"

    @property
    def beside_lstm(self):
        """The row of rondo's lstm that takes turns with a user's cell of the same shape."""
        if self.model not in LSTM_VARIANTS + OWN_CELLS:
            return None
        return Row(self.workload, "lstm", self.timed, **self.dims)

    @property
    def peers(self):
        """Peers by name: the program and what it is told, or a reason for none."""
        pass_ = {"inference": "inference", "gradient": "gradient", "step": "step"}[self.timed]
        cell = "lstm" if self.model in LSTM_VARIANTS else self.model
        d = self.dims
        if self.model == "contraction":
            shape = {"kind": "matmul", "pass": "packed", **{k: d[k] for k in "MNK"}}
            return {"oneDNN matmul": ("onednn", shape),
                    "oneDNN sgemm": ("onednn", {**shape, "pass": "sgemm"}),
                    "OpenBLAS": ("openblas", shape), "numpy": ("numpy", shape),
                    "PyTorch": ("torch", shape), "JAX": ("jax", shape),
                    "ONNX Runtime": ("onnxruntime", shape)}
        shape = {"kind": cell, "pass": pass_, **d}
        peers = {}
        if self.model == "char_rnn":
            peers["numpy"] = ("numpy", shape)
        if cell in GATES and self.timed == "inference":
            peers["oneDNN inference"] = ("onednn", shape)
            peers["oneDNN training path"] = ("onednn", {**shape, "pass": "training"})
        elif cell in GATES:
            peers["oneDNN"] = ("onednn", shape)
        peers["PyTorch"] = ("torch", shape)
        if cell not in ("lstm", "gru_reset_after"):
            peers["PyTorch compiled"] = ("torch-compiled", shape)
        peers["JAX"] = ("jax", shape)
        if cell in GATES and self.timed == "inference":
            peers["ONNX Runtime"] = ("onnxruntime", shape)
        return peers


class DeviceRow(Row):
    """A row on a GPU: how contractions round what they multiply, and peers that run there."""

    def __init__(self, workload, model, timed, precision, full_only=False, **dims):
        super().__init__(workload, model, timed, full_only, **dims)
        self.precision = precision

    @property
    def name(self):
        return super().name + ("" if self.precision == "f32" else " " + self.precision)

    beside_lstm = None  # which has rows of all these shapes

    @property
    def peers(self):
        return {name: (program, {**shape, "precision": self.precision})
                for name, (program, shape) in super().peers.items()
                if program in ("torch", "torch-compiled", "jax")}


def device_rows():
    """W9. There is seldom time for all of them, so the first say most: they come by how many models,
    shapes and precisions they are away from the first ones, another model before the others."""
    models = ("lstm", "gru_reset_after", "two_speeds", "gru", "layer_norm_lstm")
    shapes = ((1024, 64, 512), (1024, 16, 512), (1024, 64, 1024), (100, 64, 512), (1024, 64, 768),
              (1024, 16, 1024), (1024, 16, 768))
    precisions = ("f32", "bf16", "tf32")
    rows = []
    places = itertools.product(*map(range, map(len, (models, shapes, precisions))))
    for k in sorted(places, key=lambda k: (sum(k), -k[0])):
        t, n, h = shapes[k[1]]
        rows += [DeviceRow("W9", models[k[0]], timed, precisions[k[2]], sum(k) > 1,
                           layers=1, T=t, N=n, H=h) for timed in ("inference", "gradient")]
    return rows


def all_rows():
    rows = [Row("W1", "char_rnn", "step", layers=1, T=25, N=1, H=100, V=65)]
    w2 = [(1, 25, 1, 100), (2, 50, 50, 128), (1, 150, 32, 256), (1, 25, 16, 512),
          (1, 100, 64, 512), (1, 25, 32, 1024), (1, 25, 1, 1024), (1, 256, 16, 768)]

    def recurrent(workload, model, timed, shape, full_only=False):
        layers, t, n, h = shape
        rows.append(Row(workload, model, timed, full_only, layers=layers, T=t, N=n, H=h))
    for shape in w2:
        recurrent("W2", "lstm", "gradient", shape)
    # Neighbours: primes, one off a multiple, few rows.
    for shape in ((1, 25, 17, 509), (1, 25, 7, 513), (1, 151, 31, 257), (2, 50, 53, 127)):
        recurrent("W2n", "lstm", "gradient", shape, True)
    for t, h in ((150, 256), (25, 512), (25, 1024)):
        recurrent("W3", "lstm", "inference", (1, t, 1, h))
    for model in LSTM_VARIANTS + OWN_CELLS + ("gru", "gru_reset_after"):
        for shape in ((1, 25, 16, 512), (2, 50, 50, 128), (1, 25, 1, 100)):
            recurrent("W4", model, "gradient", shape, shape[2] != 16)
    for model in OWN_CELLS:
        recurrent("W4", model, "inference", (1, 25, 1, 512), True)
    for model in ("gru", "gru_reset_after"):
        for h in (1024, 1536):
            recurrent("W4", model, "gradient", (1, 187, 32, h), True)
        recurrent("W4", model, "inference", (1, 187, 1, 2816), True)
    recurrent("W5", "lstm", "gradient", (4, 100, 64, 512))

    def contraction(m, k, n, neighbour=False):
        rows.append(Row("W6n" if neighbour else "W6", "contraction", "inference", neighbour,
                        M=m, N=n, K=k))
    # Written M x N x K, as the matrix has them.
    for m, n, k in ((2048, 2048, 2048), (1024, 1024, 1024), (512, 512, 512), (256, 256, 256),
                    (128, 128, 128), (32, 1024, 256), (16, 3072, 768), (1, 2048, 512)):
        contraction(m, k, n)
    # Neighbours: primes, one off a multiple, thin, long.
    for m, n, k in ((509, 509, 509), (511, 511, 511), (513, 513, 513), (127, 131, 137),
                    (1021, 1031, 1019), (17, 3079, 769), (33, 1025, 257), (7, 512, 512),
                    (3, 1000, 1000), (2048, 17, 512), (2048, 5, 512), (64, 64, 8192),
                    (4096, 64, 64), (16384, 128, 32)):
        contraction(m, k, n, True)
    return rows


def bandwidth(machine, threads, size):
    """GB/s of the cache level that holds `size` bytes split over the threads' cores."""
    figures = machine["threads"][str(threads)]
    if size <= machine["l2_bytes"] * threads:
        return figures["l2_gbps"]
    return figures["l3_gbps" if size <= machine["l3_bytes"] else "dram_gbps"]


def limit(row, machine, threads):
    """Seconds at the limits by README.md's formulas, with what this machine measured;
    the smaller one of `threads` and of a single worker, which needs no barrier."""
    one = _limit(row, machine, 1)
    return one if threads == 1 else min(one, _limit(row, machine, threads))


def _limit(row, machine, threads):
    figures = machine["threads"][str(threads)]
    peak, tb, d = figures["peak_gflops"] * 1e9, figures["barrier_us"] * 1e-6, row.dims
    if row.model == "contraction":
        m, n, k = d["M"], d["N"], d["K"]
        size = 4 * (m * k + k * n + m * n)
        return max(2 * m * n * k / peak, size / (bandwidth(machine, threads, size) * 1e9))
    h, t, n = d["H"], d["T"], d["N"]
    if row.model == "char_rnn":  # one gate; the input is a row of W, the readout V x H
        g, inputs, readout = 1, 0, 6 * d["V"] * h * t * n / peak
        parameters = h * (2 * d["V"] + h + 1) + d["V"]
        # The update reads p, g and m, and writes p and m.
        readout += 20 * parameters / (bandwidth(machine, threads, 12 * parameters) * 1e9)
    else:
        g, inputs, readout = GATES.get(row.model, 4), h, 0
    weights = 4 * g * h * h
    step = max(2 * g * h * h * n / peak, weights / (bandwidth(machine, threads, weights) * 1e9))
    if row.timed == "inference":
        seconds = t * (step + tb) + 2 * g * h * inputs * n * t / peak
    else:
        seconds = (6 * g * h * inputs * n * t / peak + 2 * g * h * h * n * t / peak +
                   t * (2 * step + 2 * tb))
    return seconds * d["layers"] + readout


def flops(row):
    """Of the contractions alone."""
    d = row.dims
    if row.model == "contraction":
        return 2 * d["M"] * d["N"] * d["K"]
    h, t, n = d["H"], d["T"], d["N"]
    if row.model == "char_rnn":
        return 6 * (h * h + h * d["V"]) * t * n
    g = GATES.get(row.model, 4)
    return (4 if row.timed == "inference" else 12) * g * h * h * t * n * d["layers"]
