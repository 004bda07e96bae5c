// The interpreter at every stage, in a batch and one example at a time.
#include "Checker.h"
#include "Frontend/Frontend.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

static bool isFinite(const HostArray &array) {
  return llvm::all_of(array.floats, [](double x) { return std::isfinite(x); });
}

bool Checker::importText() {
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
bool Checker::isFixpoint(StringRef stage) {
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

bool Checker::runStage(Stage stage) {
  PassManager passes(&context);
  PipelineOptions options;
  options.twins = false;
  options.disabled = settings.configuration.disabledPasses();
  options.memoryBudget = inSegments ? -1 : 0;
  addPassesTo(stage, passes, options);
  if (failed(passes.run(*module)))
    return violated("stage", "stage " + stageName(stage).str() + " fails");
  return isFixpoint(stageName(stage));
}

/// Every entry's results at this stage (batched) are those of the reference.
bool Checker::sameAsReference(StringRef stage) {
  if (!stopsInBatch())
    return false;
  for (func::FuncOp function : entries()) {
    StringRef name = function.getName();
    if (alwaysStops(name))
      continue;
    std::optional<std::vector<HostArray>> results = evaluate(*module, name, data.of(name));
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

bool Checker::stagesAgree() {
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

/// The examples at which entries stop, one at a time, before there was a batch; what does not stop
/// is finite.
bool Checker::findStops(ModuleOp frontend, Stops &found) {
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
      if (refusal().empty() || !settings.mayRefuse)
        return violated("one at a time",
                        name.str() + " cannot be evaluated for row " + llvm::Twine(row).str());
      messages.text.clear();
      found.try_emplace(name, data.rows).first->second.set(row);
    }
  return true;
}

/// The batch stops where one of its examples does.
bool Checker::stopsInBatch() {
  for (const auto &stop : stops)
    if (StringRef name = stop.getKey(); evaluate(*module, name, refused->of(name)))
      return violated("refusals", name.str() + " goes on in a batch");
  messages.text.clear();
  return true;
}

/// Where the program stops at some examples, goes on with other lengths of them: the longest ones
/// or, for what is needed of some sequence alone, none.
bool Checker::drawWhatGoesOn(ModuleOp frontend) {
  if (!findStops(frontend, stops))
    return false;
  if (stops.empty())
    return true;
  refused = data;
  for (int64_t length : {settings.longest, int64_t(0)}) {
    Settings other = settings;
    for (const auto &[name, lengths] : refused->lengths())
      for (int64_t row = 0; row < refused->rows; ++row)
        other.lengths[name].push_back(
            llvm::any_of(stops, [&](const auto &stop) { return stop.second[row]; }) ? length
                                                                                    : lengths[row]);
    data = Data();
    for (func::FuncOp function : entries())
      data.add(function, other);
    stopsStill.clear();
    if (!findStops(frontend, stopsStill))
      return false;
    if (stopsStill.empty())
      break;
  }
  return true;
}

/// One example at a time has what the batch has of it.
bool Checker::examplesAgree(ModuleOp frontend, ModuleOp stream) {
  if (!drawWhatGoesOn(frontend))
    return false;
  if (!sameAsReference("batch"))
    return false;
  for (func::FuncOp function : entries())
    for (int64_t row = 0; row < std::min(data.rows, mostRows); ++row)
      for (auto [stage, one] : {std::pair(StringRef("frontend"), frontend), {"stream", stream}}) {
        StringRef name = function.getName();
        if (alwaysStops(name))
          continue;
        std::optional<std::vector<HostArray>> results =
            evaluate(one, name, data.example(one.lookupSymbol<func::FuncOp>(name), row, false));
        if (!results)
          return violated("one at a time",
                          name.str() + " cannot be evaluated at stage " + stage.str());
        for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(*results, reference[name])))
          if (!close("one at a time", name, i, llvm::formatv("of row {0} at stage {1}", row, stage),
                     rowOf(std::get<1>(pair), row), std::get<0>(pair), settings.stageTolerance))
            return false;
      }
  return true;
}
