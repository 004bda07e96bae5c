// What values are: storage, views of storage, and elements that are read or computed.
#include "Lower/Emitter.h"
#include "Lower/Chains.h"
#include "Rondo/Needs.h"

using namespace mlir;
using namespace rondo;

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

Value Emitter::asValue(const Index &index) {
  if (index.lanes)
    return index.lanes;
  if (index.step == 0)
    return index.base;
  Value numbers = code.laneNumbers(lanes.width);
  Value steps = code.mul(numbers, code.integer(numbers.getType(), index.step));
  return code.add(code.broadcast(index.base, lanes.width), steps);
}

Index Emitter::asIndex(Value value) {
  if (isa<VectorType>(value.getType()))
    return {{}, 0, value, false};
  return {value, 0, {}, Code::isConstant(value, 0)};
}

Index Emitter::shift(const Index &index, Value by) {
  if (Code::isConstant(by, 0))
    return index;
  if (index.lanes || isa<VectorType>(by.getType()))
    return asIndex(code.add(spread(asValue(index)), spread(by)));
  std::optional<int64_t> number = Code::constant(by);
  bool aligned = index.aligned && number && *number % lanes.width == 0;
  return {code.add(index.base, by), index.step, {}, aligned};
}

Index Emitter::scale(const Index &index, int64_t by) {
  if (index.lanes)
    return asIndex(code.mul(index.lanes, code.integer(index.lanes.getType(), by)));
  return {code.mul(index.base, code.i64(by)), index.step * by, {}, index.aligned};
}

Code::Key Emitter::keyOf(Value value, ArrayRef<Index> indices) {
  Code::Key key{value.getAsOpaquePointer(),
                reinterpret_cast<const void *>(static_cast<intptr_t>(lanes.width)),
                lanes.mask ? lanes.mask.getAsOpaquePointer() : nullptr};
  for (const Index &index : indices) {
    key.push_back(index.lanes ? index.lanes.getAsOpaquePointer() : index.base.getAsOpaquePointer());
    key.push_back(reinterpret_cast<const void *>(static_cast<intptr_t>(index.step)));
  }
  return key;
}

void Emitter::know(Value value, ArrayRef<Index> indices, Value element) {
  code.remember(keyOf(value, indices), element);
}

