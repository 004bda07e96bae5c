// The reverse rules of the ops that make and move elements.
#include "Differentiate/Differentiate.h"
#include "Rondo/Rondo.h"

using namespace mlir;
using namespace rondo;

namespace {

/// The rule of an op with one operand that carries a derivative: `Rule` gives its cotangent.
template <typename Op, typename Rule>
struct LinearAdjoint : Differentiable::ExternalModel<LinearAdjoint<Op, Rule>, Op> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    Value operand = op->getOperand(0);
    if (adjoints.wants(operand))
      adjoints.add(builder, operand, Rule{}(cast<Op>(op), builder, adjoints.of(op->getResult(0))));
    return success();
  }
};

/// Each part gets its own part of the cotangent; with a ragged part before, from each example's own
/// offset.
struct ConcatAdjoint : Differentiable::ExternalModel<ConcatAdjoint, ConcatOp> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    auto concat = cast<ConcatOp>(op);
    DimAttr offset = DimAttr::get(op->getContext(), int64_t(0));
    for (Value part : concat.getParts()) {
      DimAttr size = arrayType(part).getDim(concat.getAxis());
      if (adjoints.wants(part))
        adjoints.add(builder, part,
                     SliceOp::create(builder, op->getLoc(), adjoints.of(concat.getResult()),
                                     concat.getAxis(), offset, size));
      offset = offset.add(size);
    }
    return success();
  }
};

/// The base passes through; the update was added at the indices, so it reads there.
struct ScatterAdjoint : Differentiable::ExternalModel<ScatterAdjoint, ScatterOp> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    auto scatter = cast<ScatterOp>(op);
    Value cotangent = adjoints.of(scatter.getResult());
    adjoints.add(builder, scatter.getBase(), cotangent);
    if (adjoints.wants(scatter.getUpdate()))
      adjoints.add(builder, scatter.getUpdate(),
                   GatherOp::create(builder, op->getLoc(), scatter.getUpdate().getType(), cotangent,
                                    scatter.getIndex(), scatter.getSpec()));
    return success();
  }
};

/// Sources: nothing that they read carries a derivative.
template <typename Op> struct NoAdjoint : Differentiable::ExternalModel<NoAdjoint<Op>, Op> {
  LogicalResult vjp(Operation *, OpBuilder &, Adjoints &) const { return success(); }
};

template <typename Op, typename Rule> void linear(MLIRContext *context, Rule) {
  Op::template attachInterface<LinearAdjoint<Op, Rule>>(*context);
}

template <typename... Ops> void noDerivative(MLIRContext *context) {
  (Ops::template attachInterface<NoAdjoint<Ops>>(*context), ...);
}

} // namespace

void rondo::attachMovementAdjoints(MLIRContext *context) {
  linear<BroadcastOp>(context, [](BroadcastOp op, OpBuilder &builder, Value c) -> Value {
    return ReduceOp::create(builder, op.getLoc(), ReduceKind::Sum, c, op.getNewAxes());
  });
  linear<TransposeOp>(context, [](TransposeOp op, OpBuilder &builder, Value c) -> Value {
    SmallVector<int64_t> inverse(op.getPermutation().size());
    for (auto [to, from] : llvm::enumerate(op.getPermutation()))
      inverse[from] = to;
    return TransposeOp::create(builder, op.getLoc(), op.getOperand().getType(), c, inverse);
  });
  linear<ReshapeOp>(context, [](ReshapeOp op, OpBuilder &builder, Value c) -> Value {
    return ReshapeOp::create(builder, op.getLoc(), op.getOperand().getType(), c);
  });
  linear<SliceOp>(context, [](SliceOp op, OpBuilder &builder, Value c) -> Value {
    return PadOp::create(builder, op.getLoc(), op.getOperand().getType(), c, op.getAxis(),
                         op.getOffset(), op.getStep());
  });
  linear<PadOp>(context, [](PadOp op, OpBuilder &builder, Value c) -> Value {
    return SliceOp::create(builder, op.getLoc(), op.getOperand().getType(), c, op.getAxis(),
                           op.getLow(), op.getStep());
  });
  // Elements that are read more than once sum up.
  linear<GatherOp>(context, [](GatherOp op, OpBuilder &builder, Value c) -> Value {
    Value zero = ConstantOp::create(builder, op.getLoc(), op.getTable().getType(), 0.0);
    return ScatterOp::create(builder, op.getLoc(), zero.getType(), zero, op.getIndex(), c,
                             op.getSpec());
  });
  linear<CheckOp>(context, [](CheckOp, OpBuilder &, Value c) { return c; });

  ConcatOp::attachInterface<ConcatAdjoint>(*context);
  ScatterOp::attachInterface<ScatterAdjoint>(*context);
  noDerivative<ConstantOp, IotaOp, LengthOp, RandomOp>(context);
}
