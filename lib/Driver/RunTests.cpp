// rondo-run: compiles a module's tests and runs them in this process; see Passes.td.
#include "Check/Check.h"
#include "Driver/Passes.h"
#include "Driver/Register.h"
#include "Driver/RunCompiled.h"

namespace rondo {
#define GEN_PASS_DEF_RUNTESTS
#include "Driver/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

struct RunTestsPass : rondo::impl::RunTestsBase<RunTestsPass> {
  using RunTestsBase::RunTestsBase;

  void runOnOperation() override {
    // Tests run on a copy, which is outlined; they are the only entries.
    OwningOpRef<ModuleOp> module(getOperation().clone());
    SmallVector<func::FuncOp> tests;
    for (auto function : llvm::to_vector(module->getOps<func::FuncOp>())) {
      if (failed(check::outline(function)))
        return signalPassFailure();
      if (!check::isTest(function)) {
        function.erase();
        continue;
      }
      function->setAttr(names::kind, StringAttr::get(&getContext(), "entry"));
      tests.push_back(function);
    }
    if (tests.empty()) {
      getOperation().emitError("expected a public function with a value for every argument");
      return signalPassFailure();
    }
    numTests += tests.size();

    PipelineOptions options;
    options.precision = precision;
    options.vectorBits = vectorBits;
    auto compiled = CompiledModule::compile(*module, Stage::Normalise, options, level);
    if (failed(compiled))
      return signalPassFailure();
    bool allPass = true;
    for (func::FuncOp test : tests)
      allPass &= succeeded(runTest(**compiled, test));
    if (!allPass)
      signalPassFailure();
  }

  LogicalResult runTest(const CompiledModule &compiled, func::FuncOp function) {
    FailureOr<check::TestCall> call = check::getTestCall(function);
    if (failed(call))
      return failure();
    FailureOr<std::vector<HostArray>> results =
        compiled.call(function, call->arguments, call->bindings);
    if (failed(results))
      return failure();
    double tolerance = precision == "f32" && usesSingle(function) ? 1e-4 : 0;
    return check::checkResults(function, call->bindings, *results, tolerance);
  }

  static bool usesSingle(func::FuncOp function) {
    auto single = [](Type type) { return cast<ArrayType>(type).getElementType().isF32(); };
    return llvm::any_of(function.getArgumentTypes(), single) ||
           llvm::any_of(function.getResultTypes(), single);
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registerDialects(registry);
  }
};

} // namespace