Value Emitter::ownSize(DimAttr dim, ArrayRef<DimAttr> dims, ArrayRef<Index> indices) {
  int64_t batch = shapes.batchAxis(dims);
  return shapes.own(dim, batch < 0 ? nullptr : &indices[batch], lanes.width);
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

View Emitter::denseView(Value pointer, ArrayType type) {
  return {pointer, type.getElementType(), shapes.denseStrides(type.getDims()), code.i64(0)};
}

View Emitter::dropAxis(View view, int64_t axis, Value position) {
  view.offset = code.add(view.offset, code.mul(position, view.strides[axis]));
  view.strides.erase(view.strides.begin() + axis);
  if (view.rest)
    view.rest = std::make_shared<View>(dropAxis(*view.rest, axis, position));
  return view;
}

View Emitter::from(View view, int64_t axis, Value position) {
  view.offset = code.add(view.offset, code.mul(position, view.strides[axis]));
  if (view.rest)
    view.rest = std::make_shared<View>(from(*view.rest, axis, position));
  return view;
}

View Emitter::withRest(View view, Value pointer, ArrayType type) {
  view.rest = std::make_shared<View>(denseView(pointer, type));
  return view;
}

View Emitter::insertAxis(View view, int64_t axis, Value stride) {
  view.strides.insert(view.strides.begin() + axis, stride);
  return view;
}

bool Emitter::isSame(const View &a, const View &b) {
  return a.pointer == b.pointer && a.offset == b.offset && a.strides == b.strides;
}

/// Regroups constant dims whose strides are those of dense storage, as Views has found.
View Emitter::reshapeView(ReshapeOp op, View view) {
  ArrayRef<DimAttr> from = op.getOperand().getType().getDims(), to = op.getType().getDims();
  SmallVector<Value> strides(to.size());
  size_t i = from.size(), j = to.size();
  while (i > 0 || j > 0) {
    // One run of constant dims, from its end.
    Value stride;
    for (; i > 0 && from[i - 1].isConstant(); --i)
      if (!stride && from[i - 1].getConstant() != 1)
        stride = view.strides[i - 1];
    stride = stride ? stride : code.i64(1);
    for (; j > 0 && to[j - 1].isConstant(); --j) {
      strides[j - 1] = stride;
      stride = code.mul(stride, code.i64(to[j - 1].getConstant()));
    }
    if (i > 0) {
      --i, --j;
      strides[j] = view.strides[i];
    }
  }
  view.strides = strides;
  return view;
}

/// Where a slice may read what is not there (isWithin), nobody needs the elements, but the position
/// has to stay where there is storage: at the operand's last position or before, and at its first
/// where it has none, so that what is behind it finds a position of its own as well. Storage has
/// room for one position of every axis. `size` gives the sizes of dims that are meant.
Value Emitter::withinAxis(SliceOp op, Value offset, llvm::function_ref<Value(DimAttr)> size) {
  if (isWithin(op))
    return offset;
  DimAttr whole = op.getOperand().getType().getDim(op.getAxis());
  DimAttr own = op.getType().getDim(op.getAxis());
  bool hasSome = own.isConstant() && own.getConstant() > 0;
  DimAttr last =
      hasSome ? whole.subtract(own.add(-1).multiply(op.getStep()).add(1)) : whole.add(-1);
  Value most = size(last), zero = code.i64(0);
  if (isa<VectorType>(offset.getType()) || isa<VectorType>(most.getType())) {
    offset = spread(offset);
    most = spread(most);
    zero = code.integer(offset.getType(), 0);
  }
  return code.max(code.min(offset, most), zero);
}

std::optional<View> Emitter::viewOf(Value value) {
  if (auto it = storage.find(value); it != storage.end())
    return it->second.view;
  if (auto it = slices.find(value); it != slices.end()) {
    const auto &[array, axis, position, isSegment] = it->second;
    std::optional<View> whole = viewOf(array);
    if (!whole)
      return std::nullopt;
    return isSegment ? from(*whole, axis, position) : dropAxis(*whole, axis, position);
  }
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumOperands() == 0)
    return std::nullopt;
  if (!isa<TransposeOp, BroadcastOp, SliceOp, ReshapeOp, StopGradientOp, CheckOp>(op))
    return std::nullopt;
  std::optional<View> view = viewOf(op->getOperand(0));
  if (!view)
    return std::nullopt;
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    SmallVector<Value> strides;
    for (int64_t axis : transpose.getPermutation())
      strides.push_back(view->strides[axis]);
    view->strides = strides;
  } else if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    SmallVector<Value> strides(broadcast.getType().getRank(), code.i64(0));
    for (auto [from, to] : llvm::enumerate(broadcast.getDims()))
      strides[to] = view->strides[from];
    view->strides = strides;
  } else if (auto slice = dyn_cast<SliceOp>(op)) {
    if (!views.isView(slice))
      return std::nullopt;
    Value &stride = view->strides[slice.getAxis()];
    Value offset = withinAxis(slice, shapes.padded(slice.getOffset()),
                              [&](DimAttr dim) { return shapes.padded(dim); });
    view->offset = code.add(view->offset, code.mul(offset, stride));
    stride = code.mul(stride, code.i64(slice.getStep()));
  } else if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    if (!views.isView(reshape))
      return std::nullopt;
    return reshapeView(reshape, *view);
  }
  return view;
}

/// The element offset of lane 0 and how it grows by lane; or one offset per lane.
struct Offset {
  Value base, step, lanes;
};

static Offset offsetOf(Code &code, const View &view, ArrayRef<Index> indices, int64_t width) {
  Offset offset{view.offset, code.i64(0), {}};
  for (auto [index, stride] : llvm::zip_equal(indices, view.strides)) {
    if (index.lanes) {
      Value term = code.mul(index.lanes, code.broadcast(stride, width));
      offset.lanes = offset.lanes ? code.add(offset.lanes, term) : term;
      continue;
    }
    offset.base = code.add(offset.base, code.mul(index.base, stride));
    if (index.step != 0)
      offset.step = code.add(offset.step, code.mul(stride, code.i64(index.step)));
  }
  return offset;
}

/// One offset per lane.
static Value spreadOffset(Code &code, const Offset &offset, int64_t width) {
  Value all = code.broadcast(offset.base, width);
  if (!Code::isConstant(offset.step, 0))
    all = code.add(all, code.mul(code.laneNumbers(width), code.broadcast(offset.step, width)));
  return offset.lanes ? code.add(all, offset.lanes) : all;
}

Value Emitter::load(const View &view, ArrayRef<Index> indices) {
  Offset offset = offsetOf(code, view, indices, lanes.width);
  if (!offset.lanes && Code::isConstant(offset.step, 0))
    return code.load(view.element, code.address(view.pointer, view.element, offset.base));
  Type type = typeOf(view.element);
  if (!offset.lanes && Code::isConstant(offset.step, 1)) {
    Value at = code.address(view.pointer, view.element, offset.base);
    return lanes.mask ? code.maskedLoad(type, at, lanes.mask) : code.load(type, at);
  }
  Value all = spreadOffset(code, offset, lanes.width);
  return code.gather(type, code.addresses(view.pointer, view.element, all), lanes.mask);
}

