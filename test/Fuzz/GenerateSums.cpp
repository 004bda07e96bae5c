// Contractions, reductions and attention.
#include "Generator.h"
#include <algorithm>

using namespace rondo::fuzz;

NodePtr Generator::contraction(const Type &type, int depth) {
  if (type.dims.size() < 2 || type.dims.back() < 0)
    return reduction(type, depth);
  std::vector<Dim> left(type.dims.begin(), type.dims.end() - 1);
  Dim k = sizeBeside(type.dims);
  left.push_back(k);
  // A long sum is scaled, so that what follows is not saturated.
  bool plain = random.chance(40);
  return makeNode(
      k > 16  ? plain ? "(0.1 * ($0 @ $1))" : "(0.2 * (tanh($0) @ $1))"
      : plain ? "($0 @ $1)"
              : "(tanh($0) @ $1)",
      type, {expression({left, 0}, depth - 1), expression({{k, type.dims.back()}, 0}, depth - 1)});
}

/// Any contraction of two arrays: up to two dims are summed, of which run-time lengths may be some,
/// and each dim of the result comes from either operand or from both.
NodePtr Generator::product(const Type &type, int depth) {
  if (type.dims.size() > 3)
    return contraction(type, depth);
  std::vector<Dim> dims = type.dims;
  size_t kept = dims.size();
  int sums = random.of(std::vector<int>{1, 1, 1, 2, 2});
  int64_t terms = 1;
  for (int i = 0; i < sums; ++i) {
    bool isRagged = !inCell && !inFunction && random.chance(40);
    dims.push_back(isRagged ? ragged() : size(4 * terms));
    terms *= isRagged ? program.longest : dims.back();
  }
  std::vector<size_t> left, right;
  for (size_t i = 0; i < dims.size(); ++i) {
    int side = i < kept ? random.below(8) : 7; // one, the other, or both
    if (side < 4 || side == 7)
      left.push_back(i);
    if (side >= 4)
      right.push_back(i);
  }
  int64_t work = 1;
  for (Dim dim : dims)
    work *= dim > 0 ? dim : program.longest;
  auto shuffled = [&](std::vector<size_t> &list) {
    for (size_t i = list.size(); i > 1; --i)
      std::swap(list[i - 1], list[static_cast<size_t>(random.below(static_cast<int>(i)))]);
    // Run-time lengths stand in front more often than not.
    if (random.chance(60))
      std::partition(list.begin(), list.end(), [&](size_t i) { return dims[i] < 0; });
  };
  shuffled(left);
  shuffled(right);
  Type a, b;
  std::string letters, of;
  for (size_t i : left) {
    a.dims.push_back(dims[i]);
    letters += static_cast<char>('a' + i);
  }
  for (size_t i : right) {
    b.dims.push_back(dims[i]);
    of += static_cast<char>('a' + i);
  }
  auto lengths = [](const Type &operand) {
    return std::count_if(operand.dims.begin(), operand.dims.end(), [](Dim d) { return d < 0; });
  };
  if (work * program.rows > 1 << 21 || a.dims.size() > 4 || b.dims.size() > 4 || lengths(a) > 2 ||
      lengths(b) > 2)
    return contraction(type, depth);
  std::string result = std::string("abcdefgh").substr(0, kept);
  std::string text = "einsum(\"" + letters + "," + of + "->" + result + "\", $0, $1)";
  if (random.chance(40))
    text = "einsum(\"" + letters + "," + of + "->" + result + "\", tanh($0), $1)";
  const char *scale = terms > 64 ? "0.02" : terms > 16 ? "0.1" : terms > 4 ? "0.5" : nullptr;
  if (scale)
    text = std::string("(") + scale + " * " + text + ")";
  return makeNode(text, type, {expression(a, depth - 1), expression(b, depth - 1)});
}

