// rondo-descriptor: turns the manifest into the constant rondo_program (include/rondo/Abi.h).
#include "Device/Device.h"
#include "Machine/TargetDescription.h"
#include "Plan/Plan.h"
#include "Rondo/Needs.h"
#include "Target/ConstantData.h"
#include "Target/Passes.h"
#include "Target/Ptx.h"
#include "rondo/Abi.h"

namespace rondo {
#define GEN_PASS_DEF_DESCRIPTOR
#include "Target/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

std::optional<RondoElement> elementOf(Type type) {
  if (type.isF32())
    return RONDO_F32;
  if (type.isF64())
    return RONDO_F64;
  if (type.isInteger(1))
    return RONDO_I1;
  if (type.isInteger(32))
    return RONDO_I32;
  if (type.isInteger(64))
    return RONDO_I64;
  return std::nullopt;
}

std::optional<RondoRole> roleOf(llvm::StringRef role) {
  return llvm::StringSwitch<std::optional<RondoRole>>(role)
      .Case("parameter", RONDO_PARAMETER)
      .Case("input", RONDO_INPUT)
      .Case("state", RONDO_STATE)
      .Case("gradient", RONDO_GRADIENT)
      .Case("setting", RONDO_SETTING)
      .Case("seed", RONDO_SEED)
      .Case("step", RONDO_STEP)
      .Case("ordinal", RONDO_ORDINAL)
      .Case("result", RONDO_RESULT)
      .Case("loss", RONDO_LOSS)
      .Default(std::nullopt);
}

std::optional<double> numberOf(Attribute attr) {
  if (auto value = dyn_cast_or_null<FloatAttr>(attr))
    return value.getValueAsDouble();
  if (auto value = dyn_cast_or_null<BoolAttr>(attr))
    return value.getValue() ? 1 : 0;
  if (auto value = dyn_cast_or_null<IntegerAttr>(attr))
    return static_cast<double>(value.getInt());
  return std::nullopt;
}

/// What Lower left of a function: null and 0 where the function is for another machine.
struct Code {
  Constant code, arena;
  int64_t cacheBytes = 0;
};

/// Builds the descriptor of one module.
class DescriptorBuilder {
public:
  DescriptorBuilder(ModuleOp module, llvm::StringRef features, int64_t memoryBudget)
      : module(module), data(module), features(features), memoryBudget(memoryBudget) {}

  LogicalResult build();

private:
  FailureOr<Constant> entry(func::FuncOp function);
  FailureOr<Constant> value(func::FuncOp function, Type type, DictionaryAttr attrs,
                            RondoRole defaultRole, llvm::StringRef defaultName);
  FailureOr<Constant> parameter(ParamOp param);
  FailureOr<Constant> train(TrainOp train);
  Constant profile();
  Constant symbols(func::FuncOp function, int64_t &count);
  Constant needs(func::FuncOp function, int64_t &count);
  Constant dim(func::FuncOp function, DimAttr dim);
  Constant options(llvm::StringRef hint, DictionaryAttr attr);
  int64_t symbolIndex(func::FuncOp function, StringAttr symbol);
  /// The symbol of a function's code or arena: NAME.code, or what the attribute says; empty where
  /// there is none.
  llvm::StringRef symbolOf(func::FuncOp function, llvm::StringRef attribute);
  FailureOr<Code> codeOf(func::FuncOp function, bool isOptional);
  Constant device();

