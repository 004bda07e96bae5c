// Ops on arrays: pointwise, contractions, reductions, movement, random draws.
#include "Generator.h"

using namespace rondo::fuzz;

NodePtr Generator::unary(const Type &type, int depth) {
  static const std::vector<std::string> texts = {"tanh($0)",
                                                 "sigmoid($0)",
                                                 "exp(tanh($0))",
                                                 "log(1.5 + tanh($0))",
                                                 "log1p(0.5 * sigmoid($0))",
                                                 "sqrt(1.5 + tanh($0))",
                                                 "rsqrt(1.5 + tanh($0))",
                                                 "-$0",
                                                 "abs($0)",
                                                 "sin($0)",
                                                 "cos($0)",
                                                 "(0.1 * $0 ^ 2.0)",
                                                 "relu($0)",
                                                 "gelu($0)",
                                                 "softplus($0)",
                                                 "stop_gradient($0)",
                                                 "(1.0 / (2.0 + tanh($0)))",
                                                 "clip($0, -0.9, 0.8)"};
  return makeNode(random.of(texts), type, {expression(type, depth - 1)});
}

NodePtr Generator::binary(const Type &type, int depth) {
  static const std::vector<std::string> texts = {"($0 + $1)",
                                                 "($0 - $1)",
                                                 "tanh($0) * tanh($1)",
                                                 "max($0, $1)",
                                                 "min($0, $1)",
                                                 "select($0 > 0.2, $1, $2)",
                                                 "($0 / (1.5 + $1 ^ 2.0))"};
  NodePtr left = expression(type, depth - 1);
  NodePtr right = random.chance(25) ? expression({}, depth - 1) : expression(type, depth - 1);
  std::string text = random.of(texts);
  if (right->type != type && text.starts_with("select"))
    text = "($0 * tanh($1))";
  std::vector<NodePtr> children{left, right};
  if (text.starts_with("select"))
    children.push_back(leaf(type));
  return makeNode("(" + text + ")", type, children);
}

//===----------------------------------------------------------------------===//
// Contractions and reductions
//===----------------------------------------------------------------------===//

NodePtr Generator::contraction(const Type &type, int depth) {
  if (type.dims.size() < 2 || type.dims.back() < 0)
    return reduction(type, depth);
  std::vector<Dim> left(type.dims.begin(), type.dims.end() - 1);
  Dim k = sizeBeside(type.dims);
  left.push_back(k);
  // A long sum is scaled, so that what follows is not saturated.
  return makeNode(
      k > 16 ? "(0.2 * (tanh($0) @ $1))" : "(tanh($0) @ $1)", type,
      {expression({left, 0}, depth - 1), expression({{k, type.dims.back()}, 0}, depth - 1)});
}

/// What is left of a sequence: sums over its positions, or one of them.
NodePtr Generator::overSequence(const Type &type, int depth) {
  if (inCell || type.dims.empty() || type.dims.front() < 0)
    return unary(type, depth);
  Type sequence = type;
  sequence.dims.insert(sequence.dims.begin(), T);
  if (type.dims.size() == 2 && random.chance(50)) {
    Type left{{T, type.dims[0]}, 0}, right{{T, type.dims[1]}, 0};
    return makeNode("einsum(\"ta,tb->ab\", $0, tanh($1))", type,
                    {expression(left, depth - 1), expression(right, depth - 1)});
  }
  const char *kinds[] = {"(0.2 * sum($0, 0))", "mean($0, 0)", "$0[-1]", "$0[0]",
                         "max($0, axis = 0)"};
  return makeNode(kinds[random.below(extremes ? 5 : 4)], type, {expression(sequence, depth - 1)});
}

/// Means of all positions, weighted by how well they go with one's own.
NodePtr Generator::attended(const Type &type, int depth) {
  if (inCell || type.dims.size() != 2 || type.dims.front() > 0 || type.dims.back() < 0)
    return contraction(type, depth);
  Dim k = sizeBeside(type.dims);
  Dim other = program.arguments.back().type.dims.front() == S && random.chance(50) ? S : T;
  return makeNode("(softmax(0.5 * einsum(\"tk,sk->ts\", tanh($0), tanh($1))) @ $2)", type,
                  {expression({{type.dims[0], k}, 0}, depth - 1),
                   expression({{other, k}, 0}, depth - 1),
                   expression({{other, type.dims[1]}, 0}, depth - 1)});
}

NodePtr Generator::reduction(const Type &type, int depth) {
  Type inner = type;
  inner.dims.push_back(sizeBeside(type.dims));
  const char *kinds[] = {"sum(tanh($0), -1)", "mean($0, -1)", "logsumexp($0)", "max($0, axis = -1)",
                         "min($0, axis = -1)"};
  return makeNode(kinds[random.below(extremes ? 5 : 3)], type, {expression(inner, depth - 1)});
}

