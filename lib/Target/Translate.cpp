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
/// LLVM's search for loops to transform, which takes several times as long for nothing.
static constexpr llvm::StringLiteral quick =
    "function(sroa,early-cse,simplifycfg,instcombine<no-verify-fixpoint>,adce,simplifycfg)";
static constexpr llvm::StringLiteral thorough =
    "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm),gvn,instcombine<no-verify-fixpoint>,loop(loop-unroll-full),adce,"
    "simplifycfg)";

/// Loop strength reduction takes two thirds of code generation and gains nothing measurable on our
/// loops. LLVM has no other switch for it than the flag.
static void setStrengthReduction(bool isOn) {
  auto &options = llvm::cl::getRegisteredOptions();
  if (auto it = options.find("disable-lsr"); it != options.end())
    static_cast<llvm::cl::opt<bool> *>(it->second)->setValue(!isOn);
}

/// Runs the passes that `build` makes.
static void run(llvm::Module &module, llvm::TargetMachine &machine,
                llvm::function_ref<llvm::ModulePassManager(llvm::PassBuilder &)> build) {
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
  build(builder).run(module, modules);
}

void rondo::runPasses(llvm::Module &module, llvm::TargetMachine &machine,
                      llvm::StringRef pipeline) {
  run(module, machine, [&](llvm::PassBuilder &builder) {
    llvm::ModulePassManager passes;
    llvm::cantFail(builder.parsePassPipeline(passes, pipeline));
    return passes;
  });
}

void rondo::optimise(llvm::Module &module, llvm::TargetMachine &machine, unsigned level) {
  if (level == 1 || level == 2)
    return runPasses(module, machine, level == 1 ? quick : thorough);
  run(module, machine, [&](llvm::PassBuilder &builder) {
    return level == 0 ? builder.buildO0DefaultPipeline(llvm::OptimizationLevel::O0)
                      : builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
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
