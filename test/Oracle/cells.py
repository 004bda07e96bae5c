"""Random recurrent cells: gates by stacked or by joined weights, peepholes, layer normalisation, products
of input and state, matrices as states, and states that are wired at random."""
import torch

from tree import Environment, Let, Node, dim, elementwise, leaf, number, shape_text


class Cell:
    """Its own names for sizes, parameters, states with their first and next values, and its output."""

    def __init__(self, name, sizes, inputs, held):
        self.name, self.sizes, self.inputs, self.held = name, sizes, inputs, held
        self.params, self.states, self.updates, self.output = [], [], [], None

    def text(self):
        generics = ", ".join(name for name, (_, is_generic) in self.sizes.items() if is_generic)
        arguments = ", ".join(f"{name}: {shape_text('f32', dims)}" for name, dims in self.inputs + self.held)
        lines = [f"cell {self.name}{'<' + generics + '>' if generics else ''}({arguments}) -> "
                 f"{shape_text('f32', self.output.dims)} {{"]
        for name, dims in self.params:
            lines.append(f"  param {name} : {shape_text('f32', dims)} ~ normal(0.1)")
        for name, dims, first in self.states:
            lines.append(f"  state {name} : {shape_text('f32', dims)} = {first.text}")
        written = set()
        for name, value in self.updates:
            lines += ["  " + line for line in value.statements(written)] + [f"  {name}' = {value.text}"]
        lines += ["  " + line for line in self.output.statements(written)]
        return "\n".join(lines + ["  " + self.output.text, "}"])

    def generic_arguments(self):
        given = [str(outer) for outer, is_generic in self.sizes.values() if is_generic]
        return f"<{', '.join(given)}>" if given else ""

    def run(self, e, layer, sequences, held, start, is_reverse):
        """The outputs, each at the place of its input, and the last states."""
        sizes = {name: outer.value(e.sizes) for name, (outer, _) in self.sizes.items()}
        sizes.update({name: size for name, size in e.sizes.items() if name not in sizes})
        constant = {name: e.values[f"{layer}.{name}"] for name, _ in self.params}
        constant.update(zip([name for name, _ in self.held], held))
        first = Environment(sizes, constant, e.dtype)
        states = {}
        for name, dims, value in self.states:
            value = start[name] if name in start else value(first)
            states[name] = value.expand(first.shape(dims))
        length = sequences[0].shape[0]
        outputs = [None] * length
        for t in reversed(range(length)) if is_reverse else range(length):
            values = {**constant, **states}
            values.update((name, xs[t]) for (name, _), xs in zip(self.inputs, sequences))
            step = Environment(sizes, values, e.dtype)
            for name, value in self.updates:
                step.values[name + "'"] = value(step)
            outputs[t] = self.output(step)
            states = {name: step.values.get(name + "'", states[name]) for name in states}
        if not length:
            return first.full([dim(0)] + self.output.dims, 0.0), states
        return torch.stack(outputs), states


def gates(g, count, x, h, extra):
    """`count` vectors that gates are made of, each a function of the input and the state."""
    n, wide = x.dims[0], h.dims[0]
    form = g.below(4)
    if form == 0:  # one matrix per gate, stacked
        w, u = g.param([dim(count), wide, n]), g.param([dim(count), wide, wide])
        b = g.param([dim(count), wide])
        both = elementwise([dim(count), wide], [w, x, u, h, b],
                           lambda w, x, u, h, b: f"{w} @ {x} + {u} @ {h} + {b}", None)
        both.compute = lambda e, w, x, u, h, b: w(e) @ x(e) + u(e) @ h(e) + b(e)
        names = [g.name("g") for _ in range(count)]
        pattern = f"({', '.join(names)})" if count > 1 else None
        if pattern:
            return [Let(name, Node([wide], [both], lambda text: text, lambda e, b: b(e)), pattern,
                        lambda value, k=k: value[k]) for k, name in enumerate(names)]
        return [Node([wide], [both], lambda text: f"({text})[0]", lambda e, b: b(e)[0])]
    total = wide * count
    if form == 1:  # one matrix for both, and slices
        joined = g.param([total, n + wide]), g.concat([x, h], 0)
        sum_ = g.add(g.matmul(*joined), g.param([total]))
    elif form == 2:  # two matrices, and slices
        sum_ = g.add(g.matmul(g.param([total, n]), x), g.matmul(h, g.param([wide, total])))
    else:  # a vector from the left, normalised as a whole
        sum_ = g.add(g.matmul(x, g.param([n, total])), g.matmul(g.param([total, wide]), h))
        sum_ = g.normalised(sum_)
    if extra is not None and g.chance(50):
        sum_ = g.binary("+", sum_, g.concat([extra] * count, 0))
    sum_ = g.let(sum_)
    parts = [g.slice(sum_, 0, wide * k, wide) for k in range(count)]
    return [g.let(part) if g.chance(30) else part for part in parts]


def normalise_some(g, value):
    return g.normalised(value) if g.chance(30) else value


