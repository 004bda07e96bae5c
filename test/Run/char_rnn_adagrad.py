"""A tanh character RNN with Adagrad against an independent oracle, update by update.

The oracle is min-char-rnn written out by hand in double precision: forward, back-propagation
through time, clipping of each value at 5, Adagrad, the state carried from window to window. At each
update the compiled programs (f64 and f32) get the oracle's weights and state, and must agree in the
loss, in every gradient and in the carried state; at some updates the programs make the whole training step
from the oracle's weights and accumulators, which must give the oracle's next ones.

  char_rnn_adagrad.py PROGRAM_F64 PROGRAM_F32 WORKDIR UPDATES
"""
import math
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import array_files  # noqa: E402

V, H, T = 24, 16, 10
SHAPES = {"rnn.Wxh": (V, H), "rnn.Whh": (H, H), "rnn.bh": (H,), "Why": (V, H), "by": (V,)}


def gradients(w, tokens, targets, h0):
    """Loss (nats, summed over the window), gradients as flat lists, and the last state."""
    hs, probabilities, loss = [h0], [], 0.0
    for x, y in zip(tokens, targets):
        h = hs[-1]
        new = []
        for i in range(H):
            z = w["rnn.Wxh"][x * H + i] + w["rnn.bh"][i]
            row = w["rnn.Whh"][i * H:(i + 1) * H]
            z += math.fsum(a * b for a, b in zip(row, h))
            new.append(math.tanh(z))
        hs.append(new)
        logits = [math.fsum(a * b for a, b in zip(w["Why"][v * H:(v + 1) * H], new)) + w["by"][v]
                  for v in range(V)]
        top = max(logits)
        total = math.fsum(math.exp(z - top) for z in logits)
        probabilities.append([math.exp(z - top) / total for z in logits])
        loss += math.log(total) + top - logits[y]
    g = {name: [0.0] * len(values) for name, values in w.items()}
    dh_next = [0.0] * H
    for t in reversed(range(len(tokens))):
        dz = list(probabilities[t])
        dz[targets[t]] -= 1.0
        h, before = hs[t + 1], hs[t]
        dh = list(dh_next)
        for v in range(V):
            g["by"][v] += dz[v]
            for i in range(H):
                g["Why"][v * H + i] += dz[v] * h[i]
                dh[i] += w["Why"][v * H + i] * dz[v]
        da = [(1.0 - h[i] * h[i]) * dh[i] for i in range(H)]
        dh_next = [0.0] * H
        for i in range(H):
            g["rnn.bh"][i] += da[i]
            g["rnn.Wxh"][tokens[t] * H + i] += da[i]
            for j in range(H):
                g["rnn.Whh"][i * H + j] += da[i] * before[j]
                dh_next[j] += w["rnn.Whh"][i * H + j] * da[i]
    return loss, g, hs[-1]


def adagrad(w, m, g, lr=0.1, eps=1e-8):
    new_w, new_m = {}, {}
    for name in w:
        clipped = [max(-5.0, min(5.0, x)) for x in g[name]]
        new_m[name] = [a + b * b for a, b in zip(m[name], clipped)]
        new_w[name] = [p - lr * x / math.sqrt(a + eps)
                       for p, x, a in zip(w[name], clipped, new_m[name])]
    return new_w, new_m


