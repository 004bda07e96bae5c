// rondo-emulate: runs one kernel of a module in the device dialect on the emulator.
//
//   rondo-emulate FILE --kernel=sum --blocks=3 --block-threads=64 --numbers=5 --print=f32 --count=4
//
// The call's arena is --bytes of zeros; the first numbers in it are printed afterwards. What the
// emulator finds wrong is printed as an error; the exit status is 1 then.
#include "Device/Device.h"
#include "Driver/Register.h"
#include "Runtime/Emulator.h"
#include "Target/Jit.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace mlir;
using namespace rondo;
namespace cl = llvm::cl;

static cl::opt<std::string> file(cl::Positional, cl::Required, cl::desc("FILE"));
static cl::opt<std::string> kernelName("kernel", cl::Required, cl::desc("its name"));
static cl::opt<int64_t> blocks("blocks", cl::init(1), cl::desc("of the grid"));
static cl::opt<int64_t> threads("block-threads", cl::init(64), cl::desc("of a block"));
static cl::list<int64_t> numbers("numbers", cl::CommaSeparated, cl::desc("for the kernel"));
static cl::opt<int64_t> bytes("bytes", cl::init(4096), cl::desc("of the arena"));
static cl::opt<std::string> print("print", cl::desc("i32, i64 or f32"));
static cl::opt<int64_t> count("count", cl::init(1), cl::desc("how many to print"));
static cl::opt<uint64_t> seed("seed", cl::desc("of the order of threads"));
static cl::opt<unsigned> launches("launches", cl::init(1), cl::desc("one after another"));

namespace {

int fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << "\n";
  return 1;
}

/// What the descriptor of a program says about a kernel.
FailureOr<RondoKernel> describe(ModuleOp module) {
  auto kernel = module.lookupSymbol<LLVM::LLVMFuncOp>(kernelName);
  if (!kernel || device::threadsOf(kernel) == 0)
    return failure();
  auto shared = device::SharedMemory::of(kernel);
  return RondoKernel{kernelName.c_str(),
                     threads,
                     shared.bytes,
                     shared.takesRest,
                     kernel->hasAttr(device::names::cooperative),
                     static_cast<int64_t>(kernel.getNumArguments()) - 1,
                     nullptr};
}

LogicalResult lower(ModuleOp module) {
  PassManager passes(module.getContext());
  passes.addPass(device::createLowerEmulated());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  return passes.run(module);
}

void printArena(const void *arena) {
  for (int64_t i = 0; i < count; ++i) {
    llvm::outs() << (i ? " " : "");
    if (print == "f32")
      llvm::outs() << llvm::format("%g", static_cast<const float *>(arena)[i]);
    else if (print == "i32")
      llvm::outs() << static_cast<const int32_t *>(arena)[i];
    else
      llvm::outs() << static_cast<const int64_t *>(arena)[i];
  }
  llvm::outs() << "\n";
}

int run(RondoKernel kernel) {
  EmulatorOptions options;
  options.seed = seed;
  Emulator emulator(options);
  if (Status status = emulator.open(); status.failed())
    return fail(status.message());
  auto *call = static_cast<RondoCall *>(emulator.allocate(sizeof(RondoCall)));
  void *arena = emulator.allocate(bytes);
  if (!call || !arena)
    return fail("no memory");
  *call = {};
  call->arena = arena;
  std::memset(arena, 0, bytes);
  if (static_cast<int64_t>(numbers.size()) != kernel.num_numbers)
    return fail("expected " + llvm::Twine(kernel.num_numbers) + " numbers");
  std::vector<int64_t> given(numbers.begin(), numbers.end());
  for (unsigned i = 0; i < launches; ++i)
    if (Status status = emulator.launch(kernel, blocks, call, given.data()); status.failed())
      return fail(status.message());
  if (!print.empty())
    printArena(arena);
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "runs one kernel on the emulator\n");
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(file.getValue(), &context);
  if (!module)
    return 1;
  FailureOr<RondoKernel> kernel = describe(*module);
  if (failed(kernel))
    return fail("no kernel of that name");
  auto processor = resolveProcessor("native");
  if (!processor)
    return fail(toString(processor.takeError()));
  if (failed(lower(*module)))
    return 1;
  auto jit = Jit::load(*module, *processor, 1);
  if (!jit)
    return fail(toString(jit.takeError()));
  auto code = (*jit)->lookup(kernelName);
  if (!code)
    return fail(toString(code.takeError()));
  kernel->emulated = reinterpret_cast<RondoEmulatedKernel>(*code);
  return run(*kernel);
}
