#include "Lower/Shapes.h"
#include "Rondo/Needs.h"

using namespace mlir;
using namespace rondo;

Shapes::Shapes(Code &code, func::FuncOp function, Value dims, Value lengths)
    : code(code), function(function), dims(dims), lengths(lengths) {
  for (auto [number, symbol] : llvm::enumerate(getSymbols(function))) {
    symbols[symbol.getName()] = {static_cast<int64_t>(number), symbol};
    if (symbol.getKind() == SymbolKind::Batch)
      batch = symbol.getName();
  }
}

bool Shapes::isRagged(DimAttr dim) const { return rondo::isRagged(function, dim); }

bool Shapes::dependsOnSegment(DimAttr dim) const {
  return llvm::any_of(dim.getSymbols(), [&](StringAttr symbol) {
    auto it = symbols.find(symbol);
    return it != symbols.end() && it->second.declaration.getKind() == SymbolKind::Segment;
  });
}

int64_t Shapes::batchAxis(ArrayRef<DimAttr> dims) const {
  for (auto [axis, dim] : llvm::enumerate(dims))
    if (isBatch(dim))
      return axis;
  return -1;
}

Value Shapes::evaluate(DimAttr dim, llvm::function_ref<Value(StringAttr)> symbol) {
  Value sum;
  auto accumulate = [&](Value term) { sum = sum ? code.add(sum, term) : term; };
  for (const DimTerm &term : dim.getTerms()) {
    Value atom = term.symbol()
                     ? symbol(term.symbol())
                     : code.floorDiv(evaluate(cast<DimAttr>(term.atom), symbol), term.divisor);
    accumulate(code.mul(atom, code.integer(atom.getType(), term.coefficient)));
  }
  if (!sum)
    return code.i64(dim.getConstant());
  if (dim.getConstant() != 0)
    accumulate(code.integer(sum.getType(), dim.getConstant()));
  return sum;
}

Value Shapes::asSize(DimAttr dim, Value number) {
  return mayBeNegative(function, dim) ? code.max(number, code.integer(number.getType(), 0))
                                      : number;
}

Value Shapes::padded(DimAttr dim) {
  dim = storageDim(function, dim);
  return code.atEntry([&] { return asSize(dim, paddedNumber(dim)); });
}

Value Shapes::paddedNumber(DimAttr dim) {
  if (dim.isConstant())
    return code.i64(dim.getConstant());
  return code.atEntry([&] {
    return evaluate(dim, [&](StringAttr symbol) {
      Code::Key key{"dim", symbol.getAsOpaquePointer()};
      Value value = code.lookup(key);
      if (!value) {
        Value at = code.address(dims, code.i64Type(), code.i64(symbols[symbol].number));
        value = code.load(code.i64Type(), at);
        code.remember(key, value);
      }
      return value;
    });
  });
}

SmallVector<Value> Shapes::denseStrides(ArrayRef<DimAttr> dims) {
  SmallVector<Value> strides(dims.size());
  Value stride = code.i64(1);
  for (size_t axis = dims.size(); axis-- > 0;) {
    strides[axis] = stride;
    Value size = padded(dims[axis]);
    stride = code.atEntry([&] { return code.mul(stride, size); });
  }
  return strides;
}

Value Shapes::own(DimAttr dim, Value row) {
  Index index{row};
  return own(dim, row ? &index : nullptr, 1);
}

Value Shapes::own(DimAttr dim, const Index *row, int64_t lanes) {
  if (!dependsOnSegment(dim) && (!isRagged(dim) || (!row && batch)))
    return padded(dim);
  return asSize(dim, number(dim, row, lanes));
}

Value Shapes::number(DimAttr dim, const Index *row, int64_t lanes) {
  if (!dependsOnSegment(dim) && (!isRagged(dim) || (!row && batch)))
    return paddedNumber(storageDim(function, dim));
  return evaluate(dim, [&](StringAttr symbol) { return symbolOf(symbol, row, lanes); });
}

static bool isByLane(const Index *row) { return row && !row->isUniform(); }

Value Shapes::symbolOf(StringAttr symbol, const Index *row, int64_t lanes) {
  auto it = symbols.find(symbol);
  SymbolKind kind = it->second.declaration.getKind();
  if (kind == SymbolKind::Segment)
    return segmentOf(it->second, row, lanes);
  auto dim = DimAttr::get(symbol.getContext(), symbol.getValue());
  bool isUniform = !isRagged(dim) || (!row && batch);
  if (!isUniform && kind == SymbolKind::Segments)
    return countOf(it->second, row, lanes);
  if (!isUniform)
    return lengthOf(symbol, row ? *row : Index{code.i64(0)}, lanes);
  Value whole = padded(dim);
  return isByLane(row) ? code.broadcast(whole, lanes) : whole;
}

/// What is left of the whole from the segment's first position on, at most a segment.
Value Shapes::segmentOf(const Symbol &segment, const Index *row, int64_t lanes) {
  auto part = DimAttr::get(function.getContext(), segment.declaration.getName().getValue());
  Value size = padded(part), first = firsts.lookup(segment.declaration.getName());
  if (!first)
    first = code.i64(0);
  Value whole = own(segment.declaration.getOf(), row, lanes);
  auto like = [&](Value value) {
    return isa<VectorType>(whole.getType()) ? code.broadcast(value, lanes) : value;
  };
  Value rest = code.max(code.sub(whole, like(first)), like(code.i64(0)));
  return code.min(rest, like(size));
}

Value Shapes::countOf(const Symbol &segments, const Index *row, int64_t lanes) {
  SymbolAttr part = symbols.find(segments.declaration.getOf().getSymbol())->second.declaration;
  Value whole = own(part.getOf(), row, lanes), size = padded(segments.declaration.getOf());
  size = code.max(size, code.i64(1));
  Value last = code.sub(size, code.i64(1));
  if (isa<VectorType>(whole.getType())) {
    size = code.broadcast(size, lanes);
    last = code.broadcast(last, lanes);
  }
  Value zero = code.i64(0);
  whole = code.max(whole, isa<VectorType>(whole.getType()) ? code.broadcast(zero, lanes) : zero);
  return code.make<arith::DivUIOp>(code.add(whole, last), size);
}

Value Shapes::lengthOf(StringAttr symbol, const Index &row, int64_t lanes) {
  Value table = code.atEntry([&] {
    Value at = code.address(lengths, code.pointerType(), code.i64(symbols[symbol].number));
    Code::Key key{"lengths", symbol.getAsOpaquePointer()};
    if (Value known = code.lookup(key))
      return known;
    Value pointer = code.make<LLVM::LoadOp>(code.pointerType(), at, 8);
    code.remember(key, pointer);
    return pointer;
  });
  if (!row.isUniform()) {
    Value offsets = row.lanes;
    if (!offsets)
      offsets = code.add(code.broadcast(row.base, lanes),
                         code.mul(code.laneNumbers(lanes),
                                  code.integer(code.laneNumbers(lanes).getType(), row.step)));
    // Rows beyond the batch are masked off by who uses the lengths; reading stays in range.
    Value last = code.sub(padded(DimAttr::get(symbol.getContext(), batch.getValue())), code.i64(1));
    offsets = code.min(offsets, code.broadcast(last, lanes));
    return code.gather(offsets.getType(), code.addresses(table, code.i64Type(), offsets), {});
  }
  Code::Key key{"length", symbol.getAsOpaquePointer(), row.base.getAsOpaquePointer()};
  if (Value known = code.lookup(key))
    return known;
  Value length = code.load(code.i64Type(), code.address(table, code.i64Type(), row.base));
  code.remember(key, length);
  return length;
}
