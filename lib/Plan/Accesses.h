// What a statement of a plan reads and writes, and which of it each worker touches: what
// rondo-share asks before it gives a statement an axis or places a barrier. Nothing is decided
// here.
#ifndef RONDO_PLAN_ACCESSES_H
#define RONDO_PLAN_ACCESSES_H

#include "Plan/Storage.h"

namespace rondo {

/// What is known of the positions that an access touches along an axis.
struct Mark {
  /// All of them; this worker's; one that follows a scan: the present position of a slice or stack,
  /// or the row of a carry before or after the step, of all rows or of two by turns; the position
  /// of this thread's element along an axis of what is stored.
  enum Kind { All, Shared, At, Before, After, PairBefore, PairAfter, Element } kind = All;
  mlir::Operation *scan = nullptr;
  bool isEarlier = false; // in an earlier step
  int64_t axis = -1;      // of what is stored
  bool operator==(const Mark &) const = default;
};
using Marks = mlir::SmallVector<Mark, 4>;

/// A slot of the arena or a result, or a part of one.
struct Place {
  Storage storage;
  mlir::SmallVector<DimAttr, 4> dims;
  /// Where a value's axes are, -1 where its positions are others; and the axes at which it is one
  /// position of a scan.
  mlir::SmallVector<int64_t, 4> axes;
  mlir::SmallVector<std::pair<int64_t, Mark>, 2> at;
};

/// What one statement does: a stored op, a check, or a copy that Lower makes.
struct Statement {
  mlir::Operation *op;
  int64_t number = 0; // in the op's list of shares
  mlir::ArrayRef<DimAttr> dims;
  mlir::SmallVector<mlir::Value> roots; // what is computed
  mlir::SmallVector<Place> places;      // where it is stored
  std::optional<Place> source;          // what is copied as it is
};

/// The statements of an op, a scan's copies included, without what stands in its body; of a
/// function the copies into its results.
std::vector<Statement> statementsOf(mlir::Operation *op);
/// A scan's copies before its first step and after its last one.
std::vector<Statement> copiesBefore(ScanOp scan);
std::vector<Statement> copiesAfter(ScanOp scan);

/// What one worker reads or writes of a storage.
struct Access {
  Storage storage;
  mlir::SmallVector<DimAttr, 4> dims;
  Marks marks;
  bool isWrite = false, isAlone = false; // by worker 0
  int64_t rank = -1;                     // of what is stored, where threads have elements
  bool operator==(const Access &) const = default;
};

/// The accesses of a statement that is shared along an axis, done by worker 0 (Share::alone), or by
/// all threads (Share::threads). Where these compute element by element, each has the same elements
/// in all statements of equal dims (Lower/Threads.cpp); else nobody knows who touches what.
mlir::SmallVector<Access> accessesOf(const Statement &statement, int64_t axis);

/// Which slots share bytes, see slotsSharing.
using Sharing = mlir::SmallVector<llvm::BitVector>;

/// Whether two accesses, `later` in a present step, may be of the same bytes by two workers.
bool conflict(const Access &earlier, const Access &later, const Sharing &sharing);

} // namespace rondo

#endif // RONDO_PLAN_ACCESSES_H
