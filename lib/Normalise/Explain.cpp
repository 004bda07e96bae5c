// rondo-explain-loops: remarks about what the loops hold once Normalise is done.
#include "Normalise/Passes.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/Cost.h"
#include "Rondo/Remark.h"

namespace rondo {
#define GEN_PASS_DEF_EXPLAINLOOPSPASS
#include "Normalise/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

static void explain(ScanOp scan) {
  Block &body = *scan.getBlock();
  auto products = llvm::range_size(body.getOps<ContractOp>());
  decided(scan, "loop") << wordsFor(scan) << ": " << scan.getNumCarries() << " carried, "
                        << products << (products == 1 ? " product, " : " products, ")
                        << workOf(body).flops.str() << " operations a step";
  llvm::DenseSet<Value> perStep = dependents(body, ValueRange(body.getArguments()));
  llvm::DenseSet<Value> carried = dependents(body, ValueRange(scan.getCarryArguments()));
  for (Operation &op : body.without_terminator()) {
    if (isCheap(&op) || op.getNumResults() == 0 || isa<CheckOp>(op))
      continue;
    const char *reason =
        carried.contains(op.getResult(0)) ? "it depends on the step before"
        : staysInSteps(scan, &op)         ? "a step has enough to do, and all of them would "
                                            "have to be kept"
        : perStep.contains(op.getResult(0))
            ? "it does not depend on the step before, but to read it for all steps "
              "would cost more"
            : "no step may be made, and then it must not be computed";
    missed(&op, "hoist") << wordsFor(&op) << " stays in the " << wordsFor(scan) << ": " << reason;
  }
  for (Value sum : scan.getYieldedSums())
    if (Operation *op = sum.getDefiningOp())
      missed(op, "sink") << wordsFor(op) << " is summed in the " << wordsFor(scan)
                         << ": it is not linear in the steps, or they are too large to be kept";
}

namespace {
struct ExplainLoops : rondo::impl::ExplainLoopsPassBase<ExplainLoops> {
  void runOnOperation() override {
    if (wantsRemarks(&getContext()))
      getOperation()->walk<WalkOrder::PreOrder>([](ScanOp scan) { explain(scan); });
    markAllAnalysesPreserved();
  }
};
} // namespace
