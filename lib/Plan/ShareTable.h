// Who does which statement of a function: what the passes that decide it write and say.
#ifndef RONDO_PLAN_SHARETABLE_H
#define RONDO_PLAN_SHARETABLE_H

#include "Plan/Accesses.h"
#include <map>

namespace rondo {

/// By a statement's op, and its number in the op's list of shares.
using StatementKey = std::pair<mlir::Operation *, int64_t>;
using ShareTable = std::map<StatementKey, Share>;

inline StatementKey keyOf(const Statement &statement) { return {statement.op, statement.number}; }

/// Writes the table to the ops, with the barriers that follow from it, and to the function its
/// work.
struct ShareCounts {
  int64_t shared = 0, barriers = 0;
};
ShareCounts writeShares(mlir::func::FuncOp function, const ShareTable &shares);

/// Runs over the groups that are statements, with what they were given: for remarks.
void forEachSharedGroup(mlir::func::FuncOp function,
                        llvm::function_ref<void(GroupOp, const Share &)> visit);
/// What remarks call a group, and what they add where a barrier stands before it.
std::string wordsForShared(GroupOp group);
llvm::StringRef wordsForBarrier(const Share &share);

} // namespace rondo

#endif // RONDO_PLAN_SHARETABLE_H
