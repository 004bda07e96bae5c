// Where a plan puts results: the attributes that rondo-plan writes and Lower reads.
#ifndef RONDO_PLAN_STORAGE_H
#define RONDO_PLAN_STORAGE_H

#include "Rondo/Rondo.h"
#include "llvm/ADT/BitVector.h"

namespace rondo {

namespace names {
/// On functions: the types of the arena's slots, in order; the symbol that rows are sorted by.
inline constexpr llvm::StringLiteral slots = "rondo.slots";
/// On functions: for each slot the slots that it begins after (Plan/Arena.h).
inline constexpr llvm::StringLiteral below = "rondo.below";
inline constexpr llvm::StringLiteral sortedBy = "rondo.sorted_by";
/// On functions: the types of what is kept from call to call until parameters change.
inline constexpr llvm::StringLiteral cached = "rondo.cached";
/// On ops: the storage of each result.
inline constexpr llvm::StringLiteral storage = "rondo.storage";
/// On scans: how each carry is kept from step to step.
inline constexpr llvm::StringLiteral carries = "rondo.carries";
} // namespace names

/// One place of a result.
/// "slot 3": the arena. "result 0": the function's result. "cache 0": what is kept from call to
/// call; the op is skipped while the parameters are those of the call before.
/// "next 0", "stack 1", "sum 0", for ops in a scan's body: the place of the scan's carry after the
/// step, of its stack at the present position, of its sum; what is stored in a sum is added to it.
/// "before 0", "after 0", for stacks of a scan: what its carry is before and after each step, read
/// from the carry's history. "none": nobody reads it.
/// "yield 1", "local 2", for steps of rows: the place of the rows' result 1; memory of each worker
/// for the rows that it computes at present.
struct Storage {
  enum Kind { Slot, Result, Cache, Stack, Sum, Next, Before, After, None, Yield, Local };
  Kind kind = Slot;
  int64_t number = 0;

  bool operator==(const Storage &) const = default;
  std::string str() const;
  static std::optional<Storage> parse(llvm::StringRef text);
};

/// How a carry is kept. A carry has a value at each of the positions 0 to n of n steps: step t of a
/// forward scan goes from position t to t + 1, of a reverse one from t + 1 to t.
/// "in place": all positions are the storage of the scan's result; a step overwrites the carry.
/// "pair 3": position p is row p % 2 of slot 3. "history 3": position p is row p of slot 3.
struct CarryStorage {
  enum Kind { InPlace, Pair, History };
  Kind kind = InPlace;
  int64_t slot = 0;

  std::string str() const;
  static std::optional<CarryStorage> parse(llvm::StringRef text);
};

/// Whether the plan stores the results of this op.
inline bool isStored(mlir::Operation *op) { return op->hasAttr(names::storage); }
/// Whether this op is a step of rows.
inline bool isStep(mlir::Operation *op) {
  return mlir::isa<GroupOp>(op) && mlir::isa<GroupOp>(op->getParentOp());
}
/// The places of a result of a stored op; it is read from the first. "next 0 + stack 1".
mlir::SmallVector<Storage> placesOf(mlir::Operation *op, int64_t number);
inline Storage storageOf(mlir::Operation *op, int64_t number) {
  return placesOf(op, number).front();
}
void setStorage(mlir::Operation *op, mlir::ArrayRef<mlir::SmallVector<Storage>> all);

/// The bytes of an array of constant dims, in whole lines of 64.
int64_t linesOf(ArrayType type);
/// Where each cached value begins, and the bytes of all.
mlir::SmallVector<int64_t> cacheOffsets(mlir::func::FuncOp function);

/// For each slot the slots directly below it.
mlir::SmallVector<mlir::SmallVector<int64_t>> slotsBelow(mlir::func::FuncOp function);
/// For each slot the other slots that it may share bytes with: those not above or below it. Writing
/// to a slot has to wait until nobody reads these.
mlir::SmallVector<llvm::BitVector> slotsSharing(mlir::func::FuncOp function);

CarryStorage carryStorageOf(ScanOp scan, int64_t number);
void setCarryStorage(ScanOp scan, mlir::ArrayRef<CarryStorage> all);

} // namespace rondo

#endif // RONDO_PLAN_STORAGE_H
