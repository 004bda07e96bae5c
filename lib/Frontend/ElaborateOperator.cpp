// Operators: what is known of ints is worked out, all else becomes nodes.
#include "Frontend/Elaborator.h"

#include "llvm/Support/Path.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

Value Elaborator::evaluateUnary(const UnaryExpr &expr, Environment &scope) {
  Value operand = evaluate(expr.operand, scope);
  if (!needArray(operand, expr.operand->range, "the operand"))
    return {};
  builder.range = expr.range;
  bool isBool = operand.type().element == Element::Bool;
  if (expr.op == UnaryOp::Not) {
    if (!isBool) // [Sem-Bool]
      return poison(expr.operand->range, "expected bool, found " + operand.describe());
    return Value::ofNode(builder.elementwise("not", nodeOf(operand)));
  }
  if (isBool)
    return poison(expr.operand->range, "expected a number, found " + operand.describe());
  if (operand.known)
    return Value::ofInt(Polynomial(0) - *operand.known);
  core::Node *node = operand.node;
  if (node->op == core::Op::Constant)
    return Value::ofNode(builder.constant(-node->number, node->type));
  if (node->type.element == Element::Index)
    node = builder.convert(node, node->type.withElement(Element::Int));
  return Value::ofNode(builder.elementwise("neg", node));
}

/// [Sem-Int-Range] A number that is known is exact, also as f64.
Value Elaborator::knownInt(const Polynomial &number, llvm::SMRange range) {
  std::optional<int64_t> constant = number.getConstant();
  if (constant && std::abs(*constant) > largestInt)
    return poison(range, "expected an int of at most 2^53, found a larger one");
  return Value::ofInt(number);
}

/// [Sem-Static] Sums, differences and products of known ints are known. A quotient of static ones
/// has to come out even; any other quotient is a f32.
Value Elaborator::staticArithmetic(BinaryOp op, const Polynomial &lhs, const Polynomial &rhs,
                                   const BinaryExpr &expr, bool &done) {
  done = true;
  std::optional<int64_t> left = lhs.getConstant(), right = rhs.getConstant();
  switch (op) {
  case BinaryOp::Add:
    return knownInt(lhs + rhs, expr.range);
  case BinaryOp::Sub:
    return knownInt(lhs - rhs, expr.range);
  case BinaryOp::Mul:
    return knownInt(lhs * rhs, expr.range);
  case BinaryOp::Div:
    if (!lhs.isStatic() || !rhs.isStatic())
      break;
    if (right == 0) // [Sem-Division]
      return poison(expr.rhs->range, "division by zero");
    if (left && right && *left % *right != 0) {
      error(expr.range,
            "expected a division that comes out even, found " + lhs.str() + " / " + rhs.str())
          .advice("div(a, b) rounds down; write a number with a point to divide numbers");
      return {};
    }
    oblige({core::Obligation::Exact, lhs, rhs, expr.range, {}});
    return Value::ofInt(program->atoms.divide(lhs, rhs, expr.range));
  case BinaryOp::Rem:
    if (left && right && *right > 0)
      return Value::ofInt(((*left % *right) + *right) % *right);
    break;
  default:
    break;
  }
  done = false;
  return {};
}

/// FILE:LINE, for messages of the program that comes out.
std::string Elaborator::placeOf(llvm::SMRange range) const {
  const llvm::SourceMgr &sources = diagnostics.getSources();
  unsigned buffer = sources.FindBufferContainingLoc(range.Start);
  if (buffer == 0)
    return "an unknown place";
  llvm::StringRef file = sources.getMemoryBuffer(buffer)->getBufferIdentifier();
  return (llvm::sys::path::filename(file) + ":" +
          llvm::Twine(sources.getLineAndColumn(range.Start, buffer).first))
      .str();
}

Value Elaborator::arithmetic(llvm::StringRef op, const Value &lhs, const Value &rhs,
                             llvm::SMRange range, bool toFloat) {
  builder.range = range;
  core::Node *left = nodeOf(lhs), *right = nodeOf(rhs);
  bool isLogic = op == "and" || op == "or";
  for (core::Node **node : {&left, &right}) {
    bool isBool = (*node)->type.element == Element::Bool;
    if (isBool != isLogic)
      return poison(range, "expected " + llvm::Twine(isLogic ? "bool" : "numbers") +
                               " as operands, found " + left->type.str() + " and " +
                               right->type.str());
    if (toFloat)
      *node = asFloat(*node);
    else if ((*node)->type.element == Element::Index)
      *node = builder.convert(*node, (*node)->type.withElement(Element::Int));
  }
  if (!unifyOperands(left, right, range))
    return {};
  if ((op == "div" || op == "rem") && right->type.element == Element::Int) {
    // [Sem-Division] Of ints a quotient by 0 is none; what is not known is checked.
    std::optional<int64_t> known = rhs.known ? rhs.known->getConstant() : std::nullopt;
    if (known == 0)
      return poison(range, "division by zero");
    if (!known && !(rhs.known && rhs.known->isAtLeast(1))) {
      core::Node *zero = builder.constant(0, {Element::Int, {}, {}});
      core::Node *isDivisor = builder.compare("ne", right, builder.extend(zero, right->type.dims));
      right = check(right, isDivisor, "division by zero at " + placeOf(range));
    }
  }
  return Value::ofNode(builder.elementwise(op, {left, right}));
}

