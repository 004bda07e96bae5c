// Functions on shapes: einsum, reshape, transpose, concat.
#include "Frontend/Elaborator.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

/// [Sem-Shape] A shape is a list of sizes.
std::optional<std::vector<Polynomial>> Elaborator::shapeArgument(const Expr *expr,
                                                                 Environment *scope) {
  const auto *list = llvm::dyn_cast<ListExpr>(expr);
  if (!list) {
    error(expr->range, "expected a shape such as [T, d]");
    return std::nullopt;
  }
  std::vector<Polynomial> dims;
  for (const Expr *item : list->items) {
    std::optional<Polynomial> dim = evaluateDim(item, scope, /*mayBeZero=*/true);
    if (!dim)
      return std::nullopt;
    dims.push_back(*dim);
  }
  return dims;
}

/// [Sem-Reshape] Run-time dims pass unchanged and in order; the static dims between them are
/// regrouped with equal products.
Value Elaborator::builtinReshape(BuiltinCall &call) {
  if (!expectArguments(call, 2, 2))
    return {};
  const CallArgument &argument = call.positional[0];
  if (!needArray(argument.value, argument.range, "what is reshaped"))
    return {};
  auto shape = shapeArgument(call.expr->args[1].value, call.scope);
  if (!shape)
    return {};
  builder.range = call.range;
  core::Node *node = nodeOf(argument.value);
  const std::vector<Polynomial> &from = node->type.dims;
  size_t i = 0, j = 0;
  while (true) {
    Polynomial left = 1, right = 1;
    while (i < from.size() && from[i].isStatic())
      left = left * from[i++];
    while (j < shape->size() && (*shape)[j].isStatic())
      right = right * (*shape)[j++];
    bool isEnd = i == from.size() && j == shape->size();
    if (!(left == right)) {
      Diagnostic &report = error(call.range, "expected as many elements in the new shape, found `" +
                                                 right.str() + "` for `" + left.str() + "`");
      noteOrigins(report, {left, right});
      return {};
    }
    if (isEnd)
      return Value::ofNode(builder.reshape(node, std::move(*shape)));
    if (i == from.size() || j == shape->size() || !(from[i] == (*shape)[j]))
      return poison(call.range, "expected run-time dims to pass unchanged and in order, found " +
                                    node->type.withDims(*shape).str() + " for " + node->type.str());
    ++i;
    ++j;
  }
}

/// [Sem-Transpose] `transpose(x)` swaps the two dims of a matrix; a list names the axes in their
/// new order.
Value Elaborator::builtinTranspose(BuiltinCall &call) {
  if (!expectArguments(call, 1, 2))
    return {};
  const CallArgument &argument = call.positional[0];
  if (!needArray(argument.value, argument.range, "what is transposed"))
    return {};
  core::Node *node = nodeOf(argument.value);
  std::vector<int64_t> permutation{1, 0};
  if (call.positional.size() == 2) {
    permutation.clear();
    const auto *list = llvm::dyn_cast<ListExpr>(call.expr->args[1].value);
    for (const Expr *item : list ? list->items : llvm::ArrayRef<Expr *>()) {
      Value value = evaluate(item, *call.scope);
      permutation.push_back(value.known ? value.known->getConstant().value_or(-1) : -1);
    }
  }
  std::vector<int64_t> sorted = permutation;
  llvm::sort(sorted);
  bool isPermutation = sorted.size() == node->type.rank();
  for (auto [i, axis] : llvm::enumerate(sorted))
    isPermutation &= axis == static_cast<int64_t>(i);
  if (!isPermutation)
    return poison(call.range, "expected the axes of " + node->type.str() + " in a new order");
  builder.range = call.range;
  return Value::ofNode(builder.transpose(node, permutation));
}

