// rondo-ulp: the errors of the emitted transcendental functions, in units in the last place.
//
//   rondo-ulp                     every 61st single-precision number, samples of double precision
//   rondo-ulp --full              every single-precision number (minutes)
//   rondo-ulp --mcpu=x86-64       for another processor; --only=tanh one function
//
// Each function is compiled as an entry of one elementwise op and called in memory. The reference
// is libm, in double precision for f32 and in long double for f64. Prints the worst error and where
// it is; exits with 1 if one is above the bound of Functions.cpp.
#include "Driver/Pipelines.h"
#include "Driver/Register.h"
#include "Functions.h"
#include "Runtime/Array.h"
#include "Runtime/Call.h"
#include "Target/Jit.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <functional>
#include <thread>

using namespace mlir;
using namespace rondo;
using namespace rondo::ulp;
namespace cl = llvm::cl;

static cl::opt<bool> full("full", cl::desc("every single-precision number"));
static cl::opt<int64_t> stride("stride", cl::init(61), cl::desc("of single-precision numbers"));
static cl::opt<std::string> mcpu("mcpu", cl::init("native"), cl::desc("the processor"));
static cl::opt<std::string> only("only", cl::desc("one function"));
static cl::opt<unsigned> threads("workers", cl::init(1), cl::desc("threads of a sweep"));

