"""A program as a tree that is written twice: as rondo text, and as a function of one example in PyTorch.

A node knows how its text follows from its operands' texts, and how its value follows from theirs. Nothing
here, or in the files beside it, is shared with rondo but the language (lib/Frontend/GRAMMAR.md).
"""
import torch


class Dim:
    """A sum of names times integers and a number: T, 2 * h, T - S + 1."""

    def __init__(self, terms=None, number=0):
        self.terms = {name: factor for name, factor in (terms or {}).items() if factor}
        self.number = number

    def __add__(self, other):
        other = dim(other)
        terms = dict(self.terms)
        for name, factor in other.terms.items():
            terms[name] = terms.get(name, 0) + factor
        return Dim(terms, self.number + other.number)

    def __mul__(self, number):
        return Dim({name: factor * number for name, factor in self.terms.items()}, self.number * number)

    def __sub__(self, other):
        return self + dim(other) * -1

    def __eq__(self, other):
        return isinstance(other, Dim) and (self.terms, self.number) == (other.terms, other.number)

    def __hash__(self):
        return hash((frozenset(self.terms.items()), self.number))

    def __repr__(self):
        parts = [(factor, name if abs(factor) == 1 else f"{abs(factor)} * {name}")
                 for name, factor in sorted(self.terms.items(), key=lambda term: -term[1])]
        if self.number or not parts:
            parts.append((self.number, str(abs(self.number))))
        text = ("-" if parts[0][0] < 0 else "") + parts[0][1]
        return text + "".join((" - " if factor < 0 else " + ") + part for factor, part in parts[1:])

    def value(self, sizes):
        return self.number + sum(factor * sizes[name] for name, factor in self.terms.items())


def dim(value):
    return value if isinstance(value, Dim) else Dim({value: 1}) if isinstance(value, str) else Dim({}, value)


def shape_text(element, dims):
    return f"{element}[{', '.join(map(str, dims))}]" if dims else element


class Environment:
    """What the names of one body stand for, in one example and one step."""

    def __init__(self, sizes, values, dtype):
        self.sizes, self.values, self.dtype = sizes, values, dtype
        self.root, self.cache = self, {}

    def bind(self, name, value):
        inner = Environment(self.sizes, {**self.values, name: value}, self.dtype)
        inner.root, inner.cache = self.root, self.cache
        return inner

    def shape(self, dims):
        return [d.value(self.sizes) for d in dims]

    def full(self, dims, value):
        return torch.full(self.shape(dims), value, dtype=self.dtype)


class Node:
    """An expression: `write` makes its text of texts, `compute` its value of an environment and nodes."""

    cell = None

    def __init__(self, dims, children, write, compute, element="f32", exact=False):
        self.dims, self.children, self.element = list(dims), list(children), element
        self.write, self.compute = write, compute
        # What no precision changes, so that comparing it is the same in each: inputs.
        self.exact = exact

    @property
    def text(self):
        return self.write(*[child.text for child in self.children])

    def __call__(self, environment):
        return self.compute(environment, *self.children)

    def statements(self, written):
        """The statements that this needs, and that `written` has not."""
        return [line for child in self.children for line in child.statements(written)]

    def cells(self, seen):
        """The names of the cells that this unrolls."""
        if self in seen:
            return set()
        seen.add(self)
        return {self.cell}.union(*[child.cells(seen) for child in self.children]) - {None}


class Let(Node):
    """A value with a name. It is computed once per body, and never depends on an index."""

    def __init__(self, name, value, pattern=None, take=None):
        super().__init__(value.dims, [value], lambda text: name, None, value.element, value.exact)
        self.pattern, self.key, self.take = pattern or name, pattern or name, take or (lambda x: x)

    def __call__(self, environment):
        if self.key not in environment.cache:
            environment.cache[self.key] = self.children[0](environment.root)
        return self.take(environment.cache[self.key])

    def statements(self, written):
        if self.key in written:
            return []
        lines = self.children[0].statements(written)
        written.add(self.key)
        return lines + [f"let {self.pattern} = {self.children[0].text}"]


def leaf(name, dims, element="f32", exact=False):
    return Node(dims, [], lambda: name, lambda e: e.values[name], element, exact)


def number(value):
    text = repr(float(value))
    return Node([], [], lambda: text if value >= 0 else f"({text})",
                lambda e: torch.tensor(float(value), dtype=e.dtype))


def full(dims, value):
    return Node(dims, [], lambda: f"full([{', '.join(map(str, dims))}], {float(value)!r})",
                lambda e: e.full(dims, float(value)))


def spread(value, rank):
    """An operand whose dims are the first of another's, as rondo repeats it along the rest."""
    return value.reshape(tuple(value.shape) + (1,) * (rank - value.dim()))


def elementwise(dims, children, write, compute):
    rank = len(dims)
    return Node(dims, children, write,
                lambda e, *nodes: compute(*[spread(node(e), rank) for node in nodes]))


def comprehension(indices, body):
    """[i < S, j < T: body]; indices are (name, dim)."""
    dims = [d for _, d in indices]
    head = ", ".join(f"{name} < {d}" if not d.terms or len(repr(d).split()) == 1 else f"{name} < ({d})"
                     for name, d in indices)

    def compute(e, body):
        def fill(e, rest):
            if not rest:
                return body(e)
            size = rest[0][1].value(e.sizes)
            if not size:
                return e.full([d for _, d in rest] + body.dims, 0.0)
            return torch.stack([fill(e.bind(rest[0][0], i), rest[1:]) for i in range(size)])
        return fill(e, indices)
    return Node(dims + body.dims, [body], lambda text: f"[{head}: {text}]", compute)


def cut(source, axis, low, size, say):
    """source[..., low : low + size, ...]; `say` chooses among ways to write a bound."""
    rest = source.dims[axis] - low - size
    begin = "" if low == dim(0) else str(low)
    end = "" if rest == dim(0) else f"-{rest}" if not rest.terms and say(2) else str(low + size)
    bound = rest + size
    if not bound.terms and say(2) and low.terms and bound.number > 0:
        begin = f"-{bound}"
    front = "..., " if axis == len(source.dims) - 1 and axis and say(2) else ":, " * axis

    def compute(e, source):
        first = low.value(e.sizes)
        return source(e).narrow(axis, first, size.value(e.sizes))
    dims = source.dims[:axis] + [size] + source.dims[axis + 1:]
    return Node(dims, [source], lambda text: f"{text}[{front}{begin}:{end}]", compute,
                source.element, source.exact)