void Emitter::store(const Target &target, ArrayRef<Index> indices, Value element) {
  const View &view = target.view;
  // What is local to rows has memory for those at hand alone.
  for (auto [index, row] : llvm::zip(indices, present))
    if (Code::constant(index.base) && Code::constant(index.base) != Code::constant(row.first) &&
        succeeded(result))
      result = emitError(code.loc, "expected a step of rows to store the rows at hand");
  for (const View &other : target.also)
    store({other, target.mode}, indices, element);
  Offset offset = offsetOf(code, view, indices, lanes.width);
  if (target.mode == StoreMode::Add) {
    Value old = spread(load(view, indices));
    element = spread(element);
    if (view.rest) {
      auto [sum, lost] = compensated(code, old, spread(load(*view.rest, indices)), element);
      store({*view.rest}, indices, lost);
      element = sum;
    } else {
      element = isa<FloatType>(view.element) ? code.make<arith::AddFOp>(old, element)
                                             : code.make<arith::AddIOp>(old, element);
    }
  }
  if (lanes.width == 1)
    return code.store(element, code.address(view.pointer, view.element, offset.base));
  element = spread(element);
  if (!offset.lanes && Code::isConstant(offset.step, 1)) {
    Value at = code.address(view.pointer, view.element, offset.base);
    return lanes.mask ? code.maskedStore(element, at, lanes.mask) : code.store(element, at);
  }
  Value all = spreadOffset(code, offset, lanes.width);
  code.scatter(element, code.addresses(view.pointer, view.element, all), lanes.mask);
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value Emitter::emit(Value value, ArrayRef<Index> indices) {
  Code::Key key = keyOf(value, indices);
  if (Value known = code.lookup(key))
    return known;
  Value element = compute(value, indices);
  code.remember(key, element);
  return element;
}

Value Emitter::compute(Value value, ArrayRef<Index> indices) {
  if (Value scalar = scalars.lookup(value))
    return scalar;
  if (std::optional<View> view = viewOf(value))
    return load(*view, indices);
  Indices inner;
  if (auto it = slices.find(value); it != slices.end()) {
    const auto &[array, axis, position, isSegment] = it->second;
    inner.assign(indices.begin(), indices.end());
    if (isSegment)
      inner[axis] = shift(inner[axis], position);
    else
      inner.insert(inner.begin() + axis, Index{position});
    return emit(array, inner);
  }
  Operation *op = value.getDefiningOp();
  Type element = arrayType(value).getElementType();
  auto unknown = [&](const Twine &why) {
    if (succeeded(result))
      result = emitError(value.getLoc(), why);
    return code.number(typeOf(element), 0);
  };
  if (!op)
    return unknown("a block argument has no storage");
  if (op->hasTrait<Elementwise>())
    return elementwise(op, indices);
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](ConstantOp op) { return constantElement(op, indices); })
      .Case([&](IotaOp op) { return convert(asValue(indices[op.getAxis()]), element); })
      .Case([&](LengthOp op) {
        int64_t batch = shapes.batchAxis(op.getType().getDims());
        const Index *row = batch < 0 ? nullptr : &indices[batch];
        return convert(shapes.number(op.getDim(), row, lanes.width), element);
      })
      .Case([&](RandomOp op) { return random(op, indices); })
      .Case([&](BroadcastOp op) {
        for (int64_t axis : op.getDims())
          inner.push_back(indices[axis]);
        return emit(op.getOperand(), inner);
      })
      .Case([&](TransposeOp op) {
        inner.resize(indices.size());
        for (auto [to, from] : llvm::enumerate(op.getPermutation()))
          inner[from] = indices[to];
        return emit(op.getOperand(), inner);
      })
      .Case([&](ReshapeOp op) { return emit(op.getOperand(), reshapeIndices(op, indices)); })
      .Case([&](SliceOp op) { return slice(op, indices); })
      .Case([&](CheckOp op) { return emit(op.getOperand(), indices); })
      .Case([&](PadOp op) { return pad(op, indices); })
      .Case([&](ConcatOp op) { return concat(op, indices); })
      .Case([&](GatherOp op) { return gather(op, indices); })
      .Default([&](Operation *op) {
        return unknown("'" + op->getName().getStringRef() +
                       "' is not computed before it is used: expected it in a group of its own");
      });
}