/// [Sem-Concat] `concat(a, b, axis = 0)`: all dims but one agree.
Value Elaborator::builtinConcat(BuiltinCall &call) {
  if (!expectArguments(call, 1, SIZE_MAX))
    return {};
  std::vector<core::Node *> parts;
  for (const CallArgument &argument : call.positional) {
    if (!needArray(argument.value, argument.range, "an argument of `concat`"))
      return {};
    parts.push_back(nodeOf(argument.value));
  }
  const core::Type &first = parts.front()->type;
  if (first.rank() == 0)
    return poison(call.positional.front().range,
                  "expected an array with a dim, found " + first.str());
  bool failed = false;
  size_t axis = static_cast<size_t>(
      axisArgument(call, first.rank(), /*mayBePositional=*/false, failed).value_or(0));
  if (failed)
    return {};
  for (size_t i = 1; i < parts.size(); ++i) {
    core::Type expected = first;
    if (parts[i]->type.rank() == first.rank())
      expected.dims[axis] = parts[i]->type.dims[axis];
    Value part = coerce(Value::ofNode(parts[i]), expected, call.positional[i].range,
                        "part " + std::to_string(i) + " of `concat`", call.positional[0].range);
    if (part.isPoison())
      return {};
    parts[i] = part.node;
  }
  builder.range = call.range;
  return Value::ofNode(parts.size() == 1 ? parts.front() : builder.concat(parts, axis));
}

/// [Sem-Einsum] Letters name dims: those that the result lacks are summed.
Value Elaborator::builtinEinsum(BuiltinCall &call) {
  if (!expectArguments(call, 2, 3))
    return {};
  const CallArgument &text = call.positional[0];
  if (text.value.kind != Value::Text)
    return poison(text.range,
                  "expected text such as \"tk,kn->tn\", found " + text.value.describe());
  auto [inputs, output] = llvm::StringRef(text.value.text).split("->");
  llvm::SmallVector<llvm::StringRef> letters;
  inputs.split(letters, ',');
  if (letters.size() + 1 != call.positional.size() ||
      !llvm::StringRef(text.value.text).contains("->"))
    return poison(text.range, "expected letters for " + std::to_string(call.positional.size() - 1) +
                                  " arrays and, after ->, for the result");
  std::map<char, Polynomial> dims;
  std::vector<core::Node *> nodes;
  for (size_t i = 0; i < letters.size(); ++i) {
    core::Node *node = numberArgument(call, i + 1, /*toFloat=*/true);
    if (!node)
      return {};
    if (letters[i].size() != node->type.rank())
      return poison(call.positional[i + 1].range, "expected " + std::to_string(letters[i].size()) +
                                                      " dims for \"" + letters[i] + "\", found " +
                                                      node->type.str());
    for (auto [letter, dim] : llvm::zip_equal(letters[i], node->type.dims)) {
      if (!llvm::isAlpha(letter) || letters[i].count(letter) > 1)
        return poison(text.range, "expected each letter at most once in an array, found \"" +
                                      letters[i] + "\"");
      auto [it, isNew] = dims.try_emplace(letter, dim);
      if (isNew || it->second == dim)
        continue;
      Diagnostic &report = error(call.positional[i + 1].range,
                                 "expected `" + it->second.str() + "` for the letter `" +
                                     llvm::Twine(letter) + "`, found `" + dim.str() + "`");
      noteOrigins(report, {it->second, dim});
      return {};
    }
    nodes.push_back(node);
  }
  std::vector<Polynomial> result;
  for (char letter : output) {
    if (!dims.count(letter) || output.count(letter) > 1)
      return poison(text.range, "expected each letter of the result once, and in an array");
    result.push_back(dims[letter]);
  }
  builder.range = call.range;
  // What only one array has and the result lacks is summed first.
  std::vector<std::string> spelled;
  for (size_t i = 0; i < nodes.size(); ++i) {
    std::vector<int64_t> axes;
    std::string kept;
    for (auto [axis, letter] : llvm::enumerate(letters[i])) {
      bool needed =
          output.contains(letter) || (letters.size() == 2 && letters[1 - i].contains(letter));
      if (needed)
        kept += letter;
      else
        axes.push_back(static_cast<int64_t>(axis));
    }
    nodes[i] = builder.reduce("sum", nodes[i], axes);
    spelled.push_back(kept);
  }
  if (nodes.size() == 2)
    return Value::ofNode(builder.contract(nodes[0], nodes[1],
                                          spelled[0] + "," + spelled[1] + "->" + output.str(),
                                          std::move(result)));
  std::vector<int64_t> permutation;
  for (char letter : output)
    permutation.push_back(static_cast<int64_t>(spelled[0].find(letter)));
  return Value::ofNode(builder.transpose(nodes[0], permutation));
}
