// How much memory a plan takes, and which slots share it.
#ifndef RONDO_PLAN_STORAGE_H
#define RONDO_PLAN_STORAGE_H

#include "Plan/Plan.h"
#include "llvm/ADT/BitVector.h"

namespace rondo {

/// The bytes of an array of constant dims, in whole lines of 64.
int64_t linesOf(ArrayType type);
/// Where each cached value begins, and the bytes of all.
mlir::SmallVector<int64_t> cacheOffsets(mlir::func::FuncOp function);

/// For each slot the slots directly below it.
mlir::SmallVector<mlir::SmallVector<int64_t>> slotsBelow(mlir::func::FuncOp function);
/// For each slot the other slots that it may share bytes with: those not above or below it. Writing
/// to a slot has to wait until nobody reads these.
mlir::SmallVector<llvm::BitVector> slotsSharing(mlir::func::FuncOp function);

} // namespace rondo

#endif // RONDO_PLAN_STORAGE_H
