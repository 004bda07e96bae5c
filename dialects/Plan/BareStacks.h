// Stacks of a scan over a ragged dim that lack the batch: what a step sums over the examples, as
// the gradient of what a cell computes of its parameters alone.
//
// Such an array is valid in the whole padded storage (Rondo/Domain.h), and a sum over its positions
// reads all of them. A step gives what the examples that have its position give together, so at
// positions that none has the stack holds zeros, and where runs of rows take their steps one after
// the other (lib/Plan/Runs.h), each run adds its part.
#ifndef RONDO_DIALECTS_PLAN_BARESTACKS_H
#define RONDO_DIALECTS_PLAN_BARESTACKS_H

#include "Rondo/Rondo.h"

namespace rondo {

/// Whether a stack is of steps of which each example has its own number, and lacks the batch.
bool isBare(ScanOp scan, int64_t stack);
/// The numbers of a scan's bare stacks that have storage of their own.
mlir::SmallVector<int64_t> bareStacks(ScanOp scan);

} // namespace rondo

#endif // RONDO_DIALECTS_PLAN_BARESTACKS_H
