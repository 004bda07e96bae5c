// Backpropagation through time in less memory: loops over a long dim run segment by segment, and
// the reverse sweep computes a segment again from the carries before it.
#ifndef RONDO_DIFFERENTIATE_SEGMENT_H
#define RONDO_DIFFERENTIATE_SEGMENT_H

#include "Rondo/Rondo.h"

namespace rondo {

/// Divides the dim of the function's forward loops into segments (SymbolKind): what is computed
/// position by position along it, the loops among them, becomes the body of a scan over the
/// segments. True if there was any.
mlir::FailureOr<bool> segmentLoops(mlir::func::FuncOp function);

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_SEGMENT_H
