// Runs of rows: where the rows of a batch are not in the order of a scan's dim, those of one length
// take their steps one run after the other.
#ifndef RONDO_PLAN_RUNS_H
#define RONDO_PLAN_RUNS_H

#include "Plan/Plan.h"

namespace rondo {

/// The one answer of rondo-share, which places barriers, and of Lower.
bool takesRuns(ScanOp scan);
/// Whether each run of rows adds to the stack: a bare one (Plan/BareStacks.h) of what a step sums
/// over the examples that take it. What comes of no example is the same in all runs.
bool isAddedByRuns(ScanOp scan, int64_t stack);

} // namespace rondo

#endif // RONDO_PLAN_RUNS_H
