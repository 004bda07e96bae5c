// LLVM's target machine for a processor.
#include "Target/Machine.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using rondo::Processor;

static Error initialiseTarget() {
  static bool failed = InitializeNativeTarget() || InitializeNativeTargetAsmPrinter() ||
                       InitializeNativeTargetAsmParser();
  return failed ? createStringError("this build of LLVM has no code generator for this machine")
                : Error::success();
}

Expected<std::unique_ptr<TargetMachine>> rondo::createMachine(const Processor &processor,
                                                              unsigned level) {
  if (Error error = initialiseTarget())
    return error;
  std::string message;
  Triple triple(processor.triple);
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError(message);
  TargetOptions options;
  options.FunctionSections = options.DataSections = true;
  auto codegen = level == 0   ? CodeGenOptLevel::None
                 : level == 1 ? CodeGenOptLevel::Less
                 : level == 2 ? CodeGenOptLevel::Default
                              : CodeGenOptLevel::Aggressive;
  StringRef cpu = triple.isX86() ? "x86-64" : "generic";
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, cpu, processor.llvmFeatures(), options, Reloc::PIC_, std::nullopt, codegen));
  if (!machine)
    return createStringError("no code generator for " + processor.triple);
  return machine;
}