/// What is left of a sequence: sums over its positions, one of them, or what two of them have in
/// common.
NodePtr Generator::overSequence(const Type &type, int depth) {
  if (inCell || inFunction || type.dims.size() > 3)
    return unary(type, depth);
  Dim length = ragged();
  Type sequence = type;
  // Not always the first dim.
  size_t axis = random.chance(75)
                    ? 0
                    : static_cast<size_t>(random.below(1 + static_cast<int>(type.dims.size())));
  sequence.dims.insert(sequence.dims.begin() + static_cast<long>(axis), length);
  if (type.dims.size() == 2 && type.dims[0] > 0 && type.dims[1] > 0 && random.chance(40)) {
    Type left{{length, type.dims[0]}, 0}, right{{length, type.dims[1]}, 0};
    // Each position and the next.
    if (hasLength(1) && random.chance(40))
      return makeNode("einsum(\"ta,tb->ab\", $0[1:], tanh($1)[:-1])", type,
                      {expression(left, depth - 1), expression(right, depth - 1)});
    return makeNode("einsum(\"ta,tb->ab\", $0, tanh($1))", type,
                    {expression(left, depth - 1), expression(right, depth - 1)});
  }
  std::string colons, number = std::to_string(axis);
  for (size_t i = 0; i < axis; ++i)
    colons += ":, ";
  std::vector<std::string> kinds = {"(0.2 * sum($0, " + number + "))"};
  if (hasLength(1)) {
    kinds.push_back("mean($0, " + number + ")");
    kinds.push_back("$0[" + colons + "-1]");
    kinds.push_back("$0[" + colons + "0]");
    kinds.push_back("(0.2 * sum($0[" + colons + "1:], " + number + "))");
    kinds.push_back("(0.2 * sum($0[" + colons + ":-1], " + number + "))");
    kinds.push_back("sum($0[" + colons + "0:1], " + number + ")");
    kinds.push_back("$0[" + colons + "clip(1, 0, " + dimText(length) + " - 1)]");
    if (extremes)
      kinds.push_back("max($0, axis = " + number + ")");
  }
  if (random.chance(program.mayRefuse ? 40 : 15))
    return farOff(type, sequence, axis, depth);
  if (hasLength(3)) {
    kinds.push_back("$0[" + colons + "2]");
    kinds.push_back("$0[" + colons + "-3]");
    kinds.push_back("sum($0[" + colons + "1:3], " + number + ")");
  }
  return makeNode(random.of(kinds), type, {expression(sequence, depth - 1)});
}

/// Means of all positions, weighted by how well they go with one's own.
NodePtr Generator::attended(const Type &type, int depth) {
  if (inCell || inFunction || type.dims.size() != 2 || type.dims.front() > 0 ||
      type.dims.back() < 0)
    return contraction(type, depth);
  Dim k = sizeBeside(type.dims);
  Dim other = ragged();
  std::vector<NodePtr> children{expression({{type.dims[0], k}, 0}, depth - 1),
                                expression({{other, k}, 0}, depth - 1),
                                expression({{other, type.dims[1]}, 0}, depth - 1)};
  if (random.chance(30)) {
    // Some see some, some see nothing.
    NodePtr scores = named(makeNode("(0.5 * einsum(\"tk,sk->ts\", tanh($0), tanh($1)))",
                                    {{type.dims[0], other}, 0}, {children[0], children[1]}));
    std::string hidden = random.chance(50) ? "log(0.0)" : "-1000.0";
    std::string extents = "[t < " + dimText(type.dims[0]) + ", s < " + dimText(other) + ": ";
    return makeNode("(softmax(" + extents + "if s < t then $0[t, s] else " + hidden + "]) @ $1)",
                    type, {scores, children[2]});
  }
  return makeNode("(softmax(0.5 * einsum(\"tk,sk->ts\", tanh($0), tanh($1))) @ $2)", type,
                  children);
}