  ModuleOp module;
  ConstantData data;
  llvm::StringRef features;
  int64_t memoryBudget;
  llvm::StringMap<func::FuncOp> twins;
  llvm::StringMap<func::FuncOp> devices; // by what they are a version of
  RondoElement precision = RONDO_F32;
};

int64_t DescriptorBuilder::symbolIndex(func::FuncOp function, StringAttr symbol) {
  for (auto [index, declared] : llvm::enumerate(getSymbols(function)))
    if (declared.getName() == symbol)
      return index;
  return -1;
}

Constant DescriptorBuilder::dim(func::FuncOp function, DimAttr dim) {
  llvm::SmallVector<Constant> terms;
  for (const DimTerm &term : dim.getTerms()) {
    bool isSymbol = term.symbol() != nullptr;
    DimAttr inner = isSymbol ? DimAttr::get(module.getContext(), 0) : cast<DimAttr>(term.atom);
    terms.push_back(data.structure(
        "RondoDimTerm",
        {data.i64(term.coefficient), data.i64(isSymbol ? symbolIndex(function, term.symbol()) : 0),
         data.i64(isSymbol ? 0 : term.divisor), this->dim(function, inner)}));
  }
  return data.structure("RondoDim", {data.i64(dim.getConstant()), data.i64(terms.size()),
                                     data.array("terms", terms)});
}

static RondoSymbolKind abiKind(SymbolKind kind) {
  switch (kind) {
  case SymbolKind::Batch:
    return RONDO_BATCH;
  case SymbolKind::Ragged:
    return RONDO_RAGGED;
  case SymbolKind::Uniform:
    return RONDO_UNIFORM;
  case SymbolKind::Segment:
    return RONDO_SEGMENT;
  case SymbolKind::Segments:
    return RONDO_SEGMENTS;
  }
  llvm_unreachable("all kinds are listed");
}

Constant DescriptorBuilder::symbols(func::FuncOp function, int64_t &count) {
  auto defaults = function->getAttrOfType<DictionaryAttr>(names::symbolDefaults);
  llvm::SmallVector<Constant> all;
  for (SymbolAttr symbol : getSymbols(function)) {
    DimAttr of = symbol.getOf() ? symbol.getOf() : DimAttr::get(module.getContext(), 0);
    auto value = defaults ? defaults.getAs<IntegerAttr>(symbol.getName()) : IntegerAttr();
    all.push_back(data.structure("RondoSymbol",
                                 {data.string(symbol.getName()),
                                  data.i32(abiKind(symbol.getKind())), data.i32(value != nullptr),
                                  data.i64(value ? value.getInt() : 0), dim(function, of)}));
  }
  count = all.size();
  return data.array("symbols", all);
}

Constant DescriptorBuilder::needs(func::FuncOp function, int64_t &count) {
  llvm::SmallVector<Constant> all;
  for (const Need &need : getNeeds(function)) {
    auto uses = llvm::map_to_vector(need.uses, [&](llvm::ArrayRef<DimAttr> use) {
      auto dims = llvm::map_to_vector(use, [&](DimAttr each) { return dim(function, each); });
      return data.structure("RondoUse", {data.i64(dims.size()), data.array("dims", dims)});
    });
    all.push_back(data.structure("RondoNeed", {dim(function, need.least), data.string(need.message),
                                               data.string(need.place), data.i64(uses.size()),
                                               data.array("uses", uses)}));
  }
  count = all.size();
  return data.array("needs", all);
}

FailureOr<Constant> DescriptorBuilder::value(func::FuncOp function, Type type, DictionaryAttr attrs,
                                             RondoRole defaultRole, llvm::StringRef defaultName) {
  auto array = dyn_cast<ArrayType>(type);
  std::optional<RondoElement> element;
  if (array)
    element = elementOf(array.getElementType());
  if (!element)
    return function.emitOpError("has an argument or result that the program cannot hold: ") << type;

  auto named = [&](llvm::StringRef key) { return attrs ? attrs.get(key) : Attribute(); };
  std::optional<RondoRole> role = defaultRole;
  if (auto text = dyn_cast_or_null<StringAttr>(named(names::role)))
    role = roleOf(text.getValue());
  if (!role)
    return function.emitOpError("has an argument or result of unknown role ") << named(names::role);
  auto name = dyn_cast_or_null<StringAttr>(named(names::name));
  std::optional<double> start = numberOf(named(names::defaultValue));
  auto bound = dyn_cast_or_null<DimAttr>(named(names::index));

  auto dims =
      llvm::map_to_vector(array.getDims(), [&](DimAttr each) { return this->dim(function, each); });
  bool isLarger = false;
  auto storage = llvm::map_to_vector(array.getDims(), [&](DimAttr each) {
    DimAttr most = storageDim(function, each);
    isLarger |= most != each;
    return this->dim(function, most);
  });
  Constant dimTable = data.array("dims", dims);
  return data.structure(
      "RondoValue",
      {data.i32(*role), data.i32(*element), data.string(name ? name.getValue() : defaultName),
       data.i64(array.getRank()), dimTable, data.i32(bound != nullptr), data.i32(start.has_value()),
       this->dim(function, bound ? bound : DimAttr::get(module.getContext(), 0)),
       data.f64(start.value_or(0)), isLarger ? data.array("storage", storage) : dimTable});
}

/// The symbol that an attribute names; empty where there is none.
llvm::StringRef DescriptorBuilder::symbolOf(func::FuncOp function, llvm::StringRef attribute) {
  auto symbol = function ? function->getAttrOfType<FlatSymbolRefAttr>(attribute) : nullptr;
  return symbol && module.lookupSymbol(symbol.getAttr()) ? symbol.getValue() : "";
}

FailureOr<Code> DescriptorBuilder::codeOf(func::FuncOp function, bool isOptional) {
  llvm::StringRef code = symbolOf(function, names::code);
  llvm::StringRef arena = symbolOf(function, names::arena);
  if (isOptional && code.empty())
    return Code{data.null(), data.null()};
  if (code.empty() || arena.empty())
    return function.emitOpError("has no ") << (code.empty() ? names::code : names::arena);
  auto bytes = function->getAttrOfType<IntegerAttr>("rondo.cache_bytes");
  return Code{data.address(code), data.address(arena), bytes ? bytes.getInt() : 0};
}

/// What Lower and Plan noted at an entry, for the CPU or for the device; the descriptor has room
/// for one, so both must say the same.
static FailureOr<Attribute> fromEither(func::FuncOp function, func::FuncOp onDevice,
                                       llvm::StringRef name) {
  Attribute here = function->getAttr(name);
  Attribute there = onDevice ? onDevice->getAttr(name) : Attribute();
  if (here && there && here != there)
    return function.emitOpError("has another ") << name << " on the device";
  return here ? here : there;
}

/// What is read soon after it was written should still be in a core's own cache.
static int64_t segmentBytes(func::FuncOp function) {
  bool hasSegments = llvm::any_of(getSymbols(function), [](SymbolAttr symbol) {
    return symbol.getKind() == SymbolKind::Segments;
  });
  auto module = function->getParentOfType<ModuleOp>();
  return hasSegments && !function->hasAttr(names::gradientOf)
             ? 2 * TargetDescription::of(module).l2Bytes
             : 0;
}

FailureOr<Constant> DescriptorBuilder::entry(func::FuncOp function) {
  llvm::SmallVector<Constant> arguments, results;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto made = value(function, type, function.getArgAttrDict(index), RONDO_INPUT,
                      "argument." + std::to_string(index));
    if (failed(made))
      return failure();
    arguments.push_back(*made);
  }
  bool isTuple = function.getNumResults() > 1;
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    auto made = value(function, type, function.getResultAttrDict(index), RONDO_RESULT,
                      isTuple ? "result." + std::to_string(index) : "result");
    if (failed(made))
      return failure();
    results.push_back(*made);
  }

  func::FuncOp twin = twins.lookup(function.getSymName());
  func::FuncOp onDevice = devices.lookup(function.getSymName());
  func::FuncOp twinOnDevice = twin ? devices.lookup(twin.getSymName()) : func::FuncOp();
  FailureOr<Code> code = codeOf(function, onDevice != nullptr);
  FailureOr<Code> twinCode = codeOf(twin, !twin || twinOnDevice);
  FailureOr<Code> deviceCode = codeOf(onDevice, !onDevice);
  FailureOr<Code> twinDeviceCode = codeOf(twinOnDevice, !twinOnDevice);
  if (failed(code) || failed(twinCode) || failed(deviceCode) || failed(twinDeviceCode))
    return failure();
  FailureOr<Attribute> messages = fromEither(function, onDevice, "rondo.checks");
  FailureOr<Attribute> order = fromEither(function, onDevice, names::sortedBy);
  if (failed(messages) || failed(order))
    return failure();

  llvm::SmallVector<Constant> checks;
  if (auto texts = cast_or_null<ArrayAttr>(*messages))
    for (auto message : texts.getAsRange<StringAttr>())
      checks.push_back(data.string(message.getValue()));
  int64_t sortedBy = -1;
  if (auto symbol = dyn_cast_or_null<StringAttr>(*order))
    sortedBy = symbolIndex(function, symbol);
  else if (auto index = dyn_cast_or_null<IntegerAttr>(*order))
    sortedBy = index.getInt();

  auto flops = function->getAttrOfType<StringAttr>("rondo.flops");
  auto work = function->getAttrOfType<StringAttr>("rondo.work");
  auto barriers = function->getAttrOfType<StringAttr>("rondo.barriers");
  auto flopsPerToken = function->getAttrOfType<FloatAttr>("rondo.flops_per_token");

  auto origin = [&](llvm::StringRef attribute) {
    auto name = function->getAttrOfType<StringAttr>(attribute);
    return name ? data.string(name.getValue()) : data.null();
  };

  int64_t numSymbols = 0;
  Constant symbolTable = symbols(function, numSymbols);
  int64_t numNeeds = 0;
  Constant needTable = needs(function, numNeeds);
  return data.structure("RondoEntry",
                        {data.string(function.getSymName()),
                         data.i64(numSymbols),
                         symbolTable,
                         data.i64(sortedBy),
                         data.i64(arguments.size()),
                         data.array("arguments", arguments),
                         data.i64(results.size()),
                         data.array("results", results),
                         data.i64(checks.size()),
                         data.array("checks", checks),
                         code->code,
                         code->arena,
                         twinCode->code,
                         twinCode->arena,
                         flops ? data.string(flops.getValue()) : data.null(),
                         work ? data.string(work.getValue()) : data.null(),
                         barriers ? data.string(barriers.getValue()) : data.null(),
                         data.f64(flopsPerToken ? flopsPerToken.getValueAsDouble() : 0),
                         data.i64(code->cacheBytes),
                         data.i64(twinCode->cacheBytes),
                         data.i64(segmentBytes(function)),
                         deviceCode->code,
                         deviceCode->arena,
                         twinDeviceCode->code,
                         twinDeviceCode->arena,
                         data.i64(deviceCode->cacheBytes),
                         data.i64(twinDeviceCode->cacheBytes),
                         data.i64(numNeeds),
                         needTable,
                         origin(names::gradientOf),
                         origin(names::checkOf)});
}

