// What each stage runs: one flat list of passes per stage and target.
#include "Driver/Pipelines.h"
#include "Batch/Passes.h"
#include "Device/Device.h"
#include "Differentiate/Passes.h"
#include "Kernels/Passes.h"
#include "Lower/Passes.h"
#include "Machine/Passes.h"
#include "Machine/Processor.h"
#include "Normalise/Passes.h"
#include "Normalise/Pipeline.h"
#include "Plan/Passes.h"
#include "Program/Passes.h"
#include "Schedule/Passes.h"
#include "Stream/Passes.h"
#include "Target/Passes.h"
#include "Team/Team.h"
#include "Tile/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"

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
  passes.push_back(createDifferentiate({options.memoryBudget != 0}));
}

void rondo::normalisePasses(PassList &passes, const PipelineOptions &options) {
  buildNormalisePipeline(passes);
}

static int64_t productsOf(const PipelineOptions &options) {
  return options.products == "tf32"   ? TargetDescription::TF32
         : options.products == "bf16" ? TargetDescription::BF16
                                      : TargetDescription::F32;
}

void rondo::programPasses(PassList &passes, const PipelineOptions &options) {
  const TargetDescription &target = options.target;
  passes.push_back(createDescribeTarget({target.vectorBits, target.vectorRegisters, target.masks,
                                         target.rounds, target.scales, target.l1Bytes,
                                         target.l2Bytes, target.l3Bytes, target.cores}));
  passes.push_back(createAnnotateCost());
  if (options.twins)
    passes.push_back(createTwins());
  if (options.cuda)
    passes.push_back(createDevices({!options.cpu, productsOf(options)}));
}

void rondo::cpuSchedule(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createLayout({options.smallestPacked}));
  passes.push_back(createRecompute());
  passes.push_back(createGroup());
  passes.push_back(createRows());
}

void rondo::gpuSchedule(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createSplitSums());
  passes.push_back(createRecompute());
  passes.push_back(createGroup());
  passes.push_back(createRows());
  passes.push_back(createLevels());
  passes.push_back(createPersistent());
}

void rondo::cpuPlan(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createPlan());
  passes.push_back(createExplainPlan());
  passes.push_back(createShare());
  passes.push_back(createTile());
}

void rondo::gpuPlan(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createPlan());
  passes.push_back(createExplainPlan());
  passes.push_back(createShareThreads());
}

void rondo::cpuLower(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createBarriers());
  passes.push_back(createLower({options.profile}));
}

void rondo::gpuLower(PassList &passes, const PipelineOptions &options) {
  passes.push_back(createBarriers({/*threads=*/true}));
  passes.push_back(createLower()); // a device has no time stamps like the host's
  passes.push_back(createKernels());
}

void rondo::targetPasses(PassList &passes, const PipelineOptions &options) {
  if (options.cuda) {
    passes.push_back(device::createLowerLaunch());
    passes.push_back(device::createDescribeKernels());
    if (options.isEmulated)
      passes.push_back(device::createLowerEmulated());
    else
      passes.push_back(createEmitPtx({options.ptxas, options.optimisation}));
  }
  passes.push_back(createDescriptor({options.features, options.memoryBudget}));
  passes.push_back(createOutline());
  team::LowerTeamOptions team;
  team.triple = options.triple;
  passes.push_back(team::createLowerTeam(team));
  passes.push_back(createSCFToControlFlowPass());
  passes.push_back(createConvertToLLVMPass());
  passes.push_back(createReconcileUnrealizedCastsPass());
}

/// What these stages cannot do without; and what only adds to a program or says something.
static constexpr llvm::StringLiteral mandatory[] = {
    "precision", "explain-loops", "describe-target", "annotate-cost", "twins",
    "devices",   "plan",          "explain-plan",    "tile",          "barriers",
    "lower",     "kernels",       "join-devices"};

static llvm::StringRef nameOf(const Pass &pass) {
  llvm::StringRef name = pass.getArgument();
  name.consume_front("rondo-");
  return name;
}

const std::vector<std::string> &rondo::optionalPasses() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    PipelineOptions all;
    all.cuda = true;
    for (Stage stage : {Stage::Normalise, Stage::Schedule, Stage::Plan, Stage::Lower})
      for (const Step &step : stepsTo(stage, all))
        if (llvm::StringRef name = nameOf(*step.pass);
            !llvm::is_contained(mandatory, name) && !llvm::is_contained(result, name))
          result.push_back(name.str());
    return result;
  }();
  return names;
}

