// Which rows of one another the steps of a group of rows read.
#ifndef RONDO_DIALECTS_ROWSOF_H
#define RONDO_DIALECTS_ROWSOF_H

#include "Rondo/Rondo.h"

namespace rondo {

/// How many of the first axes of a group's results are those at which it reads the results of other
/// groups, those that `isOther` accepts: the axes that may number rows of both. Elements move
/// between them through ops of the group and those outside that `enters` accepts. INT64_MAX if it
/// reads no other.
int64_t alignedRows(GroupOp group, llvm::function_ref<bool(GroupOp)> isOther,
                    llvm::function_ref<bool(mlir::Operation *)> enters);

} // namespace rondo

#endif // RONDO_DIALECTS_ROWSOF_H
