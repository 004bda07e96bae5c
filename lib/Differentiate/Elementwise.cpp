// The derivatives of the elementwise family: one row per op. The convention at a kink stands at its
// row; the rows are the ones of dialects/Rondo/RondoElementwise.td.
#include "Differentiate/Differentiate.h"
#include "Differentiate/Term.h"
#include <numbers>

using namespace mlir;
using namespace rondo;

namespace {

/// Rule(x, y, c): the cotangent of x, for y = f(x) with cotangent c.
template <typename Op, typename Rule>
struct UnaryAdjoint : Differentiable::ExternalModel<UnaryAdjoint<Op, Rule>, Op> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    Value x = op->getOperand(0), y = op->getResult(0);
    auto term = [&](Value value) { return Term(builder, op->getLoc(), value); };
    if (adjoints.wants(x))
      adjoints.add(builder, x, Rule{}(term(x), term(y), term(adjoints.of(y))));
    return success();
  }
};

/// Left(x, y, z, c) and Right(x, y, z, c): the cotangents of x and y, for z = f(x, y) with c.
template <typename Op, typename Left, typename Right>
struct BinaryAdjoint : Differentiable::ExternalModel<BinaryAdjoint<Op, Left, Right>, Op> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    Value x = op->getOperand(0), y = op->getOperand(1), z = op->getResult(0);
    auto term = [&](Value value) { return Term(builder, op->getLoc(), value); };
    Term c = term(adjoints.of(z));
    if (adjoints.wants(x))
      adjoints.add(builder, x, Left{}(term(x), term(y), term(z), c));
    if (adjoints.wants(y))
      adjoints.add(builder, y, Right{}(term(x), term(y), term(z), c));
    return success();
  }
};

/// Ops without a derivative: of integers and booleans, and those that are flat.
template <typename Op> struct NoAdjoint : Differentiable::ExternalModel<NoAdjoint<Op>, Op> {
  LogicalResult vjp(Operation *, OpBuilder &, Adjoints &) const { return success(); }
};

/// The branch that is not chosen gets an exact zero, whatever the cotangent.
struct SelectAdjoint : Differentiable::ExternalModel<SelectAdjoint, SelectOp> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    auto select = cast<SelectOp>(op);
    Term c(builder, op->getLoc(), adjoints.of(select.getResult()));
    Term condition(builder, op->getLoc(), select.getCondition());
    if (adjoints.wants(select.getIfTrue()))
      adjoints.add(builder, select.getIfTrue(), condition.choose(c, c.number(0)));
    if (adjoints.wants(select.getIfFalse()))
      adjoints.add(builder, select.getIfFalse(), condition.choose(c.number(0), c));
    return success();
  }
};

/// Between floats the cotangent is converted back.
struct ConvertAdjoint : Differentiable::ExternalModel<ConvertAdjoint, ConvertOp> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    auto convert = cast<ConvertOp>(op);
    if (adjoints.wants(convert.getOperand()))
      adjoints.add(builder, convert.getOperand(),
                   ConvertOp::create(builder, op->getLoc(), convert.getOperand().getType(),
                                     adjoints.of(convert.getResult())));
    return success();
  }
};

template <typename Op, typename Rule> void row(MLIRContext *context, Rule) {
  Op::template attachInterface<UnaryAdjoint<Op, Rule>>(*context);
}

template <typename Op, typename Left, typename Right> void row(MLIRContext *context, Left, Right) {
  Op::template attachInterface<BinaryAdjoint<Op, Left, Right>>(*context);
}

template <typename... Ops> void noDerivative(MLIRContext *context) {
  (Ops::template attachInterface<NoAdjoint<Ops>>(*context), ...);
}

} // namespace

/// c where x wins, half of it at a tie, else zero; NaN on either side gives zero.
static Term share(Term wins, Term ties, Term c) {
  return wins.choose(c, ties.choose(0.5 * c, c.number(0)));
}

void rondo::attachElementwiseAdjoints(MLIRContext *context) {
#define UNARY(Op, derivative) row<Op>(context, [](Term x, Term y, Term c) { return derivative; })
#define BINARY(Op, left, right)                                                                    \
  row<Op>(                                                                                         \
      context, [](Term x, Term y, Term z, Term c) { return left; },                                \
      [](Term x, Term y, Term z, Term c) { return right; })

  UNARY(NegOp, -c);
  UNARY(AbsOp, c * x.apply<SignOp>()); // 0 at 0
  UNARY(ExpOp, c * y);
  UNARY(LogOp, c / x);
  UNARY(Log1pOp, c / (1 + x));
  UNARY(Expm1Op, c * (1 + y));
  UNARY(SqrtOp, 0.5 * c / y);
  UNARY(RsqrtOp, -0.5 * c * (y * y * y));
  UNARY(TanhOp, c * (1 - y * y));
  UNARY(SigmoidOp, c * (y * (1 - y)));
  UNARY(ErfOp, 2 * std::numbers::inv_sqrtpi * c * (-(x * x)).apply<ExpOp>());
  UNARY(SinOp, c * x.apply<CosOp>());
  UNARY(CosOp, -(c * x.apply<SinOp>()));

  BINARY(AddOp, c, c);
  BINARY(SubOp, c, -c);
  BINARY(MulOp, c * y, c * x);
  BINARY(DivOp, c / y, -(c * z / y));
  BINARY(RemOp, c, -(c * (x / y).apply<FloorOp>())); // as if the floor did not jump
  // y * x^(y - 1), which is 0 where x and y are; x^y * log x, which is 0 where x is.
  BINARY(PowOp,
         c * y *
             (x == x.number(0))
                 .choose((y == y.number(0)).choose(x.number(1), x), x)
                 .apply<PowOp>(y - 1),
         c * (x == x.number(0)).choose(z.number(0), z) *
             (x == x.number(0)).choose(x.number(1), x).apply<LogOp>());
  // At a tie each has half.
  BINARY(MinOp, share(x < y, x == y, c), share(y < x, x == y, c));
  BINARY(MaxOp, share(y < x, x == y, c), share(x < y, x == y, c));

#undef UNARY
#undef BINARY

  SelectOp::attachInterface<SelectAdjoint>(*context);
  ConvertOp::attachInterface<ConvertAdjoint>(*context);
  // Flat by definition (stop_gradient) or between their jumps, and 0 at them.
  noDerivative<StopGradientOp, SignOp, FloorOp, CeilOp>(context);
  // Booleans.
  noDerivative<NotOp, AndOp, OrOp, CompareOp>(context);
}
