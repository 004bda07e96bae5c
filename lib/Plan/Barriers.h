// Where workers wait for one another: a consequence of how they share the statements.
#ifndef RONDO_PLAN_BARRIERS_H
#define RONDO_PLAN_BARRIERS_H

#include "Plan/Accesses.h"

namespace rondo {

/// How many statements an op is (PlanAttrs.td, `plan.share`).
int64_t numStatements(mlir::Operation *op);
/// The op of a stored one that has loops of its own, or null.
mlir::Operation *headOf(mlir::Operation *stored);
/// Why the workers cannot share a statement along an axis of what it stores; none: they can.
std::optional<llvm::StringRef> whyNotShared(const Statement &statement, int64_t axis,
                                            const Sharing &sharing);
/// Adds the barriers that the shares of a function's statements need and do not have. Returns how
/// many barriers there are, and notes on the function how often a call meets one.
int64_t placeBarriers(mlir::func::FuncOp function);

} // namespace rondo

#endif // RONDO_PLAN_BARRIERS_H
