// Valid positions: see Domain.h.
#include "Rondo/Domain.h"
#include "Rondo/HostArray.h"

using namespace mlir;
using namespace rondo;

Strides rondo::rowMajor(ArrayRef<int64_t> shape) {
  Strides strides(shape.size(), 1);
  for (int64_t axis = static_cast<int64_t>(shape.size()) - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

HostArray rondo::hostArrayFromAttr(DenseElementsAttr value) {
  Type element = value.getElementType();
  ArrayKind kind = isa<FloatType>(element) ? ArrayKind::Float
                   : element.isInteger(1)  ? ArrayKind::Bool
                                           : ArrayKind::Int;
  HostArray array;
  array.kind = kind;
  array.shape.assign(value.getType().getShape().begin(), value.getType().getShape().end());
  if (kind == ArrayKind::Float) {
    for (APFloat number : value.getValues<APFloat>()) {
      bool inexact;
      number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &inexact);
      array.floats.push_back(number.convertToDouble());
    }
    return array;
  }
  for (const APInt &number : value.getValues<APInt>())
    array.ints.push_back(kind == ArrayKind::Bool ? !number.isZero() : number.getSExtValue());
  return array;
}

FailureOr<Bindings> rondo::parseBindings(Operation *op, DictionaryAttr attribute) {
  Bindings bindings;
  for (NamedAttribute entry : attribute) {
    StringRef name = entry.getName().getValue();
    if (auto number = dyn_cast<IntegerAttr>(entry.getValue())) {
      bindings.values[name] = number.getInt();
      continue;
    }
    auto list = dyn_cast<ArrayAttr>(entry.getValue());
    if (!list || !llvm::all_of(list, llvm::IsaPred<IntegerAttr>))
      return op->emitError("expected the binding of ")
             << name << " to be a number or a list of lengths";
    std::vector<int64_t> &lengths = bindings.lengths[name];
    for (auto length : list.getAsRange<IntegerAttr>())
      lengths.push_back(length.getInt());
  }
  return bindings;
}

FailureOr<Extents> Extents::bind(func::FuncOp function, const Bindings &bindings) {
  Extents extents;
  SmallVector<SymbolAttr> symbols = getSymbols(function);
  auto missing = [&](SymbolAttr symbol) {
    return function.emitError("no value for the symbol ") << symbol.getName().getValue();
  };
  for (SymbolAttr symbol : symbols) {
    if (symbol.getKind() == SymbolKind::Ragged || symbol.getOf())
      continue;
    auto it = bindings.values.find(symbol.getName().getValue());
    if (it == bindings.values.end())
      return missing(symbol);
    if (it->second < 0)
      return function.emitError("expected the symbol ")
             << symbol.getName().getValue() << " not to be negative, found " << it->second;
    extents.values[symbol.getName()] = it->second;
    if (symbol.getKind() == SymbolKind::Batch) {
      extents.batch = symbol.getName();
      extents.numExamples = it->second;
    }
  }
  for (SymbolAttr symbol : symbols) {
    if (symbol.getKind() != SymbolKind::Ragged)
      continue;
    StringRef name = symbol.getName().getValue();
    auto value = bindings.values.find(name);
    auto lengths = bindings.lengths.find(name);
    if (value == bindings.values.end() && lengths == bindings.lengths.end())
      return missing(symbol);
    // Without lengths, all examples are full.
    std::vector<int64_t> list(extents.numExamples,
                              value == bindings.values.end() ? 0 : value->second);
    if (lengths != bindings.lengths.end())
      list = lengths->second;
    if (static_cast<int64_t>(list.size()) != extents.numExamples)
      return function.emitError("expected ") << extents.numExamples << " lengths for the symbol "
                                             << name << ", found " << list.size();
    int64_t longest = 0;
    for (int64_t length : list) {
      if (length < 0)
        return function.emitError("expected lengths of the symbol ")
               << name << " not to be negative, found " << length;
      longest = std::max(longest, length);
    }
    if (value != bindings.values.end() && value->second < longest)
      return function.emitError("expected the symbol ")
             << name << " to be padded to at least " << longest << ", found " << value->second;
    extents.values[symbol.getName()] = value == bindings.values.end() ? longest : value->second;
    extents.lengths[symbol.getName()] = std::move(list);
  }
  extents.bindSegments(function, bindings);
  return extents;
}

/// Outside of the scan over it, a segment is the first one.
void Extents::bindSegments(func::FuncOp function, const Bindings &bindings) {
  constexpr int64_t usual = 3;
  for (SymbolAttr symbol : getSymbols(function)) {
    if (symbol.getKind() != SymbolKind::Segments)
      continue;
    auto count = DimAttr::get(function.getContext(), symbol.getName().getValue());
    Segments segments = *segmentsOf(function, count);
    auto given = bindings.values.find(segments.part.getSymbol().getValue());
    int64_t size = given != bindings.values.end() ? given->second
                                                  : llvm::divideCeil(padded(segments.whole), usual);
    sizes[segments.part.getSymbol()] = std::max<int64_t>(size, 1);
    auto number = [&](int64_t length) {
      return static_cast<int64_t>(
          llvm::divideCeil(std::max<int64_t>(length, 0), segmentSize(segments)));
    };
    values[symbol.getName()] = number(padded(segments.whole));
    if (isRagged(segments.whole)) {
      SmallVector<int64_t> whole = perExample(segments.whole);
      for (int64_t length : ArrayRef(whole).drop_front())
        lengths[symbol.getName()].push_back(number(length));
    }
    *this = inSegment(segments, 0);
  }
}

int64_t Extents::segmentSize(const Segments &segments) const {
  return sizes.lookup(segments.part.getSymbol());
}

Extents Extents::inSegment(const Segments &segments, int64_t number) const {
  Extents inside = *this;
  int64_t size = segmentSize(segments);
  auto within = [&](int64_t length) {
    return std::clamp<int64_t>(length - number * size, 0, size);
  };
  StringAttr part = segments.part.getSymbol();
  // What has no examples has the longest one's positions.
  inside.values[part] =
      std::min(size, std::max<int64_t>(padded(segments.whole) - number * size, 0));
  if (isRagged(segments.whole)) {
    std::vector<int64_t> &own = inside.lengths[part];
    own.clear();
    SmallVector<int64_t> whole = perExample(segments.whole);
    for (int64_t length : ArrayRef(whole).drop_front())
      own.push_back(within(length));
  }
  return inside;
}

bool Extents::isRagged(DimAttr dim) const {
  return llvm::any_of(dim.getSymbols(),
                      [&](StringAttr symbol) { return lengths.contains(symbol); });
}

int64_t Extents::value(DimAttr dim, int64_t example) const {
  if (dim.isConstant())
    return dim.getConstant();
  if (example < 0 && !isBatched())
    example = 0;
  int64_t size = dim.evaluate([&](StringAttr symbol) {
    if (example >= 0)
      if (auto it = lengths.find(symbol); it != lengths.end())
        return it->second[example];
    return values.lookup(symbol);
  });
  // A value for all examples takes a difference of lengths from the example where it is largest.
  if (example < 0 && isRagged(dim))
    for (int64_t each = 0; each < numExamples; ++each)
      size = std::max(size, value(dim, each));
  return size;
}

int64_t Extents::padded(DimAttr dim) const {
  if (dim.isConstant())
    return dim.getConstant();
  int64_t size = std::max<int64_t>(0, dim.evaluate([&](StringAttr symbol) {
    auto segment = sizes.find(symbol);
    return segment != sizes.end() ? segment->second : values.lookup(symbol);
  }));
  // A difference of two ragged dims can be larger for an example than for the padded sizes.
  if (isRagged(dim))
    for (int64_t example = 0; example < numExamples; ++example)
      size = std::max(size, value(dim, example));
  return size;
}

SmallVector<int64_t> Extents::perExample(DimAttr dim) const {
  SmallVector<int64_t> list;
  for (int64_t example = -1; example < numExamples; ++example)
    list.push_back(value(dim, example));
  return list;
}

SmallVector<int64_t> Extents::shape(ArrayRef<DimAttr> dims) const {
  return llvm::map_to_vector(dims, [&](DimAttr dim) { return padded(dim); });
}

Domain Extents::domain(ArrayRef<DimAttr> dims) const {
  Domain domain;
  domain.extents = shape(dims);
  for (auto [axis, dim] : llvm::enumerate(dims))
    if (isBatch(dim) && domain.batchAxis < 0)
      domain.batchAxis = axis;
  int64_t count = domain.batchAxis < 0 ? 1 : numExamples;
  for (int64_t i = 0; i < count; ++i) {
    int64_t example = domain.batchAxis < 0 ? -1 : i;
    domain.bounds.push_back(llvm::map_to_vector(
        dims, [&](DimAttr dim) { return std::max<int64_t>(0, value(dim, example)); }));
  }
  return domain;
}

Extents Extents::with(DimAttr dim, int64_t size) const {
  Extents changed = *this;
  // A symbol that occurs once with coefficient 1, uniform ones first: solving for it is exact.
  StringAttr chosen;
  for (const DimTerm &term : dim.getTerms())
    if (StringAttr symbol = term.symbol(); symbol && term.coefficient == 1)
      if (!chosen || (lengths.contains(chosen) && !lengths.contains(symbol)))
        chosen = symbol;
  assert(chosen && "a stream's dim has a symbol with coefficient 1");
  auto solve = [&](int64_t example, int64_t old) { return old + size - value(dim, example); };
  changed.values[chosen] = solve(-1, values.lookup(chosen));
  if (auto it = changed.lengths.find(chosen); it != changed.lengths.end()) {
    changed.values[chosen] = 0;
    for (auto [example, length] : llvm::enumerate(it->second)) {
      length = solve(example, length);
      changed.values[chosen] = std::max(changed.values[chosen], length);
    }
  }
  return changed;
}
