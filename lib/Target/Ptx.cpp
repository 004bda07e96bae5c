// PTX by LLVM's NVPTX backend, cubins by ptxas.
#include "Target/Ptx.h"
#include "Target/RunProgram.h"
#include "Target/Translate.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;

/// The oldest version of PTX that has what code for compute capability 8.0 uses, so that drivers
/// since CUDA 11.0 take it.
static constexpr StringLiteral version = "+ptx70";

/// LLVM's defaults are what the CPU's code has: correctly rounded quotients and roots, subnormal
/// numbers, and a fused multiply-add only where the IR asks for one.
static Expected<std::unique_ptr<TargetMachine>> createGpuMachine(unsigned level) {
  InitializeAllTargetInfos();
  InitializeAllTargets();
  InitializeAllTargetMCs();
  InitializeAllAsmPrinters();
  std::string message;
  Triple triple("nvptx64-nvidia-cuda");
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("this build of LLVM has no code generator for NVIDIA GPUs");
  auto codegen = *CodeGenOpt::getLevel(static_cast<int>(level));
  return std::unique_ptr<TargetMachine>(
      target->createTargetMachine(triple, "sm_" + std::to_string(rondo::ptxCapability), version,
                                  TargetOptions(), std::nullopt, std::nullopt, codegen));
}

/// What a warp does together shall stay where all of its threads come by. The LLVM dialect cannot
/// say so of inline assembly.
static void keepTogether(Module &module) {
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallBase>(&instruction); call && call->isInlineAsm())
        call->setConvergent();
}

Expected<std::string> rondo::emitPtx(mlir::ModuleOp module, unsigned level) {
  auto machine = createGpuMachine(level);
  if (!machine)
    return machine.takeError();
  LLVMContext context;
  std::unique_ptr<Module> code = translate(module, context, **machine);
  if (!code)
    return createStringError("kernels are not in the LLVM dialect");
  keepTogether(*code);
  // What rondo-lower-ptx says of addresses would be simplified away before the backend looks at it.
  runPasses(*code, **machine, "function(infer-address-spaces)");
  optimise(*code, **machine, level);
  SmallString<0> text;
  raw_svector_ostream os(text);
  if (!emitCode(*code, **machine, CodeKind::Assembly, os))
    return createStringError("LLVM writes no PTX");
  return text.str().str();
}

Expected<std::string> rondo::findPtxas(StringRef given) {
  if (given == "none")
    return "";
  if (!given.empty()) {
    if (sys::fs::can_execute(given))
      return given.str();
    return createStringError("--ptxas=" + given + ": no program is there");
  }
  if (auto path = sys::findProgramByName("ptxas"))
    return *path;
  SmallVector<std::string> folders;
  if (const char *home = std::getenv("CUDA_HOME"))
    folders.push_back(std::string(home) + "/bin");
  folders.push_back("/usr/local/cuda/bin");
  for (StringRef folder : folders)
    if (auto path = sys::findProgramByName("ptxas", {folder}))
      return *path;
  return "";
}

Expected<std::string> rondo::assemble(StringRef ptxas, StringRef ptx, StringRef architecture) {
  Expected<std::unique_ptr<Scratch>> scratch = Scratch::create();
  if (!scratch)
    return scratch.takeError();
  Expected<std::string> from = (*scratch)->add("kernels.ptx", ptx);
  if (!from)
    return from.takeError();
  std::string to = (*scratch)->path("cubin");
  if (Error error = runProgram(ptxas, {"ptxas", "-arch=" + architecture.str(), *from, "-o", to},
                               ("assembling for " + architecture).str(), **scratch))
    return error;
  auto bytes = MemoryBuffer::getFile(to);
  if (!bytes)
    return createStringError("cannot read " + to);
  return (*bytes)->getBuffer().str();
}
