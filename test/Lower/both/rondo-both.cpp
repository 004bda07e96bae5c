// rondo-both: runs a function as compiled for the CPU and as kernels on the emulator, and compares.
//
//   rondo-both FILE --function=f --sizes=B=5,T=7 --lengths=T=7:5:5:2:1 --blocks=3
//
// FILE is a module of target-free IR in the stage Normalise; arguments are made up, with NaN where
// an example has no position. An error is the largest difference of a result's elements, relative
// to its largest element; above --tolerance, or where the emulator finds something wrong, the exit
// status is 1. --only-over says that the error is at least that: a lower precision is in use.
#include "Device/Device.h"
#include "Driver/Pipelines.h"
#include "Driver/Register.h"
#include "Rondo/Rondo.h"
#include "Runtime/Emulator.h"
#include "Target/Jit.h"
#include "Team/Team.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace mlir;
using namespace rondo;
namespace cl = llvm::cl;

static cl::opt<std::string> file(cl::Positional, cl::Required, cl::desc("FILE"));
static cl::opt<std::string> functionName("function", cl::init("f"), cl::desc("its name"));
static cl::list<std::string> sizes("sizes", cl::CommaSeparated, cl::desc("B=5,T=7"));
static cl::list<std::string> lengths("lengths", cl::CommaSeparated, cl::desc("T=7:5:2"));
static cl::list<int64_t> grids("blocks", cl::CommaSeparated, cl::desc("of the grids to try"));
static cl::opt<double> tolerance("tolerance", cl::init(1e-5), cl::desc("relative"));
static cl::opt<double> least("only-over", cl::init(0), cl::desc("what the error must exceed"));
static cl::opt<int64_t> sharedBytes("shared", cl::init(96 << 10), cl::desc("that blocks have"));
static cl::opt<std::string> products("products", cl::init("f32"), cl::desc("f32, tf32 or bf16"));

namespace {

int fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << "\n";
  return 1;
}

struct Argument {
  ArrayType type;
  std::vector<int64_t> sizes;
  int64_t elements = 1;
  int64_t bytes() const {
    return elements * std::max(1U, type.getElementType().getIntOrFloatBitWidth() / 8);
  }
};

class Both {
public:
  explicit Both(func::FuncOp function) {
    for (SymbolAttr symbol : getSymbols(function)) {
      symbols.push_back(symbol);
      dims.push_back(0);
      own.emplace_back();
    }
    readSizes();
    for (Type type : function.getArgumentTypes())
      arguments.push_back(describe(cast<ArrayType>(type)));
    for (Type type : function.getResultTypes())
      results.push_back(describe(cast<ArrayType>(type)));
  }

  int run(ModuleOp module);

private:
  void readSizes();
  int64_t evaluate(DimAttr dim, int64_t row) const;
  Argument describe(ArrayType type) const;
  /// Whether an example has the position; row-major.
  bool has(const Argument &array, int64_t number) const;
  void fillArguments();
  double difference(const Argument &array, const void *a, const void *b) const;
  RondoCall callFor(Emulator &emulator, int64_t arenaBytes, std::vector<void *> &out);

  std::vector<SymbolAttr> symbols;
  std::vector<int64_t> dims;
  std::vector<std::vector<int64_t>> own;
  std::vector<Argument> arguments, results;
  std::vector<void *> values;
};

void Both::readSizes() {
  for (const std::string &text : sizes) {
    auto [name, value] = StringRef(text).split('=');
    for (auto [number, symbol] : llvm::enumerate(symbols))
      if (symbol.getName() == name)
        dims[number] = std::stoll(value.str());
  }
  for (const std::string &text : lengths) {
    auto [name, list] = StringRef(text).split('=');
    SmallVector<StringRef> parts;
    list.split(parts, ':');
    for (auto [number, symbol] : llvm::enumerate(symbols))
      if (symbol.getName() == name)
        for (StringRef part : parts)
          own[number].push_back(std::stoll(part.str()));
  }
}

int64_t Both::evaluate(DimAttr dim, int64_t row) const {
  int64_t sum = dim.getConstant();
  for (const DimTerm &term : dim.getTerms()) {
    int64_t atom = 0;
    if (StringAttr name = term.symbol()) {
      for (auto [number, symbol] : llvm::enumerate(symbols))
        if (symbol.getName() == name)
          atom = row >= 0 && !own[number].empty() ? own[number][row] : dims[number];
    } else {
      int64_t inner = evaluate(cast<DimAttr>(term.atom), row);
      atom = llvm::divideFloorSigned(inner, term.divisor);
    }
    sum += term.coefficient * atom;
  }
  return sum;
}

