// How the workers share what a plan stores: which parts of which axes (PlanAttrs.td has the words).
#ifndef RONDO_PLAN_SHARE_H
#define RONDO_PLAN_SHARE_H

#include "Plan/Plan.h"

namespace rondo {

namespace names {
/// On functions: floating-point operations of a call, and barriers, as polynomials in the symbols.
inline constexpr llvm::StringLiteral work = "rondo.work";
inline constexpr llvm::StringLiteral barriers = "rondo.barriers";
} // namespace names

/// Positions along a dim are shared in blocks of so many: whole vectors and cache lines along
/// constant dims (halves of tiles along large ones), single positions along others. It depends on
/// the dim alone, so that two statements that share equal dims give each worker the same positions.
int64_t shareQuantum(DimAttr dim);
/// The axis that the workers share of a result of this rank, where a statement of `op` is shared
/// along `axis` of its first result: steps of rows have the rows in common, and otherwise their
/// last axis.
int64_t sharedAxisOf(mlir::Operation *op, int64_t axis, int64_t rank);
/// Whether a dim has enough blocks for several workers, as far as the compiler knows.
bool canShare(DimAttr dim);

} // namespace rondo

#endif // RONDO_PLAN_SHARE_H
