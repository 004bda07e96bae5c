#include "Compiled.h"
#include "Configurations.h"
#include "Driver/Pipelines.h"
#include "Elsewhere.h"
#include "Guard.h"
#include "Runtime/Call.h"
#include "Runtime/Place.h"
#include "Runtime/Team.h"
#include "Target/Jit.h"
#include "Target/Machine.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

namespace {

/// Bytes that are NaN, or a number that nobody computes, in f32 and f64 and as an integer.
int stale(bool isNan) { return isNan ? 0xFF : 0x47; }

class InMemory : public Compiled {
public:
  std::unique_ptr<Jit> jit;
  std::unique_ptr<Device> device;       // null: the host
  std::unique_ptr<Elsewhere> elsewhere; // null: this machine
  int64_t calls = 0;

  std::string call(StringRef name, const Call &data, int64_t workers,
                   std::vector<HostArray> &results) override {
    setThreads({workers, /*force=*/true});
    threads = workers;
    const RondoProgram &program = jit->program();
    for (int64_t i = 0; i < program.num_entries; ++i)
      if (name == program.entries[i].name) {
        std::string error = call(program.entries[i], data, results), damage = takeDamage();
        return damage.empty() ? error : damage;
      }
    return "no such entry in the program";
  }

private:
  int64_t threads = 1;
  std::string call(const RondoEntry &entry, const Call &data, std::vector<HostArray> &results);
  std::string callHere(const RondoEntry &entry, const CallShape &shape, bool isNan,
                       std::vector<Array> &arguments, std::vector<Array> &outputs);
};

CallShape shapeOf(const RondoEntry &entry, const Bindings &bindings) {
  CallShape shape;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    std::vector<int64_t> lengths;
    int64_t value = 0;
    if (entry.symbols[s].kind == RONDO_RAGGED) {
      lengths = bindings.lengths.lookup(entry.symbols[s].name);
      for (int64_t length : lengths)
        value = std::max(value, length);
    } else if (entry.symbols[s].kind == RONDO_SEGMENT) {
      value = std::max<int64_t>(1, (evaluateDim(entry.symbols[s].of, shape.dims.data()) + 2) / 3);
    } else {
      value = bindings.values.lookup(entry.symbols[s].name);
    }
    if (entry.symbols[s].kind == RONDO_RAGGED)
      value = std::max(value, bindings.values.lookup(entry.symbols[s].name));
    shape.dims.push_back(value);
    shape.lengths.push_back(std::move(lengths));
  }
  return shape;
}

/// The dims of no argument that a caller would have to give, by their names.
std::string unknownDims(const RondoEntry &entry) {
  std::string unknown;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    if (entry.symbols[s].kind != RONDO_RAGGED)
      continue;
    std::vector<int64_t> one(entry.num_symbols, 1), other = one;
    other[s] = 2;
    bool follows = false;
    for (int64_t i = 0; i < entry.num_arguments; ++i)
      follows |= evaluateDims(entry.arguments[i], one.data()) !=
                 evaluateDims(entry.arguments[i], other.data());
    if (!follows)
      unknown += std::string("the dim ") + entry.symbols[s].name + " is that of no argument\n";
  }
  return unknown;
}

/// The array that the caller of a compiled program would pass. Padding holds NaN, or a number that
/// is far off; where it is an index, one that is far out of range (the runtime clears it).
std::string argument(const RondoValue &value, const CallShape &shape, const Call &data, bool isNan,
                     Array &array) {
  std::vector<int64_t> sizes = evaluateDims(value, shape.dims.data());
  if (Status status = array.allocate(value.element, sizes); status.failed())
    return "arguments: " + status.message();
  if (value.role == RONDO_SEED || value.role == RONDO_STEP) {
    array.fill(0);
    return "";
  }
  if (value.role == RONDO_ORDINAL) {
    for (int64_t i = 0; i < array.elements(); ++i)
      array.set(i, static_cast<double>(i));
    return "";
  }
  auto given = data.arguments.find(value.name);
  if (given == data.arguments.end()) {
    array.fill(value.default_value);
    return value.has_default ? "" : std::string("no array for ") + value.name;
  }
  const HostArray &from = given->second;
  if (from.size() != array.elements())
    return std::string("another size than expected for ") + value.name;
  for (int64_t i = 0; i < array.elements(); ++i) {
    bool isFloat = from.isFloat();
    bool isPadding = isFloat ? std::isnan(from.floats[i]) : from.ints[i] == poison;
    double x = isFloat ? from.floats[i] : static_cast<double>(from.ints[i]);
    array.set(i, !isPadding ? x : isFloat ? (isNan ? x : 12345.0) : 1 << 30);
  }
  return "";
}

/// The bytes that are allocated for an array.
size_t roomOf(const Array &array) { return std::max<size_t>(64, (array.bytes() + 63) / 64 * 64); }

/// Whether what is behind the elements is as it was.
bool isIntact(const Array &array, bool isNan) {
  const char *bytes = array.data<char>();
  return std::all_of(bytes + array.bytes(), bytes + roomOf(array),
                     [&](char byte) { return byte == static_cast<char>(stale(isNan)); });
}

