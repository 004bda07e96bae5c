// What the loop transformations share: questions about a scan's body, and changing a scan's slices
// and stacks.
#ifndef RONDO_LIB_NORMALISE_SCANEDIT_H
#define RONDO_LIB_NORMALISE_SCANEDIT_H

#include "Rondo/Rondo.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

namespace rondo {

/// True if the op, or one inside it, reads a value for which `test` holds.
bool readsAny(mlir::Operation *op, llvm::function_ref<bool(mlir::Value)> test);

/// The dim of the examples in the function around `op`, or null.
DimAttr batchDim(mlir::Operation *op);

/// True for what costs about as much as reading its operands, so that it may be computed again
/// rather than kept: the elementwise family, what moves elements, outer products, draws.
bool isCheap(mlir::Operation *op);

/// True for what is worth a loop of its own to leave another: contractions and loops.
bool isHeavy(mlir::Operation *op);

/// True if the value has a run-time dim besides that of the examples: one step has enough to do,
/// and a stack of such values is large.
bool isLarge(mlir::Value value, DimAttr batch);

/// True for an op of a loop over a constant number of steps (layers, say) that has much to do in
/// each: outside of the loop it would do the same, and keep the values of all steps.
bool staysInSteps(ScanOp scan, mlir::Operation *op);

/// The elements of a value, those of one example, at typical sizes: to compare what transformations
/// store.
double typicalElements(mlir::Value value, DimAttr batch);

/// True for a contraction in a loop that makes more than it reads, and reads nothing that is the
/// same in all steps: to make it for all steps at once saves nothing, and takes more to keep.
bool makesMore(ScanOp scan, mlir::Operation *op);

/// The body's values that depend on a value of `sources`, those included.
llvm::DenseSet<mlir::Value> dependents(mlir::Block &body, mlir::ValueRange sources);

/// Adds `ops` and all that they read inside `body`.
llvm::DenseSet<mlir::Operation *> withAncestors(mlir::Block &body, mlir::ValueRange values);

/// Gives a scan more slices and stacks. The scan is replaced at `finish`.
class ScanEdit {
public:
  explicit ScanEdit(ScanOp scan) : scan(scan) {}

  /// The part of `whole` at the position.
  mlir::BlockArgument addSlice(mlir::Value whole, int64_t axis);
  /// Stacks a value of the body at `stackAxis`; the number of the stack.
  int64_t addStack(mlir::Value part);
  /// The axis that a stack gets: the first, but behind the examples' dim.
  static int64_t stackAxis(ScanOp scan, mlir::Value part);
  /// The new scan; the old one's results are replaced by its.
  ScanOp finish(mlir::OpBuilder &builder);

private:
  ScanOp scan;
  llvm::SmallVector<mlir::Value> wholes, parts;
  llvm::SmallVector<int64_t> wholeAxes, partAxes;
};

} // namespace rondo

#endif // RONDO_LIB_NORMALISE_SCANEDIT_H
