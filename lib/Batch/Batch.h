// Adding a dim to ops: one rewrite, used by Batch (the examples), hoist and sink (a scan's dim).
#ifndef RONDO_LIB_BATCH_BATCH_H
#define RONDO_LIB_BATCH_BATCH_H

#include "Rondo/Rondo.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseSet.h"

namespace rondo {

/// Attaches the Batchable interface to the ops of the dialect.
void registerBatchRules(mlir::DialectRegistry &registry);

/// Where a value of the one-dim-less type `type` gets a new dim: first, or second where its first
/// dim is `behind` (which may be null).
int64_t batchAxis(ArrayType type, DimAttr behind);

/// Moves axis `from` to `to`; the other axes keep their order. No op where they are equal.
mlir::Value moveAxis(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, int64_t from,
                     int64_t to);

/// Repeats `value` along a new dim at `axis`.
mlir::Value addAxis(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, int64_t axis,
                    DimAttr dim);

/// True if what the op computes depends on an example's lengths, though no operand may depend on
/// the example: a reduction, slice, pad ... bounded by a ragged dim. (A scan does so result by
/// result, see VaryingValues.)
bool observesLength(mlir::Operation *op);

/// Which values differ along a new dim, given those that do from the start.
class VaryingValues {
public:
  /// `lengthsVary`: the new dim is that of the examples, each with its own lengths.
  explicit VaryingValues(bool lengthsVary) : lengthsVary(lengthsVary) {}

  void insert(mlir::Value value) { values.insert(value); }
  bool contains(mlir::Value value) const { return values.contains(value); }
  /// True if the op reads, computes or contains a value that varies.
  bool concerns(mlir::Operation *op) const;
  /// Marks what the op computes. Ops are visited in order, each after what it reads.
  void visit(mlir::Operation *op);

private:
  void visitScan(ScanOp scan);
  void visitGrad(GradOp grad);
  void visitBody(mlir::Block &block);

  llvm::DenseSet<mlir::Value> values;
  bool lengthsVary;
};

/// Rebuilds ops with one more dim. The caller maps what they read, analyses them in order, then
/// batches them in order; values that were not mapped are the same for all and used as they are.
class BatchMapper {
public:
  struct Entry {
    mlir::Value value;
    int64_t axis; // -1: the value does not have the dim.
  };

  BatchMapper(mlir::OpBuilder &builder, DimAttr dim, DimAttr behind, bool lengthsVary)
      : builder(builder), dim(dim), behind(behind), varying(lengthsVary) {}

  void map(mlir::Value from, mlir::Value to, int64_t axis);
  Entry lookup(mlir::Value value) const;
  /// The replacement with the dim at `axis`.
  mlir::Value materialise(mlir::Value value, int64_t axis);

  void analyse(mlir::Operation *op) { varying.visit(op); }
  bool varies(mlir::Value value) const { return varying.contains(value); }
  mlir::LogicalResult batch(mlir::Operation *op);

private:
  mlir::LogicalResult batchScan(ScanOp scan);
  mlir::LogicalResult batchGrad(GradOp grad);
  mlir::LogicalResult batchGroup(GroupOp group);
  mlir::LogicalResult batchBody(mlir::Block &block);
  int64_t axisOf(mlir::Value value) const { return batchAxis(arrayType(value), behind); }

  mlir::OpBuilder &builder;
  DimAttr dim, behind;
  VaryingValues varying;
  llvm::DenseMap<mlir::Value, Entry> entries;
  mlir::IRMapping plain; // The entries that do not have the dim.
};

} // namespace rondo

#endif // RONDO_LIB_BATCH_BATCH_H
