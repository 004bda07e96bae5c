// Where slots lie in the arena: values that are not alive at the same time share bytes.
#ifndef RONDO_PLAN_ARENA_H
#define RONDO_PLAN_ARENA_H

#include "Plan/Storage.h"

namespace rondo {

/// A slot's type, and when it is in use: from the first to the last op, both included, in the order
/// of the function's ops with those of a scan's body between the scan's begin and end.
struct SlotLife {
  ArrayType type;
  int64_t begin = 0, end = 0;
  bool overlaps(const SlotLife &other) const { return begin <= other.end && other.begin <= end; }
};

/// For each slot the slots that it lies directly on top of: it begins where the last of them ends.
/// Any two slots whose lives overlap are one below the other, so that the layout is right whatever
/// the sizes are; who is below whom is chosen for typical ones.
mlir::SmallVector<mlir::SmallVector<int64_t>> stackSlots(mlir::ArrayRef<SlotLife> slots);

} // namespace rondo

#endif // RONDO_PLAN_ARENA_H
