"""Random expressions of given dims."""
import torch

from builder import COMPARE, Builder, Scope, safe_softmax
from cells import Cell, random_cell
from tree import Let, Node, comprehension, dim, elementwise, full, number


class Generator(Builder):
    """Random trees."""

    def estimate(self, dims):
        product = 1
        for d in dims:
            product *= max(1, d.value(self.program.typical()) if not self.cell else self.local(d))
        return product

    def local(self, d):
        sizes = self.program.typical()
        inner = {name: outer.value(sizes) for name, (outer, _) in self.cell.sizes.items()}
        return d.value({**sizes, **inner})

    def is_static(self, d):
        return not any(name in ("T", "S") for name in d.terms)

    def fitting(self, dims):
        return [a for a in self.scope.arrays if a.dims == dims]

    def leaf(self, dims):
        found = self.fitting(dims)
        if found and self.chance(85):
            return self.of(found)
        if all(map(self.is_static, dims)):
            if not dims and self.chance(30):
                return number(self.of([0, 0.5, -0.75, 1, 2]))
            return self.param(dims) if self.chance(90) or not dims else full(dims, self.of([0.5, 0, -1.25]))
        if len(dims) == 1:
            return self.vector(dims[0])
        if len(dims) == 2 and self.chance(50):
            columns = [a for a in self.scope.arrays if len(a.dims) == 2 and a.dims[0] == dims[0]
                       and self.is_static(a.dims[1])]
            if columns and self.is_static(dims[1]):
                a = self.of(columns)
                return self.matmul(a, self.param([a.dims[1], dims[1]]))
        letters = "abcdefgh"[:len(dims)]
        return self.einsum(f"{','.join(letters)}->{letters}", [self.leaf([d]) for d in dims], dims) \
            if len(dims) == 2 else self.einsum(f"{letters[0]},{letters[1:]}->{letters}",
                                               [self.leaf(dims[:1]), self.leaf(dims[1:])], dims)

    def vector(self, d):
        """A vector of a run-time length."""
        sources = [a for a in self.scope.arrays if a.dims[:1] == [d]]
        if sources and self.chance(80):
            a = self.of(sources)
            while len(a.dims) > 1:
                a = self.reduce("sum", a, 1) if self.chance(50) or not self.is_static(a.dims[1]) \
                    else self.matmul(a, self.param([a.dims[1]])) if len(a.dims) == 2 else self.reduce("max", a, 2)
            return a
        if len(d.terms) == 1 and d.number == 0 and abs(list(d.terms.values())[0]) == 1 or self.chance(30):
            name = self.name("i")
            i = Node([], [], lambda: f"0.125 * float({name})",
                     lambda e: torch.tensor(0.125 * e.values[name], dtype=e.dtype))
            return comprehension([(name, d)], self.unary(self.of(["sin", "tanh"]), i))
        return self.resized(lambda e: self.vector(e), d)

    def resized(self, make, d, axis=0):
        """An array of length d along `axis` by a slice, or by joining two; `make` gives those of others."""
        names = [name for name, factor in d.terms.items() if factor > 0]
        if len(names) == 2 and self.chance(60):
            one = dim(names[0])
            return self.concat([make(one), make(d - one)], axis)
        if d.number > 0 and d.terms and self.chance(70):
            return self.concat(self.shuffled([make(dim(d.number)), make(d - d.number)]), axis)
        if d.terms.get("S", 0) < 0:
            return self.slice(make(d + dim("S")), axis, self.of([dim("S"), 0]), d)
        more = d.number * -1 if d.number < 0 else 1 + self.below(3)
        low = self.below(more + 1)
        return self.slice(make(d + more), axis, low, d)

    def expression(self, dims, depth):
        dims = [dim(d) for d in dims]
        for _ in range(20):
            if depth <= 0 or self.chance(12):
                break
            made = self.of(self.forms())(dims, depth - 1)
            if made is not None:
                assert made.dims == dims, (made.text, made.dims, dims)
                isolated = self.chance(25) and made.children and not isinstance(made, Let)
                return self.let(made) if isolated else made
        return self.leaf(dims)

    def forms(self):
        forms = [self.make_unary, self.make_binary, self.make_binary, self.make_spread, self.make_choice,
                 self.make_einsum, self.make_einsum, self.make_matmul, self.make_transpose, self.make_reduce,
                 self.make_reduce, self.make_softmax, self.make_slice, self.make_slice, self.make_concat,
                 self.make_guarded, self.make_norm, self.make_if]
        if not self.cell and not self.scope.indices:
            forms += [self.make_elements, self.make_rows, self.make_gather, self.make_unroll, self.make_unroll,
                      self.make_cumulative, self.make_attention, self.make_reshape, self.make_logsumexp]
        return forms

    def make_unary(self, dims, depth):
        name = self.of(["tanh", "sigmoid", "sin", "cos", "erf", "abs", "exp", "expm1"])
        a = self.expression(dims, depth)
        return self.unary(name, self.unary("tanh", a) if name in ("exp", "expm1") else a)

    def make_binary(self, dims, depth):
        op = self.of(["+", "-", "*", "max", "min", "/", "^"])
        a = self.expression(dims, depth)
        if op == "^":
            return elementwise(dims, [a], lambda a: f"({a} ^ 2.0)", lambda a: a * a)
        if op == "/":
            return elementwise(dims, [a, self.expression(dims, depth)],
                               lambda a, b: f"({a} / (1 + {b} ^ 2.0))", lambda a, b: a / (1 + b * b))
        return self.binary(op, a, self.expression(dims, depth))

    def make_spread(self, dims, depth):
        if not dims:
            return None
        few = self.expression(dims[:self.below(len(dims))], depth)
        many = self.expression(dims, depth)
        op = self.of("+-*")
        return self.binary(op, few, many) if self.chance(50) else self.binary(op, many, few)

    def make_choice(self, dims, depth):
        exact = [a for a in self.fitting(dims) if a.exact]
        if not exact:
            return None
        c = self.compare(self.of(COMPARE), self.of(exact), self.of(exact + [number(0)] * 2) if len(dims) == 0
                         else self.of(exact))
        if self.chance(60):
            a = self.of(exact)
            op, bound = self.of(COMPARE), self.of([0.0, 0.5])
            c = elementwise(dims, [a], lambda a: f"({a} {op} {bound})", lambda a: COMPARE[op](a, bound))
            c.element = "bool"
        return self.select(c, self.expression(dims, depth), self.expression(dims, depth))

    def extra(self, dims):
        """One more dim for arrays that have these."""
        options = [d for d in self.scope.constants + self.scope.runtime
                   if self.estimate(dims + [d]) <= self.program.limit]
        return self.of(options) if options else None

    def make_einsum(self, dims, depth):
        if len(dims) > 3:
            return None
        summed = []
        for _ in range(self.of([1, 1, 1, 2])):
            d = self.extra(dims + summed)
            if d is not None:
                summed.append(d)
        if not summed:
            return None
        letters = dict(zip("abcdefgh", dims + summed))
        out, inner = list(letters)[:len(dims)], list(letters)[len(dims):]
        owners = [self.of(["a", "b", "ab"]) for _ in out]
        sides = [[x for x, owner in zip(out, owners) if side in owner] + inner for side in "ab"]
        sides = [self.shuffled(side) for side in sides]
        operands = [self.expression([letters[x] for x in side], depth) for side in sides]
        form = f"{''.join(sides[0])},{''.join(sides[1])}->{''.join(out)}"
        made = self.einsum(form, operands, dims)
        return self.unary("tanh", made) if self.chance(60) else made

    def make_matmul(self, dims, depth):
        d = self.extra(dims)
        if d is None:
            return None
        at = self.below(len(dims) + 1)
        made = self.matmul(self.expression(dims[:at] + [d], depth), self.expression([d] + dims[at:], depth))
        return self.unary("tanh", made) if self.chance(60) else made

    def make_transpose(self, dims, depth):
        if len(dims) < 2:
            return None
        order = self.shuffled(range(len(dims)))
        source = [None] * len(dims)
        for k, axis in enumerate(order):
            source[axis] = dims[k]
        return self.transpose(self.expression(source, depth), order)

    def make_reduce(self, dims, depth):
        d = self.extra(dims)
        if d is None:
            return None
        axis = self.below(len(dims) + 1)
        a = self.expression(dims[:axis] + [d] + dims[axis:], depth)
        return self.reduce(self.of(["sum", "mean", "max", "min"]), a, axis)

    def make_softmax(self, dims, depth):
        return self.softmax(self.expression(dims, depth)) if dims else None

    def make_logsumexp(self, dims, depth):
        d = self.extra(dims)
        if d is None or not self.need(d):
            return None
        return Node(dims, [self.expression(dims + [d], depth)], lambda a: f"logsumexp({a})",
                    lambda e, a: torch.logsumexp(a(e), -1))

    def make_norm(self, dims, depth):
        if not dims or not self.is_static(dims[-1]) or self.estimate(dims[-1:]) < 2:
            return None
        return self.normalised(self.expression(dims, depth))

    def make_slice(self, dims, depth):
        if not dims:
            return None
        axis = self.below(len(dims))
        d = dims[axis]
        if not self.is_static(d) and not self.program.may_need and any(f < 0 for f in d.terms.values()):
            return None
        low, high = self.below(4), self.below(3)
        if not self.is_static(d) and len(d.terms) == 1 and self.chance(50):
            other = "S" if "T" in d.terms else "T"
            if dim(other) in self.scope.runtime:
                low = dim(other) if self.chance(50) else 0
                more = dim(other)
                a = self.expression(dims[:axis] + [d + more] + dims[axis + 1:], depth)
                return self.slice(a, axis, low, d)
        a = self.expression(dims[:axis] + [d + low + high] + dims[axis + 1:], depth)
        return self.slice(a, axis, low, d)

    def make_concat(self, dims, depth):
        splits = []
        for axis, d in enumerate(dims):
            if len(d.terms) > 1 and all(f > 0 for f in d.terms.values()):
                first = dim(sorted(d.terms)[0])
                splits.append((axis, first, d - first))
            elif not d.terms and d.number > 1:
                k = 1 + self.below(d.number - 1)
                splits.append((axis, dim(k), d - k))
            elif d.terms and d.number > 0:
                splits.append((axis, dim(d.number), d - d.number))
            elif d.terms and len(d.terms) == 1 and d.number == 0 and not self.is_static(d) and self.need(d):
                splits.append((axis, dim(1), d - 1))
        if not splits:
            return None
        axis, one, two = self.of(splits)
        parts = [dims[:axis] + [d] + dims[axis + 1:] for d in self.shuffled([one, two])]
        return self.concat([full(part, 0.0) if self.chance(20) else self.expression(part, depth)
                            for part in parts], axis)

    def make_guarded(self, dims, depth):
        exact = [a for a in self.fitting(dims) if a.exact]
        if not exact:
            return None
        a = self.of(exact)
        return self.guarded(elementwise(dims, [a], lambda a: f"max({a}, 0.0)",
                                        lambda a: torch.maximum(a, torch.zeros_like(a))))

    def make_if(self, dims, depth):
        lengths = [d for d in self.scope.runtime if len(d.terms) == 1]
        if self.cell or not lengths:
            return None
        d, bound, op = self.of(lengths), self.below(7), self.of(COMPARE)
        c = Node([], [], lambda: f"{d} {op} {bound}",
                 lambda e: COMPARE[op](torch.tensor(d.value(e.sizes)), bound), "bool")
        return self.choose(c, self.expression(dims, depth), self.expression(dims, depth))

    def make_reshape(self, dims, depth):
        for axis in self.shuffled(range(len(dims))):
            d = dims[axis]
            if not d.terms and d.number > 3:
                factors = [k for k in range(2, d.number) if d.number % k == 0]
                if factors:
                    k = self.of(factors)
                    source = dims[:axis] + [dim(k), dim(d.number // k)] + dims[axis + 1:]
                    return Node(dims, [self.expression(source, depth)],
                                lambda a: f"reshape({a}, [{', '.join(map(str, dims))}])",
                                lambda e, a: a(e).reshape(e.shape(dims)))
        return None

    def make_gather(self, dims, depth):
        if not dims:
            return None
        indices = [i for i in self.scope.choices if i.dims == dims[:1]]
        if not indices:
            return None
        i = self.of(indices)
        return self.gather(self.expression([i.bound] + dims[1:], depth), i)

    def make_cumulative(self, dims, depth):
        if not dims:
            return None
        t, s = self.name("t"), self.name("t")
        op = self.of(["<=", "<", ">="])
        a = self.let(self.expression(dims, depth))
        zero = full(dims[1:], 0.0) if len(dims) > 1 else number(0)
        length = dims[0]

        def compute(e, a, _):
            x, n = a(e), length.value(e.sizes)
            if not n:
                return x
            keep = [[x[s] for s in range(n) if (s <= t if op == "<=" else s < t if op == "<" else s >= t)]
                    for t in range(n)]
            return torch.stack([sum(rows) if rows else torch.zeros_like(x[0]) for rows in keep])
        size = f"({length})" if len(repr(length).split()) > 1 else str(length)
        return Node(dims, [a, zero], lambda a, z: f"[{t} < {size}: sum([{s} < {size}: if {s} {op} {t} then "
                    f"{a}[{s}] else {z}], axis = 0)]", compute)

    def make_attention(self, dims, depth):
        if len(dims) != 3 or self.estimate(dims) > 600:
            return None
        source = self.of(self.scope.runtime)
        d = dim(self.of([1, 2, 4]))
        q, k = (self.expression([n, dims[1], d], depth - 1) for n in (dims[0], source))
        v = self.expression([source, dims[1], dims[2]], depth - 1)
        mask, sees = self.of([("causal", lambda t, s: s <= t), ("unmasked", lambda t, s: True),
                              ("before", lambda t, s: s < t), ("near", lambda t, s: abs(t - s) <= 1),
                              ("never", lambda t, s: False)])

        def compute(e, q, k, v):
            q, k, v = q(e), k(e), v(e)
            if not k.shape[0] or not q.shape[0] or not q.shape[1]:
                return q.new_zeros(q.shape[0], q.shape[1], v.shape[2])
            heads = []
            for h in range(q.shape[1]):
                scores = q[:, h] @ k[:, h].T / d.number ** 0.5
                seen = torch.tensor([[sees(t, s) for s in range(k.shape[0])] for t in range(q.shape[0])])
                heads.append(safe_softmax(torch.where(seen, scores, -torch.inf)) @ v[:, h])
            return torch.stack(heads, 1)
        return Node(dims, [q, k, v], lambda q, k, v: f"attention({q}, {k}, {v}, {mask})", compute)

    def make_rows(self, dims, depth):
        """[t < T: a vector], from the rows of arrays beside it."""
        if len(dims) < 2 or self.estimate(dims[:1]) > 40:
            return None
        name, length = self.name("t"), dims[0]
        sources = [self.let(self.expression(dims, depth)), self.let(self.expression(dims, depth - 1))]
        offset = self.of([0, -1, 1, -2])
        sources = [self.row(sources[0], name, 0), self.row(sources[1], name, offset)]
        made = self.binary(self.of("+-*"), *sources)
        w = self.param(dims[1:]) if all(map(self.is_static, dims[1:])) else None
        return comprehension([(name, length)], made if w is None else self.add(made, w))

    def row(self, source, name, offset):
        last = source.dims[0] - 1
        if not offset:
            return Node(source.dims[1:], [source], lambda a: f"{a}[{name}]", lambda e, a: a(e)[e.values[name]])
        return Node(source.dims[1:], [source],
                    lambda a: f"{a}[clip({name} {'+' if offset > 0 else '-'} {abs(offset)}, 0, {last})]",
                    lambda e, a: a(e)[min(max(e.values[name] + offset, 0), last.value(e.sizes))])

    def make_elements(self, dims, depth):
        """[t < T, j < d: a number], from elements of arrays of these dims and of their neighbours."""
        if not dims or self.estimate(dims) > 100:
            return None
        indices = [(self.name("i"), d) for d in dims]
        arrays = [self.let(self.expression(dims, depth)) for _ in range(2)]
        self.scope.indices += indices
        value = self.element(indices, arrays, 3)
        del self.scope.indices[-len(indices):]
        return comprehension(indices, value)

    def read(self, array, indices):
        items, places = [], []
        for (name, _), d in zip(indices, array.dims):
            offset = self.of([0, 0, 0, -1, 1, 2])
            last = d - 1
            sign = "+" if offset > 0 else "-"
            items.append(f"clip({name} {sign} {abs(offset)}, 0, {last})" if offset else name)
            places.append((name, offset, last))

        def compute(e, a):
            at = tuple(min(max(e.values[name] + offset, 0), last.value(e.sizes))
                       for name, offset, last in places)
            return a(e)[at]
        return Node([], [array], lambda a: f"{a}[{', '.join(items)}]", compute)

    def element(self, indices, arrays, depth):
        form = self.below(8) if depth else self.below(2)
        if form == 0:
            return self.read(self.of(arrays), indices)
        name, size = self.of(indices)
        if form == 1:
            return Node([], [], lambda: f"(0.125 * float({name}))",
                        lambda e: torch.tensor(0.125 * e.values[name], dtype=e.dtype))
        parts = [self.element(indices, arrays, depth - 1) for _ in range(2)]
        if form == 2:
            return self.unary(self.of(["tanh", "sin", "abs"]), parts[0])
        if form in (3, 4):
            return self.binary(self.of(["+", "-", "*", "max", "min"]), *parts)
        exact = [a for a in arrays if a.exact]
        if form == 5 and exact:
            a = self.read(self.of(exact), indices)
            return self.guarded(self.binary("max", a, number(0)))
        other, bound = self.of(indices)[0], self.below(4)
        op = self.of(COMPARE)
        if other != name and self.chance(60):
            c = Node([], [], lambda: f"{name} {op} {other}",
                     lambda e: COMPARE[op](torch.tensor(e.values[name]), e.values[other]), "bool")
        else:
            c = Node([], [], lambda: f"integer({name}) {op} {bound}",
                     lambda e: COMPARE[op](torch.tensor(e.values[name]), bound), "bool")
        return self.choose(c, *parts)

    def make_unroll(self, dims, depth):
        if len(dims) == 1 and not self.is_static(dims[0]) and self.chance(70):
            return self.reduce("sum", self.expression(dims + [self.of(self.scope.constants)], depth), 1)
        if len(dims) == 1 and self.is_static(dims[0]):
            return self.unrolled(self.of([dim("T"), dim("S")]), dims[0], depth, last=True)
        if len(dims) != 2 or not self.is_static(dims[1]):
            return None
        return self.unrolled(dims[0], dims[1], depth)

    def unrolled(self, length, wide, depth, last=False):
        if self.estimate([wide]) > 210 or self.program.cells_left <= 0:
            return None
        self.program.cells_left -= 1
        options = [d for d in self.scope.constants if self.estimate([d, wide]) <= 26000]
        if not options:
            return None
        n = self.of(options)
        held = None
        if self.chance(25):
            held = [dim(self.of(["S", "T"])), self.of(self.scope.constants[:2])]
        name, layer = self.name("cell"), self.name("layer")
        sizes = {"n": (n, False), "h": (wide, True)}
        if not wide.terms and self.chance(30):
            sizes = {"n": (n, False)}
        inner_n, inner_h = dim("n"), dim("h") if "h" in sizes else wide
        held_dims = None
        if held:
            sizes.update(M=(held[0], False), k=(held[1], False))
            held_dims = [dim("M"), dim("k")]
        cell = Cell(name, sizes, [("x", [inner_n])], [("m", held_dims)] if held else [])
        scope = Scope([], [inner_n, inner_h] + [dim(self.of([1, 2, 3, 7]))], [])
        random_cell(Generator(self.random, self.program, scope, cell), name, inner_n, inner_h, held_dims)
        self.program.cells.append((cell, layer))
        over = self.expression([length, n], depth)
        children = [over] + ([self.expression(held, depth - 1)] if held else [])
        start = None
        if self.chance(30):
            label, dims, _ = self.of(cell.states)
            outer = [self.outward(d, cell) for d in dims]
            start = label
            children.append(self.expression(outer, min(depth - 1, 1)))
        is_reverse = self.chance(35)

        def write(over, *rest):
            arguments = f"(m = {rest[0]})" if held else ""
            words = ["reverse"] if is_reverse else []
            words += [f"from ({start} = {rest[-1]})"] if start else []
            words.insert(len(words) // 2, f"over {over}")
            return f"{'scan' if last else 'unroll'} {layer}{arguments} {' '.join(words)}"

        def compute(e, over, *rest):
            values = [node(e) for node in rest]
            given = {start: values[-1]} if start else {}
            return cell.run(e, layer, [over(e)], values[:1] if held else [], given, is_reverse)
        if not last:
            made = Node([length, wide], children, write, lambda e, *nodes: compute(e, *nodes)[0])
            made.cell = name
            return self.let(made)
        vectors = [label for label, dims, _ in cell.states if dims == [inner_h]]
        label, pair = self.of(vectors), self.name("last")
        whole = Node([wide], children, write, compute)
        whole.cell = name
        return Let(f"{pair}.{label}", whole, f"(ys{pair}, {pair})", lambda value: value[1][label])

    def outward(self, d, cell):
        made = dim(d.number)
        for name, factor in d.terms.items():
            made = made + (cell.sizes[name][0] if name in cell.sizes else dim(name)) * factor
        return made
