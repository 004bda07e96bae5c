// Stacks of a scan over a ragged dim that lack the batch: what a step sums over the examples, as
// the gradient of what a cell computes of its parameters alone.
//
// Such an array is valid in the whole padded storage (Rondo/Domain.h), and a sum over its positions
// reads all of them. A step gives what the examples that have its position give together, so at
// positions that none has the stack holds zeros, and where runs of rows take their steps one after
// the other (takesRuns), each run adds its part.
#ifndef RONDO_PLAN_BARESTACKS_H
#define RONDO_PLAN_BARESTACKS_H

#include "Rondo/Rondo.h"

namespace rondo {

/// The numbers of a scan's bare stacks that have storage of their own.
mlir::SmallVector<int64_t> bareStacks(ScanOp scan);
/// Whether each run of rows adds to the stack: a bare one of what a step sums over the examples
/// that take it. What comes of no example is the same in all runs.
bool isAddedByRuns(ScanOp scan, int64_t stack);

} // namespace rondo

#endif // RONDO_PLAN_BARESTACKS_H