/// Attention of the library, in heads.
NodePtr Generator::inHeads(const Type &type, int depth) {
  if (inCell || inFunction || type.dims.size() < 2 || type.dims.size() > 3 ||
      type.dims.front() > 0 || type.dims[1] < 0 || type.dims.back() < 0)
    return attended(type, depth);
  if (type.dims.size() == 2) {
    Dim heads = type.dims[1] % 4 == 0 ? 4 : type.dims[1] % 3 == 0 ? 3 : 1;
    return makeNode("reshape($0, " + listOf(type.dims) + ")", type,
                    {inHeads({{type.dims[0], heads, type.dims[1] / heads}, 0}, depth)});
  }
  Dim k = size(type.dims[1] * program.longest * program.rows), other = ragged();
  Type query = type, key = type, value = type;
  query.dims.back() = key.dims.back() = k;
  key.dims.front() = value.dims.front() = other;
  static const std::vector<std::string> masks = {"causal", "unmasked", "earlier"};
  return makeNode(
      "attention($0, $1, $2, " + random.of(masks) + ")", type,
      {expression(query, depth - 1), expression(key, depth - 1), expression(value, depth - 1)});
}

NodePtr Generator::reduction(const Type &type, int depth) {
  if (type.dims.size() > 3)
    return unary(type, depth);
  Type inner = type;
  size_t axis = type.dims.size();
  if (random.chance(30))
    axis = static_cast<size_t>(random.below(1 + static_cast<int>(axis)));
  inner.dims.insert(inner.dims.begin() + static_cast<long>(axis), sizeBeside(type.dims));
  bool isLast = axis == type.dims.size();
  std::string number = isLast ? "-1" : std::to_string(axis);
  std::vector<std::string> kinds = {"sum(tanh($0), " + number + ")",
                                    "(0.2 * sum($0, " + number + "))", "mean($0, " + number + ")"};
  if (isLast) {
    kinds.push_back("logsumexp($0)");
    kinds.push_back("safe_norm($0)");
    kinds.push_back("safe_norm(relu($0 - 0.8))");
  }
  if (extremes) {
    kinds.push_back("max($0, axis = " + number + ")");
    kinds.push_back("min($0, axis = " + number + ")");
  }
  return makeNode(random.of(kinds), type, {expression(inner, depth - 1)});
}

/// Sums of very many terms that are equal, or nearly so, of which the errors would add up: of
/// columns, of rows, of everything, and the same in the gradients of what stands beside each term.
/// Of equal terms every rounding errs to one side, so that the result is known far closer than of
/// other programs (`isExact`).
void Generator::addLongSums() {
  Dim n = program.arguments[0].type.dims[1], m = size();
  std::string each = "[t < T, k < " + std::to_string(n) + ": ";
  program.isExact = random.chance(75);
  NodePtr terms = makeNode(each + "$0[k]]" + (program.isExact ? "" : " + 0.001 * x"), {{T, n}, 0},
                           {leaf({{n}, 0})});
  if (program.isExact && random.chance(30))
    terms = makeNode("(0.7 + 0.0 * x)", {{T, n}, 0});
  terms = named(terms);
  auto parameter = [&](std::vector<Dim> dims) {
    program.parameters.push_back({"p" + std::to_string(fresh++), {std::move(dims), 0}, nullptr});
    return makeNode(program.parameters.back().name, program.parameters.back().type);
  };
  auto sum = [&] {
    switch (random.below(9)) {
    case 0:
      return makeNode("sum(mean($0, 0) ^ 2.0)", {}, {terms});
    case 1:
      return makeNode("mean($0 ^ 2.0)", {}, {terms});
    case 2:
      return makeNode("sum((0.00001 * sum($0, 0)) ^ 2.0)", {}, {terms});
    case 3:
      return makeNode("sum(tanh(0.00001 * einsum(\"ta,tb->ab\", $0, $0)))", {}, {terms});
    case 4:
      return makeNode("mean(sum($0, -1) ^ 2.0)", {}, {terms});
    case 5: // the gradient of a bias
      return makeNode("mean(tanh(" + each + "$0[t, k] + $1[k]]))", {}, {terms, parameter({n})});
    case 6: // of a gain
      return makeNode("mean(tanh(" + each + "$0[t, k] * $1[k]]))", {}, {terms, parameter({n})});
    case 7: // of a scalar
      return makeNode("mean(tanh($1 * $0))", {}, {terms, parameter({})});
    default: // of weights
      return makeNode("mean(tanh($0 @ $1))", {}, {terms, parameter({n, m})});
    }
  };
  program.result = makeNode("$0 + $1", {}, {sum(), sum()});
}
