// The elementwise family: one row each.
#include "Interpret/Evaluator.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

namespace {

/// What an op does to an element (or a pair of elements). An op without integers or booleans among
/// its element types has no function for them.
template <typename S> struct Row {
  StringLiteral name;
  S (*onFloats)(const S &x, const S &y);
  int64_t (*onInts)(int64_t x, int64_t y);
};

int64_t floorDivide(int64_t x, int64_t y) {
  if (y == 0)
    return 0;
  if (y == -1)
    return wrapMul(x, -1);
  int64_t quotient = x / y;
  return (x % y != 0 && (x < 0) != (y < 0)) ? quotient - 1 : quotient;
}

int64_t floorRemainder(int64_t x, int64_t y) {
  if (y == 0 || y == -1)
    return 0;
  int64_t rest = x % y;
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

#define FLOATS(expression) [](const S &x, const S &y) -> S { return expression; }
#define INTS(expression) [](int64_t x, int64_t y) -> int64_t { return expression; }

template <typename S>
const Row<S> rows[] = {
    {"rondo.neg", FLOATS(neg(x)), INTS(wrapMul(x, -1))},
    {"rondo.abs", FLOATS(absolute(x)), INTS(x < 0 ? wrapMul(x, -1) : x)},
    {"rondo.sign", FLOATS(signOf(x)), INTS((x > 0) - (x < 0))},
    {"rondo.exp", FLOATS(exponential(x)), nullptr},
    {"rondo.log", FLOATS(logarithm(x)), nullptr},
    {"rondo.log1p", FLOATS(logarithm1p(x)), nullptr},
    {"rondo.sqrt", FLOATS(squareRoot(x)), nullptr},
    {"rondo.rsqrt", FLOATS(reciprocalRoot(x)), nullptr},
    {"rondo.tanh", FLOATS(hyperbolicTangent(x)), nullptr},
    {"rondo.sigmoid", FLOATS(logistic(x)), nullptr},
    {"rondo.erf", FLOATS(errorFunction(x)), nullptr},
    {"rondo.sin", FLOATS(sine(x)), nullptr},
    {"rondo.cos", FLOATS(cosine(x)), nullptr},
    {"rondo.floor", FLOATS(floorOf(x)), nullptr},
    {"rondo.ceil", FLOATS(ceilOf(x)), nullptr},
    {"rondo.not", nullptr, INTS(x == 0)},
    {"rondo.stop_gradient", FLOATS(detach(x)), INTS(x)},
    {"rondo.add", FLOATS(x + y), INTS(wrapAdd(x, y))},
    {"rondo.sub", FLOATS(x - y), INTS(wrapAdd(x, wrapMul(y, -1)))},
    {"rondo.mul", FLOATS(x * y), INTS(wrapMul(x, y))},
    {"rondo.div", FLOATS(x / y), INTS(floorDivide(x, y))},
    {"rondo.rem", FLOATS(x - y * floorOf(x / y)), INTS(floorRemainder(x, y))},
    {"rondo.pow", FLOATS(power(x, y)), nullptr},
    {"rondo.min", FLOATS(smaller(x, y)), INTS(std::min(x, y))},
    {"rondo.max", FLOATS(larger(x, y)), INTS(std::max(x, y))},
    {"rondo.and", nullptr, INTS(x && y)},
    {"rondo.or", nullptr, INTS(x || y)},
};

#undef FLOATS
#undef INTS

} // namespace

template <typename S>
static LogicalResult applyRow(Evaluator<S> &e, Operation *op, const Row<S> &row) {
  auto type = arrayType(op->getResult(0));
  // A unary op's second operand is its first, which the row ignores.
  auto x = e.share(op->getOperand(0)), y = e.share(op->getOperand(op->getNumOperands() - 1));
  HostArrayOf<S> result = e.make(type);
  const Domain &domain = e.domain(type.getDims());
  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    int64_t at = p.at[0];
    if (type.isFloat()) {
      result.floats[at] = row.onFloats(x->floats[at], y->floats[at]);
      return;
    }
    int64_t a = x->ints[at], b = y->ints[at];
    result.ints[at] =
        a == poison || b == poison ? poison : fit(type.getElementType(), row.onInts(a, b));
  });
  e.set(op->getResult(0), std::move(result));
  return success();
}

