"""The operations that expressions are made of: what each is as text, and as PyTorch."""
import torch

from tree import Let, Node, cut, dim, elementwise, leaf

UNARY = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "sin": torch.sin, "cos": torch.cos,
         "erf": torch.erf, "abs": torch.abs, "exp": torch.exp}
BINARY = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
          "max": torch.maximum, "min": torch.minimum}
COMPARE = {"<": torch.lt, "<=": torch.le, ">": torch.gt, ">=": torch.ge, "==": torch.eq, "!=": torch.ne}


class Scope:
    """What an expression may name, and the sizes that it may be made of."""

    def __init__(self, arrays, constants, runtime, choices=()):
        self.arrays, self.constants, self.runtime = arrays, constants, runtime
        self.choices = list(choices)  # arrays of indices
        self.indices = []             # variables of comprehensions


def safe_softmax(x):
    if not x.shape[-1]:
        return x
    top = x.detach().amax(-1, keepdim=True)
    e = torch.exp(x - torch.where(torch.isfinite(top), top, 0.0))
    s = e.sum(-1, keepdim=True)
    return e / torch.where(s == 0, 1.0, s)


def normalise(x, gain):
    centred = x - x.mean(-1, keepdim=True)
    return centred * torch.rsqrt((centred * centred).mean(-1, keepdim=True) + 0.01) * gain


