#include "Differentiate/Zeros.h"
#include "Differentiate/Term.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

/// For an adjoint that is made of `cotangent`, element by element.
static Value keepElements(OpBuilder &builder, Ranges &ranges, Value cotangent, Value adjoint) {
  auto constant = cotangent.getDefiningOp<ConstantOp>();
  if (constant && constant.getSplat().value_or(0) != 0)
    return adjoint;
  if (!ranges.ofWithZero(adjoint, cotangent, ranges.isChosen(cotangent)).mayBeNaN)
    return adjoint;
  Term a(builder, adjoint.getLoc(), adjoint), c(builder, adjoint.getLoc(), cotangent);
  Term isBroken = a.compare(Comparison::NotEqual, a);
  return isBroken.apply<AndOp>(c == c.number(0)).choose(a.number(0), a);
}

/// A cotangent contracted with the other operand, whose elements that are not finite count only
/// where some element of the cotangent that meets them is not 0: the result that they went into
/// would not be finite itself, so that a finite one means that no such result was chosen.
static Value keepSums(OpBuilder &builder, Ranges &ranges, Value cotangent, Value adjoint) {
  auto contract = adjoint.getDefiningOp<ContractOp>();
  unsigned side = contract.getLhs() == cotangent ? 1 : 0;
  Value other = contract->getOperand(side);
  if (ranges.of(other).isFinite() || !ranges.isChosen(cotangent))
    return adjoint;
  Spec spec = *Spec::parse(contract.getSpec());
  StringRef letters = spec.operands[1 - side], otherLetters = spec.operands[side];
  Location loc = contract.getLoc();
  // The largest cotangent that each element of the other operand meets.
  SmallVector<int64_t> met, order;
  std::string shared;
  for (auto [axis, letter] : llvm::enumerate(letters))
    if (otherLetters.contains(letter))
      shared += letter;
    else
      met.push_back(static_cast<int64_t>(axis));
  Value largest = AbsOp::create(builder, loc, cotangent.getType(), cotangent);
  if (!met.empty())
    largest = ReduceOp::create(builder, loc, ReduceKind::Max, largest, met);
  SmallVector<int64_t> axes;
  SmallVector<DimAttr> dims;
  for (auto [axis, letter] : llvm::enumerate(otherLetters))
    if (size_t at = shared.find(letter); at != std::string::npos) {
      axes.push_back(static_cast<int64_t>(axis));
      order.push_back(static_cast<int64_t>(at));
      dims.push_back(arrayType(largest).getDim(static_cast<int64_t>(at)));
    }
  if (!llvm::is_sorted(order))
    largest = TransposeOp::create(builder, loc, arrayType(largest).withDims(dims), largest, order);
  ArrayType type = arrayType(other);
  if (arrayType(largest) != type)
    largest = BroadcastOp::create(builder, loc, type, largest, axes);

  Term x(builder, loc, other), c(builder, loc, largest);
  Term isFinite = x.apply<AbsOp>() < x.number(Interval::unbounded);
  Term isMet = c.compare(Comparison::NotEqual, c.number(0));
  Value kept = isFinite.apply<OrOp>(isMet).choose(x, x.number(0));
  Value lhs = side == 0 ? kept : cotangent, rhs = side == 0 ? cotangent : kept;
  auto result = ContractOp::create(builder, loc, lhs, rhs, contract.getSpec());
  contract.erase(); // just made, and read by nobody
  return result;
}

Value rondo::keepZeros(OpBuilder &builder, Ranges &ranges, Operation *op, Value cotangent,
                       Value adjoint) {
  for (Value value : op->getOperands())
    ranges.of(value);
  for (Value value : op->getResults())
    ranges.of(value);
  if (op->hasTrait<Elementwise>() && adjoint.getType() == cotangent.getType())
    return keepElements(builder, ranges, cotangent, adjoint);
  if (isa<ContractOp>(op) && adjoint.getDefiningOp<ContractOp>())
    return keepSums(builder, ranges, cotangent, adjoint);
  if (auto reduce = dyn_cast<ReduceOp>(op); reduce && reduce.getKind() == ReduceKind::Product)
    if (auto mul = adjoint.getDefiningOp<MulOp>())
      return keepElements(builder, ranges, mul.getLhs(), adjoint);
  return adjoint;
}
