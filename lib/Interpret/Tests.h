// What rondo-interpret and rondo-gradcheck share: the test functions of a module, and one run.
#ifndef RONDO_INTERPRET_TESTS_H
#define RONDO_INTERPRET_TESTS_H

#include "Check/Check.h"
#include "rondo/Interpret.h"

namespace rondo {

struct TestRun {
  check::TestCall call;
  std::vector<HostArray> results;
};

/// Interprets a test with the arguments that it names.
mlir::FailureOr<TestRun> runTest(mlir::func::FuncOp function);

/// Checks all tests of a module that `isMeant` accepts, also after one has failed; fails with
/// "expected `what`" where there is none. Returns their number.
mlir::FailureOr<int64_t>
checkTests(mlir::ModuleOp module, llvm::function_ref<bool(mlir::func::FuncOp)> isMeant,
           llvm::function_ref<mlir::LogicalResult(mlir::func::FuncOp)> check, mlir::StringRef what);

} // namespace rondo

#endif // RONDO_INTERPRET_TESTS_H