std::string InMemory::callHere(const RondoEntry &entry, const CallShape &shape, bool isNan,
                               std::vector<Array> &arguments, std::vector<Array> &outputs) {
  std::vector<const void *> in;
  std::vector<void *> out;
  for (Array &argument : arguments)
    in.push_back(argument.raw());
  for (Array &output : outputs) {
    if (isMemoryGuarded())
      std::memset(output.raw(), stale(isNan), roomOf(output));
    out.push_back(output.raw());
  }
  Arena arena;
  EntryCaller callable(entry, /*twin=*/false, &arena, device.get());
  if (int64_t bytes = callable.arenaBytes(shape); bytes > 0 && !device && isMemoryGuarded()) {
    if (!arena.onHost.reserve(static_cast<size_t>(bytes)))
      return "no memory";
    std::memset(arena.onHost.data(), stale(isNan), arena.onHost.capacity());
  }
  if (Status status = callable.call(shape, in.data(), out.data()); status.failed())
    return status.message();
  for (int64_t i = 0; i < entry.num_results; ++i)
    if (isMemoryGuarded() && !isIntact(outputs[i], isNan))
      return std::string("something was written behind the last element of ") +
             entry.results[i].name;
  return "";
}

std::string InMemory::call(const RondoEntry &entry, const Call &data,
                           std::vector<HostArray> &results) {
  if (std::string unknown = unknownDims(entry); !unknown.empty())
    return unknown;
  CallShape shape = shapeOf(entry, data.bindings);
  bool isNan = calls++ % 2 == 0;
  std::vector<Array> arguments(entry.num_arguments), outputs(entry.num_results);
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    std::string error = argument(entry.arguments[i], shape, data, isNan, arguments[i]);
    if (!error.empty())
      return error;
  }
  for (int64_t i = 0; i < entry.num_results; ++i) {
    const RondoValue &value = entry.results[i];
    Status status = outputs[i].allocate(value.element, evaluateDims(value, shape.dims.data()));
    if (status.failed())
      return status.message();
  }
  std::string error = elsewhere ? elsewhere->call(&entry - jit->program().entries, threads,
                                                  stale(isNan), shape, arguments, outputs)
                                : callHere(entry, shape, isNan, arguments, outputs);
  if (!error.empty())
    return error;
  for (int64_t i = 0; i < entry.num_results; ++i) {
    ArrayKind kind = isFloat(outputs[i].element())      ? ArrayKind::Float
                     : outputs[i].element() == RONDO_I1 ? ArrayKind::Bool
                                                        : ArrayKind::Int;
    HostArray array = HostArray::poisoned(kind, outputs[i].sizes());
    for (int64_t k = 0; k < array.size(); ++k)
      if (array.isFloat())
        array.floats[k] = outputs[i].get(k);
      else
        array.ints[k] = static_cast<int64_t>(outputs[i].get(k));
    results.push_back(std::move(array));
  }
  return "";
}

} // namespace

/// Runs the stages up to the LLVM dialect on a copy of a normalised module; null after an error.
static OwningOpRef<ModuleOp> lowered(ModuleOp module, bool isDouble, PipelineOptions options) {
  OwningOpRef<ModuleOp> copy = module.clone();
  options.precision = isDouble ? "f64" : "f32";
  options.twins = false;
  PassManager passes(module.getContext());
  if (isDouble)
    passes.addPass(precisionPass("f64"));
  for (Stage stage : {Stage::Schedule, Stage::Plan, Stage::Lower, Stage::Target})
    addPassesTo(stage, passes, options);
  return succeeded(passes.run(*copy)) ? std::move(copy) : nullptr;
}

/// The program, in this process or on another machine; of one on another machine what it tells of
/// itself is in this process as well.
static llvm::Expected<std::unique_ptr<InMemory>>
load(ModuleOp module, bool isDouble, const std::string &name, const Configuration &configuration) {
  bool isEmulated = name == emulatedTarget, isForDevice = isEmulated || name == deviceTarget;
  bool isElsewhere = name == elsewhereTarget;
  PipelineOptions options;
  if (configuration.packsAll)
    options.smallestPacked = 0; // the models are small
  options.cpu = !isForDevice;
  options.cuda = isForDevice;
  options.isEmulated = isEmulated;
  options.disabled = configuration.disabledPasses();
  auto compiled = std::make_unique<InMemory>();
  for (bool there : {false, true}) {
    if (there && !isElsewhere)
      break;
    auto processor = there                        ? resolveProcessor("", "aarch64-linux-gnu")
                     : isForDevice || isElsewhere ? resolveProcessor("native")
                                                  : resolveProcessor(name);
    if (!processor)
      return processor.takeError();
    options.triple = processor->triple;
    options.features = processor->features;
    options.target = processor->description;
    OwningOpRef<ModuleOp> code = lowered(module, isDouble, options);
    if (!code)
      return llvm::createStringError("it does not compile");
    if (!there) {
      auto jit = Jit::create(*code, *processor, isElsewhere ? 0 : configuration.level);
      if (!jit)
        return jit.takeError();
      compiled->jit = std::move(*jit);
      continue;
    }
    auto elsewhere = Elsewhere::start(*code, *processor, configuration.level);
    if (!elsewhere)
      return elsewhere.takeError();
    compiled->elsewhere = std::move(*elsewhere);
  }
  if (isForDevice)
    if (Status status = openDevice(compiled->jit->program(), 0, compiled->device); status.failed())
      return llvm::createStringError(status.message());
  return compiled;
}

std::unique_ptr<Compiled> Compiled::make(ModuleOp module, bool isDouble, const std::string &name,
                                         const Configuration &configuration) {
  auto compiled = load(module, isDouble, name, configuration);
  if (compiled)
    return std::move(*compiled);
  module.emitError() << toString(compiled.takeError());
  return nullptr;
}