Value Elaborator::evaluateBinary(const BinaryExpr &expr, Environment &scope) {
  Value lhs = evaluate(expr.lhs, scope), rhs = evaluate(expr.rhs, scope);
  if (!needArray(lhs, expr.lhs->range, "the left operand") ||
      !needArray(rhs, expr.rhs->range, "the right operand"))
    return {};
  builder.range = expr.range;
  if (expr.op == BinaryOp::Contract)
    return evaluateContract(lhs, rhs, expr);
  if (lhs.known && rhs.known) {
    bool done = false;
    Value value = staticArithmetic(expr.op, *lhs.known, *rhs.known, expr, done);
    if (done)
      return value;
  }
  if (isComparison(expr.op)) {
    core::Node *left = nodeOf(lhs), *right = nodeOf(rhs);
    if (!unifyOperands(left, right, expr.range))
      return {};
    bool ordered = expr.op != BinaryOp::Eq && expr.op != BinaryOp::Ne;
    if (ordered && left->type.element == Element::Bool)
      return poison(expr.range, "expected numbers as operands, found " + left->type.str() +
                                    " and " + right->type.str());
    static constexpr llvm::StringLiteral kinds[] = {"lt", "le", "gt", "ge", "eq", "ne"};
    return Value::ofNode(builder.compare(
        kinds[static_cast<size_t>(expr.op) - static_cast<size_t>(BinaryOp::Lt)], left, right));
  }
  llvm::StringRef name;
  switch (expr.op) {
  case BinaryOp::Add:
    name = "add";
    break;
  case BinaryOp::Sub:
    name = "sub";
    break;
  case BinaryOp::Mul:
    name = "mul";
    break;
  case BinaryOp::Div:
    name = "div";
    break;
  case BinaryOp::Rem:
    name = "rem";
    break;
  case BinaryOp::Pow:
    name = "pow";
    break;
  case BinaryOp::And:
    name = "and";
    break;
  case BinaryOp::Or:
    name = "or";
    break;
  default:
    llvm_unreachable("comparisons and contractions are handled above");
  }
  return arithmetic(name, lhs, rhs, expr.range,
                    expr.op == BinaryOp::Pow || expr.op == BinaryOp::Div);
}

/// [Sem-Contract] `a @ b` contracts the last dim of a with the first of b.
Value Elaborator::evaluateContract(const Value &lhs, const Value &rhs, const BinaryExpr &expr) {
  core::Type left = lhs.type(), right = rhs.type();
  if (left.rank() == 0 || right.rank() == 0 || left.element == Element::Bool ||
      right.element == Element::Bool)
    return poison(expr.range, "expected arrays of numbers on both sides of `@`, found " +
                                  left.str() + " and " + right.str());
  if (!(left.dims.back() == right.dims.front())) { // [Sem-Contract-Dims]
    Diagnostic &report =
        error(expr.range, "expected the last dim on the left of `@` to be the first on the right, "
                          "found `" +
                              left.dims.back().str() + "` and `" + right.dims.front().str() + "`");
    noteOrigins(report, {left.dims.back(), right.dims.front()});
    return {};
  }
  core::Node *a = asFloat(nodeOf(lhs)), *b = asFloat(nodeOf(rhs));
  std::string from, by, to;
  std::vector<Polynomial> dims;
  char letter = 'a';
  for (size_t i = 0; i < left.rank(); ++i, ++letter)
    from += letter;
  by = from.back();
  to = from.substr(0, from.size() - 1);
  dims.assign(left.dims.begin(), left.dims.end() - 1);
  for (size_t i = 1; i < right.rank(); ++i, ++letter) {
    by += letter;
    to += letter;
    dims.push_back(right.dims[i]);
  }
  return Value::ofNode(builder.contract(a, b, from + "," + by + "->" + to, std::move(dims)));
}
