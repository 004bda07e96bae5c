// From a module of the LLVM dialect to LLVM IR, optimised, and to objects or assembly.
#include "Target/Translate.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Passes/PassBuilder.h"

using namespace mlir;

std::unique_ptr<llvm::Module> rondo::translate(ModuleOp module, llvm::LLVMContext &context,
                                               const Processor &processor,
                                               llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, module.getName().value_or("rondo"));
  if (!result)
    return nullptr;
  result->setTargetTriple(machine.getTargetTriple());
  result->setDataLayout(machine.createDataLayout());
  result->setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr("tune-cpu", processor.tune);
    function.addFnAttr("prefer-vector-width", std::to_string(processor.vectorBits));
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  return result;
}

void rondo::optimise(llvm::Module &module, llvm::TargetMachine &machine, unsigned level) {
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
  auto optLevel = level == 0   ? llvm::OptimizationLevel::O0
                  : level == 1 ? llvm::OptimizationLevel::O1
                  : level == 2 ? llvm::OptimizationLevel::O2
                               : llvm::OptimizationLevel::O3;
  llvm::ModulePassManager passes = level == 0 ? builder.buildO0DefaultPipeline(optLevel)
                                              : builder.buildPerModuleDefaultPipeline(optLevel);
  passes.run(module, modules);
}

bool rondo::emitCode(llvm::Module &module, llvm::TargetMachine &machine, CodeKind kind,
                     llvm::raw_pwrite_stream &out) {
  llvm::legacy::PassManager passes;
  auto type = kind == CodeKind::Assembly ? llvm::CodeGenFileType::AssemblyFile
                                         : llvm::CodeGenFileType::ObjectFile;
  if (machine.addPassesToEmitFile(passes, out, nullptr, type))
    return false;
  passes.run(module);
  return true;
}