class Program:
    def __init__(self, path, dtype, tolerance, work):
        self.path, self.dtype, self.tolerance, self.work = path, dtype, tolerance, work
        self.worst = 0.0

    def call(self, *arguments):
        result = subprocess.run([self.path, *arguments], capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{self.path} {' '.join(arguments)}: {result.stderr}")

    def file(self, name):
        return os.path.join(self.work, self.dtype + name)

    def expect(self, update, what, found, wanted):
        error = array_files.error(found, wanted)
        if not error <= self.tolerance:
            sys.exit(f"update {update}: {self.dtype} {what}: error {error:.3g}, "
                     f"tolerance {self.tolerance:.3g}")
        self.worst = max(self.worst, error)

    def compare(self, update, w, tokens, targets, h0, loss, g, last):
        weights, inputs = self.file("w.safetensors"), self.file("in.npz")
        array_files.write_safetensors(weights, {n: (SHAPES[n], w[n]) for n in w}, self.dtype)
        arrays = {"tokens": ((1, T), tokens, "i4"), "h0": ((1, H), h0, self.dtype)}
        array_files.write_npz(self.file("start.npz"), arrays)
        array_files.write_npz(inputs, {**arrays, "targets": ((1, T), targets, "i4")})
        common = ["--weights", weights, "--inputs", inputs, "-o"]
        self.call("run", "loss_from", *common, self.file("loss.npz"))
        self.expect(update, "loss", array_files.read_npz(self.file("loss.npz"))["result"][1], [loss])
        self.call("run", "last", "--weights", weights, "--inputs", self.file("start.npz"), "-o",
                  self.file("last.npz"))
        self.expect(update, "state", array_files.read_npz(self.file("last.npz"))["result"][1], last)
        self.call("grad", "loss_from", *common, self.file("g.safetensors"))
        found = array_files.read_safetensors(self.file("g.safetensors"))
        for name in g:
            self.expect(update, "gradient of " + name, found[name][1], g[name])

    def train_one(self, update, w, m, tokens, targets):
        """One step of `train` on a text that is one window, from the oracle's accumulators."""
        start, end, text = self.file("c.safetensors"), self.file("d.safetensors"), self.file("t.txt")
        with open(text, "wb") as file:
            # The last tenth is held out: what is trained on is exactly one window.
            file.write(bytes(tokens + targets[-1:] + [0]))
        arrays = {n: (SHAPES[n], w[n]) for n in w}
        arrays.update({f"optimizer/{n}/m": (SHAPES[n], m[n]) for n in m})
        # What the run is, as a checkpoint of its own says it; then back to before its first step.
        self.call("train", "--data", text, "--batch", "1", "--window", str(T), "--steps", "1", "--save", start)
        metadata = {**array_files.read_metadata(start), "step": "0"}
        array_files.write_safetensors(start, arrays, self.dtype, metadata)
        self.call("train", "--data", text, "--resume", start, "--steps", "1", "--save", end)
        _, g, _ = gradients(w, tokens, targets, [0.0] * H)
        new_w, new_m = adagrad(w, m, g)
        found = array_files.read_safetensors(end)
        for name in w:
            self.expect(update, "updated " + name, found[name][1], new_w[name])
            self.expect(update, "accumulator of " + name, found[f"optimizer/{name}/m"][1],
                        new_m[name])


def main():
    f64, f32, work, updates = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    os.makedirs(work, exist_ok=True)
    programs = [Program(f64, "f8", 1e-9, work), Program(f32, "f4", 1e-4, work)]
    # A text with structure: words of a small random vocabulary.
    rng = random.Random(7)
    words = [[rng.randrange(1, V) for _ in range(rng.randrange(1, 6))] for _ in range(12)]
    text = []
    while len(text) < 4000:
        text += rng.choice(words) + [0]
    w = {name: [rng.gauss(0, 0.01) for _ in range(math.prod(shape))]
         for name, shape in SHAPES.items()}
    w["rnn.bh"], w["by"] = [0.0] * H, [0.0] * V
    m = {name: [0.0] * len(values) for name, values in w.items()}
    h, at, first, loss = [0.0] * H, 0, None, None
    for update in range(updates):
        if at + T + 1 > len(text):
            h, at = [0.0] * H, 0
        tokens, targets = text[at:at + T], text[at + 1:at + T + 1]
        loss, g, last = gradients(w, tokens, targets, h)
        first = loss if first is None else first
        for program in programs:
            program.compare(update, w, tokens, targets, h, loss, g, last)
            if update % 50 == 0:
                program.train_one(update, w, m, tokens, targets)
        w, m = adagrad(w, m, g)
        h, at = last, at + T
    if not loss < 0.9 * first:
        sys.exit(f"the oracle did not learn: {first} to {loss}")
    for program in programs:
        print(f"{program.dtype}: worst error {program.worst:.3g} in {updates} updates")


if __name__ == "__main__":
    main()
