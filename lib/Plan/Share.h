// How the workers share what a plan stores: the attributes that rondo-share writes and Lower reads.
//
// A *statement* is what fills one storage: a stored op, or a copy that Lower makes around a scan or
// at a function's end. Each is run by all workers, every one for its own part of one axis of what
// is stored, or by worker 0 alone; some wait for all workers first.
#ifndef RONDO_PLAN_SHARE_H
#define RONDO_PLAN_SHARE_H

#include "Plan/BareStacks.h"
#include "Plan/Storage.h"

namespace rondo {

namespace names {
/// On stored ops and checks: one share. On scans: those of the copies, see ScanCopies. On
/// functions: those of the copies into results, by the result's number.
inline constexpr llvm::StringLiteral share = "rondo.share";
/// On functions: floating-point operations of a call, and barriers, as polynomials in the symbols.
inline constexpr llvm::StringLiteral work = "rondo.work";
inline constexpr llvm::StringLiteral barriers = "rondo.barriers";
} // namespace names

/// "axis 2": along that axis; "worker 0": by that worker alone; "barrier, axis 2": after a barrier.
/// "threads": by all threads of a device, element by element along all axes.
struct Share {
  static constexpr int64_t alone = -1, threads = -2;
  int64_t axis = alone;
  bool barrier = false;

  std::string str() const;
  static std::optional<Share> parse(llvm::StringRef text);
};

/// The share of an op's statement; without a plan for the workers, worker 0 does it.
Share shareOf(mlir::Operation *op, int64_t statement = 0);
void setShares(mlir::Operation *op, mlir::ArrayRef<Share> all);

/// The numbers of a scan's copies in its list of shares: zeros into sums before it, the start of
/// each carry before its steps, what each carry is in the end after them; last, zeros into its bare
/// stacks (Plan/BareStacks.h) before it.
struct ScanCopies {
  explicit ScanCopies(ScanOp scan)
      : sums(scan.getNumSums()), carries(scan.getNumCarries()), bare(bareStacks(scan).size()) {}

  int64_t fill(int64_t sum) const { return sum; }
  int64_t start(int64_t carry) const { return sums + carry; }
  int64_t finish(int64_t carry) const { return sums + carries + carry; }
  /// No copy: a barrier before the first step, or none.
  int64_t enter() const { return sums + 2 * carries; }
  /// Of the bare stack with this number among them.
  int64_t fillBare(int64_t stack) const { return enter() + 1 + stack; }
  int64_t count() const { return enter() + 1 + bare; }

private:
  int64_t sums, carries, bare;
};

/// Positions along a dim are shared in blocks of so many: whole vectors and cache lines along
/// constant dims (halves of tiles along large ones), single positions along others. It depends on
/// the dim alone, so that two statements that share equal dims give each worker the same positions.
int64_t shareQuantum(DimAttr dim);
/// The axis that the workers share of a result of this rank, where a statement of `op` is shared
/// along `axis` of its first result: steps of rows have the rows in common, and otherwise their
/// last axis.
int64_t sharedAxisOf(mlir::Operation *op, int64_t axis, int64_t rank);
/// Whether rows are not in the order of the scan's dim, so that runs of rows of one length take
/// their steps one after the other: the one answer of rondo-share, which places barriers, and of
/// Lower.
bool takesRuns(ScanOp scan);
/// Whether a dim has enough blocks for several workers, as far as the compiler knows.
bool canShare(DimAttr dim);

} // namespace rondo

#endif // RONDO_PLAN_SHARE_H
