// What a group's head reads and where, relative to what the group stores.
//
// The *space* is what is stored followed by the head's summed dims; loops are chosen over it
// (Choose.cpp), verified (Verify.cpp) and emitted (lib/Lower). A group reads its head at one or
// more positions per element that it stores (the four gates of a cell): these are its demands.
#ifndef RONDO_TILE_HEADSPACE_H
#define RONDO_TILE_HEADSPACE_H

#include "Machine/TargetDescription.h"
#include "Plan/Views.h"
#include "Schedule/Positions.h"

namespace rondo {

/// Where a statement stands.
struct Surroundings {
  mlir::func::FuncOp function;
  Views &views;
  const TargetDescription &machine;
  /// Of the first axes of what is stored, those that are taken a few rows at a time (steps of
  /// rows).
  int64_t rowAxes = 0;

  bool isBatch(DimAttr dim) const;
  bool isRagged(DimAttr dim) const { return rondo::isRagged(function, dim); }
  /// Whether an axis may stand in lanes or in a tile's rows. The batch may only where no other axis
  /// needs the example; rows that are computed a few at a time are no vectors.
  bool mayVectorise(mlir::ArrayRef<DimAttr> dims, int64_t axis) const;
  /// The order in which loops over these dims may stand: the batch first.
  mlir::SmallVector<int64_t> loopOrder(mlir::ArrayRef<DimAttr> dims) const;
  /// The lanes of a vector of what is computed for these roots.
  int64_t laneCount(mlir::ArrayRef<mlir::Value> roots) const;
};

struct HeadSpace {
  mlir::Operation *head = nullptr;
  mlir::SmallVector<mlir::Value> roots;
  ReduceKind kind = ReduceKind::Sum;
  mlir::Type element;                                    // of the head
  int64_t numStored = 0;                                 // rank of what is stored
  mlir::SmallVector<DimAttr> dims;                       // of the space
  int64_t numParallel = 0;                               // rank of the head's result
  mlir::SmallVector<mlir::SmallVector<int64_t>> letters; // per operand: parallel, then summed
  mlir::SmallVector<DimAttr> letterDims;
  mlir::SmallVector<Positions> demands;
  mlir::SmallVector<int64_t> summed; // axes of the space, in the order of the operands

  bool has(int64_t operand, int64_t letter) const {
    return llvm::is_contained(letters[operand], letter);
  }
  /// The letter of an operand's last dim of more than one position, or -1.
  int64_t innermost(int64_t operand) const;
  /// Whether all demands read a parallel letter along one and the same stored axis.
  bool isStoredOnce(int64_t letter, int64_t &axis) const;
  /// The axis of the space of a summed letter.
  int64_t axisOf(int64_t letter) const { return numStored + letter - numParallel; }
  /// Whether an operand is read at positions that depend on a stored axis.
  bool dependsOn(int64_t operand, int64_t axis) const;
};

/// What a statement computes: what its group yields, or, of an op that no group has, its results.
mlir::SmallVector<mlir::Value> rootsOf(mlir::Operation *statement);
/// The op with loops of its own that a statement computes; null: there is none. Fails, with an
/// error at the second one, where there are two.
mlir::FailureOr<mlir::Operation *> findHead(mlir::Operation *statement, Views &views);
/// What a contraction or reduction and the statement that it heads compute. Fails, with an error,
/// where the head is read at positions that do not follow from those stored.
mlir::FailureOr<HeadSpace> headSpaceOf(mlir::Operation *head, mlir::Operation *statement,
                                       Views &views);
/// Calls `visit` for the ops that are computed when `roots` are.
void forComputed(mlir::ArrayRef<mlir::Value> roots, Views &views,
                 llvm::function_ref<void(mlir::Operation *)> visit);

} // namespace rondo

#endif // RONDO_TILE_HEADSPACE_H
