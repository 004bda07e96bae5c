// The elementwise family: the rows of Rondo/Scalars.h, element by element.
#include "Interpret/Evaluator.h"
#include "Rondo/Scalars.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

template <typename S>
static LogicalResult applyRow(Evaluator<S> &e, Operation *op, const scalar::Row<S> &row) {
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
  for (const scalar::Row<S> &row : scalar::rows<S>)
    table.add(("rondo." + row.name).str(),
              [&row](Evaluator<S> &e, Operation *op) { return applyRow(e, op, row); });
  table.add(compare<S>);
  table.add(select<S>);
  table.add(convert<S>);
}

#define INSTANTIATE(S) template void interpreter::addElementwise<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