Argument Both::describe(ArrayType type) const {
  Argument array{type, {}};
  for (DimAttr dim : type.getDims()) {
    array.sizes.push_back(evaluate(dim, -1));
    array.elements *= array.sizes.back();
  }
  return array;
}

bool Both::has(const Argument &array, int64_t number) const {
  std::vector<int64_t> at(array.sizes.size());
  for (size_t axis = at.size(); axis-- > 0; number /= array.sizes[axis])
    at[axis] = number % array.sizes[axis];
  int64_t row = -1;
  for (auto [axis, dim] : llvm::enumerate(array.type.getDims()))
    for (SymbolAttr symbol : symbols)
      if (symbol.getKind() == SymbolKind::Batch && dim.getSymbol() == symbol.getName())
        row = at[axis];
  if (row < 0)
    return true;
  for (auto [axis, dim] : llvm::enumerate(array.type.getDims()))
    if (at[axis] >= evaluate(dim, row))
      return false;
  return true;
}

template <typename T> void set(void *values, int64_t number, double value) {
  static_cast<T *>(values)[number] = static_cast<T>(value);
}

void Both::fillArguments() {
  std::mt19937 random(17);
  for (auto [number, array] : llvm::enumerate(arguments)) {
    Type type = array.type.getElementType();
    for (int64_t i = 0; i < array.elements; ++i) {
      double value = static_cast<double>(random() % 2001) / 1000 - 1;
      if (!has(array, i))
        value = NAN;
      if (type.isF32())
        set<float>(values[number], i, value);
      else if (type.isF64())
        set<double>(values[number], i, value);
      else if (type.isInteger(32))
        set<int32_t>(values[number], i, static_cast<double>(random() % 4));
      else
        set<int64_t>(values[number], i, static_cast<double>(random() % 4));
    }
  }
}

double Both::difference(const Argument &array, const void *a, const void *b) const {
  double most = 0, worst = 0;
  bool isDouble = array.type.getElementType().isF64();
  for (int64_t i = 0; i < array.elements; ++i) {
    if (!has(array, i))
      continue;
    double x = isDouble ? static_cast<const double *>(a)[i] : static_cast<const float *>(a)[i];
    double y = isDouble ? static_cast<const double *>(b)[i] : static_cast<const float *>(b)[i];
    if (std::isnan(x) || std::isnan(y))
      return INFINITY;
    most = std::max(most, std::abs(x));
    worst = std::max(worst, std::abs(x - y));
  }
  return worst / (most + 1e-30);
}

/// What the host's code starts.
struct Launcher : RondoDevice {
  Emulator *emulator;
  std::vector<RondoKernel> kernels;
  RondoCall *call;
  int64_t blocks;
  std::string error;

  static void start(RondoDevice *self, int64_t kernel, const int64_t *numbers, int64_t count) {
    auto *own = static_cast<Launcher *>(self);
    if (!own->error.empty())
      return;
    Status status = own->emulator->launch(own->kernels[kernel], own->blocks, own->call, numbers);
    if (status.failed())
      own->error = own->kernels[kernel].name + (": " + status.message());
  }
};

RondoCall Both::callFor(Emulator &emulator, int64_t arenaBytes, std::vector<void *> &out) {
  auto copy = [&](const void *from, size_t bytes) {
    void *to = emulator.allocate(static_cast<int64_t>(bytes) + 8);
    std::memcpy(to, from, bytes);
    return to;
  };
  std::vector<void *> tables;
  for (const std::vector<int64_t> &list : own)
    tables.push_back(list.empty() ? nullptr : copy(list.data(), list.size() * 8));
  for (const Argument &array : results)
    out.push_back(emulator.allocate(array.bytes()));
  RondoFailure failure{-1, -1};
  RondoTeam team{};
  team.size = 1;
  RondoCall call{};
  call.arena = emulator.allocate(arenaBytes + 64);
  call.arguments = static_cast<void **>(copy(values.data(), values.size() * 8));
  call.results = static_cast<void **>(copy(out.data(), out.size() * 8));
  call.dims = static_cast<int64_t *>(copy(dims.data(), dims.size() * 8));
  call.lengths = static_cast<int64_t **>(copy(tables.data(), tables.size() * 8));
  call.failure = static_cast<RondoFailure *>(copy(&failure, sizeof failure));
  call.team = static_cast<RondoTeam *>(copy(&team, sizeof team));
  call.cache = emulator.allocate(int64_t(64) << 20);
  return call;
}

