// Where a value is read inside a group, relative to what the group stores.
#ifndef RONDO_SCHEDULE_POSITIONS_H
#define RONDO_SCHEDULE_POSITIONS_H

#include "Rondo/Rondo.h"

namespace rondo {

/// A position along one axis: an axis of the group's space plus an offset, or (axis < 0) a
/// constant.
struct Position {
  int64_t axis = -1;
  int64_t offset = 0;
  bool operator==(const Position &) const = default;
};
using Positions = mlir::SmallVector<Position, 4>;

/// Positions 0, 1, 2 ... of a space of this rank.
Positions identity(int64_t rank);
/// Where `op` reads an operand when its result is read at `at`; none where that is not an axis or a
/// constant per dim, or the op is not elementwise or movement.
std::optional<Positions> operandPositions(mlir::OpOperand &operand, mlir::ArrayRef<Position> at);
/// All positions at which `root`, read at each position of its own space, reads `head`, going
/// through ops that `enters` accepts; none where one of them cannot be told.
std::optional<mlir::SmallVector<Positions>>
demandsOf(mlir::Value root, mlir::Value head, llvm::function_ref<bool(mlir::Operation *)> enters);

/// Ops that are computed wherever they are read, at no cost: index arithmetic and constants.
bool isLazy(mlir::Operation *op);
/// Ops that compute an element by several multiplications or more.
bool takesLong(mlir::Operation *op);
/// Ops that have loops of their own.
bool isHead(mlir::Operation *op);
/// A contraction whose outer sums run over memory rather than registers; it takes no tail.
bool isBlocked(mlir::Operation *op);
/// The blocks of a function whose ops are scheduled: those of its scans, inner ones first, then its
/// own. None of a declaration.
mlir::SmallVector<mlir::Block *> scheduledBlocks(mlir::func::FuncOp function);

} // namespace rondo

#endif // RONDO_SCHEDULE_POSITIONS_H
