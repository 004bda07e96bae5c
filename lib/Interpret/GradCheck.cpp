// rondo-gradcheck: see Passes.td.
#include "Interpret/Passes.h"
#include "Interpret/Tests.h"
#include <cmath>

namespace rondo {
#define GEN_PASS_DEF_GRADCHECK
#include "Interpret/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

/// The number of the result with this role and name.
std::optional<unsigned> findResult(func::FuncOp function, StringRef role, StringRef name) {
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    auto has = [&](StringRef attribute, StringRef text) {
      auto value = function.getResultAttrOfType<StringAttr>(i, attribute);
      return value && value.getValue() == text;
    };
    if (has(names::role, role) && (name.empty() || has(names::name, name)))
      return i;
  }
  return std::nullopt;
}

struct GradCheck : rondo::impl::GradCheckBase<GradCheck> {
  using GradCheckBase::GradCheckBase;

  void runOnOperation() override {
    // On a copy, so that the function without its gradients can stand beside it.
    OwningOpRef<ModuleOp> module(getOperation().clone());
    auto hasGradients = [](func::FuncOp function) {
      return findResult(function, "loss", "") && findResult(function, "gradient", "");
    };
    if (failed(checkTests(
            *module, hasGradients, [&](func::FuncOp function) { return checkFunction(function); },
            "a test with a loss and gradients")))
      signalPassFailure();
  }

  LogicalResult checkFunction(func::FuncOp function) {
    FailureOr<TestRun> run = runTest(function);
    if (failed(run))
      return failure();

    // The loss alone: the interpreter skips what nothing needs.
    unsigned loss = *findResult(function, "loss", "");
    auto onlyLoss = cast<func::FuncOp>(function->clone());
    onlyLoss.setName((function.getName() + ".loss").str());
    function->getParentOfType<ModuleOp>().push_back(onlyLoss);
    llvm::BitVector others(function.getNumResults(), true);
    others.reset(loss);
    onlyLoss.getBody().front().getTerminator()->eraseOperands(others);
    if (failed(onlyLoss.eraseResults(others)))
      return failure();

    bool allAgree = true;
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      auto role = function.getArgAttrOfType<StringAttr>(i, names::role);
      auto name = function.getArgAttrOfType<StringAttr>(i, names::name);
      if (!role || role.getValue() != "parameter" || !name)
        continue;
      std::optional<unsigned> gradient = findResult(function, "gradient", name.getValue());
      if (!gradient)
        return function.emitError("no gradient of the parameter ") << name;
      allAgree &= succeeded(
          checkParameter(onlyLoss, run->call, i, name.getValue(), run->results[*gradient]));
    }
    return success(allAgree);
  }

  LogicalResult checkParameter(func::FuncOp loss, check::TestCall &call, unsigned argument,
                               StringRef name, const HostArray &gradient) {
    std::vector<double> &values = call.arguments[argument].floats;
    int64_t size = values.size(), count = std::min<int64_t>(size, elements);
    double worst = 0.0, largest = 0.0;
    for (int64_t k = 0; k < count; ++k) {
      int64_t at = k * size / count;
      double center = values[at], step = 6e-6 * std::max(1.0, std::fabs(center));
      double sides[2];
      for (int side = 0; side < 2; ++side) {
        values[at] = center + (side ? step : -step);
        FailureOr<std::vector<HostArray>> result = interpret(loss, call.arguments, call.bindings);
        if (failed(result))
          return failure();
        sides[side] = (*result)[0].floats[0];
      }
      values[at] = center;
      double slope = (sides[1] - sides[0]) / (2.0 * step);
      double error = std::fabs(slope - gradient.floats[at]);
      if (!std::isnan(worst) && !(error <= worst))
        worst = error;
      largest = std::max(largest, std::fabs(slope));
      ++numElements;
    }
    if (!(worst <= tolerance * largest + floor))
      return loss.emitError("the gradient of ")
             << name << " differs from central differences by " << worst
             << " where the largest slope is " << largest;
    return success();
  }
};

} // namespace
