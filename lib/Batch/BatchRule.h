// What the batch rules share: the operands' replacements with the dim where a rule wants it.
#ifndef RONDO_LIB_BATCH_BATCHRULE_H
#define RONDO_LIB_BATCH_BATCHRULE_H

#include "Batch/Batch.h"

namespace rondo {

using BatchResult = mlir::FailureOr<llvm::SmallVector<mlir::Value>>;

/// One call of Batchable::batchOver.
struct BatchCall {
  mlir::OpBuilder &builder;
  mlir::Operation *op;
  DimAttr dim;
  mlir::ValueRange operands;
  llvm::ArrayRef<int64_t> axes;
  DimAttr behind;

  mlir::Location loc() const { return op->getLoc(); }
  bool has(size_t i) const { return axes[i] >= 0; }
  ArrayType oldType(size_t i) const { return arrayType(op->getOperand(i)); }
  ArrayType oldResult() const { return arrayType(op->getResult(0)); }
  /// Where the result has the dim, and its type with it.
  int64_t resultAxis() const { return batchAxis(oldResult(), behind); }
  ArrayType resultType() const { return oldResult().withInserted(resultAxis(), dim); }
  /// Operand i with the dim at `axis`, moved or repeated as needed.
  mlir::Value at(size_t i, int64_t axis) const {
    return has(i) ? moveAxis(builder, loc(), operands[i], axes[i], axis)
                  : addAxis(builder, loc(), operands[i], axis, dim);
  }
  /// Operand i with the dim wherever it is, repeated at its place where it lacks it.
  BatchMapper::Entry with(size_t i) const {
    if (has(i))
      return {operands[i], axes[i]};
    int64_t axis = batchAxis(oldType(i), behind);
    return {at(i, axis), axis};
  }
  /// The result, computed with the dim at `axis`, with the dim at its place.
  BatchResult result(mlir::Value value, int64_t axis) const {
    return llvm::SmallVector<mlir::Value>{moveAxis(builder, loc(), value, axis, resultAxis())};
  }
};

/// Attaches `rule` to an op: `Rule::apply(Op, const BatchCall &)`.
template <typename Op, typename Rule>
struct BatchModel : Batchable::ExternalModel<BatchModel<Op, Rule>, Op> {
  BatchResult batchOver(mlir::Operation *op, mlir::OpBuilder &builder, DimAttr dim,
                        mlir::ValueRange operands, llvm::ArrayRef<int64_t> axes,
                        DimAttr behind) const {
    return Rule::apply(llvm::cast<Op>(op), BatchCall{builder, op, dim, operands, axes, behind});
  }
};

template <typename Rule, typename... Ops> void attachBatchRule(mlir::MLIRContext &context) {
  (Ops::template attachInterface<BatchModel<Ops, Rule>>(context), ...);
}

void attachMovementBatchRules(mlir::MLIRContext &context);
void attachLetterBatchRules(mlir::MLIRContext &context);

} // namespace rondo

#endif // RONDO_LIB_BATCH_BATCHRULE_H