/// A row from a row, by reductions of it.
NodePtr Generator::rowWise(const Type &type, int depth) {
  if (type.dims.empty() || type.dims.back() < 0)
    return unary(type, depth);
  static const std::vector<std::string> kinds = {"softmax($0)", "log_softmax($0)", "row_norm($0)"};
  return makeNode(random.of(kinds), type, {expression(type, depth - 1)});
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

const Binding *Generator::indices() const {
  for (const Binding &argument : program.arguments)
    if (argument.type.bound)
      return &argument;
  return nullptr;
}

/// A gather of a parameter's rows, for [T, n]; a loss per position, for [T].
NodePtr Generator::lookup(const Type &type, int depth) {
  const Binding *ids = inCell ? nullptr : indices();
  if (!ids || type.dims.empty() || type.dims[0] != T || type.dims.back() == 0 ||
      type.dims.size() > 2)
    return binary(type, depth);
  Dim bound = ids->type.bound;
  if (type.dims.size() == 1)
    return makeNode("cross_entropy($0, ids)", type, {expression({{T, bound}, 0}, depth - 1)});
  if (random.chance(30))
    return makeNode("$1[argmax($0, axis = -1)]", type,
                    {expression({{T, bound}, 0}, depth - 1), leaf({{bound, type.dims[1]}, 0})});
  return makeNode("$0[ids]", type, {leaf({{bound, type.dims[1]}, 0})});
}

NodePtr Generator::moved(const Type &type, int depth) {
  // Constant last dims: slice of something longer, or two parts.
  if (type.dims.empty() || type.dims.back() < 1)
    return unary(type, depth);
  Type other = type;
  Dim n = type.dims.back();
  if (n > 1 && random.chance(50)) {
    Type first = type, second = type;
    first.dims.back() = 1 + random.below(n - 1);
    second.dims.back() = n - first.dims.back();
    int axis = static_cast<int>(type.dims.size()) - 1;
    return makeNode("concat($0, $1, axis = " + std::to_string(axis) + ")", type,
                    {expression(first, depth - 1), expression(second, depth - 1)});
  }
  other.dims.back() = n + 2;
  std::string colons;
  for (size_t i = 0; i + 1 < type.dims.size(); ++i)
    colons += ":, ";
  return makeNode("$0[" + colons + "1:" + std::to_string(n + 1) + "]", type,
                  {expression(other, depth - 1)});
}

/// Each position's neighbour: another array stands before the first or after the last one.
NodePtr Generator::alongSequence(const Type &type, int depth) {
  if (inCell || type.dims.empty() || type.dims.front() > 0)
    return moved(type, depth);
  Type one = type;
  one.dims.front() = 1;
  const char *kinds[] = {"concat($1, $0, axis = 0)[:-1]", "concat($0, $1, axis = 0)[1:]"};
  return makeNode(kinds[random.below(2)], type, {expression(type, depth - 1), leaf(one)});
}

/// Constant dims merged, taken apart or swapped.
NodePtr Generator::regrouped(const Type &type, int depth) {
  size_t rank = type.dims.size();
  if (rank >= 2 && type.dims[rank - 2] > 0 && random.chance(60)) {
    Type other = type;
    std::swap(other.dims[rank - 1], other.dims[rank - 2]);
    if (random.chance(50)) {
      std::string order;
      for (size_t i = 0; i + 2 < rank; ++i)
        order += std::to_string(i) + ", ";
      return makeNode("transpose($0, [" + order + std::to_string(rank - 1) + ", " +
                          std::to_string(rank - 2) + "])",
                      type, {expression(other, depth - 1)});
    }
    Type merged = type;
    merged.dims.pop_back();
    merged.dims.back() *= type.dims.back();
    return makeNode("reshape($0, " + listOf(type.dims) + ")", type,
                    {expression(merged, depth - 1)});
  }
  if (rank == 0 || type.dims.back() < 0)
    return moved(type, depth);
  Type apart = type;
  Dim factor = type.dims.back() % 4 == 0 ? 4 : type.dims.back() % 5 == 0 ? 5 : 1;
  apart.dims.back() /= factor;
  apart.dims.insert(apart.dims.end() - (random.chance(50) ? 1 : 0), factor);
  return makeNode("reshape($0, " + listOf(type.dims) + ")", type, {expression(apart, depth - 1)});
}

/// Random numbers: each element's own.
NodePtr Generator::drawn(const Type &type, int depth) {
  bool constant = !type.dims.empty();
  for (Dim dim : type.dims)
    constant &= dim > 0;
  if (constant && random.chance(30))
    return makeNode((random.chance(50) ? "normal(" : "uniform(") + listOf(type.dims) + ")", type);
  return makeNode("dropout($0, 0.3)", type, {expression(type, depth - 1)});
}
