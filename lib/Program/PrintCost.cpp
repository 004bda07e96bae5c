// rondo-print-cost: see Passes.td.
#include "Program/Passes.h"
#include "Rondo/Cost.h"

namespace rondo {
#define GEN_PASS_DEF_PRINTCOST
#include "Program/Passes.h.inc"
} // namespace rondo

namespace {

struct PrintCost : rondo::impl::PrintCostBase<PrintCost> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<mlir::func::FuncOp>()) {
      rondo::Work work = rondo::workOf(function);
      function.emitRemark() << "flops: " << work.flops.str() << ", bytes: " << work.bytes.str();
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
