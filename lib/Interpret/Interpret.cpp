// The interpreter's interface: arguments in, results out.
#include "rondo/Interpret.h"
#include "Interpret/Evaluator.h"
#include "Rondo/Needs.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

bool rondo::hasEvaluator(OperationName name) {
  return Table<double>::get().find(name.getStringRef());
}

/// Ops without effects whose results no live op uses: they are gone at a later stage, so that a
/// check among them must not refuse at this one.
static llvm::DenseSet<Operation *> findDead(func::FuncOp function) {
  llvm::DenseSet<Operation *> dead;
  function.walk<WalkOrder::PreOrder, ReverseIterator>([&](Operation *op) {
    if (op == function || op->hasTrait<OpTrait::IsTerminator>() || !isMemoryEffectFree(op))
      return;
    if (llvm::all_of(op->getUsers(), [&](Operation *user) { return dead.contains(user); }))
      dead.insert(op);
  });
  return dead;
}

/// Refuses lengths that the function cannot be called with, before anything is read.
static LogicalResult checkNeeds(func::FuncOp function, Extents &extents) {
  for (const Need &need : getNeeds(function))
    for (int64_t row = 0; row < extents.examples(); ++row) {
      int64_t example = extents.isBatched() ? row : -1;
      auto isUsed = [&](ArrayRef<DimAttr> dims) {
        return llvm::all_of(dims, [&](DimAttr dim) { return extents.value(dim, example) > 0; });
      };
      if (extents.value(need.least, example) >= 0)
        continue;
      if (!need.uses.empty() && llvm::none_of(need.uses, isUsed)) {
        extents.setWanting(example);
        continue;
      }
      InFlightDiagnostic error = function.emitError() << need.message;
      if (example >= 0)
        error << " in example " << example;
      return error;
    }
  return success();
}

FailureOr<std::vector<HostArray>> rondo::interpret(func::FuncOp function,
                                                   ArrayRef<HostArray> arguments,
                                                   const Bindings &bindings, Noise noise) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitError("expected a function with a body of one block");
  for (Type type : llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes()))
    if (!isa<ArrayType>(type))
      return function.emitError("expected arrays as arguments and results, found ") << type;
  if (arguments.size() != function.getNumArguments())
    return function.emitError("expected ")
           << function.getNumArguments() << " arguments, found " << arguments.size();
  FailureOr<Extents> extents = Extents::bind(function, bindings);
  if (failed(extents))
    return failure();

  if (failed(checkNeeds(function, *extents)))
    return failure();

  Evaluator<double> evaluator(*extents);
  Evaluation evaluation{findDead(function), noise};
  evaluator.evaluation = &evaluation;
  for (auto [i, argument] : llvm::enumerate(function.getArguments())) {
    ArrayType type = arrayType(argument);
    HostArray valid = evaluator.make(type);
    if (arguments[i].kind != valid.kind || arguments[i].shape != valid.shape) {
      InFlightDiagnostic error = function.emitError("expected argument ") << i << " of shape [";
      llvm::interleaveComma(valid.shape, error);
      error << "], found [";
      llvm::interleaveComma(arguments[i].shape, error);
      error << (arguments[i].kind == valid.kind ? "]" : "] of another kind of elements");
      return error;
    }
    // What the caller has in the padding is not to be seen.
    copyValid(evaluator, type.getDims(), arguments[i], valid);
    evaluator.set(argument, std::move(valid));
  }
  Block &body = function.getBody().front();
  if (failed(evaluator.run(body)))
    return failure();
  std::vector<HostArray> results;
  for (Value result : body.getTerminator()->getOperands()) {
    HostArray valid = evaluator.make(arrayType(result));
    copyValid(evaluator, arrayType(result).getDims(), evaluator.get(result), valid);
    results.push_back(std::move(valid));
  }
  return results;
}

//===----------------------------------------------------------------------===//
// Arguments by name
//===----------------------------------------------------------------------===//

/// Symbols that `bindings` lacks, from the shapes of the arguments.
static Bindings inferSymbols(func::FuncOp function, const llvm::StringMap<HostArray> &arguments,
                             Bindings bindings) {
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto type = dyn_cast<ArrayType>(function.getArgumentTypes()[i]);
    auto name = function.getArgAttrOfType<StringAttr>(i, names::name);
    if (!type || !name)
      continue;
    auto given = arguments.find(name.getValue());
    if (given == arguments.end())
      continue;
    for (auto [dim, size] : llvm::zip(type.getDims(), given->second.shape))
      if (StringAttr symbol = dim.getSymbol())
        bindings.values.try_emplace(symbol.getValue(), size);
  }
  return bindings;
}

