// What each stage runs: one flat list of passes per stage.
#include "Driver/Pipelines.h"
#include "Batch/Passes.h"
#include "Differentiate/Passes.h"
#include "Lower/Passes.h"
#include "Normalise/Passes.h"
#include "Normalise/Pipeline.h"
#include "Plan/Passes.h"
#include "Schedule/Passes.h"
#include "Stream/Passes.h"
#include "Target/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace rondo;

std::unique_ptr<Pass> rondo::precisionPass(llvm::StringRef precision) {
  return createPrecision({precision.str()});
}

void rondo::streamPasses(PassList &passes, const PipelineOptions &options) {
  if (options.precision != "f32")
    passes.push_back(precisionPass(options.precision));
  passes.push_back(createCanonicalizerPass()); // what nothing reads shall not look ahead
  passes.push_back(createStream());
}

void rondo::batchPasses(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createBatchPass());
}

void rondo::differentiatePasses(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createDifferentiate());
}

void rondo::normalisePasses(PassList &passes, const PipelineOptions &options) {
  buildNormalisePipeline(passes);
}

void rondo::schedulePasses(PassList &passes, const PipelineOptions &options) {
  const TargetDescription &target = options.target;
  passes.push_back(createDescribeTarget({target.vectorBits, target.vectorRegisters, target.l1Bytes,
                                         target.l2Bytes, target.l3Bytes, target.cores}));
  passes.push_back(createAnnotateCost());
  if (options.twins)
    passes.push_back(createTwins());
  passes.push_back(createLayout({options.smallestPacked}));
  passes.push_back(createGroup());
}

void rondo::planPasses(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createPlan());
}

void rondo::lowerPasses(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createLower());
}

void rondo::targetPasses(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createDescriptor({options.features}));
  passes.push_back(createSCFToControlFlowPass());
  passes.push_back(createConvertToLLVMPass());
  passes.push_back(createReconcileUnrealizedCastsPass());
}

PassList rondo::passesOf(Stage stage, const PipelineOptions &options) {
  PassList passes;
  switch (stage) {
  case Stage::Stream:
    streamPasses(passes, options);
    break;
  case Stage::Batch:
    batchPasses(passes, options);
    break;
  case Stage::Differentiate:
    differentiatePasses(passes, options);
    break;
  case Stage::Normalise:
    normalisePasses(passes, options);
    break;
  case Stage::Schedule:
    schedulePasses(passes, options);
    break;
  case Stage::Plan:
    planPasses(passes, options);
    break;
  case Stage::Lower:
    lowerPasses(passes, options);
    break;
  case Stage::Target:
    targetPasses(passes, options);
    break;
  default:
    break;
  }
  return passes;
}

void rondo::registerPipelines() {
  for (int i = static_cast<int>(Stage::Stream); i <= static_cast<int>(Stage::Target); ++i) {
    auto last = static_cast<Stage>(i);
    registerPassPipeline(
        ("rondo-to-" + stageName(last)).str(),
        ("from a module of the front end to the stage " + stageName(last)).str(),
        [last](OpPassManager &manager, llvm::StringRef options,
               llvm::function_ref<LogicalResult(const llvm::Twine &)> error) -> LogicalResult {
          if (!options.empty())
            return error("a pipeline of stages takes no options");
          for (int j = static_cast<int>(Stage::Stream); j <= static_cast<int>(last); ++j)
            for (std::unique_ptr<Pass> &pass : passesOf(static_cast<Stage>(j), {}))
              manager.addPass(std::move(pass));
          return success();
        },
        [](llvm::function_ref<void(const mlir::detail::PassOptions &)>) {});
  }
}