namespace {

/// An odd count, so that the last vector is not full.
constexpr int64_t chunk = 16383;

std::unique_ptr<Jit> compile(const Row &row, StringRef element, const Processor &processor) {
  std::string type = ("!rondo.array<[B], " + element + ">").str();
  std::string text = "func.func @f(%x: " + type + (row.isBinary ? ", %y: " + type : "") + ") -> " +
                     type +
                     " attributes {rondo.kind = \"entry\","
                     " rondo.symbols = [#rondo.symbol<B, batch>]} {\n  %r = rondo." +
                     row.name.str() + " %x" + (row.isBinary ? ", %y" : "") + " : " + type +
                     "\n  return %r : " + type + "\n}\n";
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return nullptr;
  PipelineOptions options;
  options.features = processor.features;
  options.target = processor.description;
  options.twins = false;
  PassManager passes(&context);
  for (Stage stage : {Stage::Schedule, Stage::Plan, Stage::Lower, Stage::Target})
    addPassesTo(stage, passes, options);
  if (failed(passes.run(*module)))
    return nullptr;
  auto jit = Jit::create(*module, processor, 2);
  if (!jit) {
    llvm::errs() << toString(jit.takeError()) << "\n";
    return nullptr;
  }
  return std::move(*jit);
}

template <typename Number> struct Worst {
  double error = -1;
  Number x = 0, y = 0, got = 0;

  /// NaN, which no error is, would win.
  void add(double each, Number atX, Number atY, Number result) {
    if (!(each <= error))
      *this = {each, atX, atY, result};
  }
};

/// Calls the compiled function on `count` arguments of `x` (and `y`) and compares.
template <typename Number> class Measure {
public:
  Measure(const Row &row, const Jit &jit)
      : row(row), caller(jit.program().entries[0]), x(chunk), y(chunk), got(chunk) {}

  void run(int64_t count) {
    CallShape shape;
    shape.dims = {count};
    shape.lengths.resize(1);
    const void *arguments[] = {x.data(), y.data()};
    void *results[] = {got.data()};
    if (Status status = caller.call(shape, arguments, results); status.failed()) {
      llvm::errs() << status.message() << "\n";
      exit(1);
    }
    for (int64_t i = 0; i < count; ++i) {
      if constexpr (std::is_same_v<Number, float>)
        compare(row.single(x[i], y[i]), i);
      else
        compare(row.twice(x[i], y[i]), i);
    }
    calls += count;
  }

  template <typename Wide> void compare(Wide exact, int64_t i) {
    // A unit is at least this share of the number: most are seen to be no worse than the worst.
    constexpr Wide share = std::is_same_v<Number, float> ? 0x1p24 : 0x1p53;
    Wide difference = std::abs(Wide(got[i]) - exact);
    if (exact != 0 && difference * share <= Wide(worst.error) * std::abs(exact))
      return;
    worst.add(error(got[i], exact), x[i], y[i], got[i]);
  }

  const Row &row;
  EntryCaller caller;
  std::vector<Number> x, y, got;
  Worst<Number> worst;
  int64_t calls = 0;
};

/// Every `step`th single-precision number, as this thread's share.
void sweep(Measure<float> &measure, uint64_t step, unsigned thread, unsigned numThreads) {
  int64_t count = 0;
  for (uint64_t bits = thread * step; bits < (1ULL << 32); bits += numThreads * step) {
    auto word = static_cast<uint32_t>(bits);
    std::memcpy(&measure.x[count], &word, sizeof(word));
    if (++count == chunk) {
      measure.run(count);
      count = 0;
    }
  }
  measure.run(count);
}

template <typename Number>
void tryAll(Measure<Number> &measure, ArrayRef<double> xs, ArrayRef<double> ys) {
  int64_t count = 0;
  for (double x : xs)
    for (double y : ys) {
      measure.x[count] = static_cast<Number>(x);
      measure.y[count] = static_cast<Number>(y);
      if (++count == chunk) {
        measure.run(count);
        count = 0;
      }
    }
  measure.run(count);
}

template <typename Number>
bool report(const Row &row, const Measure<Number> &measure, double bound) {
  const Worst<Number> &worst = measure.worst;
  bool holds = worst.error <= bound;
  llvm::outs() << (holds ? "" : "FAILED ") << row.name
               << (std::is_same_v<Number, float> ? " f32: " : " f64: ")
               << llvm::format("%.3f ulp at %a", worst.error, double(worst.x));
  if (row.isBinary)
    llvm::outs() << llvm::format(", %a", double(worst.y));
  llvm::outs() << llvm::format(" (gives %a), bound %g, ", double(worst.got), bound) << measure.calls
               << " values\n";
  llvm::outs().flush();
  return holds;
}

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "errors of the emitted transcendental functions\n");
  auto processor = resolveProcessor(mcpu);
  if (!processor) {
    llvm::errs() << toString(processor.takeError()) << "\n";
    return 1;
  }
  // Without fused operations polynomials round twice as often.
  double allowance = StringRef(processor->features).contains("fma") ? 1 : 1.25;
  bool holds = true;
  int64_t numMeasured = 0;
  std::vector<double> numbers = samples(100);
  for (const Row &row : functions()) {
    if (!only.empty() && only != row.name)
      continue;
    ++numMeasured;
    std::unique_ptr<Jit> single = compile(row, "f32", *processor);
    std::unique_ptr<Jit> twice = compile(row, "f64", *processor);
    if (!single || !twice)
      return 1;
    Measure<float> floats(row, *single);
    Measure<double> doubles(row, *twice);
    if (row.isBinary) {
      tryAll(floats, bases(), exponents());
      tryAll(doubles, bases(), exponents());
    } else {
      unsigned count = std::max(1u, unsigned(threads));
      std::vector<std::unique_ptr<Measure<float>>> shares;
      std::vector<std::thread> running;
      for (unsigned t = 0; t < count; ++t) {
        shares.push_back(std::make_unique<Measure<float>>(row, *single));
        running.emplace_back([&, t] { sweep(*shares[t], full ? 1 : uint64_t(stride), t, count); });
      }
      for (unsigned t = 0; t < count; ++t) {
        running[t].join();
        floats.calls += shares[t]->calls;
        const Worst<float> &worst = shares[t]->worst;
        floats.worst.add(worst.error, worst.x, worst.y, worst.got);
      }
      tryAll(floats, numbers, {0.0});
      tryAll(doubles, numbers, {0.0});
    }
    holds &= report(row, floats, row.singleBound * allowance);
    holds &= report(row, doubles, row.twiceBound * allowance);
  }
  if (numMeasured == 0)
    llvm::errs() << "no function of that name\n";
  return holds && numMeasured > 0 ? 0 : 1;
}
