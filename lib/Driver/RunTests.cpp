// rondo-run: compiles a module's tests and runs them in this process; see Passes.td.
#include "Check/Check.h"
#include "Driver/Passes.h"
#include "Driver/Register.h"
#include "Driver/RunCompiled.h"
#include "rondo/Interpret.h"
#include <cstring>

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
    int64_t numFound = 0;
    for (auto function : llvm::to_vector(module->getOps<func::FuncOp>())) {
      if (failed(check::outline(function)))
        return signalPassFailure();
      numFound += check::isTest(function);
      if (!check::isTest(function) || !canCompile(function)) {
        function.erase();
        continue;
      }
      function->setAttr(names::kind, StringAttr::get(&getContext(), "entry"));
      tests.push_back(function);
    }
    if (numFound == 0) {
      getOperation().emitError("expected a public function with a value for every argument");
      return signalPassFailure();
    }
    numTests += tests.size();

    PipelineOptions options;
    options.precision = precision;
    if (isEmulated) {
      options.cpu = false;
      options.cuda = options.isEmulated = true;
    }
    auto compiled = CompiledModule::compile(*module, Stage::Normalise, options, processor, level);
    if (failed(compiled))
      return signalPassFailure();
    bool allPass = true;
    for (func::FuncOp test : tests)
      allPass &= succeeded(runTest(**compiled, test));
    if (!allPass)
      signalPassFailure();
  }

  /// Entries have the examples outermost, and no regions that earlier stages remove.
  static bool canCompile(func::FuncOp function) {
    StringAttr batch;
    for (SymbolAttr symbol : getSymbols(function))
      if (symbol.getKind() == SymbolKind::Batch)
        batch = symbol.getName();
    auto hasInnerBatch = [&](Type type) {
      ArrayRef<DimAttr> dims = cast<ArrayType>(type).getDims();
      return !dims.empty() && llvm::any_of(dims.drop_front(), [&](DimAttr dim) {
        return batch && dim.mentions(batch.getValue());
      });
    };
    if (function->hasAttr("check.poison"))
      return false; // looks at what is not valid
    if (llvm::any_of(
            llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes()),
            hasInnerBatch))
      return false;
    return !function
                .walk([](Operation *op) {
                  return isa<StreamOp, GradOp>(op) ? WalkResult::interrupt()
                                                   : WalkResult::advance();
                })
                .wasInterrupted();
  }

  LogicalResult runTest(const CompiledModule &compiled, func::FuncOp function) {
    FailureOr<check::TestCall> call = check::getTestCall(function);
    if (failed(call))
      return failure();
    FailureOr<std::vector<HostArray>> results =
        compiled.call(function, call->arguments, call->bindings);
    if (failed(results))
      return failure();
    for (int64_t workers = 2; workers <= static_cast<int64_t>(threads); ++workers)
      if (failed(compareBits(compiled, function, *call, *results, workers)))
        return failure();
    double tolerance = precision == "f32" && usesSingle(function) ? 1e-4 : 1e-10;
    LogicalResult result = check::checkResults(function, call->bindings, *results, tolerance);
    return success(succeeded(result) &&
                   succeeded(compareWithInterpreter(function, *call, *results, tolerance)));
  }

  /// The same bits for any number of workers.
  static LogicalResult compareBits(const CompiledModule &compiled, func::FuncOp function,
                                   const check::TestCall &call, ArrayRef<HostArray> wanted,
                                   int64_t workers) {
    FailureOr<std::vector<HostArray>> results =
        compiled.call(function, call.arguments, call.bindings, workers);
    if (failed(results))
      return failure();
    for (auto [number, pair] : llvm::enumerate(llvm::zip_equal(*results, wanted))) {
      auto &[found, known] = pair;
      if (found.ints != known.ints || std::memcmp(found.floats.data(), known.floats.data(),
                                                  known.floats.size() * sizeof(double)) != 0)
        return emitError(function.getLoc(), "result ")
               << number << " has other bits with " << workers << " workers";
    }
    return success();
  }

  /// Whatever the test expects, compiled code and the interpreter agree.
  static LogicalResult compareWithInterpreter(func::FuncOp function, const check::TestCall &call,
                                              ArrayRef<HostArray> results, double tolerance) {
    auto expected = interpret(function, call.arguments, call.bindings);
    FailureOr<Extents> extents = Extents::bind(function, call.bindings);
    if (failed(expected) || failed(extents))
      return failure();
    for (auto [number, type] : llvm::enumerate(function.getResultTypes())) {
      check::Difference worst =
          check::difference(extents->domain(cast<ArrayType>(type).getDims()), results[number],
                            (*expected)[number], /*nanIsEqual=*/true);
      if (worst.isClose(tolerance, tolerance * 1e-2))
        continue;
      InFlightDiagnostic error = emitError(function.getLoc(), "result ")
                                 << number << " is " << worst.actual
                                 << " where the interpreter gives " << worst.expected << " at [";
      llvm::interleaveComma(worst.index, error);
      return error << "]";
    }
    return success();
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
