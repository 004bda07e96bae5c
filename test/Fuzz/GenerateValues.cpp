// Ops on elements and on rows: pointwise, choices, broadcasts, norms, random draws.
#include "Generator.h"
#include <algorithm>

using namespace rondo::fuzz;

NodePtr Generator::unary(const Type &type, int depth) {
  static const std::vector<std::string> texts = {"tanh($0)",
                                                 "sigmoid($0)",
                                                 "exp(tanh($0))",
                                                 "log(1.5 + tanh($0))",
                                                 "log1p(0.5 * sigmoid($0))",
                                                 "expm1(0.5 * tanh($0))",
                                                 "sqrt(1.5 + tanh($0))",
                                                 "rsqrt(1.5 + tanh($0))",
                                                 "(-$0)",
                                                 "abs($0)",
                                                 "sin($0)",
                                                 "cos($0)",
                                                 "(0.1 * $0 ^ 2.0)",
                                                 "(0.5 * $0)",
                                                 "relu($0)",
                                                 "gelu($0)",
                                                 "softplus($0)",
                                                 "erf($0)",
                                                 "(1.0 - tanh($0))",
                                                 "exp(-abs($0))",
                                                 "stop_gradient($0)",
                                                 "(1.0 / (2.0 + tanh($0)))",
                                                 "clip($0, -0.9, 0.8)"};
  return makeNode(random.of(texts), type, {expression(type, depth - 1)});
}

NodePtr Generator::binary(const Type &type, int depth) {
  static const std::vector<std::string> texts = {
      "($0 + $1)",   "($0 - $1)",   "(tanh($0) * tanh($1))",    "($0 * sigmoid($1))",
      "max($0, $1)", "min($0, $1)", "select($0 > 0.2, $1, $2)", "($0 / (1.5 + $1 ^ 2.0))"};
  NodePtr left = expression(type, depth - 1);
  // An operand may lack last dims, along which it is repeated.
  Type shorter = type;
  if (random.chance(30))
    shorter.dims.resize(random.chance(50) ? 0
                                          : static_cast<size_t>(random.below(
                                                1 + static_cast<int>(type.dims.size()))));
  NodePtr right = expression(shorter, depth - 1);
  std::string text = random.of(texts);
  if (right->type != type && (text.starts_with("select") || random.chance(40)))
    text = random.chance(50) ? "($0 * tanh($1))" : "(tanh($1) * $0)";
  std::vector<NodePtr> children{left, right};
  if (text.starts_with("select"))
    children.push_back(leaf(type));
  return makeNode(text, type, children);
}

/// Values that are computed on both sides of a choice, also where they are not defined.
NodePtr Generator::chosen(const Type &type, int depth) {
  if (random.chance(25))
    return makeNode("(if $0 > 0.15 then $1 else $2)", type,
                    {expression({}, 1), expression(type, depth - 1), expression(type, depth - 1)});
  static const std::vector<std::string> texts = {
      "select($0 > 0.05, sqrt($0), $0)",
      "select($0 > 0.05, $0 * log($0), 0.0 * $0)",
      "select($0 > 0.05, 0.1 * rsqrt($0), -$0)",
      "select($0 > 0.04, 0.5 * $0, exp($0 * 4000.0 - 200.0))",
      "select($0 > 0.1, $0, 0.5 * $0)",
      "max($0, 0.1 * $0)",
      "($0 * float($0 > 0.1))"};
  // It stands there more than once.
  NodePtr value = expression(type, makeLets ? depth - 1 : 0);
  if (makeLets && random.chance(30))
    value = makeNode("relu($0)", type, {value});
  std::vector<NodePtr> children{named(value)};
  if (random.chance(25) && !type.dims.empty() &&
      isalpha(static_cast<unsigned char>(children[0]->text[0])) && children[0]->children.empty()) {
    // The same, element by element.
    std::string indices, extents;
    for (size_t i = 0; i < type.dims.size(); ++i) {
      std::string index(1, static_cast<char>('i' + i));
      indices += (i ? ", " : "") + index;
      extents += (i ? ", " : "") + index + " < " + dimText(type.dims[i]);
    }
    std::string at = "$0[" + indices + "]";
    return makeNode("[" + extents + ": if " + at + " > 0.05 then sqrt(" + at + ") else 0.3 * " +
                        at + "]",
                    type, children);
  }
  return makeNode(random.of(texts), type, children);
}

