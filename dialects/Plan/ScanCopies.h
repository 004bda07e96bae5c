// The statements of a scan that are copies around its steps, in the order of its shares.
#ifndef RONDO_DIALECTS_PLAN_SCANCOPIES_H
#define RONDO_DIALECTS_PLAN_SCANCOPIES_H

#include "Plan/BareStacks.h"

namespace rondo {

/// The numbers of a scan's copies in its list of shares: zeros into sums before it, the start of
/// each carry before its steps, what each carry is in the end after them; last, zeros into its bare
/// stacks before it.
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

} // namespace rondo

#endif // RONDO_DIALECTS_PLAN_SCANCOPIES_H
