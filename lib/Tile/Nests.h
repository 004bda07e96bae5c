// The loops of one head: chosen, explained and verified.
#ifndef RONDO_TILE_NESTS_H
#define RONDO_TILE_NESTS_H

#include "Nest/Nest.h"
#include "Tile/HeadSpace.h"

namespace rondo {

/// Vectors of a panel's columns, at most.
inline constexpr int64_t panelColumns = 4;

/// The loops that a head gets on a CPU (Choose.cpp).
LoopsAttr chooseLoops(const HeadSpace &space, const Surroundings &around);
/// Says in a remark which ones, and why (Explain.cpp).
void explainLoops(LoopsAttr loops, const HeadSpace &space, const Surroundings &around);
/// Fails, with an error at the head, where Lower cannot compute it by these loops (Verify.cpp).
mlir::LogicalResult verifyLoops(LoopsAttr loops, const HeadSpace &space,
                                const Surroundings &around);

/// Why no panel can hold the vector operand's part of a block, for a sum in this order; none: it
/// can.
std::optional<llvm::StringRef> whyNoPanel(const HeadSpace &space, const Surroundings &around,
                                          mlir::ArrayRef<int64_t> summed);

/// The summed axis that is cut into blocks, and the other one of run-time length if there is
/// exactly one more; -1: none.
struct BlockedAxes {
  int64_t outer = -1, inner = -1;
};
BlockedAxes blockedAxesOf(const HeadSpace &space, mlir::ArrayRef<int64_t> summed);

} // namespace rondo

#endif // RONDO_TILE_NESTS_H
