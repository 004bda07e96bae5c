#include "Compiled.h"
#include "Configurations.h"
#include "Driver/Pipelines.h"
#include "Runtime/Call.h"
#include "Runtime/Place.h"
#include "Runtime/Team.h"
#include "Target/Jit.h"
#include "Target/Machine.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

namespace {

class InMemory : public Compiled {
public:
  std::unique_ptr<Jit> jit;
  std::unique_ptr<Device> device; // null: the host

  std::string call(StringRef name, const Data &data, int64_t workers,
                   std::vector<HostArray> &results) override {
    setThreads({workers, /*force=*/true});
    const RondoProgram &program = jit->program();
    for (int64_t i = 0; i < program.num_entries; ++i)
      if (name == program.entries[i].name)
        return call(program.entries[i], data, results);
    return "no such entry in the program";
  }

private:
  std::string call(const RondoEntry &entry, const Data &data, std::vector<HostArray> &results);
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
    shape.dims.push_back(value);
    shape.lengths.push_back(std::move(lengths));
  }
  return shape;
}

/// The array that the caller of a compiled program would pass. Padding holds NaN resp. what an
/// index of a padded position may be (anything: the runtime clears it).
std::string argument(const RondoEntry &entry, const RondoValue &value, const CallShape &shape,
                     const Data &data, Array &array) {
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
  for (int64_t i = 0; i < array.elements(); ++i)
    array.set(i, from.isFloat()
                     ? from.floats[i]
                     : (from.ints[i] == poison ? 0.0 : static_cast<double>(from.ints[i])));
  (void)entry;
  return "";
}

std::string InMemory::call(const RondoEntry &entry, const Data &data,
                           std::vector<HostArray> &results) {
  CallShape shape = shapeOf(entry, data.bindings);
  std::vector<Array> arguments(entry.num_arguments), outputs(entry.num_results);
  std::vector<const void *> in;
  std::vector<void *> out;
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    std::string error = argument(entry, entry.arguments[i], shape, data, arguments[i]);
    if (!error.empty())
      return error;
    in.push_back(arguments[i].raw());
  }
  for (int64_t i = 0; i < entry.num_results; ++i) {
    const RondoValue &value = entry.results[i];
    Status status = outputs[i].allocate(value.element, evaluateDims(value, shape.dims.data()));
    if (status.failed())
      return status.message();
    out.push_back(outputs[i].raw());
  }
  EntryCaller callable(entry, /*twin=*/false, /*arena=*/nullptr, device.get());
  if (Status status = callable.call(shape, in.data(), out.data()); status.failed())
    return status.message();
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

std::unique_ptr<Compiled> Compiled::make(ModuleOp module, bool isDouble, const std::string &name,
                                         const std::vector<std::string> &disabled) {
  OwningOpRef<ModuleOp> copy = module.clone();
  bool isEmulated = name == emulatedTarget, isForDevice = isEmulated || name == deviceTarget;
  llvm::Expected<Processor> processor = resolveProcessor(isForDevice ? "native" : name);
  if (!processor) {
    module.emitError() << toString(processor.takeError());
    return nullptr;
  }
  PipelineOptions options;
  options.smallestPacked = 0; // the models are small
  options.precision = isDouble ? "f64" : "f32";
  options.features = processor->features;
  options.target = processor->description;
  options.twins = false;
  options.cpu = !isForDevice;
  options.cuda = isForDevice;
  options.isEmulated = isEmulated;
  options.disabled = disabled;
  PassManager passes(module.getContext());
  if (isDouble)
    passes.addPass(precisionPass("f64"));
  for (Stage stage : {Stage::Schedule, Stage::Plan, Stage::Lower, Stage::Target})
    for (std::unique_ptr<Pass> &pass : passesOf(stage, options))
      passes.addPass(std::move(pass));
  if (failed(passes.run(*copy)))
    return nullptr;
  llvm::Expected<std::unique_ptr<Jit>> jit = Jit::create(*copy, *processor, 1);
  if (!jit) {
    module.emitError() << toString(jit.takeError());
    return nullptr;
  }
  auto compiled = std::make_unique<InMemory>();
  compiled->jit = std::move(*jit);
  if (isForDevice)
    if (Status status = openDevice(compiled->jit->program(), 0, compiled->device);
        status.failed()) {
      module.emitError() << status.message();
      return nullptr;
    }
  return compiled;
}
