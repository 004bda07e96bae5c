// rondo-share-threads: which statements all threads of a device share, and where they wait.
#include "Plan/Barriers.h"
#include "Plan/Passes.h"
#include "Plan/ShareTable.h"
#include "Rondo/Remark.h"

namespace rondo {
#define GEN_PASS_DEF_SHARETHREADS
#include "Plan/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// All threads, but for what is a single element, where a barrier would cost more, and for checks,
/// of which the first to fail is reported.
static int64_t threadsOrAlone(const Statement &statement) {
  bool isOne = llvm::all_of(statement.dims,
                            [](DimAttr dim) { return dim.isConstant() && dim.getConstant() == 1; });
  return (isOne && !headOf(statement.op)) || isa<CheckOp>(statement.op) ? Share::alone
                                                                        : Share::threads;
}

static void explain(GroupOp group, const Share &share) {
  if (share.axis == Share::threads)
    decided(group, "share") << wordsForShared(group) << " is computed by all threads, element by "
                            << "element" << wordsForBarrier(share);
  else
    missed(group, "share") << wordsForShared(group) << " is the first thread's: it is one element"
                           << wordsForBarrier(share);
}

namespace {
struct ShareThreadsPass : rondo::impl::ShareThreadsBase<ShareThreadsPass> {
  using ShareThreadsBase::ShareThreadsBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      ShareTable shares;
      function.walk([&](Operation *op) {
        for (const Statement &statement : statementsOf(op))
          shares[keyOf(statement)].axis = threadsOrAlone(statement);
      });
      ShareCounts counts = writeShares(function, shares);
      forEachSharedGroup(function, explain);
      numShared += counts.shared;
      numBarriers += counts.barriers;
    }
  }
};
} // namespace
