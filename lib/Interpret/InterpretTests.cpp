// rondo-interpret: see Passes.td.
#include "Interpret/Passes.h"
#include "Interpret/Tests.h"

namespace rondo {
#define GEN_PASS_DEF_INTERPRETTESTS
#include "Interpret/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

struct InterpretTests : rondo::impl::InterpretTestsBase<InterpretTests> {
  void runOnOperation() override {
    // Tests run on a copy, which is outlined.
    OwningOpRef<ModuleOp> module(getOperation().clone());
    for (auto function : module->getOps<func::FuncOp>())
      if (failed(check::outline(function)))
        return signalPassFailure();

    FailureOr<int64_t> count = checkTests(
        *module, [](func::FuncOp) { return true; }, check,
        "a public function with a value for every argument");
    if (failed(count))
      return signalPassFailure();
    numTests += *count;
  }

  static LogicalResult check(func::FuncOp function) {
    FailureOr<TestRun> run = runTest(function);
    return failed(run) ? failure()
                       : check::checkResults(function, run->call.bindings, run->results);
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<check::CheckDialect>();
  }
};

} // namespace
