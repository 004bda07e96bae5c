// Reverse mode: the rules of all ops, and where a reader starts. A rule per op (Elementwise.cpp,
// Movement.cpp, Reductions.cpp, Scan.cpp) is driven by a sweep over a block (Sweep.h), which asks
// Activity.h what lies between the inputs and the outputs.
#ifndef RONDO_DIFFERENTIATE_DIFFERENTIATE_H
#define RONDO_DIFFERENTIATE_DIFFERENTIATE_H

#include "mlir/IR/DialectRegistry.h"

namespace rondo {

/// Attaches the reverse rules (Differentiable) to the dialect's ops.
void registerAdjoints(mlir::DialectRegistry &registry);

// The parts of registerAdjoints, one per file.
void attachElementwiseAdjoints(mlir::MLIRContext *context);
void attachMovementAdjoints(mlir::MLIRContext *context);
void attachReductionAdjoints(mlir::MLIRContext *context);
void attachScanAdjoint(mlir::MLIRContext *context);

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_DIFFERENTIATE_H