/// Every comparison with NaN is false but `ne`.
template <typename N> static bool holds(Comparison kind, N x, N y) {
  switch (kind) {
  case Comparison::Equal:
    return x == y;
  case Comparison::NotEqual:
    return x != y;
  case Comparison::Less:
    return x < y;
  case Comparison::LessEqual:
    return x <= y;
  case Comparison::Greater:
    return x > y;
  case Comparison::GreaterEqual:
    return x >= y;
  }
  llvm_unreachable("all comparisons are listed");
}

template <typename S> static LogicalResult compare(Evaluator<S> &e, CompareOp op) {
  const auto &x = e.get(op.getLhs());
  const auto &y = e.get(op.getRhs());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    int64_t at = p.at[0];
    if (x.isFloat())
      result.ints[at] = holds(op.getKind(), primal(x.floats[at]), primal(y.floats[at]));
    else if (x.ints[at] != poison && y.ints[at] != poison)
      result.ints[at] = holds(op.getKind(), x.ints[at], y.ints[at]);
  });
  e.set(op, std::move(result));
  return success();
}

template <typename S> static LogicalResult select(Evaluator<S> &e, SelectOp op) {
  const auto &condition = e.get(op.getCondition());
  const auto &yes = e.get(op.getIfTrue());
  const auto &no = e.get(op.getIfFalse());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    int64_t at = p.at[0];
    if (condition.ints[at] == poison)
      return;
    const auto &chosen = condition.ints[at] ? yes : no;
    if (result.isFloat())
      result.floats[at] = chosen.floats[at];
    else
      result.ints[at] = chosen.ints[at];
  });
  e.set(op, std::move(result));
  return success();
}

/// Towards zero, saturating; NaN becomes 0.
static int64_t roundTowardsZero(double x, unsigned width) {
  if (std::isnan(x))
    return 0;
  double limit = std::ldexp(1.0, width - 1);
  if (x >= limit)
    return width == 32 ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int64_t>::max();
  if (x <= -limit)
    return width == 32 ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(x);
}

template <typename S> static LogicalResult convert(Evaluator<S> &e, ConvertOp op) {
  const auto &x = e.get(op.getOperand());
  ArrayType type = op.getType();
  HostArrayOf<S> result = e.make(type);
  const Domain &domain = e.domain(type.getDims());
  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    int64_t at = p.at[0];
    if (type.isFloat()) {
      if (x.isFloat())
        result.floats[at] = x.floats[at];
      else if (x.ints[at] != poison)
        result.floats[at] = S(static_cast<double>(x.ints[at]));
    } else if (type.isBool()) {
      if (x.isFloat())
        result.ints[at] = primal(x.floats[at]) != 0.0;
      else if (x.ints[at] != poison)
        result.ints[at] = x.ints[at] != 0;
    } else {
      result.ints[at] = x.isFloat()
                            ? roundTowardsZero(primal(x.floats[at]),
                                               type.getElementType().getIntOrFloatBitWidth())
                            : fit(type.getElementType(), x.ints[at]);
    }
  });
  e.set(op, std::move(result));
  return success();
}

template <typename S> void interpreter::addElementwise(Table<S> &table) {
  for (const Row<S> &row : rows<S>)
    table.add(row.name, [&row](Evaluator<S> &e, Operation *op) { return applyRow(e, op, row); });
  table.add(compare<S>);
  table.add(select<S>);
  table.add(convert<S>);
}

#define INSTANTIATE(S) template void interpreter::addElementwise<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
