#include "Data.h"
#include "rondo/Philox.h"
#include <algorithm>
#include <array>
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

static StringRef stringAttr(DictionaryAttr attributes, StringRef name) {
  auto attribute = attributes ? attributes.getAs<StringAttr>(name) : StringAttr();
  return attribute ? attribute.getValue() : StringRef();
}

StringRef rondo::fuzz::differentiated(StringRef name) {
  name.consume_back(".grad");
  return name;
}

const Call &Data::of(StringRef entry) const {
  auto found = calls.find(differentiated(entry));
  assert(found != calls.end() && "an entry that was not there when data were drawn");
  return found->second;
}

std::map<std::string, std::vector<int64_t>> Data::lengths() const {
  std::map<std::string, std::vector<int64_t>> all;
  for (const auto &call : calls)
    for (const auto &[name, lengths] : call.second.bindings.lengths)
      all[name.str()] = lengths;
  return all;
}

void Data::add(func::FuncOp function, const Settings &settings) {
  rows = settings.rows;
  auto &[bindings, arguments] = calls[differentiated(function.getName())];
  uint64_t key = foldKey(settings.seed, siteNumber("data"));
  for (SymbolAttr symbol : getSymbols(function)) {
    if (symbol.getOf())
      continue; // segments: of the usual size
    StringRef name = symbol.getName().getValue();
    uint64_t own = foldKey(key, siteNumber(name.str()));
    if (symbol.getKind() == SymbolKind::Batch) {
      bindings.values[name] = rows;
    } else if (symbol.getKind() == SymbolKind::Uniform) {
      auto given = settings.uniforms.find(name);
      bindings.values[name] = given == settings.uniforms.end() ? 3 : given->second;
    } else if (!bindings.lengths.count(name)) {
      auto given = settings.lengths.find(name);
      std::vector<int64_t> lengths;
      auto draw = [&](int64_t number, int64_t bound) {
        return static_cast<int64_t>(drawBits(own, number)[0] % static_cast<uint64_t>(bound));
      };
      int64_t kind = draw(rows, 8);
      bool areFull = kind < 2, areNone = kind == 2 && settings.shortest == 0;
      int64_t most = 0;
      for (int64_t row = 0; row < rows; ++row) {
        lengths.push_back(
            given != settings.lengths.end() ? given->second[row % given->second.size()]
            : areFull                       ? settings.longest
            : areNone                       ? 0
                      : settings.shortest + draw(row, settings.longest - settings.shortest + 1));
        most = std::max(most, lengths.back());
      }
      bindings.lengths[name] = lengths;
      // Arrays may be padded further than to the longest example of their batch.
      if (settings.padding)
        bindings.values[name] = most + std::array<int64_t, 4>{0, 0, 1, 5}[draw(rows + 1, 4)];
    }
  }
  FailureOr<Extents> extents = Extents::bind(function, bindings);
  if (failed(extents))
    return;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto type = cast<ArrayType>(function.getArgument(i).getType());
    DictionaryAttr attributes = function.getArgAttrDict(i);
    StringRef role = stringAttr(attributes, names::role),
              name = stringAttr(attributes, names::name);
    if ((role != "parameter" && role != "input") || arguments.count(name))
      continue;
    HostArray array = HostArray::poisoned(kindOf(type), extents->shape(type.getDims()));
    auto bound = attributes.getAs<DimAttr>(names::index);
    uint64_t own = foldKey(key, siteNumber(name.str()));
    double scale = role == "parameter" ? 0.5 : 1.0;
    Domain domain = extents->domain(type.getDims());
    auto isZero = [&](int64_t row) {
      return settings.zeros == Zeros::All ||
             (settings.zeros == Zeros::Some && (row + static_cast<int64_t>(settings.seed)) % 2);
    };
    int64_t element = 0;
    forEach<1>(domain, nullptr, {domain.strides()}, [&](const Point<1> &point) {
      int64_t at = point.at[0], e = element++;
      if (array.isFloat())
        array.floats[at] =
            role == "input" && isZero(point.example) ? 0 : scale * drawNormal(own, e);
      else
        array.ints[at] = static_cast<int64_t>(
            drawBits(own, e)[0] %
            static_cast<uint64_t>(bound ? std::max<int64_t>(1, extents->value(bound, point.example))
                                        : 4));
    });
    arguments[name] = array;
  }
}