/// What an argument is when the caller does not give it.
static std::optional<HostArray> defaultArgument(func::FuncOp function, unsigned i,
                                                const Extents &extents) {
  auto type = cast<ArrayType>(function.getArgumentTypes()[i]);
  auto role = function.getArgAttrOfType<StringAttr>(i, names::role);
  HostArray array = HostArray::poisoned(kindOf(type), extents.shape(type.getDims()));
  if (auto value = function.getArgAttrOfType<FloatAttr>(i, names::defaultValue)) {
    std::fill(array.floats.begin(), array.floats.end(), value.getValueAsDouble());
    std::fill(array.ints.begin(), array.ints.end(), static_cast<int64_t>(value.getValueAsDouble()));
    return array;
  }
  StringRef kind = role ? role.getValue() : "";
  if (kind == "seed" || kind == "step" || kind == "ordinal") {
    for (auto [n, number] : llvm::enumerate(array.ints))
      number = kind == "ordinal" ? n : 0;
    return array;
  }
  if (kind == "state") {
    std::fill(array.floats.begin(), array.floats.end(), 0.0);
    std::fill(array.ints.begin(), array.ints.end(), 0);
    return array;
  }
  return std::nullopt;
}

/// Every valid element of an index argument lies below its dim.
static LogicalResult checkIndices(func::FuncOp function, unsigned i, const HostArray &array,
                                  const Extents &extents) {
  auto bound = function.getArgAttrOfType<DimAttr>(i, names::index);
  if (!bound || array.isFloat())
    return success();
  Domain domain = extents.domain(cast<ArrayType>(function.getArgumentTypes()[i]).getDims());
  SmallVector<int64_t> bounds = extents.perExample(bound);
  std::optional<Point<1>> failing;
  forEach<1>(domain, nullptr, {domain.strides()}, [&](const Point<1> &p) {
    int64_t index = array.ints[p.at[0]];
    if (!failing && (index < 0 || index >= bounds[p.example + 1]))
      failing = p;
  });
  if (!failing)
    return success();
  InFlightDiagnostic error = function.emitError("expected indices below ")
                             << bounds[failing->example + 1] << ", found "
                             << array.ints[failing->at[0]];
  if (failing->example >= 0)
    error << " in example " << failing->example;
  return error;
}

FailureOr<std::vector<HostArray>> rondo::interpretEntry(ModuleOp module, StringRef name,
                                                        const llvm::StringMap<HostArray> &arguments,
                                                        const Bindings &bindings, Noise noise) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function)
    return module.emitError("no function ") << name;
  for (Type type : function.getArgumentTypes())
    if (!isa<ArrayType>(type))
      return function.emitError("expected arrays as arguments, found ") << type;
  Bindings complete = inferSymbols(function, arguments, bindings);
  FailureOr<Extents> extents = Extents::bind(function, complete);
  if (failed(extents))
    return failure();
  std::vector<HostArray> list;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto attribute = function.getArgAttrOfType<StringAttr>(i, names::name);
    StringRef argument = attribute ? attribute.getValue() : "";
    auto given = arguments.find(argument);
    if (given == arguments.end()) {
      std::optional<HostArray> value = defaultArgument(function, i, *extents);
      if (!value)
        return function.emitError("no value for the argument ")
               << (attribute ? argument.str() : std::to_string(i));
      list.push_back(std::move(*value));
      continue;
    }
    auto type = cast<ArrayType>(function.getArgumentTypes()[i]);
    if (given->second.kind != kindOf(type) ||
        given->second.shape != extents->shape(type.getDims())) {
      InFlightDiagnostic error = function.emitError("expected the argument ")
                                 << argument << " of type " << type << ", found the shape [";
      llvm::interleaveComma(given->second.shape, error);
      return error << "]";
    }
    if (failed(checkIndices(function, i, given->second, *extents)))
      return failure();
    list.push_back(given->second);
  }
  return interpret(function, list, complete, noise);
}
