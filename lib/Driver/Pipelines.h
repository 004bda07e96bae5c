// What each stage runs: one flat list of passes per stage.
#ifndef RONDO_DRIVER_PIPELINES_H
#define RONDO_DRIVER_PIPELINES_H

#include "Driver/Stage.h"
#include "Machine/TargetDescription.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace rondo {

/// What the stages after the front end need to know.
struct PipelineOptions {
  std::string precision = "f32";
  std::string triple;                // of the processor; empty: this machine's
  std::string features;              // of the processor, as the descriptor records them
  TargetDescription target;          // what Schedule, Plan and Lower know of the processor
  bool cpu = true, cuda = false;     // what the program is for
  bool isEmulated = false;           // kernels stay in the program, for the emulator
  std::string products = "f32";      // of the GPU's contractions: f32, tf32 or bf16
  std::string ptxas;                 // path of the assembler of PTX; empty: none
  unsigned optimisation = 2;         // of PTX, -O0 to -O3
  bool twins = true;                 // double-precision twins for gradcheck
  int64_t smallestPacked = 16 << 10; // bytes from which a weight is packed into panels
  bool profile = false;              // time every group and loop
  int64_t memoryBudget = 0; // for gradients, as in RondoProgram: 0 none, -1 one given at run time
  std::vector<std::string> disabled; // optional passes to leave out, see below
};

using PassList = std::vector<std::unique_ptr<mlir::Pass>>;

// From Schedule to Lower each target has passes of its own: those of the CPU run on the program,
// those of a GPU on its module within the program (rondo-devices makes it, rondo-join-devices ends
// it).
void streamPasses(PassList &passes, const PipelineOptions &options);
void batchPasses(PassList &passes, const PipelineOptions &options);
void differentiatePasses(PassList &passes, const PipelineOptions &options);
void normalisePasses(PassList &passes, const PipelineOptions &options);
void programPasses(PassList &passes, const PipelineOptions &options);
void cpuSchedule(PassList &passes, const PipelineOptions &options);
void gpuSchedule(PassList &passes, const PipelineOptions &options);
void cpuPlan(PassList &passes, const PipelineOptions &options);
void gpuPlan(PassList &passes, const PipelineOptions &options);
void cpuLower(PassList &passes, const PipelineOptions &options);
void gpuLower(PassList &passes, const PipelineOptions &options);
void targetPasses(PassList &passes, const PipelineOptions &options);

/// Turns a whole module into that precision.
std::unique_ptr<mlir::Pass> precisionPass(llvm::StringRef precision);

/// A pass, and where it runs: on the program, or on each module of a device within it.
struct Step {
  std::unique_ptr<mlir::Pass> pass;
  bool onDevices = false;
};
void addStep(mlir::OpPassManager &manager, Step step);

/// What leads from the stage before to `stage` (Stream to Target), without the disabled passes.
std::vector<Step> stepsTo(Stage stage, const PipelineOptions &options);
/// Adds all of these.
void addPassesTo(Stage stage, mlir::OpPassManager &manager, const PipelineOptions &options);

/// The passes that only make programs faster, in the order in which they run, by the names of
/// their flags without "rondo-": hoist, group. Each may be disabled, and the numbers stay the same.
/// All passes from Normalise to Lower are optional but those that Pipelines.cpp lists.
const std::vector<std::string> &optionalPasses();
/// An error that lists the optional passes if one of `names` is none.
llvm::Error checkOptional(llvm::ArrayRef<std::string> names);

/// Registers `--rondo-to-STAGE` for each stage: from a module of the front end to that stage.
void registerPipelines();

} // namespace rondo

#endif // RONDO_DRIVER_PIPELINES_H
