// The one-step form of causal functions: the rules of all ops.
#ifndef RONDO_STREAM_STREAM_H
#define RONDO_STREAM_STREAM_H

#include "mlir/IR/DialectRegistry.h"

namespace rondo {

/// Attaches the one-step forms (Streamable) to the dialect's ops.
void registerStreamRules(mlir::DialectRegistry &registry);

// The parts of registerStreamRules, one per file.
void attachStreamRules(mlir::MLIRContext *context);
void attachStreamScan(mlir::MLIRContext *context);

} // namespace rondo

#endif // RONDO_STREAM_STREAM_H
