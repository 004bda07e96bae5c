// rondo-interpret: see Passes.td.
#include "Check/Check.h"
#include "Interpret/Passes.h"
#include "rondo/Interpret.h"

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

    bool allPass = true;
    int64_t numFound = 0; // statistics count nothing in builds without assertions
    for (auto function : module->getOps<func::FuncOp>())
      if (check::isTest(function)) {
        ++numFound;
        allPass &= succeeded(runTest(function));
      }
    numTests += numFound;
    if (numFound == 0)
      getOperation().emitError("expected a public function with a value for every argument");
    if (!allPass || numFound == 0)
      signalPassFailure();
  }

  static LogicalResult runTest(func::FuncOp function) {
    FailureOr<check::TestCall> call = check::getTestCall(function);
    if (failed(call))
      return failure();
    FailureOr<std::vector<HostArray>> results =
        interpret(function, call->arguments, call->bindings);
    if (failed(results))
      return failure();
    return check::checkResults(function, call->bindings, *results);
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<check::CheckDialect>();
  }
};

} // namespace
