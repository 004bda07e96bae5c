#include "Interpret/Tests.h"

using namespace mlir;
using namespace rondo;

FailureOr<TestRun> rondo::runTest(func::FuncOp function) {
  FailureOr<check::TestCall> call = check::getTestCall(function);
  if (failed(call))
    return failure();
  FailureOr<std::vector<HostArray>> results = interpret(function, call->arguments, call->bindings);
  if (failed(results))
    return failure();
  return TestRun{std::move(*call), std::move(*results)};
}

FailureOr<int64_t> rondo::checkTests(ModuleOp module,
                                     llvm::function_ref<bool(func::FuncOp)> isMeant,
                                     llvm::function_ref<LogicalResult(func::FuncOp)> check,
                                     StringRef what) {
  bool allPass = true;
  int64_t count = 0; // statistics count nothing in builds without assertions
  for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
    if (!check::isTest(function) || !isMeant(function))
      continue;
    ++count;
    allPass &= succeeded(check(function));
  }
  if (count == 0)
    return module.emitError("expected ") << what;
  if (!allPass)
    return failure();
  return count;
}
