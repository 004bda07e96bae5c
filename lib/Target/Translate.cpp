// From a module of the LLVM dialect to LLVM IR, optimised, and to objects or assembly.
#include "Target/Translate.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"

using namespace mlir;

/// Calls `visit` for every function that has a body.
static void forEachDefinition(llvm::Module &module,
                              llvm::function_ref<void(llvm::Function &)> visit) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      visit(function);
}

std::unique_ptr<llvm::Module> rondo::translate(ModuleOp module, llvm::LLVMContext &context,
                                               llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, module.getName().value_or("rondo"));
  if (!result)
    return nullptr;
  result->setTargetTriple(machine.getTargetTriple());
  result->setDataLayout(machine.createDataLayout());
  forEachDefinition(*result, [&](llvm::Function &function) {
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr(llvm::Attribute::NoUnwind);
  });
  return result;
}

std::unique_ptr<llvm::Module> rondo::translate(ModuleOp module, llvm::LLVMContext &context,
                                               const Processor &processor,
                                               llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> result = translate(module, context, machine);
  if (!result)
    return nullptr;
  result->setPICLevel(llvm::PICLevel::BigPIC);
  forEachDefinition(*result, [&](llvm::Function &function) {
    function.addFnAttr("tune-cpu", processor.tune);
    function.addFnAttr("prefer-vector-width", std::to_string(processor.description.vectorBits));
  });
  return result;
}

/// What Lower emits is tiled, vectorised and unrolled as it should be; it wants cleaning, not
/// LLVM's search for loops to transform, which takes several times as long for nothing. Loops of
/// four iterations (a cell's gates) are unrolled: single rows are five percent faster for it.
/// Longer ones are not: the tail that stands in a loop over the rows of a tile
/// (Reduction::finishByRows) would be there once per row again.
static constexpr llvm::StringLiteral quick =
    "sroa,early-cse,simplifycfg,instcombine<no-verify-fixpoint>,adce,simplifycfg";
static constexpr llvm::StringLiteral thorough =
    "sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,loop(loop-rotate),"
    "loop-mssa(licm),gvn,"
    "loop-unroll<O2;full-unroll-max=4;no-partial;no-peeling;no-profile-peeling;no-runtime;"
    "no-upperbound>,instcombine<no-verify-fixpoint>,adce,simplifycfg";
/// A GPU's thread has arrays in registers where the loops over them are unrolled.
static constexpr llvm::StringLiteral thoroughForThreads =
    "sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm),gvn,instcombine<no-verify-fixpoint>,loop(loop-unroll-full),adce,"
    "simplifycfg";

/// Loop strength reduction takes two thirds of code generation and gains nothing measurable on our
/// loops. LLVM has no other switch for it than the flag.
static void setStrengthReduction(bool isOn) {
  auto &options = llvm::cl::getRegisteredOptions();
  if (auto it = options.find("disable-lsr"); it != options.end())
    static_cast<llvm::cl::opt<bool> *>(it->second)->setValue(!isOn);
}

/// Calls `body` with what runs passes.
static void withPasses(llvm::TargetMachine &machine,
                       llvm::function_ref<void(llvm::PassBuilder &, llvm::ModuleAnalysisManager &,
                                               llvm::FunctionAnalysisManager &)>
                           body) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  body(builder, modules, functions);
}

/// Runs the passes of a pipeline on every function, those of another one on functions that check
/// others and run seldom (rondo-twins).
static void runOnFunctions(llvm::Module &module, llvm::TargetMachine &machine,
                           llvm::StringRef pipeline, llvm::StringRef ofChecks) {
  withPasses(machine, [&](llvm::PassBuilder &builder, llvm::ModuleAnalysisManager &,
                          llvm::FunctionAnalysisManager &analyses) {
    llvm::FunctionPassManager passes, checks;
    llvm::cantFail(builder.parsePassPipeline(passes, pipeline));
    llvm::cantFail(builder.parsePassPipeline(checks, ofChecks));
    forEachDefinition(module, [&](llvm::Function &function) {
      (function.hasOptNone() ? checks : passes).run(function, analyses);
      analyses.clear(function, function.getName());
    });
  });
}

void rondo::runPasses(llvm::Module &module, llvm::TargetMachine &machine,
                      llvm::StringRef pipeline) {
  withPasses(machine, [&](llvm::PassBuilder &builder, llvm::ModuleAnalysisManager &analyses,
                          llvm::FunctionAnalysisManager &) {
    llvm::ModulePassManager passes;
    llvm::cantFail(builder.parsePassPipeline(passes, pipeline));
    passes.run(module, analyses);
  });
}

void rondo::optimise(llvm::Module &module, llvm::TargetMachine &machine, unsigned level) {
  if (level == 1)
    return runOnFunctions(module, machine, quick, quick);
  if (level == 2)
    return runOnFunctions(module, machine,
                          machine.getTargetTriple().isNVPTX() ? thoroughForThreads : thorough,
                          quick);
  withPasses(machine, [&](llvm::PassBuilder &builder, llvm::ModuleAnalysisManager &analyses,
                          llvm::FunctionAnalysisManager &) {
    llvm::ModulePassManager passes =
        level == 0 ? builder.buildO0DefaultPipeline(llvm::OptimizationLevel::O0)
                   : builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
    passes.run(module, analyses);
  });
}

bool rondo::emitCode(llvm::Module &module, llvm::TargetMachine &machine, CodeKind kind,
                     llvm::raw_pwrite_stream &out) {
  setStrengthReduction(machine.getOptLevel() == llvm::CodeGenOptLevel::Aggressive);
  llvm::legacy::PassManager passes;
  auto type = kind == CodeKind::Assembly ? llvm::CodeGenFileType::AssemblyFile
                                         : llvm::CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type))
    return false;
  passes.run(module);
  return true;
}
