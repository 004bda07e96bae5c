// Which axes of a reshape's operand become which of its result.
#ifndef RONDO_DIALECT_RESHAPE_H
#define RONDO_DIALECT_RESHAPE_H

#include "Rondo/Rondo.h"

namespace rondo {

/// Axes of the operand and of the result that hold the same positions in the same order, and no
/// fewer axes do: one of each where the axis stays as it is, else constant dims of equal products.
struct ReshapePart {
  mlir::SmallVector<int64_t, 4> from, to;
  bool isAxis() const { return from.size() == 1 && to.size() == 1; }
};

/// The parts of a reshape, first axes first; those of size 1 are in none.
mlir::SmallVector<ReshapePart> partsOf(ReshapeOp op);

} // namespace rondo

#endif // RONDO_DIALECT_RESHAPE_H
