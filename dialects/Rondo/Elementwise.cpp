// Folds of the elementwise family: neutral and absorbing constants, exact in floating point, and
// functions of one constant number.
#include "Rondo/Elementwise.h"
#include "Rondo/Scalars.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include <cmath>

using namespace mlir;
using namespace rondo;

/// The number if `attribute` is a constant's splat (what a ConstantOp folds to).
static std::optional<double> number(Attribute attribute) {
  if (auto f = dyn_cast_if_present<FloatAttr>(attribute))
    return f.getValueAsDouble();
  if (auto i = dyn_cast_if_present<IntegerAttr>(attribute))
    return i.getType().isInteger(1) ? (i.getValue().isZero() ? 0.0 : 1.0)
                                    : static_cast<double>(i.getInt());
  return std::nullopt;
}

std::vector<StringRef> rondo::functionNames() {
  std::vector<StringRef> names;
  forEachElementwise([&]<typename Op>() {
    if constexpr (Op::template hasTrait<Function>())
      names.push_back(Op::getOperationName().split('.').second);
  });
  return names;
}

/// A function of one constant number, so that `log(0.0)` is minus infinity and costs nothing. What
/// the element type does not hold stays an op: a double precision twin computes it in its own.
static OpFoldResult folded(Attribute operand, double (*function)(double)) {
  auto constant = dyn_cast_if_present<FloatAttr>(operand);
  if (!constant)
    return {};
  double value = function(constant.getValueAsDouble());
  auto result = FloatAttr::get(constant.getType(), value);
  return result.getValueAsDouble() == value ? OpFoldResult(result) : OpFoldResult();
}

OpFoldResult ExpOp::fold(FoldAdaptor adaptor) { return folded(adaptor.getOperand(), std::exp); }
OpFoldResult LogOp::fold(FoldAdaptor adaptor) { return folded(adaptor.getOperand(), std::log); }
OpFoldResult SqrtOp::fold(FoldAdaptor adaptor) { return folded(adaptor.getOperand(), std::sqrt); }
OpFoldResult RsqrtOp::fold(FoldAdaptor adaptor) {
  return folded(adaptor.getOperand(), [](double x) { return 1 / std::sqrt(x); });
}

OpFoldResult NegOp::fold(FoldAdaptor) {
  if (auto inner = getOperand().getDefiningOp<NegOp>())
    return inner.getOperand();
  return {};
}

OpFoldResult NotOp::fold(FoldAdaptor) {
  if (auto inner = getOperand().getDefiningOp<NotOp>())
    return inner.getOperand();
  return {};
}

/// A uniform draw, which lies between 0 and 1 and is neither, against a number: dropout of p = 0
/// keeps everything, and draws nothing.
OpFoldResult CompareOp::fold(FoldAdaptor adaptor) {
  bool isDrawLeft = true;
  auto draw = getLhs().getDefiningOp<RandomOp>();
  std::optional<double> limit = number(adaptor.getRhs());
  if (!draw) {
    isDrawLeft = false;
    draw = getRhs().getDefiningOp<RandomOp>();
    limit = number(adaptor.getLhs());
  }
  if (!draw || draw.getKind() != RandomKind::Uniform || !limit || (*limit > 0 && *limit < 1))
    return {};
  Comparison kind = getKind();
  bool isLess = kind == Comparison::Less || kind == Comparison::LessEqual;
  if (!isLess && kind != Comparison::Greater && kind != Comparison::GreaterEqual)
    return {};
  // True where the draw is asked to be on the side that it is always on.
  bool isBelow = *limit >= 1;
  return BoolAttr::get(getContext(), isBelow == (isLess == isDrawLeft));
}

// x + 0 is x up to the sign of zero, x - 0, x * 1 and x / 1 are x exactly.
OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  if (number(adaptor.getRhs()) == 0.0)
    return getLhs();
  if (number(adaptor.getLhs()) == 0.0)
    return getRhs();
  return {};
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  return number(adaptor.getRhs()) == 0.0 ? OpFoldResult(getLhs()) : OpFoldResult();
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  if (number(adaptor.getRhs()) == 1.0)
    return getLhs();
  if (number(adaptor.getLhs()) == 1.0)
    return getRhs();
  return {};
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  return number(adaptor.getRhs()) == 1.0 ? OpFoldResult(getLhs()) : OpFoldResult();
}

OpFoldResult PowOp::fold(FoldAdaptor adaptor) {
  return number(adaptor.getRhs()) == 1.0 ? OpFoldResult(getLhs()) : OpFoldResult();
}

namespace {

/// x^y by multiplications for integers |y| <= 4, whose errors stay below two units in the last
/// place, and by roots for halves. (At -infinity, and in the sign of a zero, a root is not pow.)
struct ExpandPow : OpRewritePattern<PowOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PowOp op, PatternRewriter &rewriter) const override {
    auto constant = op.getRhs().getDefiningOp<ConstantOp>();
    std::optional<double> exponent = constant ? constant.getSplat() : std::nullopt;
    if (!exponent)
      return rewriter.notifyMatchFailure(op, "exponent is not one constant number");
    Value x = op.getLhs();
    if (*exponent == 0.5) {
      rewriter.replaceOpWithNewOp<SqrtOp>(op, x);
      return success();
    }
    if (*exponent == -0.5) {
      rewriter.replaceOpWithNewOp<RsqrtOp>(op, x);
      return success();
    }
    double size = std::abs(*exponent);
    if (size != std::floor(size) || size > 4)
      return rewriter.notifyMatchFailure(op, "exponent is no small integer");
    Value one = ConstantOp::create(rewriter, op.getLoc(), op.getType(), 1.0);
    auto times = [&](Value a, Value b) -> Value {
      return MulOp::create(rewriter, op.getLoc(), a, b);
    };
    Value power = one;
    if (size >= 1)
      power = x;
    if (size >= 2)
      power = times(x, x);
    if (size == 3)
      power = times(power, x);
    if (size == 4)
      power = times(power, power);
    if (*exponent < 0)
      power = DivOp::create(rewriter, op.getLoc(), one, power);
    rewriter.replaceOp(op, power);
    return success();
  }
};

} // namespace

void PowOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ExpandPow>(context);
}

OpFoldResult MinOp::fold(FoldAdaptor) {
  return getLhs() == getRhs() ? OpFoldResult(getLhs()) : OpFoldResult();
}

OpFoldResult MaxOp::fold(FoldAdaptor) {
  return getLhs() == getRhs() ? OpFoldResult(getLhs()) : OpFoldResult();
}

OpFoldResult AndOp::fold(FoldAdaptor adaptor) {
  if (number(adaptor.getRhs()) == 1.0)
    return getLhs();
  if (number(adaptor.getLhs()) == 1.0)
    return getRhs();
  return {};
}

OpFoldResult OrOp::fold(FoldAdaptor adaptor) {
  if (number(adaptor.getRhs()) == 0.0)
    return getLhs();
  if (number(adaptor.getLhs()) == 0.0)
    return getRhs();
  return {};
}

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (getIfTrue() == getIfFalse())
    return getIfTrue();
  if (std::optional<double> condition = number(adaptor.getCondition()))
    return *condition != 0.0 ? getIfTrue() : getIfFalse();
  return {};
}

LogicalResult ConvertOp::verify() {
  if (getOperand().getType().getDims() != getResult().getType().getDims())
    return emitOpError("expected operand and result to have the same dims");
  return success();
}

OpFoldResult ConvertOp::fold(FoldAdaptor) {
  return getOperand().getType() == getType() ? OpFoldResult(getOperand()) : OpFoldResult();
}