llvm::Error rondo::checkOptional(llvm::ArrayRef<std::string> names) {
  for (const std::string &name : names)
    if (!llvm::is_contained(optionalPasses(), name))
      return llvm::createStringError(name + ": not an optional pass, expected " +
                                     llvm::join(llvm::drop_end(optionalPasses()), ", ") + " or " +
                                     optionalPasses().back());
  return llvm::Error::success();
}

void rondo::addStep(OpPassManager &manager, Step step) {
  (step.onDevices ? manager.nest<ModuleOp>() : manager).addPass(std::move(step.pass));
}

std::vector<Step> rondo::stepsTo(Stage stage, const PipelineOptions &options) {
  std::vector<Step> steps;
  auto add = [&](void (*list)(PassList &, const PipelineOptions &), bool onDevices = false) {
    PassList passes;
    list(passes, options);
    for (std::unique_ptr<Pass> &pass : passes)
      steps.push_back({std::move(pass), onDevices});
  };
  auto addTargets = [&](auto cpu, auto gpu) {
    if (options.cpu)
      add(cpu);
    if (options.cuda)
      add(gpu, /*onDevices=*/true);
  };
  switch (stage) {
  case Stage::Stream:
    add(streamPasses);
    break;
  case Stage::Batch:
    add(batchPasses);
    break;
  case Stage::Differentiate:
    add(differentiatePasses);
    break;
  case Stage::Normalise:
    add(normalisePasses);
    break;
  case Stage::Schedule:
    add(programPasses);
    addTargets(cpuSchedule, gpuSchedule);
    break;
  case Stage::Plan:
    addTargets(cpuPlan, gpuPlan);
    break;
  case Stage::Lower:
    addTargets(cpuLower, gpuLower);
    if (options.cuda)
      steps.push_back({createJoinDevices()});
    break;
  case Stage::Target:
    add(targetPasses);
    break;
  default:
    break;
  }
  if (stage >= Stage::Normalise && stage <= Stage::Lower)
    llvm::erase_if(steps, [&](const Step &step) {
      return llvm::is_contained(options.disabled, nameOf(*step.pass));
    });
  return steps;
}

void rondo::addPassesTo(Stage stage, OpPassManager &manager, const PipelineOptions &options) {
  for (Step &step : stepsTo(stage, options))
    addStep(manager, std::move(step));
}

namespace {
struct StageOptions : PassPipelineOptions<StageOptions> {
  ListOption<std::string> disabled{*this, "disable-pass",
                                   llvm::cl::desc("optional passes to leave out")};
  Option<std::string> processor{*this, "mcpu", llvm::cl::desc("as for rondoc; empty: x86-64-v3")};
  Option<bool> cuda{*this, "cuda", llvm::cl::init(false),
                    llvm::cl::desc("for a GPU as well, as with --target=cpu,cuda")};
  Option<bool> segments{*this, "segments", llvm::cl::init(false),
                        llvm::cl::desc("gradients segment by segment, as for a memory budget")};
};
} // namespace

void rondo::registerPipelines() {
  for (int i = static_cast<int>(Stage::Stream); i <= static_cast<int>(Stage::Target); ++i) {
    auto last = static_cast<Stage>(i);
    registerPassPipeline(
        ("rondo-to-" + stageName(last)).str(),
        ("from a module of the front end to the stage " + stageName(last)).str(),
        [last](OpPassManager &manager, llvm::StringRef text,
               llvm::function_ref<LogicalResult(const llvm::Twine &)> error) -> LogicalResult {
          StageOptions given;
          if (failed(given.parseFromString(text)))
            return failure();
          PipelineOptions options;
          options.disabled.assign(given.disabled.begin(), given.disabled.end());
          options.memoryBudget = given.segments ? -1 : 0;
          options.cuda = given.cuda;
          if (llvm::Error wrong = checkOptional(options.disabled))
            return error(llvm::toString(std::move(wrong)));
          if (!given.processor.empty()) {
            auto processor = resolveProcessor(given.processor);
            if (!processor)
              return error(llvm::toString(processor.takeError()));
            options.target = processor->description;
            options.features = processor->features;
          }
          for (int j = static_cast<int>(Stage::Stream); j <= static_cast<int>(last); ++j)
            addPassesTo(static_cast<Stage>(j), manager, options);
          return success();
        },
        [](llvm::function_ref<void(const mlir::detail::PassOptions &)> visit) {
          visit(StageOptions());
        });
  }
}
