#include "Properties.h"
#include "Compiled.h"
#include "Data.h"
#include "Driver/Pipelines.h"
#include "Frontend/Frontend.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

namespace {

/// Collects what is reported while it lives, instead of printing it.
class Messages {
public:
  explicit Messages(MLIRContext &context)
      : handler(&context, [this](Diagnostic &diagnostic) {
          llvm::raw_string_ostream os(text);
          if (auto at = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
            os << at.getLine() << ":" << at.getColumn() << ": ";
          os << diagnostic << "\n";
        }) {}
  std::string text;

private:
  ScopedDiagnosticHandler handler;
};

/// The checks of one program. Each returns true to go on; on a violation it fills `finding`.
class Checker {
public:
  Checker(MLIRContext &context, const std::string &text, const Settings &settings)
      : context(context), text(text), settings(settings), messages(context) {}

  std::optional<Finding> run() {
    if (importText() && stagesAgree() && gradientsAreThoseOfOneAtATime() && differencesAgree() &&
        compiledAgrees())
      return std::nullopt;
    return finding;
  }

private:
  bool violated(std::string property, std::string what) {
    if (!messages.text.empty())
      what += "\n" + messages.text;
    finding = Finding{std::move(property), std::move(what), ""};
    return false;
  }

  /// Compares results of `what`, written so that NaN fails.
  bool close(const std::string &property, const std::string &what, const HostArray &found,
             const HostArray &wanted, double tolerance) {
    double error = errorOf(found, wanted);
    if (settings.verbose)
      llvm::outs() << llvm::formatv("  {0}, {1}: {2:e2}\n", property, what, error);
    if (!(error <= tolerance))
      return violated(property,
                      llvm::formatv("{0}: error {1:e3}, tolerance {2:e1}", what, error, tolerance));
    return true;
  }

  bool importText() {
    llvm::SourceMgr sources;
    sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(text, "program.rondo"),
                               llvm::SMLoc());
    FrontendOptions options;
    options.definitions = settings.definitions;
    module = importRondo(sources, &context, options);
    if (!module)
      return violated("front end", "the text is refused");
    return isFixpoint("frontend");
  }

  /// Printing, reading and printing again gives the same text, and what is read verifies.
  bool isFixpoint(StringRef stage) {
    auto print = [](ModuleOp op) {
      std::string out;
      llvm::raw_string_ostream os(out);
      op->print(os, OpPrintingFlags().enableDebugInfo());
      return out;
    };
    std::string first = print(*module);
    OwningOpRef<ModuleOp> again = parseSourceString<ModuleOp>(first, ParserConfig(&context));
    if (!again || failed(verify(*again)))
      return violated("print and parse", "stage " + stage.str() + " is not read back");
    if (print(*again) != first)
      return violated("print and parse", "stage " + stage.str() + " is not a fixpoint");
    return true;
  }

  bool runStage(Stage stage) {
    PassManager passes(&context);
    PipelineOptions options;
    options.twins = false;
    options.disabled = settings.configuration.disabledPasses();
    options.memoryBudget = inSegments ? -1 : 0;
    for (std::unique_ptr<Pass> &pass : passesOf(stage, options))
      passes.addPass(std::move(pass));
    if (failed(passes.run(*module)))
      return violated("stage", "stage " + stageName(stage).str() + " fails");
    return isFixpoint(stageName(stage));
  }

  SmallVector<func::FuncOp> entries() {
    SmallVector<func::FuncOp> found;
    for (auto function : module->getOps<func::FuncOp>())
      if (auto kind = function->getAttrOfType<StringAttr>(names::kind))
        if (kind.getValue() == "entry")
          found.push_back(function);
    return found;
  }

