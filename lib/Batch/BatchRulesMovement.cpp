// Batch rules of the ops that move elements: their axes shift past the new one.
#include "Batch/BatchRule.h"

using namespace mlir;
using namespace rondo;

namespace {

struct BroadcastRule {
  static BatchResult apply(BroadcastOp op, const BatchCall &call) {
    int64_t at = call.resultAxis();
    // The operand has the dim where its axes before it go before it in the result.
    SmallVector<int64_t> dims;
    int64_t operandAt = 0;
    for (int64_t axis : op.getDims()) {
      operandAt += axis < at;
      dims.push_back(axis + (axis >= at));
    }
    dims.insert(dims.begin() + operandAt, at);
    return SmallVector<Value>{BroadcastOp::create(call.builder, op.getLoc(), call.resultType(),
                                                  call.at(0, operandAt), dims)};
  }
};

struct TransposeRule {
  static BatchResult apply(TransposeOp op, const BatchCall &call) {
    auto [value, at] = call.with(0);
    SmallVector<int64_t> permutation;
    for (int64_t axis : op.getPermutation())
      permutation.push_back(axis + (axis >= at));
    permutation.insert(permutation.begin() + call.resultAxis(), at);
    return SmallVector<Value>{
        TransposeOp::create(call.builder, op.getLoc(), call.resultType(), value, permutation)};
  }
};

struct ReshapeRule {
  static BatchResult apply(ReshapeOp op, const BatchCall &call) {
    // Row-major order survives where the dim stands behind the same dims on both sides.
    int64_t at = call.resultAxis();
    if (batchAxis(call.oldType(0), call.behind) != at)
      at = 0;
    return call.result(ReshapeOp::create(call.builder, op.getLoc(),
                                         call.oldResult().withInserted(at, call.dim),
                                         call.at(0, at)),
                       at);
  }
};

struct SliceRule {
  static BatchResult apply(SliceOp op, const BatchCall &call) {
    int64_t at = call.resultAxis(), axis = op.getAxis();
    return SmallVector<Value>{SliceOp::create(call.builder, op.getLoc(), call.resultType(),
                                              call.at(0, at), axis + (axis >= at),
                                              op.getOffsetAttr(), op.getStep())};
  }
};

struct PadRule {
  static BatchResult apply(PadOp op, const BatchCall &call) {
    int64_t at = call.resultAxis(), axis = op.getAxis();
    return SmallVector<Value>{PadOp::create(call.builder, op.getLoc(), call.resultType(),
                                            call.at(0, at), axis + (axis >= at), op.getLowAttr(),
                                            op.getStep())};
  }
};

struct ConcatRule {
  static BatchResult apply(ConcatOp op, const BatchCall &call) {
    int64_t at = call.resultAxis(), axis = op.getAxis();
    SmallVector<Value> parts;
    for (size_t i = 0; i < op.getParts().size(); ++i)
      parts.push_back(call.at(i, at));
    return SmallVector<Value>{
        ConcatOp::create(call.builder, op.getLoc(), call.resultType(), parts, axis + (axis >= at))};
  }
};

} // namespace

void rondo::attachMovementBatchRules(MLIRContext &context) {
  attachBatchRule<BroadcastRule, BroadcastOp>(context);
  attachBatchRule<TransposeRule, TransposeOp>(context);
  attachBatchRule<ReshapeRule, ReshapeOp>(context);
  attachBatchRule<SliceRule, SliceOp>(context);
  attachBatchRule<PadRule, PadOp>(context);
  attachBatchRule<ConcatRule, ConcatOp>(context);
}