FailureOr<Constant> DescriptorBuilder::parameter(ParamOp param) {
  auto type = cast<ArrayType>(param.getType());
  std::optional<RondoElement> element = elementOf(type.getElementType());
  if (!element || !type.hasConstantShape())
    return param.emitOpError("must have constant dims and an element type that files can hold");
  if (*element == RONDO_F64)
    precision = RONDO_F64;
  llvm::SmallVector<Constant> sizes, arguments;
  for (DimAttr dim : type.getDims())
    sizes.push_back(data.i64(dim.getConstant()));
  for (Attribute argument : param.getInit().getArguments())
    arguments.push_back(data.f64(numberOf(argument).value_or(0)));
  return data.structure("RondoParameter",
                        {data.string(param.getPath()), data.i32(*element), data.i64(type.getRank()),
                         data.array("sizes", sizes),
                         data.string(param.getInit().getKind().getValue()),
                         data.i64(arguments.size()), data.array("initialiser", arguments)});
}

Constant DescriptorBuilder::options(llvm::StringRef hint, DictionaryAttr attr) {
  llvm::SmallVector<Constant> all;
  for (NamedAttribute option : attr ? attr.getValue() : llvm::ArrayRef<NamedAttribute>()) {
    auto text = dyn_cast<StringAttr>(option.getValue());
    all.push_back(
        data.structure("RondoOption", {data.string(option.getName().getValue()),
                                       text ? data.string(text.getValue()) : data.null(),
                                       data.f64(numberOf(option.getValue()).value_or(0))}));
  }
  return data.array(hint, all);
}

