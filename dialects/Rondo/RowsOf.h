// Which rows of one another the steps of a group of rows read.
#ifndef RONDO_DIALECTS_ROWSOF_H
#define RONDO_DIALECTS_ROWSOF_H

#include "Rondo/Rondo.h"

namespace rondo {

/// The groups whose results a group reads, each with how many of the first axes of the group's
/// results are those at which it reads them: the axes that may number rows of both. Elements move
/// between them through ops of the group and those outside that `enters` accepts.
mlir::SmallVector<std::pair<GroupOp, int64_t>>
alignedReads(GroupOp group, llvm::function_ref<bool(mlir::Operation *)> enters);

/// The least of these numbers for the groups that `isOther` accepts; INT64_MAX if it reads none.
int64_t alignedRows(GroupOp group, llvm::function_ref<bool(GroupOp)> isOther,
                    llvm::function_ref<bool(mlir::Operation *)> enters);

} // namespace rondo

#endif // RONDO_DIALECTS_ROWSOF_H
