// check-fill: see Passes.td.
#include "Check/Check.h"
#include "rondo/Philox.h"

namespace rondo::check {
#define GEN_PASS_DEF_CHECKFILL
#include "Check/Passes.h.inc"
} // namespace rondo::check

using namespace mlir;
using namespace rondo;
using namespace rondo::check;

namespace {

/// Makes the values of one function's arguments.
class Filler {
public:
  Filler(func::FuncOp function, const Bindings &given, int64_t seed)
      : function(function), given(given), seed(seed) {}

  LogicalResult run() {
    if (!function->hasAttr(check::names::bindings))
      function->setAttr(check::names::bindings, chooseBindings());
    auto attribute = function->getAttrOfType<DictionaryAttr>(check::names::bindings);
    if (!attribute)
      return function.emitError("expected ") << check::names::bindings << " to be a dictionary";
    FailureOr<Bindings> bindings = parseBindings(function, attribute);
    if (failed(bindings))
      return failure();
    FailureOr<Extents> bound = Extents::bind(function, *bindings);
    if (failed(bound))
      return failure();
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      if (function.getArgAttr(i, check::names::value))
        continue;
      if (!isa<ArrayType>(function.getArgumentTypes()[i]))
        return function.emitError("expected an array as argument ") << i;
      function.setArgAttr(i, check::names::value, makeValue(i, *bound));
    }
    return success();
  }

private:
  func::FuncOp function;
  const Bindings &given;
  int64_t seed;

  /// What is given; else three examples of different lengths and uniform symbols of 2.
  DictionaryAttr chooseBindings() {
    Builder builder(function);
    NamedAttrList list;
    SmallVector<SymbolAttr> symbols = getSymbols(function);
    int64_t examples = 1;
    for (SymbolAttr symbol : symbols) {
      if (symbol.getKind() == SymbolKind::Ragged)
        continue;
      StringRef name = symbol.getName().getValue();
      bool batch = symbol.getKind() == SymbolKind::Batch;
      auto it = given.values.find(name);
      int64_t value = it != given.values.end() ? it->second : batch ? 3 : 2;
      if (batch)
        examples = value;
      list.set(name, builder.getI64IntegerAttr(value));
    }
    for (SymbolAttr symbol : symbols) {
      if (symbol.getKind() != SymbolKind::Ragged)
        continue;
      StringRef name = symbol.getName().getValue();
      SmallVector<Attribute> lengths;
      auto it = given.lengths.find(name);
      for (int64_t i = 0; i < examples; ++i) {
        int64_t length = 1 + (5 * (i + 1) + 2 * siteNumber(name) + 3) % 6;
        if (it != given.lengths.end() && !it->second.empty())
          length = it->second[i % it->second.size()];
        lengths.push_back(builder.getI64IntegerAttr(length));
      }
      list.set(name, builder.getArrayAttr(lengths));
    }
    return list.getDictionary(function.getContext());
  }

  StringRef textOf(unsigned i, StringRef attribute) {
    auto text = function.getArgAttrOfType<StringAttr>(i, attribute);
    return text ? text.getValue() : "";
  }

  /// Numbers that depend on the seed, the argument's name and the element, so that functions that
  /// share an argument get the same.
  DenseElementsAttr makeValue(unsigned i, const Extents &extents) {
    auto type = cast<ArrayType>(function.getArgumentTypes()[i]);
    StringRef role = textOf(i, rondo::names::role), name = textOf(i, rondo::names::name);
    auto initial = function.getArgAttrOfType<FloatAttr>(i, rondo::names::defaultValue);
    auto bound = function.getArgAttrOfType<DimAttr>(i, rondo::names::index);
    uint64_t key = foldKey(seed, siteNumber(name.empty() ? std::to_string(i) : name.str()));

    Type element = type.getElementType();
    Domain domain = extents.domain(type.getDims());
    int64_t size = 1;
    for (int64_t extent : domain.extents)
      size *= extent;
    std::vector<double> numbers(size, 0.0);
    SmallVector<int64_t> bounds(extents.examples() + 1, 4);
    if (bound)
      bounds = extents.perExample(bound);
    forEach<1>(domain, nullptr, {domain.strides()}, [&](const Point<1> &p) {
      double unit = drawUniform(key, p.at[0]);
      double &number = numbers[p.at[0]];
      if (initial || role == "state")
        number = initial ? initial.getValueAsDouble() : 0.0;
      else if (role == "seed" || role == "step")
        number = role == "seed" ? static_cast<double>(seed) : 0.0;
      else if (role == "ordinal")
        number = static_cast<double>(10 + p.example);
      else if (isa<FloatType>(element))
        number = 2.0 * unit - 1.0;
      else
        number = std::floor(
            unit * static_cast<double>(
                       element.isInteger(1) ? 2 : std::max<int64_t>(0, bounds[p.example + 1])));
    });

    auto shaped = RankedTensorType::get(domain.extents, element);
    if (auto floats = dyn_cast<FloatType>(element)) {
      SmallVector<APFloat> values;
      for (double number : numbers) {
        bool inexact;
        APFloat value(number);
        value.convert(floats.getFloatSemantics(), APFloat::rmNearestTiesToEven, &inexact);
        values.push_back(value);
      }
      return DenseElementsAttr::get(shaped, values);
    }
    SmallVector<APInt> values;
    for (double number : numbers)
      values.push_back(APInt(element.getIntOrFloatBitWidth(), static_cast<int64_t>(number), true));
    return DenseElementsAttr::get(shaped, values);
  }
};

struct CheckFill : check::impl::CheckFillBase<CheckFill> {
  using CheckFillBase::CheckFillBase;

  void runOnOperation() override {
    FailureOr<Bindings> given = parse();
    if (failed(given))
      return signalPassFailure();
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && function.isPublic() &&
          (functions.empty() || llvm::is_contained(functions, function.getName())) &&
          failed(Filler(function, *given, seed).run()))
        return signalPassFailure();
  }

  /// `B=2`, `T=3:1`: a number or lengths.
  FailureOr<Bindings> parse() {
    Bindings parsed;
    for (StringRef entry : bindings) {
      auto [name, text] = entry.split('=');
      SmallVector<StringRef> parts;
      text.split(parts, ':');
      std::vector<int64_t> numbers;
      for (StringRef part : parts) {
        int64_t number;
        if (part.getAsInteger(10, number))
          return getOperation().emitError("expected a binding such as B=2 or T=3:1, found ")
                 << entry;
        numbers.push_back(number);
      }
      parsed.values[name] = numbers.front();
      parsed.lengths[name] = std::move(numbers);
    }
    return parsed;
  }
};

} // namespace
