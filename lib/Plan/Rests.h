// Sums in memory, and what they lose.
//
// What is added to an array in memory any number of times loses digits in proportion to that
// number. Such an array has a *rest*, a slot of its own type that holds what the additions so far
// have lost: each of them gives it back first (Lower/Chains.h). These are the sums of a scan, step
// by step, and its bare stacks, run by run; and a scatter, many of whose updates may be of one
// place. A contraction that adds block by block has two arrays as its rest, for the sum of earlier
// groups of blocks and what it has lost (Lower/Blocks.cpp), if its size is constant, as that of
// weights: two more of what has the examples or steps as a dim could be most of a program's memory.
// The updates of a scatter that are a constant number, no more than a chain in registers, have
// none.
//
// What a group adds to a sum of the scan around it goes with the rest of that sum. A thread of a
// device has a scatter's sum and a contraction's tile to itself, so there only scans have rests.
#ifndef RONDO_PLAN_RESTS_H
#define RONDO_PLAN_RESTS_H

#include "Plan/Plan.h"

namespace rondo {

/// Terms of a sum that are added to one another as they are: an accumulator's in registers, and as
/// many in memory.
inline constexpr int64_t chainTerms = 64;

/// Whether a result of an op has a rest. Scans know the storage of their results by then.
bool needsRest(mlir::OpResult result);

} // namespace rondo

#endif // RONDO_PLAN_RESTS_H
