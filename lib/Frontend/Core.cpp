// Types of the elaborated program.
#include "Frontend/Core.h"

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

using Operator = double (*)(double, double);

/// What configured scalars are computed with; unary ones ignore the second operand.
static Operator operatorOf(llvm::StringRef name) {
  return llvm::StringSwitch<Operator>(name)
      .Case("convert", [](double x, double) { return x; })
      .Case("neg", [](double x, double) { return -x; })
      .Case("sqrt", [](double x, double) { return std::sqrt(x); })
      .Case("rsqrt", [](double x, double) { return 1 / std::sqrt(x); })
      .Case("exp", [](double x, double) { return std::exp(x); })
      .Case("log", [](double x, double) { return std::log(x); })
      .Case("add", [](double x, double y) { return x + y; })
      .Case("sub", [](double x, double y) { return x - y; })
      .Case("mul", [](double x, double y) { return x * y; })
      .Case("div", [](double x, double y) { return x / y; })
      .Case("pow", [](double x, double y) { return std::pow(x, y); })
      .Default(nullptr);
}

bool core::isConfigured(const Node *node) {
  if (node->type.rank() != 0)
    return false;
  if (node->op == Op::Constant)
    return true;
  if (node->op == Op::Length)
    return node->dim.isStatic();
  return node->op == Op::Elementwise && operatorOf(node->name) &&
         llvm::all_of(node->operands, isConfigured);
}

double core::evaluateConfigured(const Node *node, llvm::function_ref<int64_t(const Atom *)> value) {
  if (node->op == Op::Constant)
    return node->number;
  if (node->op == Op::Length)
    return static_cast<double>(node->dim.evaluate(value));
  double lhs = evaluateConfigured(node->operands.front(), value);
  double rhs = node->operands.size() > 1 ? evaluateConfigured(node->operands[1], value) : 0;
  return operatorOf(node->name)(lhs, rhs);
}
