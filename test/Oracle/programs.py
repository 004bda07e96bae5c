"""Whole programs: inputs, entry points, a loss and its gradients; and one example of data after another."""
import random

import numpy
import torch

from builder import Scope
from tree import Environment, Node, dim, leaf, number, shape_text
from values import Generator

SMALL = [1, 2, 3, 4, 5, 7, 8, 12]
WIDE = [16, 17, 31, 32, 33, 39, 40, 41, 48, 63, 64, 79, 80, 81, 100, 120, 128, 157, 160, 200]

HELPERS = """import rnn

fn norm(x: f32[n], gain: f32[n]) -> f32[n] {
  let c = x - mean(x)
  c * rsqrt(mean(c * c) + 0.01) * gain
}
fn before(t: int, s: int) -> bool { s < t }
fn near(t: int, s: int) -> bool { t - s <= 1 and s - t <= 1 }
fn never(t: int, s: int) -> bool { false }
"""


class Call(Node):
    """An entry point by its name; its statements stand there."""

    def __init__(self, name, arguments, value):
        super().__init__(value.dims, [value], lambda _: f"{name}({arguments})", lambda e, value: value(e))

    def statements(self, written):
        return []


class Program:
    def __init__(self, seed, mode):
        self.random = random.Random(f"{mode} {seed}")
        self.seed, self.mode, self.fresh = seed, mode, 0
        self.params, self.cells, self.entries = [], [], []
        self.config, self.inputs, self.choices = {}, [], []
        self.may_need = self.random.random() < 0.6
        self.shortest, self.gap = {"T": 0, "S": 0}, None
        self.limit, self.cells_left = 4000, 2 if mode == "model" else 1
        (self.make_model if mode == "model" else self.make_cell)()
        self.make_loss()

    def typical(self):
        return {"T": 9, "S": 7, **self.config}

    def size(self, wide):
        value = self.random.choice(WIDE if wide else SMALL)
        if self.random.random() < 0.5:
            return dim(value)
        name = f"n{len(self.config)}"
        self.config[name] = value
        return dim(name)

    def input(self, name, dims):
        node = leaf(name, dims, exact=True)
        self.inputs.append(node)
        return node

    def choice(self, name, length, bound):
        node = leaf(name, [length], f"idx<{bound}>")
        node.bound = bound
        self.choices.append(node)
        return node

    def make_model(self):
        draw = self.random
        constants = [self.size(draw.random() < p) for p in (0.5, 0.1, 0.05)]
        T, S = dim("T"), dim("S")
        arrays = [self.input("x", [T, draw.choice(constants)]), self.input("y", [S, draw.choice(constants)])]
        others = {"z": [T], "u": [draw.choice(constants)], "c": [], "a": [T, S],
                  "p": [S, draw.choice(constants)]}
        for name, dims in others.items():
            if draw.random() < 0.4:
                arrays.append(self.input(name, dims))
        self.choice("i", T, draw.choice(constants))
        if draw.random() < 0.5:
            self.choice("j", S, draw.choice(constants))
        runtime = [T, S]
        if self.may_need and draw.random() < 0.4:
            self.gap = 0
            runtime.append(T - S)
        scope = Scope(arrays, constants, runtime, self.choices)
        self.generator = g = Generator(draw, self, scope)
        for _ in range(draw.randint(1, 4)):
            rank = draw.choice([0, 1, 1, 2, 2, 2, 3])
            dims = []
            while len(dims) < rank:
                d = draw.choice(runtime + runtime + constants + [T + S, T - 1, T + 2])
                if d in (T - 1,) and not self.may_need or g.estimate(dims + [d]) > self.limit:
                    continue
                if d == T - 1:
                    g.need(T)
                dims.append(d)
            self.entries.append(g.expression(dims, draw.randint(2, 5)))

    def make_cell(self):
        draw = self.random
        n, wide = self.size(draw.random() < 0.5), self.size(draw.random() < 0.7)
        classes = self.size(False)
        T, S = dim("T"), dim("S")
        arrays = [self.input("x", [T, n])]
        if draw.random() < 0.3:
            arrays.append(self.input("y", [S, n]))
        self.choice("i", T, classes)
        scope = Scope(arrays, [n, wide, classes], [T] + [S] * (len(arrays) - 1), self.choices)
        self.generator = g = Generator(draw, self, scope)
        while True:
            made = g.unrolled(T, wide, draw.choice([0, 0, 1]))
            if made is not None:
                break
            scope.constants.append(dim(draw.choice(SMALL)))
        if len(arrays) == 1 and any(dim("S") in outer for cell, _ in self.cells
                                    for outer in [[o for o, _ in cell.sizes.values()]]):
            self.input("y", [S, n])
        self.entries.append(made)
        head = g.matmul(made, g.param([wide, classes]))
        self.entries.append(self.cross_entropy(head, self.choices[0]))

    def cross_entropy(self, logits, targets):
        def compute(e, logits, targets):
            x, i = logits(e), targets(e)
            return torch.logsumexp(x, -1) - x.gather(1, i[:, None])[:, 0] if len(i) else x.sum(1)
        return Node(logits.dims[:1], [logits, targets], lambda x, i: f"cross_entropy({x}, {i})", compute)

    def make_loss(self):
        g, draw = self.generator, self.random
        if self.mode == "model" and draw.random() < 0.4:
            i = draw.choice(self.choices)
            self.entries.append(self.cross_entropy(g.expression(i.dims + [i.bound], 2), i))
        arguments = ", ".join(node.text for node in self.inputs + self.choices)
        total = None
        for k, value in enumerate(self.entries):
            term = Call(f"f{k}", arguments, value) if draw.random() < 0.7 else value
            if draw.random() < 0.3:
                term = g.unary(draw.choice(["tanh", "sin"]), term)
            elif draw.random() < 0.3:
                term = g.binary("*", term, term)
            if draw.random() < 0.3 and all(map(g.need, term.dims)):
                term = self.whole("mean", term)
            else:
                term = g.binary("*", number(0.25), self.whole("sum", term))
            total = term if total is None else g.add(total, term)
        self.loss = total
        # Each takes as long to compile as the gradient by the parameters.
        self.differentiated = [node for node in self.inputs if draw.random() < 0.4]
        seen = set()
        used = set().union(*[value.cells(seen) for value in self.entries + [total]])
        self.cells = [(cell, layer) for cell, layer in self.cells if cell.name in used]

    def whole(self, op, a):
        if not a.dims:
            return a
        return Node([], [a], lambda text: f"{op}({text})", lambda e, a: getattr(torch, op)(a(e)))

    def signature(self):
        parts = [f"{node.text}: {shape_text('f32', node.dims)}" for node in self.inputs]
        return ", ".join(parts + [f"{node.text}: {shape_text(node.element, node.dims)}" for node in self.choices])

    def text(self):
        generics = ", ".join(f"{name} = {value}" for name, value in self.config.items())
        lines = [HELPERS] + [cell.text() + "\n" for cell, _ in self.cells]
        lines.append(f"model Random{'<' + generics + '>' if generics else ''} {{")
        lines += [f"  param {name} : {shape_text('f32', dims)} ~ normal(0.1)" for name, dims in self.params]
        lines += [f"  layer {layer} = {cell.name}{cell.generic_arguments()}" for cell, layer in self.cells]
        for name, value in [(f"f{k}", value) for k, value in enumerate(self.entries)] + [("loss", self.loss)]:
            lines.append(f"  fn {name}({self.signature()}) -> {shape_text('f32', value.dims)} {{")
            lines += ["    " + line for line in value.statements(set())] + [f"    {value.text}", "  }"]
        arguments = ", ".join(node.text for node in self.inputs + self.choices)
        for node in self.differentiated:
            lines.append(f"  fn by_{node.text}({self.signature()}) -> {shape_text('f32', node.dims)} {{ "
                         f"grad(loss({arguments}), {node.text}) }}")
        return "\n".join(lines + ["}", ""])

    def make_data(self):
        """Weights, and a ragged batch: its examples one by one."""
        draw = numpy.random.default_rng(self.random.randrange(2 ** 31))
        self.weights = {}
        sizes = dict(self.config)
        for name, dims in self.params:
            self.weights[name] = self.draw_weight(draw, [d.value(sizes) for d in dims])
        for cell, layer in self.cells:
            inner = {name: outer.value({**sizes, "T": 1, "S": 1}) for name, (outer, _) in cell.sizes.items()}
            for name, dims in cell.params:
                self.weights[f"{layer}.{name}"] = self.draw_weight(draw, [d.value({**sizes, **inner}) for d in dims])
        rows = int(draw.choice([1, 2, 3, 4, 5, 8]))
        pool = [0, 0, 1, 1, 2, 3, 4, 5, 8, 9, 13, 17] if self.random.random() < 0.7 else [4, 5, 6]
        self.examples, on_grid = [], draw.random() < 0.5
        for _ in range(rows):
            s = max(int(draw.choice(pool)), self.shortest["S"])
            t = max(int(draw.choice(pool)), self.shortest["T"])
            if self.gap is not None and t < s + self.gap:
                t = s + self.gap + int(draw.integers(3))
            example = {"T": t, "S": s, **sizes}
            values = {}
            for node in self.inputs:
                shape = [d.value(example) for d in node.dims]
                x = draw.integers(-3, 4, shape) / 4 if on_grid else draw.normal(0, 1, shape)
                values[node.text] = numpy.asarray(x).astype("f4").astype("f8")
            for node in self.choices:
                values[node.text] = draw.integers(0, node.bound.value(example), t if node.dims == [dim("T")] else s)
            self.examples.append((example, values))

    @staticmethod
    def draw_weight(draw, shape):
        scale = 0.8 / max(1, shape[-1] if len(shape) > 1 else 1) ** 0.5
        return (draw.normal(0, 1, shape) * scale).astype("f4").astype("f8")

    def batch(self, precision):
        """The arrays of a call: padding beyond the longest example, and all of it is poison."""
        arrays = {}
        longest = {name: max(e[name] for e, _ in self.examples) + self.random.choice([0, 0, 1, 3])
                   for name in "TS"}
        for node in self.inputs + self.choices:
            shape = [d.value({**self.config, **longest}) for d in node.dims]
            is_index = node in self.choices
            whole = numpy.full([len(self.examples)] + shape, 10 ** 6 if is_index else numpy.nan,
                               "i8" if is_index else "f4" if precision == "f32" else "f8")
            for row, (_, values) in enumerate(self.examples):
                x = values[node.text]
                whole[(row,) + tuple(map(slice, x.shape))] = x
            arrays[node.text] = whole
        used = {name for node in self.inputs + self.choices for d in node.dims for name in d.terms}
        for name in sorted(used & {"T", "S"}):
            arrays[f"lengths.{name}"] = numpy.array([e[name] for e, _ in self.examples], "i8")
        return arrays

    def expected(self, dtype, moved=0.0):
        """{entry: [value per example]}, and the gradient of the mean loss by each parameter; with all floats
        moved up or down by that share of them."""
        draw = numpy.random.default_rng(0)

        def near(value):
            return value * (1 + moved * draw.choice([-1.0, 1.0], numpy.shape(value))) if moved else value
        weights = {name: torch.tensor(near(value), dtype=dtype, requires_grad=True)
                   for name, value in self.weights.items()}
        results, total = {}, torch.zeros([], dtype=dtype)
        for sizes, values in self.examples:
            given = dict(weights)
            inputs = [torch.tensor(near(values[node.text]), dtype=dtype, requires_grad=True)
                      for node in self.inputs]
            given.update(zip([node.text for node in self.inputs], inputs))
            given.update((node.text, torch.tensor(values[node.text])) for node in self.choices)
            e = Environment(sizes, given, dtype)
            for k, value in enumerate(self.entries):
                results.setdefault(f"f{k}", []).append(value(e).detach().double().numpy())
            loss = self.loss(e)
            results.setdefault("loss", []).append(loss.detach().double().numpy())
            if loss.requires_grad:
                grads = torch.autograd.grad(loss, inputs, allow_unused=True, retain_graph=True)
            else:
                grads = [None] * len(inputs)
            for node, x, gradient in zip(self.inputs, inputs, grads):
                if node not in self.differentiated:
                    continue
                gradient = torch.zeros_like(x) if gradient is None else gradient
                results.setdefault(f"by_{node.text}", []).append(gradient.double().numpy())
            total = total + loss / len(self.examples)
        grads = (torch.autograd.grad(total, list(weights.values()), allow_unused=True)
                 if total.requires_grad and weights else [None] * len(weights))
        gradients = {name: numpy.zeros(value.shape) if g is None else g.double().numpy()
                     for (name, value), g in zip(self.weights.items(), grads)}
        return results, gradients