/// A comprehension: some dims are those of an operand, which is repeated along the others; or an
/// array of the same dims, read at places that are computed.
NodePtr Generator::spread(const Type &type, int depth) {
  size_t rank = type.dims.size();
  if (rank == 0 || rank > 4)
    return binary(type, depth);
  std::vector<std::string> names;
  std::string extents, all;
  for (size_t i = 0; i < rank; ++i) {
    names.push_back(std::string(1, static_cast<char>('i' + i)));
    extents += (i ? ", " : "") + names[i] + " < " + dimText(type.dims[i]);
    all += (i ? ", " : "") + names[i];
  }
  int kind = random.below(6);
  if (kind < 3) {
    Type kept;
    std::string at;
    for (size_t i = 0; i < rank; ++i)
      if (random.chance(50)) {
        kept.dims.push_back(type.dims[i]);
        at += (at.empty() ? "" : ", ") + names[i];
      }
    if (kept.dims.empty())
      return makeNode("[" + extents + ": $0]", type, {leaf(kept)});
    return makeNode("[" + extents + ": $0[" + at + "]]", type, {named(leaf(kept))});
  }
  NodePtr of = named(expression(type, makeLets ? depth - 1 : 0));
  std::string shifted = all;
  if (random.chance(60)) // the neighbour before, the first one twice
    shifted.replace(0, 1, "clip(i - 1, 0, " + dimText(type.dims[0]) + " - 1)");
  if (inFunction && type.dims[0] < 0)
    shifted = all;
  std::string element;
  if (kind == 3 && rank > 1)
    element =
        "if i " + std::string(random.chance(50) ? ">=" : "<") + " j then $0[" + all + "] else 0.0";
  else if (kind == 4)
    element = "0.5 * $0[" + all + "] + 0.2 * $0[" + shifted + "]";
  else
    element = "tanh($0[" + shifted + "] * float(" + names[rank - 1] + ") * 0.1)";
  std::string text = "[" + extents + ": " + element + "]";
  // The array may be used first in the comprehension, and then outside.
  return makeNode(random.chance(50) ? "(" + text + " + 0.3 * $0)" : text, type, {of});
}

/// A row from a row, by reductions of it.
NodePtr Generator::rowWise(const Type &type, int depth) {
  if (type.dims.empty())
    return unary(type, depth);
  if (type.dims.back() < 0)
    return makeNode("softmax($0)", type, {expression(type, depth - 1)});
  if (type.dims.back() % 2 == 0 && random.chance(15))
    return makeNode(random.chance(50) ? "halves($0)" : "folded($0)", type,
                    {expression(type, depth - 1)});
  if (random.chance(15) && type.dims.back() > 1 && !inCell && !inFunction)
    // What is scaled far up: a rounded product beside its own maximum. Numbers that are given do
    // not nearly meet one another.
    for (const std::vector<Binding> &given : {program.arguments, program.parameters})
      for (const Binding &binding : given)
        if (binding.type == type)
          return makeNode("stop_gradient(exp(log_softmax($0 * 1000000000.0)))", type,
                          {makeNode(binding.name, type)});
  static const std::vector<std::string> kinds = {"softmax($0)", "softmax(2.0 * $0)",
                                                 "(0.3 * log_softmax($0))", "row_norm($0)",
                                                 "row_norm($0)"};
  return makeNode(random.of(kinds), type, {expression(type, depth - 1)});
}

/// Random numbers: each element's own.
NodePtr Generator::drawn(const Type &type, int depth) {
  bool constant = !type.dims.empty();
  for (Dim dim : type.dims)
    constant &= dim > 0;
  if (inFunction)
    return unary(type, depth);
  if (constant && random.chance(30))
    return makeNode((random.chance(50) ? "normal(" : "uniform(") + listOf(type.dims) + ")", type);
  return makeNode(random.chance(8) ? "dropout($0, 1.0)" : "dropout($0, 0.3)", type,
                  {expression(type, depth - 1)});
}

/// Numbers that are large beside what they differ by: what cancels is to cancel exactly, and what
/// is small is added last. Nothing of this is excused by what rounding might do to it (`isExact`).
void Generator::addLargeNumbers() {
  NodePtr x = makeNode("x", program.arguments[0].type);
  const std::string scale = random.of(std::vector<std::string>{"1000000.0", "1000000000.0"});
  // The numbers that are given do not nearly meet one another.
  NodePtr large = named(makeNode("stop_gradient($0 * " + scale + ")", x->type, {x}));
  std::vector<NodePtr> forms = {
      makeNode("sum(exp($0 - max($0, axis = -1)))", {}, {large}),
      makeNode("sum(exp(-max($0, axis = -1) + $0))", {}, {large}),
      makeNode("sum(stop_gradient(exp(log_softmax(x * " + scale + "))))", {}),
      makeNode("sum(stop_gradient(softmax(x * " + scale + ")) * x)", {}),
      makeNode("sum(logsumexp($0) - max($0, axis = -1))", {}, {large})};
  if (const Binding *ids = indices()) {
    NodePtr losses =
        makeNode("(0.1 * sum(cross_entropy([t < T, k < " + std::to_string(ids->type.bound) +
                     ": 10000000.0 + float(k) + float(ids[t])], ids)))",
                 {});
    forms.insert(forms.end(), 3, losses);
  }
  program.result = makeNode("0.1 * $0 + 0.1 * $1 + $2 ^ 2.0", {},
                            {random.of(forms), random.of(forms), leaf({})});
}