FailureOr<Constant> DescriptorBuilder::train(TrainOp train) {
  auto gradient = llvm::find_if(module.getOps<func::FuncOp>(), [&](func::FuncOp function) {
    return function->getAttr(names::gradientOf) == train.getLossAttr() &&
           !function->hasAttr(names::twinOf) && !function->hasAttr(names::deviceOf);
  });
  if (gradient == module.getOps<func::FuncOp>().end())
    return train.emitOpError("has a loss without a gradient");
  Constant spec = data.structure(
      "RondoTrain", {data.string(train.getLoss()), data.string((*gradient).getSymName()),
                     data.string(train.getUpdate()), data.string(train.getSource()),
                     data.i64(train.getOptions().size()), options("source", train.getOptions()),
                     data.i64(train.getBatch()), data.i64(train.getSteps())});
  return data.array("train", spec);
}

Constant DescriptorBuilder::profile() {
  auto parts = module->getAttrOfType<ArrayAttr>("rondo.parts");
  if (!parts)
    return data.null();
  llvm::SmallVector<Constant> all;
  for (auto part : parts.getAsRange<DictionaryAttr>()) {
    auto text = [&](llvm::StringRef name) {
      return data.string(part.getAs<StringAttr>(name).getValue());
    };
    auto number = [&](llvm::StringRef name) {
      return data.i64(part.getAs<IntegerAttr>(name).getInt());
    };
    all.push_back(
        data.structure("RondoPart", {text("entry"), text("file"), number("line"), number("column"),
                                     text("what"), number("parent"), text("flops")}));
  }
  module->removeAttr("rondo.parts");
  return data.array("profile",
                    data.structure("RondoProfile", {data.i64(all.size()), data.array("parts", all),
                                                    data.address("rondo.part_times")}));
}

