// rondo-persistent: which loops of a device are one kernel.
#include "Rondo/Cost.h"
#include "Rondo/Remark.h"
#include "Rondo/TypicalSizes.h"
#include "Schedule/Passes.h"

namespace rondo {
#define GEN_PASS_DEF_PERSISTENT
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// Operations per example from which the start of a kernel does not matter to a step.
static constexpr double largeStep = 32 << 20;

static bool isOverTime(ScanOp scan) { return !scan.getDim().isConstant() && !scan.getSegments(); }

static bool hasLoopOverTime(ScanOp scan) {
  return scan.getBody()
      .walk([](ScanOp inner) {
        return isOverTime(inner) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Operations of one step for one example.
static double workOfStep(ScanOp scan) {
  auto function = scan->getParentOfType<func::FuncOp>();
  return workOf(*scan.getBlock()).flops.evaluate([&](StringAttr symbol) {
    return lookupSymbol(function, symbol) == SymbolKind::Batch ? int64_t(1) : typicalSize;
  });
}

namespace {
struct PersistentPass : rondo::impl::PersistentBase<PersistentPass> {
  using PersistentBase::PersistentBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](ScanOp scan) { return choose(scan); });
  }

  WalkResult choose(ScanOp scan) {
    if (!isOverTime(scan) && (scan.getSegments() || hasLoopOverTime(scan)))
      return WalkResult::advance();
    double work = workOfStep(scan);
    if (work > largeStep) {
      missed(scan, "persistent") << wordsFor(scan) << " starts kernels at every step: one step is "
                                 << static_cast<int64_t>(work / 1e6)
                                 << " million operations per example, which take longer than that";
      return WalkResult::skip();
    }
    decided(scan, "persistent") << wordsFor(scan)
                                << " is one kernel, with barriers of the grid: a step is too "
                                   "little work to start kernels for";
    scan->setAttr(rondo::names::persistent, UnitAttr::get(&getContext()));
    ++numLoops;
    return WalkResult::skip();
  }
};
} // namespace
