// The check dialect: numeric assertions for tests, and how a run's results are compared with them.
#ifndef RONDO_DIALECTS_CHECK_H
#define RONDO_DIALECTS_CHECK_H

#include "Rondo/Domain.h"
#include "Rondo/HostArray.h"
#include "Rondo/Rondo.h"
#include "mlir/Pass/Pass.h"

#include "Check/CheckDialect.h.inc"

#define GET_OP_CLASSES
#include "Check/CheckOps.h.inc"

namespace rondo::check {

#define GEN_PASS_DECL
#include "Check/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "Check/Passes.h.inc"

namespace names {
inline constexpr llvm::StringLiteral bindings = "check.bindings";
inline constexpr llvm::StringLiteral value = "check.value";
inline constexpr llvm::StringLiteral expect = "check.expect";
inline constexpr llvm::StringLiteral expectGrad = "check.expect_grad";
} // namespace names

/// What a test function is called with.
struct TestCall {
  Bindings bindings;
  std::vector<HostArray> arguments;
};

/// Does what the pass check-outline does to one function.
mlir::LogicalResult outline(mlir::func::FuncOp function);

/// True if a run can call the function as it stands (after check-outline): it is public, has a
/// body, and every argument has a value.
bool isTest(mlir::func::FuncOp function);

/// The call of a test. Emits an error where the attributes are of another form.
mlir::FailureOr<TestCall> getTestCall(mlir::func::FuncOp function);

/// Compares a run's results with what the function expects; emits one error per expectation that
/// fails, where it was written. Tolerances are at least `tolerance` (of a run in single precision).
mlir::LogicalResult checkResults(mlir::func::FuncOp function, const Bindings &bindings,
                                 llvm::ArrayRef<HostArray> results, double tolerance = 0.0);

/// The largest |a - b| and |b| over valid positions, equal infinities left out; NaN if any of them
/// is (unless both are, with `nanIsEqual`).
struct Difference {
  double error = 0.0, scale = 0.0;
  /// Where the error is, with the two values.
  llvm::SmallVector<int64_t, 6> index;
  double actual = 0.0, expected = 0.0;

  bool isClose(double tolerance, double floor) const { return error <= tolerance * scale + floor; }
};
Difference difference(const Domain &domain, const HostArray &actual, const HostArray &expected,
                      bool nanIsEqual = false);

} // namespace rondo::check

#endif // RONDO_DIALECTS_CHECK_H
