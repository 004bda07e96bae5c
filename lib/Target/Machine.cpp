// LLVM's target machine for a processor.
#include "Target/Machine.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using rondo::Processor;

/// Makes known to LLVM the code generators that it was built with.
static void initialiseTargets() {
  [[maybe_unused]] static bool done = [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
    return true;
  }();
}

Expected<std::unique_ptr<TargetMachine>> rondo::createMachine(const Processor &processor,
                                                              unsigned level) {
  initialiseTargets();
  std::string message;
  Triple triple(processor.triple);
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("this build of LLVM has no code generator for " + processor.triple);
  TargetOptions options;
  options.FunctionSections = options.DataSections = true;
  auto codegen = level == 0   ? CodeGenOptLevel::None
                 : level == 1 ? CodeGenOptLevel::Less
                 : level == 2 ? CodeGenOptLevel::Default
                              : CodeGenOptLevel::Aggressive;
  std::unique_ptr<TargetMachine> machine(
      target->createTargetMachine(triple, processor.baseline, processor.llvmFeatures(), options,
                                  Reloc::PIC_, std::nullopt, codegen));
  if (!machine)
    return createStringError("no code generator for " + processor.triple);
  return machine;
}