def random_cell(g, name, n, wide, held_dims=None):
    """A cell on vectors of `n` with states of `wide`; `g` is a Generator with a scope of its own."""
    cell, scope = g.cell, g.scope
    kind = g.of(["lstm", "gru", "minimal", "multiplicative", "peephole", "wired", "wired", "fast", "elman"])
    x = leaf("x", [n])

    def state(dims, first=None):
        label = g.name("h")
        if first is None:
            first = g.of([number(0), number(0), number(0.25)]) if g.chance(75) else g.param(dims)
        cell.states.append((label, dims, first))
        scope.arrays.append(leaf(label, dims))
        return leaf(label, dims)

    def update(old, value):
        value = normalise_some(g, value) if old.dims == [wide] and g.chance(20) else value
        cell.updates.append((old.text, value))
        new = leaf(old.text + "'", old.dims)
        scope.arrays.append(new)
        return new

    def keep(z, old, new):
        return g.binary("+", g.binary("*", z, old), g.binary("*", g.binary("-", number(1), z), new))

    h = state([wide])
    scope.arrays.append(x)
    if kind in ("lstm", "peephole", "multiplicative"):
        c = state([wide])
        if kind == "multiplicative":
            m = g.let(g.binary("*", g.matmul(g.param([wide, n]), x), g.matmul(g.param([wide, wide]), h)))
            i, f, a, o = gates(g, 4, x, m, None)
        else:
            i, f, a, o = gates(g, 4, x, h, g.param([wide]) if g.chance(30) else None)
        if kind == "peephole":
            i, f = (g.binary("+", v, g.binary("*", g.param([wide]), c)) for v in (i, f))
        i = g.unary("sigmoid", i)
        forget = g.unary("sigmoid", f)
        i = g.binary("-", number(1), forget) if g.chance(20) else i
        c = update(c, g.binary("+", g.binary("*", forget, c), g.binary("*", i, g.unary("tanh", a))))
        if kind == "peephole":
            o = g.binary("+", o, g.binary("*", g.param([wide]), c))
        h = update(h, g.binary("*", g.unary("sigmoid", o), g.unary("tanh", normalise_some(g, c))))
    elif kind == "gru":
        r, z = (g.let(g.unary("sigmoid", v)) for v in gates(g, 2, x, h, None))
        if g.chance(50):
            a = g.matmul(g.param([wide, wide]), g.binary("*", r, h))
        else:
            a = g.binary("*", r, g.add(g.matmul(g.param([wide, wide]), h), g.param([wide])))
        a = g.unary("tanh", g.add(g.matmul(g.param([wide, n]), x), a))
        h = update(h, keep(z, h, a))
    elif kind == "minimal":
        (f,) = gates(g, 1, x, h, None)
        f = g.let(g.unary("sigmoid", f))
        a = g.add(g.matmul(g.param([wide, n]), x), g.matmul(g.param([wide, wide]), g.binary("*", f, h)))
        h = update(h, keep(f, h, g.unary("tanh", a)))
    elif kind == "elman":
        (a,) = gates(g, 1, x, h, None)
        h = update(h, g.unary(g.of(["tanh", "sigmoid", "sin"]), a))
    elif kind == "fast":
        k = dim(g.of([2, 3, 5, 8]))
        memory = state([wide, k])
        key = g.let(g.unary("tanh", g.matmul(x, g.param([n, k]))))
        (a,) = gates(g, 1, x, h, None)
        h = update(h, g.unary("tanh", g.add(a, g.matmul(memory, key))))
        decay = g.unary("sigmoid", g.param([])) if g.chance(50) else number(0.75)
        outer = g.einsum("i,j->ij", [h, key], [wide, k])
        memory = update(memory, g.binary("+", g.binary("*", memory, decay), outer))
        scope.arrays.append(g.let(g.matmul(memory, g.param([k]))))
    else:
        count = 1 + g.below(3)
        states = [h] + [state([wide]) for _ in range(count - 1)]
        vectors = states + gates(g, 1 + g.below(5), x, h, None)
        for old in g.shuffled(states):
            z, u, v = (g.of(vectors) for _ in range(3))
            z = g.unary("sigmoid", z)
            new = g.unary("tanh", g.binary(g.of("+*-"), u, v))
            form = g.below(4)
            value = (keep(z, old, new) if form == 0 else new if form == 1 else
                     g.binary("+", g.binary("*", z, old), g.binary("*", number(0.5), new)) if form == 2
                     else g.binary("+", g.binary("*", number(0.5), old), g.expression([wide], 1)))
            vectors.append(update(old, value))
        h = vectors[-1]
    if g.chance(25):
        counter = state([], number(0))
        update(counter, g.binary("+", counter, number(0.125)))
    if held_dims and g.chance(70):
        m = leaf("m", held_dims)
        scores = g.softmax(g.matmul(m, g.matmul(g.param([held_dims[1], wide]), h)))
        read = g.let(g.matmul(scores, m))
        scope.arrays.append(read)
        h = g.add(h, g.matmul(g.param([wide, held_dims[1]]), read))
    cell.output = h if g.chance(60) else g.expression([wide], 2)
    return cell
