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

namespace {
/// What configured scalars are computed with, as the dialect's ops do; not all take three operands.
using Operation = double (*)(double, double, double);
} // namespace

static Operation functionOf(const Node *node) {
#define RONDO_FUNCTION(expression)                                                                 \
  [](double x, [[maybe_unused]] double y, [[maybe_unused]] double z) -> double {                   \
    return expression;                                                                             \
  }
  bool isInt = node->type.element != Element::Float;
  if (node->op == Op::Compare)
    return llvm::StringSwitch<Operation>(node->name)
        .Case("lt", RONDO_FUNCTION(x < y))
        .Case("le", RONDO_FUNCTION(x <= y))
        .Case("gt", RONDO_FUNCTION(x > y))
        .Case("ge", RONDO_FUNCTION(x >= y))
        .Case("eq", RONDO_FUNCTION(x == y))
        .Case("ne", RONDO_FUNCTION(x != y))
        .Default(nullptr);
  if (node->op != Op::Elementwise)
    return nullptr;
  if (isInt)
    if (auto function = llvm::StringSwitch<Operation>(node->name)
                            .Case("div", RONDO_FUNCTION(y == 0 ? 0 : std::floor(x / y)))
                            .Case("rem", RONDO_FUNCTION(y == 0 ? 0 : x - y * std::floor(x / y)))
                            .Case("convert", RONDO_FUNCTION(std::trunc(x)))
                            .Default(nullptr))
      return function;
  return llvm::StringSwitch<Operation>(node->name)
      .Case("convert", RONDO_FUNCTION(x))
      .Case("stop_gradient", RONDO_FUNCTION(x))
      .Case("neg", RONDO_FUNCTION(-x))
      .Case("abs", RONDO_FUNCTION(std::abs(x)))
      .Case("sign", RONDO_FUNCTION((x > 0) - (x < 0)))
      .Case("floor", RONDO_FUNCTION(std::floor(x)))
      .Case("ceil", RONDO_FUNCTION(std::ceil(x)))
      .Case("sqrt", RONDO_FUNCTION(std::sqrt(x)))
      .Case("rsqrt", RONDO_FUNCTION(1 / std::sqrt(x)))
      .Case("exp", RONDO_FUNCTION(std::exp(x)))
      .Case("log", RONDO_FUNCTION(std::log(x)))
      .Case("log1p", RONDO_FUNCTION(std::log1p(x)))
      .Case("tanh", RONDO_FUNCTION(std::tanh(x)))
      .Case("sigmoid", RONDO_FUNCTION(1 / (1 + std::exp(-x))))
      .Case("erf", RONDO_FUNCTION(std::erf(x)))
      .Case("sin", RONDO_FUNCTION(std::sin(x)))
      .Case("cos", RONDO_FUNCTION(std::cos(x)))
      .Case("add", RONDO_FUNCTION(x + y))
      .Case("sub", RONDO_FUNCTION(x - y))
      .Case("mul", RONDO_FUNCTION(x * y))
      .Case("div", RONDO_FUNCTION(x / y))
      .Case("rem", RONDO_FUNCTION(x - y * std::floor(x / y)))
      .Case("pow", RONDO_FUNCTION(std::pow(x, y)))
      .Case("min", RONDO_FUNCTION(x != x || x < y ? x : y))
      .Case("max", RONDO_FUNCTION(x != x || x > y ? x : y))
      .Case("not", RONDO_FUNCTION(x == 0))
      .Case("and", RONDO_FUNCTION(x != 0 && y != 0))
      .Case("or", RONDO_FUNCTION(x != 0 || y != 0))
      .Case("select", RONDO_FUNCTION(x != 0 ? y : z))
      .Default(nullptr);
#undef RONDO_FUNCTION
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
  return functionOf(node) && llvm::all_of(node->operands, isConfigured);
}

double core::evaluateConfigured(const Node *node, llvm::function_ref<int64_t(const Atom *)> value) {
  if (node->op == Op::Constant)
    return node->number;
  if (node->op == Op::Length)
    return static_cast<double>(node->dim.evaluate(value));
  double operands[3] = {};
  for (auto [operand, from] : llvm::zip(operands, node->operands))
    operand = evaluateConfigured(from, value);
  return functionOf(node)(operands[0], operands[1], operands[2]);
}
