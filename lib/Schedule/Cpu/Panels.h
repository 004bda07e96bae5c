// Panels: the layout of a packed operand. One axis is cut into pieces of a vector's width, and what
// the contraction sums over (and what a tile holds all of) runs within a piece:
// [others, n / lanes, summed, lanes].
#ifndef RONDO_SCHEDULE_CPU_PANELS_H
#define RONDO_SCHEDULE_CPU_PANELS_H

#include "Rondo/Rondo.h"

namespace rondo {

/// A group, right after `value`, that stores it as panels along `axis`, padded with zeros to whole
/// vectors. All dims are constants.
mlir::Value packPanels(mlir::Value value, mlir::ArrayRef<int64_t> others, int64_t axis,
                       mlir::ArrayRef<int64_t> summed, int64_t lanes);

/// Panels as an array [others, summed, n]: ops that only move elements.
mlir::Value readPanels(mlir::Value packed, int64_t numOthers, int64_t size);

} // namespace rondo

#endif // RONDO_SCHEDULE_CPU_PANELS_H
