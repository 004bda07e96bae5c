// Which values should cross from outside of a loop into it.
#ifndef RONDO_LIB_NORMALISE_CROSSING_H
#define RONDO_LIB_NORMALISE_CROSSING_H

#include "Rondo/Rondo.h"
#include "llvm/ADT/DenseSet.h"

namespace rondo {

/// Given the values of a scan's body that can be had outside (`movable`) and those of them that the
/// rest of the body reads (`wanted`): the cheapest set of movable values that, read as slices, lets
/// the body compute the wanted ones by ops for which `isFree` holds. Of equally cheap sets the one
/// nearest to `wanted`. Slices that the scan has already cost less than half, as nothing is
/// written.
llvm::SmallVector<mlir::Value> cheapestCrossing(ScanOp scan,
                                                const llvm::DenseSet<mlir::Value> &movable,
                                                mlir::ValueRange wanted,
                                                llvm::function_ref<bool(mlir::Operation *)> isFree);

} // namespace rondo

#endif // RONDO_LIB_NORMALISE_CROSSING_H
