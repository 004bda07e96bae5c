#include "Lower/Shapes.h"

using namespace mlir;
using namespace rondo;

Shapes::Shapes(Code &code, func::FuncOp function, Value dims, Value lengths)
    : code(code), dims(dims), lengths(lengths) {
  for (auto [number, symbol] : llvm::enumerate(getSymbols(function))) {
    symbols[symbol.getName()] = {static_cast<int64_t>(number), symbol.getKind()};
    if (symbol.getKind() == SymbolKind::Batch)
      batch = symbol.getName();
  }
}

bool Shapes::isRagged(DimAttr dim) const {
  return llvm::any_of(dim.getSymbols(), [&](StringAttr symbol) {
    auto it = symbols.find(symbol);
    return it != symbols.end() && it->second.second == SymbolKind::Ragged;
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

Value Shapes::padded(DimAttr dim) {
  if (dim.isConstant())
    return code.i64(dim.getConstant());
  return code.atEntry([&] {
    return evaluate(dim, [&](StringAttr symbol) {
      Code::Key key{"dim", symbol.getAsOpaquePointer()};
      Value value = code.lookup(key);
      if (!value) {
        Value at = code.address(dims, code.i64Type(), code.i64(symbols[symbol].first));
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
  if (!isRagged(dim) || (!row && batch))
    return padded(dim);
  return evaluate(dim, [&](StringAttr symbol) {
    auto [number, kind] = symbols[symbol];
    Value whole = padded(DimAttr::get(dim.getContext(), symbol.getValue()));
    bool isLanes = row && !row->isUniform();
    if (kind != SymbolKind::Ragged)
      return isLanes ? code.broadcast(whole, lanes) : whole;
    Value table = code.atEntry([&] {
      Value at = code.address(lengths, code.pointerType(), code.i64(number));
      Code::Key key{"lengths", symbol.getAsOpaquePointer()};
      if (Value known = code.lookup(key))
        return known;
      Value pointer = code.make<LLVM::LoadOp>(code.pointerType(), at, 8);
      code.remember(key, pointer);
      return pointer;
    });
    if (isLanes) {
      Value offsets = row->lanes;
      if (!offsets)
        offsets = code.add(code.broadcast(row->base, lanes),
                           code.mul(code.laneNumbers(lanes),
                                    code.integer(code.laneNumbers(lanes).getType(), row->step)));
      // Rows beyond the batch are masked off by who uses the lengths; reading stays in range.
      Value last = code.sub(padded(DimAttr::get(dim.getContext(), batch.getValue())), code.i64(1));
      offsets = code.min(offsets, code.broadcast(last, lanes));
      return code.gather(offsets.getType(), code.addresses(table, code.i64Type(), offsets), {});
    }
    Code::Key key{"length", symbol.getAsOpaquePointer(),
                  row ? row->base.getAsOpaquePointer() : nullptr};
    if (Value known = code.lookup(key))
      return known;
    Value at = code.address(table, code.i64Type(), row ? row->base : code.i64(0));
    Value length = code.load(code.i64Type(), at);
    code.remember(key, length);
    return length;
  });
}
