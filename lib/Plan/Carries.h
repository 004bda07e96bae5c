// How the carries of a scan are kept from step to step without being copied.
#ifndef RONDO_PLAN_CARRIES_H
#define RONDO_PLAN_CARRIES_H

#include "Plan/Storage.h"

namespace rondo {

/// Whether Lower can store a value wherever it is wanted: what a group yields, and what a scan
/// gives but for what its carries are before each step, which is their history.
bool isStorable(mlir::Value value);

/// Makes every value that a scan yields one that can be stored where it is wanted: others get a
/// group that does nothing else.
void storeYields(ScanOp scan);

/// Whether a step may write a carry's next value over the carry: nothing reads the carry after the
/// group that computes it, and that group reads it only at the positions that it stores.
bool canUpdateInPlace(ScanOp scan, int64_t carry);

} // namespace rondo

#endif // RONDO_PLAN_CARRIES_H