class Builder:
    """The operations, each with its text and its value."""

    def __init__(self, random, program, scope, cell=None):
        self.random, self.program, self.scope, self.cell = random, program, scope, cell

    def below(self, bound):
        return self.random.randrange(bound)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def of(self, items):
        return self.random.choice(list(items))

    def shuffled(self, items):
        return self.random.sample(list(items), len(items))

    def name(self, prefix):
        self.program.fresh += 1
        return f"{prefix}{self.program.fresh}"

    def param(self, dims):
        dims = [dim(d) for d in dims]
        known = (self.cell or self.program).params
        same = [name for name, other in known if other == dims]
        if same and self.chance(30):
            return leaf(self.of(same), dims)
        name = self.name("w")
        known.append((name, dims))
        return leaf(name, dims)

    def let(self, value):
        return Let(self.name("v"), value) if not self.scope.indices else value

    def unary(self, name, a):
        return Node(a.dims, [a], lambda text: f"{name}({text})", lambda e, a: UNARY[name](a(e)))

    def binary(self, op, a, b):
        dims = max(a.dims, b.dims, key=len)
        write = ((lambda a, b: f"{op}({a}, {b})") if op.isalpha() else lambda a, b: f"({a} {op} {b})")
        return elementwise(dims, [a, b], write, BINARY[op])

    def add(self, a, b):
        return self.binary("+", a, b)

    def compare(self, op, a, b):
        node = elementwise(a.dims, [a, b], lambda a, b: f"({a} {op} {b})", COMPARE[op])
        node.element = "bool"
        return node

    def select(self, c, a, b):
        return elementwise(max(c.dims, a.dims, b.dims, key=len), [c, a, b],
                           lambda c, a, b: f"select({c}, {a}, {b})", torch.where)

    def matmul(self, a, b):
        return Node(a.dims[:-1] + b.dims[1:], [a, b], lambda a, b: f"({a} @ {b})",
                    lambda e, a, b: torch.tensordot(a(e), b(e), 1))

    def einsum(self, form, operands, dims):
        return Node(dims, operands, lambda *texts: f'einsum("{form}", {", ".join(texts)})',
                    lambda e, *nodes: torch.einsum(form, *[node(e) for node in nodes]))

    def concat(self, parts, axis):
        total = dim(0)
        for part in parts:
            total = total + part.dims[axis]
        dims = parts[0].dims[:axis] + [total] + parts[0].dims[axis + 1:]
        where = "" if axis == 0 else f", axis = {axis - len(dims) if self.chance(30) else axis}"
        return Node(dims, parts, lambda *texts: f"concat({', '.join(texts)}{where})",
                    lambda e, *nodes: torch.cat([node(e) for node in nodes], axis))

    def slice(self, source, axis, low, size):
        return cut(source, axis, dim(low), dim(size), self.below)

    def transpose(self, source, order):
        dims = [source.dims[k] for k in order]
        short = order == [1, 0] and self.chance(50)
        return Node(dims, [source],
                    lambda text: f"transpose({text})" if short else f"transpose({text}, {order})",
                    lambda e, x: x(e).permute(order))

    def softmax(self, a):
        return Node(a.dims, [a], lambda text: f"softmax({text})", lambda e, a: safe_softmax(a(e)))

    def normalised(self, a):
        gain = self.param([a.dims[-1]])
        return Node(a.dims, [a, gain], lambda a, g: f"norm({a}, {g})",
                    lambda e, a, g: normalise(a(e), g(e)))

    def reduce(self, op, a, axis):
        dims = a.dims[:axis] + a.dims[axis + 1:]
        functions = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin}
        k = axis - len(a.dims) if self.chance(20) else axis
        named = op in ("max", "min") or self.chance(50)  # max(x, 1) is elementwise
        if op in ("max", "min") and not self.need(a.dims[axis]):
            bound = -4.0 if op == "max" else 4.0
            clip = torch.maximum if op == "max" else torch.minimum

            def compute(e, a):
                x, v = a(e), e.full(dims, bound)
                return clip(functions[op](x, axis), v) if x.shape[axis] else v
            return Node(dims, [a], lambda text: f"{op}({text}, axis = {k}, initial = {bound})", compute)
        if op == "mean" and not self.need(a.dims[axis]):
            op = "sum"
        return Node(dims, [a], lambda text: f"{op}({text}, {'axis = ' if named else ''}{k})",
                    lambda e, a: functions[op](a(e), axis))

    def gather(self, table, indices):
        """table[indices]: the indices' dims stand in place of the first axis."""
        def compute(e, table, indices):
            i = indices(e)
            return table(e)[i.reshape(-1)].reshape(tuple(i.shape) + tuple(table(e).shape[1:]))
        return Node(indices.dims + table.dims[1:], [table, indices], lambda a, i: f"{a}[{i}]", compute)

    def choose(self, condition, a, b):
        return Node(a.dims, [condition, a, b], lambda c, a, b: f"(if {c} then {a} else {b})",
                    lambda e, c, a, b: a(e) if bool(c(e)) else b(e))

    def need(self, size):
        """Whether a size is positive in every example; asks for lengths that make it so if it may."""
        runtime = {name: factor for name, factor in size.terms.items() if name in ("T", "S")}
        if not runtime:
            return True
        positive = [name for name, factor in runtime.items() if factor > 0]
        if len(positive) == len(runtime) and size.number > 0:
            return True
        if not self.program.may_need:
            return False
        if runtime == {"T": 1, "S": -1}:
            self.program.gap = max(self.program.gap, 1 - size.number)
        else:
            name = positive[0]
            self.program.shortest[name] = max(self.program.shortest[name], 1 - size.number)
        return True

    def guarded(self, a):
        """A function that is infinite at 0, or whose slope is, where another is chosen at 0."""
        form = self.of(["sqrt({0})", "{0} * log({0})", "rsqrt({0} + 0.0) * {0}", "{0} ^ 0.5"])
        compute = {"s": torch.sqrt, "{0} * ": lambda x: x * torch.log(x), "r": torch.sqrt,
                   "{0} ^ ": torch.sqrt}
        function = next(f for start, f in compute.items() if form.startswith(start))

        def value(x):
            positive = x > 0
            return torch.where(positive, function(torch.where(positive, x, 1.0)), 0.0)
        if self.scope.indices:
            return elementwise(a.dims, [a], lambda t: f"(if {t} > 0 then {form.format(t)} else 0.0)", value)
        a = self.let(a)
        return elementwise(a.dims, [a], lambda t: f"select({t} > 0, {form.format(t)}, 0.0)", value)
