// The plan dialect: where results are kept, and who writes them. Attributes of the ops of rondo.
#ifndef RONDO_DIALECTS_PLAN_H
#define RONDO_DIALECTS_PLAN_H

#include "Rondo/Rondo.h"

namespace rondo {

/// One place of a result; PlanAttrs.td says what each kind is, and what its number counts.
struct Storage {
  enum Kind { Slot, Result, Cache, Stack, Sum, Next, Before, After, None, Yield, Local };
  Kind kind = Slot;
  int64_t number = 0;

  bool operator==(const Storage &) const = default;
};

/// How a carry is kept from step to step; see PlanAttrs.td.
struct CarryStorage {
  enum Kind { InPlace, Pair, History };
  Kind kind = InPlace;
  int64_t slot = 0;

  bool operator==(const CarryStorage &) const = default;
};

/// How the workers share a statement; see PlanAttrs.td.
struct Share {
  static constexpr int64_t alone = -1, threads = -2;
  int64_t axis = alone;
  bool barrier = false;

  bool operator==(const Share &) const = default;
};

inline llvm::hash_code hash_value(const Storage &storage) {
  return llvm::hash_combine(storage.kind, storage.number);
}
inline llvm::hash_code hash_value(const CarryStorage &carry) {
  return llvm::hash_combine(carry.kind, carry.slot);
}
inline llvm::hash_code hash_value(const Share &share) {
  return llvm::hash_combine(share.axis, share.barrier);
}
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Storage &storage);
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const CarryStorage &carry);
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Share &share);

} // namespace rondo

#include "Plan/PlanDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Plan/PlanAttrs.h.inc"

namespace rondo {

namespace names {
/// On functions: the types of the arena's slots, in order; for each slot the slots that it begins
/// after; the types of what is kept from call to call until parameters change; the symbol that rows
/// are sorted by.
inline constexpr llvm::StringLiteral slots = "plan.slots";
inline constexpr llvm::StringLiteral below = "plan.below";
inline constexpr llvm::StringLiteral cached = "plan.cached";
inline constexpr llvm::StringLiteral sortedBy = "plan.sorted_by";
/// On ops: the storage of each result.
inline constexpr llvm::StringLiteral storage = "plan.storage";
/// On ops of which a result has a rest: for each result the number of the rest's slot, or -1.
inline constexpr llvm::StringLiteral rests = "plan.rests";
/// On scans: how each carry is kept.
inline constexpr llvm::StringLiteral carries = "plan.carries";
/// On stored ops and checks: one share. On scans: those of their copies (ScanCopies). On functions:
/// those of the copies into results, by the result's number.
inline constexpr llvm::StringLiteral share = "plan.share";
} // namespace names

/// Whether the plan stores the results of this op.
inline bool isStored(mlir::Operation *op) { return op->hasAttr(names::storage); }
/// Whether this op is a step of rows.
inline bool isStep(mlir::Operation *op) {
  return mlir::isa<GroupOp>(op) && mlir::isa<GroupOp>(op->getParentOp());
}
/// The places of a result of a stored op; it is read from the first.
llvm::ArrayRef<Storage> placesOf(mlir::Operation *op, int64_t number);
inline Storage storageOf(mlir::Operation *op, int64_t number) {
  return placesOf(op, number).front();
}
void setStorage(mlir::Operation *op, llvm::ArrayRef<llvm::SmallVector<Storage>> all);

/// The slot of a result's rest, what additions to it have lost (lib/Plan/Rests.h), or -1; and its
/// type: that of the result, or of a contraction by blocks two of them.
int64_t restOf(mlir::Operation *op, int64_t number);
ArrayType restType(mlir::OpResult result);
void setRests(mlir::Operation *op, llvm::ArrayRef<int64_t> all);

CarryStorage carryStorageOf(ScanOp scan, int64_t number);
void setCarryStorage(ScanOp scan, llvm::ArrayRef<CarryStorage> all);

/// The share of an op's statement; without a plan for the workers, worker 0 does it.
Share shareOf(mlir::Operation *op, int64_t statement = 0);
void setShares(mlir::Operation *op, llvm::ArrayRef<Share> all);

} // namespace rondo

#endif // RONDO_DIALECTS_PLAN_H
