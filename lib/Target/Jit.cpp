// Runs a program in the compiler's own process.
#include "Target/Jit.h"
#include "Target/Translate.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

using namespace llvm;
using rondo::Jit;

struct Jit::Engine {
  std::unique_ptr<orc::LLJIT> jit;
};

Jit::Jit(std::unique_ptr<Engine> engine) : engine(std::move(engine)) {}
Jit::~Jit() = default;

Expected<std::unique_ptr<Jit>> Jit::create(mlir::ModuleOp module, const Processor &processor,
                                           unsigned level) {
  auto jit = load(module, processor, level);
  if (!jit)
    return jit.takeError();
  auto program = (*jit)->lookup("rondo_program");
  if (!program)
    return program.takeError();
  (*jit)->descriptor = static_cast<const RondoProgram *>(*program);
  return jit;
}

Expected<void *> Jit::lookup(StringRef name) {
  auto address = engine->jit->lookup(name);
  if (!address)
    return address.takeError();
  return address->toPtr<void *>();
}

Expected<std::unique_ptr<Jit>> Jit::load(mlir::ModuleOp module, const Processor &processor,
                                         unsigned level) {
  if (Error error = checkRunsHere(processor))
    return error;
  auto machine = createMachine(processor, level);
  if (!machine)
    return machine.takeError();
  LLVMContext context;
  std::unique_ptr<Module> code = translate(module, context, processor, **machine);
  if (!code)
    return createStringError("the module is not in the LLVM dialect");
  optimise(*code, **machine, level);

  // The same code as in a file, so that it is made as quickly.
  SmallVector<char, 0> object;
  raw_svector_ostream out(object);
  if (!emitCode(*code, **machine, CodeKind::Object, out))
    return createStringError("no code generator for " + processor.triple);

  orc::JITTargetMachineBuilder builder((*machine)->getTargetTriple());
  builder.setRelocationModel(Reloc::PIC_);
  auto engine = std::make_unique<Engine>();
  auto jit = orc::LLJITBuilder().setJITTargetMachineBuilder(builder).create();
  if (!jit)
    return jit.takeError();
  engine->jit = std::move(*jit);
  // The mathematical functions of libm come from this process.
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      engine->jit->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  engine->jit->getMainJITDylib().addGenerator(std::move(*process));
  auto buffer = std::make_unique<SmallVectorMemoryBuffer>(std::move(object),
                                                          /*RequiresNullTerminator=*/false);
  if (Error error = engine->jit->addObjectFile(std::move(buffer)))
    return error;
  return std::unique_ptr<Jit>(new Jit(std::move(engine)));
}