/// The kernels that rondo-describe-kernels has described; in PTX, where there is one, else
/// emulated.
Constant DescriptorBuilder::device() {
  auto descriptions = module->getAttrOfType<ArrayAttr>(device::names::kernels);
  if (!descriptions)
    return data.null();
  bool isPtx = module.lookupSymbol(ptxSymbol) != nullptr;
  llvm::SmallVector<Constant> kernels, cubins;
  for (auto kernel : descriptions.getAsRange<DictionaryAttr>()) {
    auto text = [&](llvm::StringRef name) { return kernel.getAs<StringAttr>(name).getValue(); };
    auto flag = [&](llvm::StringRef name) {
      return data.i32(kernel.getAs<BoolAttr>(name).getValue());
    };
    auto number = [&](llvm::StringRef name) {
      return data.i64(kernel.getAs<IntegerAttr>(name).getInt());
    };
    kernels.push_back(data.structure(
        "RondoKernel", {data.string(text("name")), number("threads"), number("shared_bytes"),
                        flag("takes_rest"), flag("cooperative"), number("numbers"),
                        isPtx ? data.null() : data.address(text("symbol"))}));
  }
  for (const CubinArchitecture &architecture : cubinArchitectures)
    if (auto code = module.lookupSymbol<LLVM::GlobalOp>(architecture.symbol))
      cubins.push_back(data.structure(
          "RondoCubin", {data.i64(architecture.capability), data.address(architecture.symbol),
                         data.i64(cast<StringAttr>(code.getValueAttr()).size())}));
  module->removeAttr(device::names::kernels);
  return data.array(
      "device",
      data.structure("RondoDeviceCode", {data.i64(kernels.size()), data.array("kernels", kernels),
                                         data.i64(isPtx ? ptxCapability : 0),
                                         isPtx ? data.address(ptxSymbol) : data.null(),
                                         data.i64(cubins.size()), data.array("cubins", cubins)}));
}

LogicalResult DescriptorBuilder::build() {
  llvm::SmallVector<func::FuncOp> declarations;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(names::kind))
      declarations.push_back(function);
  // A device's version of a twin has both attributes.
  for (func::FuncOp function : declarations)
    if (auto original = function->getAttrOfType<StringAttr>(names::deviceOf))
      devices[original.getValue()] = function;
    else if (auto original = function->getAttrOfType<StringAttr>(names::twinOf))
      twins[original.getValue()] = function;

  llvm::SmallVector<Constant> entries, parameters;
  for (auto param : module.getOps<ParamOp>()) {
    auto made = parameter(param);
    if (failed(made))
      return failure();
    parameters.push_back(*made);
  }
  for (func::FuncOp function : declarations) {
    if (function->hasAttr(names::twinOf) || function->hasAttr(names::deviceOf))
      continue;
    auto made = entry(function);
    if (failed(made))
      return failure();
    entries.push_back(*made);
    for (Type type : function.getFunctionType().getResults())
      if (cast<ArrayType>(type).getElementType().isF64() && !function->hasAttr(names::checkOf))
        precision = RONDO_F64;
  }
  Constant training = data.null();
  for (auto op : module.getOps<TrainOp>()) {
    FailureOr<Constant> made = train(op);
    if (failed(made))
      return failure();
    training = *made;
  }

  auto model = module->getAttrOfType<StringAttr>(names::model);
  auto configuration = module->getAttrOfType<DictionaryAttr>(names::configuration);
  data.define("rondo_program",
              data.structure("RondoProgram",
                             {data.i64(RONDO_ABI_VERSION),
                              data.string(model ? model.getValue() : llvm::StringRef("model")),
                              data.string(RONDO_VERSION), data.i32(precision),
                              data.i64(configuration ? configuration.size() : 0),
                              options("configuration", configuration), data.i64(parameters.size()),
                              data.array("parameters", parameters), data.i64(entries.size()),
                              data.array("entries", entries), training,
                              features.empty() ? data.null() : data.string(features), profile(),
                              data.i64(memoryBudget), device()}));

  for (func::FuncOp function : declarations)
    function.erase();
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (isa<ParamOp, TrainOp>(op))
      op.erase();
  return success();
}

struct DescriptorPass : rondo::impl::DescriptorBase<DescriptorPass> {
  using DescriptorBase::DescriptorBase;

  void runOnOperation() override {
    if (failed(DescriptorBuilder(getOperation(), features, memoryBudget).build()))
      signalPassFailure();
  }
};

} // namespace