/// One example of a batched array, without the padding that other examples caused.
static HostArray trimmed(const HostArray &batched, int64_t row, ArrayRef<int64_t> shape) {
  HostArray out = HostArray::poisoned(batched.kind, shape);
  Strides from = rowMajor(batched.shape), to = rowMajor(shape);
  int64_t count = out.size();
  for (int64_t flat = 0; flat < count; ++flat) {
    int64_t source = row * from[0], rest = flat;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      source += rest / to[axis] * from[axis + 1];
      rest %= to[axis];
    }
    if (out.isFloat())
      out.floats[flat] = batched.floats[source];
    else
      out.ints[flat] = batched.ints[source];
  }
  return out;
}

Call Data::example(func::FuncOp function, int64_t row, bool asBatch) const {
  const auto &[bindings, arguments] = of(function.getName());
  Call one;
  StringRef batch;
  for (SymbolAttr symbol : getSymbols(function))
    if (symbol.getKind() == SymbolKind::Batch)
      batch = symbol.getName().getValue();
  one.bindings.values = bindings.values;
  for (const auto &[name, lengths] : bindings.lengths) {
    one.bindings.lengths[name] = {lengths[row]};
    one.bindings.values.erase(name);
  }
  // A stream has its dim of itself, step by step.
  for (SymbolAttr symbol : getSymbols(function))
    if (StringRef own = symbol.getName().getValue();
        symbol.getKind() == SymbolKind::Ragged && !one.bindings.lengths.count(own))
      one.bindings.lengths[own] = {0};
  if (asBatch)
    one.bindings.values[batch] = 1;
  FailureOr<Extents> extents = Extents::bind(function, one.bindings);
  if (failed(extents))
    return one;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto type = cast<ArrayType>(function.getArgument(i).getType());
    DictionaryAttr attributes = function.getArgAttrDict(i);
    StringRef role = stringAttr(attributes, names::role),
              name = stringAttr(attributes, names::name);
    auto given = arguments.find(name);
    if (given == arguments.end())
      continue;
    if (role != "input") {
      one.arguments[name] = given->second;
      continue;
    }
    SmallVector<int64_t> shape = extents->shape(type.getDims());
    if (asBatch)
      shape.erase(shape.begin());
    HostArray array = trimmed(given->second, row, shape);
    if (asBatch)
      array.shape.insert(array.shape.begin(), 1);
    one.arguments[name] = array;
  }
  HostArray ordinal = HostArray::poisoned(ArrayKind::Int, asBatch ? SmallVector<int64_t>{1}
                                                                  : SmallVector<int64_t>{});
  ordinal.ints[0] = row;
  one.arguments["ordinal"] = ordinal;
  return one;
}

std::optional<std::vector<HostArray>> rondo::fuzz::evaluate(ModuleOp module, StringRef entry,
                                                            const Call &call, Noise noise) {
  FailureOr<std::vector<HostArray>> results =
      interpretEntry(module, entry, call.arguments, call.bindings, noise);
  if (failed(results))
    return std::nullopt;
  return *results;
}

HostArray rondo::fuzz::rowOf(const HostArray &array, int64_t row) {
  SmallVector<int64_t> shape(ArrayRef<int64_t>(array.shape).drop_front());
  return trimmed(array, row, shape);
}

double rondo::fuzz::errorOf(const HostArray &a, const HostArray &b, double scale) {
  double infinite = std::numeric_limits<double>::infinity();
  if (a.kind != b.kind || a.shape.size() != b.shape.size())
    return infinite;
  for (auto [x, y] : llvm::zip_equal(a.shape, b.shape))
    if (x < y)
      return infinite;
  Strides from = rowMajor(a.shape), to = rowMajor(b.shape);
  double worst = 0;
  for (int64_t flat = 0; flat < b.size(); ++flat) {
    int64_t at = 0, rest = flat;
    for (size_t axis = 0; axis < b.shape.size(); ++axis) {
      at += rest / to[axis] * from[axis];
      rest %= to[axis];
    }
    if (!b.isFloat()) {
      if (b.ints[flat] != poison && a.ints[at] != b.ints[flat])
        return infinite;
      continue;
    }
    double x = a.floats[at], y = b.floats[flat];
    if (std::isnan(y))
      continue;
    double difference = std::abs(x - y);
    if (!(difference <= std::numeric_limits<double>::max()))
      return x == y ? 0 : infinite;
    worst = std::max(worst, difference);
    scale = std::max(scale, std::abs(y));
  }
  return worst / (scale + 1e-3);
}