  /// Every entry's results at this stage (batched) are those of the reference.
  bool sameAsReference(StringRef stage) {
    for (func::FuncOp function : entries()) {
      StringRef name = function.getName();
      std::optional<std::vector<HostArray>> results = evaluate(*module, name, data);
      if (!results)
        return violated("stages agree",
                        llvm::formatv("{0} cannot be evaluated at stage {1}", name, stage));
      auto [known, isNew] = reference.try_emplace(name, *results);
      if (isNew)
        continue;
      for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(*results, known->second)))
        if (!close("stages agree", llvm::formatv("{0} result {1} at stage {2}", name, i, stage),
                   std::get<0>(pair), std::get<1>(pair), settings.stageTolerance))
          return false;
    }
    return true;
  }

  bool stagesAgree() {
    OwningOpRef<ModuleOp> frontend = module->clone();
    if (!runStage(Stage::Stream))
      return false;
    OwningOpRef<ModuleOp> stream = module->clone();
    if (!runStage(Stage::Batch))
      return false;
    for (func::FuncOp function : entries())
      data.add(function, settings);
    if (!sameAsReference("batch"))
      return false;
    // One example at a time, before there was a batch.
    for (func::FuncOp function : entries())
      for (int64_t row = 0; row < data.rows; ++row)
        for (auto [stage, one] :
             {std::pair(StringRef("frontend"), *frontend), {"stream", *stream}}) {
          StringRef name = function.getName();
          auto single = one.lookupSymbol<func::FuncOp>(name);
          std::optional<std::vector<HostArray>> results =
              evaluate(one, name, data.example(single, row, false));
          if (!results)
            return violated("one at a time",
                            name.str() + " cannot be evaluated at stage " + stage.str());
          for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(*results, reference[name])))
            if (!close("one at a time",
                       llvm::formatv("{0} result {1} of row {2} at stage {3}", name, i, row, stage),
                       rowOf(std::get<1>(pair), row), std::get<0>(pair), settings.stageTolerance))
              return false;
        }
    batched = module->clone();
    if (settings.configuration.segments) {
      // The gradients in segments are those of the whole.
      if (!runStage(Stage::Differentiate) || !sameAsReference("differentiate"))
        return false;
      module = batched->clone();
      inSegments = true;
    }
    return runStage(Stage::Differentiate) && sameAsReference("differentiate") &&
           runStage(Stage::Normalise) && sameAsReference("normalise");
  }

  /// The gradient of a ragged batch is the mean of the gradients of batches of one.
  bool gradientsAreThoseOfOneAtATime() {
    for (func::FuncOp function : entries()) {
      StringRef name = function.getName();
      if (!name.ends_with(".grad") || isWeighted(name))
        continue;
      std::vector<HostArray> sums;
      for (int64_t row = 0; row < data.rows; ++row) {
        std::optional<std::vector<HostArray>> one =
            evaluate(*module, name, data.example(function, row, true));
        if (!one)
          return violated("one at a time", name.str() + " cannot be evaluated for one row");
        if (sums.empty())
          sums = *one;
        else
          for (auto [sum, term] : llvm::zip_equal(sums, *one))
            for (auto [a, b] : llvm::zip_equal(sum.floats, term.floats))
              a += b;
      }
      for (auto [i, sum] : llvm::enumerate(sums)) {
        for (double &x : sum.floats)
          x /= static_cast<double>(data.rows);
        if (!close("one at a time", llvm::formatv("{0} result {1}", name, i), reference[name][i],
                   sum, settings.raggedTolerance))
          return false;
      }
    }
    return true;
  }

  bool isWeighted(StringRef gradient) {
    auto loss = batched->lookupSymbol<func::FuncOp>(gradient.drop_back(5));
    return loss && loss.getNumResults() == 2;
  }

  /// The batch's loss, as the gradient entry defines it.
  std::optional<double> lossOf(StringRef name, const Data &at) {
    std::optional<std::vector<HostArray>> results = evaluate(*batched, name, at);
    if (!results)
      return std::nullopt;
    double sum = 0, weight = 0;
    for (double x : (*results)[0].floats)
      sum += x;
    if (results->size() == 2)
      for (double x : (*results)[1].floats)
        weight += x;
    else
      weight = static_cast<double>(at.rows);
    return sum / weight;
  }

  /// Central differences of fourth order; nothing near a kink, where two widths disagree.
  std::optional<double> derivative(StringRef name, Data &at, double &x) {
    double x0 = x;
    auto slope = [&](double h) -> std::optional<double> {
      double values[4];
      const double offsets[4] = {-2 * h, -h, h, 2 * h};
      for (int i = 0; i < 4; ++i) {
        x = x0 + offsets[i];
        std::optional<double> value = lossOf(name, at);
        x = x0;
        if (!value)
          return std::nullopt;
        values[i] = *value;
      }
      return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h);
    };
    std::optional<double> wide = slope(2e-3), narrow = slope(1e-3);
    if (!wide || !narrow || !(std::abs(*wide - *narrow) <= 1e-7 * (1 + std::abs(*narrow))))
      return std::nullopt;
    return narrow;
  }

  bool differencesAgree() {
    if (!settings.differences)
      return true;
    for (func::FuncOp function : entries()) {
      StringRef name = function.getName();
      if (!name.ends_with(".grad"))
        continue;
      for (unsigned i = 0; i < function.getNumResults(); ++i) {
        auto role = function.getResultAttrOfType<StringAttr>(i, names::role);
        if (!role || role.getValue() != "gradient")
          continue;
        auto path = function.getResultAttrOfType<StringAttr>(i, names::name).getValue();
        Data moved = data;
        HostArray &parameter = moved.arguments[path];
        HostArray wanted = HostArray::poisoned(ArrayKind::Float, parameter.shape);
        // At most eight elements per parameter, spread over it.
        int64_t step = std::max<int64_t>(1, parameter.size() / 8);
        for (int64_t e = static_cast<int64_t>(settings.seed) % step; e < parameter.size();
             e += step)
          if (std::optional<double> d = derivative(name.drop_back(5), moved, parameter.floats[e]))
            wanted.floats[e] = *d;
        if (!closeAtScale(name, path, reference[name][i], wanted))
          return false;
      }
    }
    return true;
  }

  /// Differences are compared on the scale of the whole gradient: theirs is known at few elements.
  bool closeAtScale(StringRef name, StringRef path, const HostArray &gradient,
                    const HostArray &wanted) {
    double scale = 1e-3, worst = 0;
    for (double x : gradient.floats)
      scale = std::max(scale, std::abs(x));
    for (auto [x, y] : llvm::zip_equal(gradient.floats, wanted.floats))
      if (!std::isnan(y) && !(std::abs(x - y) <= worst))
        worst = std::abs(x - y);
    if (settings.verbose)
      llvm::outs() << llvm::formatv("  differences, {0} of {1}: {2:e2}\n", path, name,
                                    worst / scale);
    if (!(worst <= settings.differenceTolerance * scale))
      return violated("differences", llvm::formatv("d {0} / d {1}: error {2:e3}, tolerance {3:e1}",
                                                   name.drop_back(5), path, worst / scale,
                                                   settings.differenceTolerance));
    return true;
  }

  bool compiledAgrees() {
    if (!settings.compiled)
      return true;
    for (const std::string &processor : settings.configuration.processors)
      for (bool isDouble : {true, false})
        if (!compiledAgrees(processor, isDouble)) {
          finding->processor = processor;
          return false;
        }
    return true;
  }

  bool compiledAgrees(const std::string &processor, bool isDouble) {
    double tolerance = isDouble ? settings.f64Tolerance : settings.f32Tolerance;
    if (tolerance == 0)
      return true;
    const char *precision = isDouble ? "f64" : "f32";
    std::unique_ptr<Compiled> program =
        Compiled::make(*module, isDouble, processor, settings.configuration.disabledPasses());
    if (!program)
      return violated("compiled", std::string(precision) + " does not compile");
    for (func::FuncOp function : entries()) {
      StringRef name = function.getName();
      std::vector<HostArray> results;
      std::string error = program->call(name, data, 1, results);
      if (!error.empty())
        return violated("compiled", name.str() + ": " + error);
      for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(results, reference[name])))
        if (!close("compiled", llvm::formatv("{0} result {1} in {2}", name, i, precision),
                   std::get<0>(pair), std::get<1>(pair), tolerance))
          return false;
      for (int64_t workers = 2; workers <= settings.threads; ++workers)
        if (!sameBits(*program, name, workers, results))
          return false;
    }
    return true;
  }

  /// One worker computes each element, whoever it is.
  bool sameBits(Compiled &program, StringRef name, int64_t workers, ArrayRef<HostArray> wanted) {
    std::vector<HostArray> results;
    std::string error = program.call(name, data, workers, results);
    if (!error.empty())
      return violated("any number of workers", name.str() + ": " + error);
    for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(results, wanted))) {
      auto &[found, known] = pair;
      if (found.ints != known.ints || std::memcmp(found.floats.data(), known.floats.data(),
                                                  known.floats.size() * sizeof(double)) != 0)
        return violated(
            "any number of workers",
            llvm::formatv("{0} result {1} has other bits with {2} workers", name, i, workers));
    }
    return true;
  }

  MLIRContext &context;
  const std::string &text;
  const Settings &settings;
  Messages messages;
  OwningOpRef<ModuleOp> module, batched;
  Data data;
  llvm::StringMap<std::vector<HostArray>> reference;
  bool inSegments = false;
  std::optional<Finding> finding;
};

} // namespace

std::optional<Finding> rondo::fuzz::findViolation(MLIRContext &context, const std::string &text,
                                                  const Settings &settings) {
  return Checker(context, text, settings).run();
}
