// Types of the elaborated program.
#include "Frontend/Core.h"
#include "Rondo/Scalars.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace rondo;
using namespace rondo::core;

Type Type::withDims(std::vector<Polynomial> newDims) const {
  Type result = *this;
  result.dims = std::move(newDims);
  return result;
}

Type Type::withElement(Element newElement) const {
  Type result = *this;
  result.element = newElement;
  if (newElement != Element::Index)
    result.bound.reset();
  return result;
}

Type Type::withLeading(const Polynomial &dim) const {
  Type result = *this;
  result.dims.insert(result.dims.begin(), dim);
  return result;
}

Type Type::withErased(size_t axis) const {
  Type result = *this;
  result.dims.erase(result.dims.begin() + static_cast<ptrdiff_t>(axis));
  return result;
}

std::string Type::str() const {
  std::string text;
  switch (element) {
  case Element::Float:
    text = "f32";
    break;
  case Element::Int:
    text = "int";
    break;
  case Element::Bool:
    text = "bool";
    break;
  case Element::Index:
    text = "idx<" + bound->str() + ">";
    break;
  }
  if (dims.empty())
    return text;
  auto spelled = llvm::map_range(dims, [](const Polynomial &dim) { return dim.str(); });
  return text + "[" + llvm::join(spelled, ", ") + "]";
}

bool Block::isWithin(const Block *outer) const {
  for (const Block *block = this; block; block = block->parent)
    if (block == outer)
      return true;
  return false;
}

/// Whether configured scalars are computed with the op.
static bool isComputed(const Node *node) {
  return node->op == Op::Compare ||
         (node->op == Op::Elementwise &&
          (node->name == "convert" || node->name == "select" || scalar::rowOf<double>(node->name)));
}

static bool compare(llvm::StringRef kind, double x, double y) {
  return llvm::StringSwitch<bool>(kind)
      .Case("lt", x < y)
      .Case("le", x <= y)
      .Case("gt", x > y)
      .Case("ge", x >= y)
      .Case("eq", x == y)
      .Default(x != y);
}

/// What the dialect's op makes of these scalars, of which not all ops take three.
static double compute(const Node *node, double x, double y, double z) {
  if (node->op == Op::Compare)
    return compare(node->name, x, y);
  bool isInt = node->type.element != Element::Float;
  if (node->name == "convert")
    return isInt ? std::trunc(x) : x;
  if (node->name == "select")
    return x != 0 ? y : z;
  const scalar::Row<double> &row = *scalar::rowOf<double>(node->name);
  if (!isInt)
    return row.onFloats(x, y);
  return static_cast<double>(row.onInts(static_cast<int64_t>(x), static_cast<int64_t>(y)));
}

const Node *core::withoutBroadcast(const Node *node) {
  while (node->op == Op::Broadcast)
    node = node->operands[0];
  return node;
}

bool core::isConfigured(const Node *node) {
  if (node->type.rank() != 0)
    return false;
  if (node->op == Op::Constant)
    return true;
  if (node->op == Op::Length)
    return node->dim.isStatic();
  return isComputed(node) && llvm::all_of(node->operands, isConfigured);
}

double core::evaluateConfigured(const Node *node, llvm::function_ref<int64_t(const Atom *)> value) {
  if (node->op == Op::Constant)
    return node->number;
  if (node->op == Op::Length)
    return static_cast<double>(node->dim.evaluate(value));
  double operands[3] = {};
  for (auto [operand, from] : llvm::zip(operands, node->operands))
    operand = evaluateConfigured(from, value);
  return compute(node, operands[0], operands[1], operands[2]);
}
