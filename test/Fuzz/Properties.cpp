#include "Properties.h"
#include "Compiled.h"
#include "Data.h"
#include "Driver/Pipelines.h"
#include "Frontend/Frontend.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "rondo/Philox.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringSet.h"
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
    for (const auto &[name, lengths] : data.bindings.lengths) {
      finding->lengths += " --lengths " + name.str() + "=";
      for (auto [row, length] : llvm::enumerate(lengths))
        finding->lengths += (row ? "," : "") + std::to_string(length);
    }
    return finding;
  }

private:
  /// Of a batch of many thousands a few examples are looked at one by one.
  static constexpr int64_t mostRows = 32;

  bool violated(std::string property, std::string what) {
    if (!messages.text.empty())
      what += "\n" + messages.text;
    finding = Finding{std::move(property), std::move(what), "", ""};
    return false;
  }

  /// The message of the program's own at which an evaluation stopped, or "" after any other error.
  std::string refusal() {
    StringRef all = messages.text;
    for (const char *own : {"the interpreter cannot evaluate", "expected the argument", "dominate"})
      if (all.contains(own))
        return "";
    return all.str();
  }

  static bool isFinite(const HostArray &array) {
    return llvm::all_of(array.floats, [](double x) { return std::isfinite(x); });
  }

  /// How far result `number` of an entry moves with the last digits of what the entry is given.
  double conditionOf(StringRef name, size_t number, double digit) {
    double change = 0;
    for (uint64_t draw = 0; draw < 4; ++draw) {
      Data moved = data;
      for (auto &argument : moved.arguments)
        for (auto [i, x] : llvm::enumerate(argument.second.floats))
          x *= 1 + (drawBits(draw, i)[0] % 2 ? digit : -digit);
      if (auto results = evaluate(*module, name, moved))
        change = std::max(change, errorOf((*results)[number], reference[name][number]));
    }
    return change;
  }

  /// Compares result `number` of an entry with the reference, or with what is `wanted` of it;
  /// written so that NaN fails. What changes much with the last digits of its inputs may be
  /// further off.
  bool close(const std::string &property, StringRef name, size_t number, const std::string &where,
             const HostArray &found, const HostArray &wanted, double tolerance,
             double digit = 2e-16) {
    double scale = 0;
    for (double x : reference[name][number].floats)
      if (!std::isnan(x))
        scale = std::max(scale, std::abs(x));
    double error = errorOf(found, wanted, scale);
    if (settings.verbose)
      llvm::outs() << llvm::formatv("  {0}, {1} result {2} {3}: {4:e2}\n", property, name, number,
                                    where, error);
    if (error <= tolerance || error <= 100 * conditionOf(name, number, digit))
      return true;
    return violated(property, llvm::formatv("{0} result {1} {2}: error {3:e3}, tolerance {4:e1}",
                                            name, number, where, error, tolerance));
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
      if (isNew) {
        for (auto [i, result] : llvm::enumerate(*results))
          if (name.ends_with(".grad") && !isFinite(result))
            return violated("finite", llvm::formatv("{0} result {1}", name, i));
        continue;
      }
      for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(*results, known->second)))
        if (!close("stages agree", name, i, ("at stage " + stage).str(), std::get<0>(pair),
                   std::get<1>(pair), settings.stageTolerance))
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
    if (!examplesAgree(*frontend, *stream))
      return false;
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

  /// One example at a time, before there was a batch; where the program stops at some, the batch
  /// stops too, and goes on with other lengths.
  bool examplesAgree(ModuleOp frontend, ModuleOp stream) {
    llvm::BitVector stopped(data.rows);
    for (func::FuncOp function : entries())
      for (int64_t row = 0; row < std::min(data.rows, mostRows); ++row) {
        StringRef name = function.getName();
        std::optional<std::vector<HostArray>> results = evaluate(
            frontend, name, data.example(frontend.lookupSymbol<func::FuncOp>(name), row, false));
        if (results) {
          for (auto [i, result] : llvm::enumerate(*results))
            if (!isFinite(result))
              return violated("finite", llvm::formatv("{0} result {1} of row {2}", name, i, row));
          continue;
        }
        if (refusal().empty() || !settings.mayRefuse || mended)
          return violated("one at a time",
                          name.str() + " cannot be evaluated for row " + llvm::Twine(row).str());
        messages.text.clear();
        stopped.set(row);
        stops.insert(name);
      }
    if (stopped.any()) {
      for (const auto &name : stops)
        if (evaluate(*module, name.getKey(), data))
          return violated("refusals", name.getKey().str() + " goes on at stage batch");
      messages.text.clear();
      refused = std::exchange(data, Data());
      Settings other = settings;
      for (const auto &[name, lengths] : refused->bindings.lengths)
        for (int64_t row = 0; row < refused->rows; ++row)
          other.lengths[name].push_back(stopped[row] ? settings.longest : lengths[row]);
      for (func::FuncOp function : entries())
        data.add(function, other);
      mended = true;
      return examplesAgree(frontend, stream);
    }
    if (!sameAsReference("batch"))
      return false;
    for (func::FuncOp function : entries())
      for (int64_t row = 0; row < std::min(data.rows, mostRows); ++row)
        for (auto [stage, one] : {std::pair(StringRef("frontend"), frontend), {"stream", stream}}) {
          StringRef name = function.getName();
          std::optional<std::vector<HostArray>> results =
              evaluate(one, name, data.example(one.lookupSymbol<func::FuncOp>(name), row, false));
          if (!results)
            return violated("one at a time",
                            name.str() + " cannot be evaluated at stage " + stage.str());
          for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(*results, reference[name])))
            if (!close("one at a time", name, i,
                       llvm::formatv("of row {0} at stage {1}", row, stage),
                       rowOf(std::get<1>(pair), row), std::get<0>(pair), settings.stageTolerance))
              return false;
        }
    return true;
  }

  /// The gradient of a ragged batch is the mean of the gradients of batches of one.
  bool gradientsAreThoseOfOneAtATime() {
    for (func::FuncOp function : entries()) {
      StringRef name = function.getName();
      if (!name.ends_with(".grad") || isWeighted(name) || data.rows > mostRows)
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
        if (!close("one at a time", name, i, "for all rows", reference[name][i], sum,
                   settings.raggedTolerance))
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
        if ((isDouble ? settings.configuration.isDouble : settings.configuration.isSingle) &&
            !compiledAgrees(processor, isDouble)) {
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
        Compiled::make(*module, isDouble, processor, settings.configuration);
    if (!program)
      return violated("compiled", std::string(precision) + " does not compile");
    for (func::FuncOp function : entries()) {
      StringRef name = function.getName();
      std::vector<HostArray> results;
      if (refused && stops.contains(name.ends_with(".grad") ? name.drop_back(5) : name) &&
          program->call(name, *refused, 1, results).empty())
        return violated("refusals", name.str() + " goes on in " + precision);
      results.clear();
      std::string error = program->call(name, data, 1, results);
      if (!error.empty())
        return violated("compiled", name.str() + ": " + error);
      for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(results, reference[name])))
        if (!close("compiled", name, i, std::string("in ") + precision, std::get<0>(pair),
                   std::get<1>(pair), tolerance, isDouble ? 2e-16 : 6e-8))
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
  std::optional<Data> refused; // at which `stops` stop
  llvm::StringSet<> stops;
  bool mended = false;
  llvm::StringMap<std::vector<HostArray>> reference;
  bool inSegments = false;
  std::optional<Finding> finding;
};

} // namespace

std::optional<Finding> rondo::fuzz::findViolation(MLIRContext &context, const std::string &text,
                                                  const Settings &settings) {
  return Checker(context, text, settings).run();
}