int Both::run(ModuleOp module) {
  auto processor = resolveProcessor("native");
  if (!processor)
    return fail(toString(processor.takeError()));
  PipelineOptions pipeline;
  pipeline.target = processor->description;
  pipeline.features = processor->features;
  pipeline.cuda = true;
  pipeline.products = products;
  pipeline.twins = false;
  PassManager passes(module.getContext());
  for (Stage stage : {Stage::Schedule, Stage::Plan, Stage::Lower})
    addPassesTo(stage, passes, pipeline);
  if (failed(passes.run(module)))
    return 1;

  Launcher launcher;
  launcher.launch = &Launcher::start;
  std::vector<std::string> names;
  if (auto all = module->getAttrOfType<ArrayAttr>(device::names::kernels))
    for (StringRef name : all.getAsValueRange<StringAttr>())
      names.push_back(name.str());
  for (const std::string &name : names) {
    auto kernel = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
    auto memory = device::SharedMemory::of(kernel);
    launcher.kernels.push_back({name.c_str(), device::threadsOf(kernel), memory.bytes,
                                memory.takesRest, kernel->hasAttr(device::names::cooperative),
                                static_cast<int64_t>(kernel.getNumArguments()) - 1, nullptr});
  }
  // The manifests, which the descriptor would have used up.
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (!isa<LLVM::LLVMFuncOp, LLVM::GlobalOp>(op))
      op.erase();
  PassManager rest(module.getContext());
  rest.addPass(device::createLowerLaunch());
  rest.addPass(device::createLowerEmulated());
  rest.addPass(team::createLowerTeam());
  rest.addPass(createSCFToControlFlowPass());
  rest.addPass(createConvertToLLVMPass());
  rest.addPass(createReconcileUnrealizedCastsPass());
  if (failed(rest.run(module)))
    return 1;
  auto jit = Jit::load(module, *processor, 1);
  if (!jit)
    return fail(toString(jit.takeError()));
  auto find = [&](const std::string &name) { return llvm::cantFail((*jit)->lookup(name)); };
  for (RondoKernel &kernel : launcher.kernels)
    kernel.emulated = reinterpret_cast<RondoEmulatedKernel>(find(kernel.name));

  EmulatorOptions options;
  options.sharedBytes = sharedBytes;
  Emulator emulator(options);
  if (Status status = emulator.open(); status.failed())
    return fail(status.message());
  for (const Argument &array : arguments)
    values.push_back(emulator.allocate(array.bytes()));
  fillArguments();
  auto arenaOf = [&](const std::string &name) {
    return reinterpret_cast<RondoArena>(find(name + ".arena"))(dims.data());
  };
  std::vector<void *> expected;
  RondoCall host = callFor(emulator, arenaOf(functionName), expected);
  reinterpret_cast<RondoCode>(find(functionName + ".code"))(&host, 0);
  if (grids.empty())
    grids.push_back(3);
  int status = 0;
  for (int64_t blocks : grids) {
    std::vector<void *> found;
    RondoCall call = callFor(emulator, arenaOf("cuda." + functionName), found);
    launcher.emulator = &emulator;
    launcher.call = static_cast<RondoCall *>(emulator.allocate(sizeof(RondoCall)));
    launcher.blocks = blocks;
    *launcher.call = call;
    call.device = &launcher;
    reinterpret_cast<RondoCode>(find("cuda." + functionName + ".code"))(&call, 0);
    if (!launcher.error.empty())
      return fail(launcher.error);
    for (auto [number, array] : llvm::enumerate(results)) {
      double error = difference(array, expected[number], found[number]);
      llvm::outs() << functionName << ", " << blocks << " blocks, result " << number << ": error "
                   << llvm::format("%.2g", error) << "\n";
      if (!(error <= tolerance) || error < least)
        status = 1;
    }
  }
  return status;
}

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "compares a function on the CPU and on the emulator\n");
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(file.getValue(), &context);
  if (!module)
    return 1;
  auto function = module->lookupSymbol<func::FuncOp>(functionName);
  if (!function)
    return fail("no function of that name");
  for (auto other : llvm::make_early_inc_range(module->getOps<func::FuncOp>()))
    if (other != function)
      other.erase();
  return Both(function).run(*module);
}
