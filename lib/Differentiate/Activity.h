// Which values lie between inputs and outputs: the two halves of activity analysis.
#ifndef RONDO_DIFFERENTIATE_ACTIVITY_H
#define RONDO_DIFFERENTIATE_ACTIVITY_H

#include "Rondo/Rondo.h"
#include "llvm/ADT/DenseSet.h"

namespace rondo {

/// Adds to `values` every float of `block`, bodies of loops included, whose value changes smoothly
/// with one of `values`. Nothing passes integers, stop_gradient or ops that are flat.
void spreadForward(mlir::Block &block, llvm::DenseSet<mlir::Value> &values);

/// Adds to `values` every float that one of `values` changes smoothly with.
void spreadBackward(mlir::Block &block, llvm::DenseSet<mlir::Value> &values);

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_ACTIVITY_H
