// Where a plan puts results: the attributes that rondo-plan writes and Lower reads.
#ifndef RONDO_PLAN_STORAGE_H
#define RONDO_PLAN_STORAGE_H

#include "Rondo/Rondo.h"

namespace rondo {

namespace names {
/// On functions: the types of the arena's slots, in order; the symbol that rows are sorted by.
inline constexpr llvm::StringLiteral slots = "rondo.slots";
inline constexpr llvm::StringLiteral sortedBy = "rondo.sorted_by";
/// On ops: the storage of each result.
inline constexpr llvm::StringLiteral storage = "rondo.storage";
} // namespace names

/// "slot 3": the arena; "result 0": the function's result; "stack 1", "sum 0": of the scan around
/// the op, at its present position; what is stored in a sum is added to it.
struct Storage {
  enum Kind { Slot, Result, Stack, Sum };
  Kind kind = Slot;
  int64_t number = 0;

  bool operator==(const Storage &) const = default;
  std::string str() const;
  static std::optional<Storage> parse(llvm::StringRef text);
};

/// Whether the plan stores the results of this op.
inline bool isStored(mlir::Operation *op) { return op->hasAttr(names::storage); }
/// The storage of a result of a stored op.
Storage storageOf(mlir::Operation *op, int64_t number);
void setStorage(mlir::Operation *op, mlir::ArrayRef<Storage> all);

} // namespace rondo

#endif // RONDO_PLAN_STORAGE_H
