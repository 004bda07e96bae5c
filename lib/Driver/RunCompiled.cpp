// Compiles a module in memory and calls its functions.
#include "Driver/RunCompiled.h"
#include "Runtime/Array.h"
#include "Runtime/Call.h"
#include "Runtime/EmulatedDevice.h"
#include "Runtime/Team.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace rondo;

FailureOr<std::unique_ptr<CompiledModule>> CompiledModule::compile(ModuleOp module, Stage stage,
                                                                   PipelineOptions options,
                                                                   llvm::StringRef processorName,
                                                                   unsigned level) {
  auto processor = resolveProcessor(processorName);
  if (!processor)
    return module.emitError() << llvm::toString(processor.takeError());
  options.target = processor->description;
  OwningOpRef<ModuleOp> copy(module.clone());
  PassManager manager(module.getContext());
  if (options.precision != "f32" && stage >= Stage::Stream)
    manager.addPass(precisionPass(options.precision)); // Stream's passes would have
  for (int next = static_cast<int>(stage) + 1; next <= static_cast<int>(Stage::Target); ++next)
    addPassesTo(static_cast<Stage>(next), manager, options);
  if (failed(manager.run(*copy)))
    return failure();
  auto jit = Jit::create(*copy, *processor, level);
  if (!jit)
    return module.emitError() << llvm::toString(jit.takeError());
  auto result = std::make_unique<CompiledModule>();
  result->jit = std::move(*jit);
  if (const RondoDeviceCode *code = result->jit->program().device; code && options.isEmulated)
    if (Status status = openEmulated(*code, 0, result->device); status.failed())
      return module.emitError() << status.message();
  return result;
}

static const RondoEntry *findEntry(const RondoProgram &program, llvm::StringRef name) {
  for (int64_t i = 0; i < program.num_entries; ++i)
    if (program.entries[i].name == name)
      return &program.entries[i];
  return nullptr;
}

/// What the bindings say about the entry's symbols; a ragged symbol is padded as `function` is.
static FailureOr<CallShape> shapeOf(const RondoEntry &entry, func::FuncOp function,
                                    const Bindings &bindings) {
  FailureOr<Extents> extents = Extents::bind(function, bindings);
  if (failed(extents))
    return failure();
  CallShape shape;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    auto dim = DimAttr::get(function.getContext(), llvm::StringRef(entry.symbols[s].name));
    shape.dims.push_back(extents->padded(dim));
    shape.lengths.emplace_back();
    if (entry.symbols[s].kind == RONDO_RAGGED)
      for (int64_t row = 0; row < extents->examples(); ++row)
        shape.lengths.back().push_back(extents->value(dim, extents->isBatched() ? row : -1));
  }
  return shape;
}

static Status toArray(const HostArray &from, int32_t element, Array &to) {
  RONDO_TRY(to.allocate(element, {from.shape.begin(), from.shape.end()}));
  for (int64_t i = 0, n = from.size(); i < n; ++i) {
    if (element == RONDO_I64)
      to.data<int64_t>()[i] = from.ints[i];
    else if (element == RONDO_I32) // what stands at positions that are not valid does not fit
      to.data<int32_t>()[i] = static_cast<int32_t>(from.ints[i]);
    else if (element == RONDO_I1)
      to.data<uint8_t>()[i] = from.ints[i] == 1;
    else
      to.set(i, from.floats[i]);
  }
  return {};
}

static HostArray fromArray(const Array &from) {
  HostArray to;
  to.kind = isFloat(from.element())      ? ArrayKind::Float
            : from.element() == RONDO_I1 ? ArrayKind::Bool
                                         : ArrayKind::Int;
  to.shape.assign(from.sizes().begin(), from.sizes().end());
  for (int64_t i = 0; i < from.elements(); ++i) {
    if (from.element() == RONDO_I64)
      to.ints.push_back(from.data<int64_t>()[i]);
    else if (to.isFloat())
      to.floats.push_back(from.get(i));
    else
      to.ints.push_back(static_cast<int64_t>(from.get(i)));
  }
  return to;
}

FailureOr<std::vector<HostArray>> CompiledModule::call(func::FuncOp function,
                                                       llvm::ArrayRef<HostArray> arguments,
                                                       const Bindings &bindings,
                                                       int64_t workers) const {
  setThreads({workers, /*force=*/true});
  const RondoEntry *entry = findEntry(jit->program(), function.getSymName());
  if (!entry)
    return function.emitError("was not compiled as an entry");
  FailureOr<CallShape> shape = shapeOf(*entry, function, bindings);
  if (failed(shape))
    return failure();
  auto report = [&](const Status &status) { return function.emitError() << status.message(); };

  std::vector<Array> given(entry->num_arguments), made(entry->num_results);
  llvm::SmallVector<const void *> givenPointers;
  llvm::SmallVector<void *> madePointers;
  for (auto [i, array] : llvm::enumerate(given)) {
    const RondoValue &value = entry->arguments[i];
    if (Status status = toArray(arguments[i], value.element, array); status.failed())
      return report(status);
    if (std::vector<int64_t> sizes = evaluateDims(value, shape->dims.data());
        sizes != array.sizes()) {
      Array fitted;
      if (Status status = resize(array, sizes, fitted); status.failed())
        return report(status);
      array.swap(fitted);
    }
    givenPointers.push_back(array.raw());
  }
  for (auto [i, array] : llvm::enumerate(made)) {
    const RondoValue &value = entry->results[i];
    if (Status status = array.allocate(value.element, evaluateDims(value, shape->dims.data()));
        status.failed())
      return report(status);
    madePointers.push_back(array.raw());
  }
  EntryCaller caller(*entry, /*twin=*/false, /*arena=*/nullptr, device.get());
  if (Status status = caller.call(*shape, givenPointers.data(), madePointers.data());
      status.failed())
    return report(status);
  std::vector<HostArray> results;
  results.reserve(made.size());
  FailureOr<Extents> extents = Extents::bind(function, bindings);
  for (auto [array, type] : llvm::zip_equal(made, function.getResultTypes())) {
    Array trimmed;
    if (Status status = resize(array, extents->shape(cast<ArrayType>(type).getDims()), trimmed);
        status.failed())
      return report(status);
    results.push_back(fromArray(trimmed));
  }
  return results;
}
