// Ops that move elements, where they cannot be a view of storage: index arithmetic and guards.
#include "Lower/Emitter.h"
#include "Rondo/Needs.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

/// The indices of a part's axes of the operand, whose row-major number is that of its axes of the
/// result.
void Emitter::reshapePart(const ReshapePart &part, ReshapeOp op, Indices &inner,
                          ArrayRef<Index> indices) {
  if (part.isAxis()) {
    inner[part.from[0]] = indices[part.to[0]];
    return;
  }
  ArrayRef<DimAttr> from = op.getOperand().getType().getDims(), to = op.getType().getDims();
  Index number = constantIndex(0);
  for (int64_t axis : part.to) {
    number = scale(number, to[axis].getConstant());
    const Index &next = indices[axis];
    if (number.lanes || next.lanes)
      number = asIndex(code.add(spread(asValue(number)), spread(asValue(next))));
    else
      number = {code.add(number.base, next.base),
                number.step + next.step,
                {},
                number.aligned && next.aligned};
  }
  for (size_t position = part.from.size(); position-- > 0;) {
    int64_t size = from[part.from[position]].getConstant();
    bool within = number.aligned && number.step == 1 && size % lanes.width == 0;
    if (position == 0) {
      inner[part.from[position]] = number;
    } else if (number.isUniform() || within) {
      // A vector that starts at a multiple of its lanes does not cross a row.
      inner[part.from[position]] = {code.floorMod(number.base, size), number.step, {}, within};
      number = {code.floorDiv(number.base, size)};
    } else {
      Value all = asValue(number);
      inner[part.from[position]] = asIndex(code.floorMod(all, size));
      number = asIndex(code.floorDiv(all, size));
    }
  }
}

Indices Emitter::reshapeIndices(ReshapeOp op, ArrayRef<Index> indices) {
  Indices inner(op.getOperand().getType().getRank());
  for (Index &index : inner) // for the axes of size 1, which are in no part
    index = constantIndex(0);
  for (const ReshapePart &part : partsOf(op))
    reshapePart(part, op, inner, indices);
  return inner;
}

Value Emitter::guarded(Value condition, Type element, const std::function<Value()> &inside) {
  if (std::optional<int64_t> known = Code::constant(condition))
    return *known ? inside() : code.number(element, 0);
  Type type = typeOf(element);
  Value zero = code.number(type, 0);
  if (!isa<VectorType>(condition.getType()))
    return code.ifElse(condition, type, [&] { return spread(inside()); }, [&] { return zero; });
  Value value;
  Lanes inner{lanes.width, code.logicalAnd(lanes.mask, condition)};
  withLanes(inner, [&] { value = spread(inside()); });
  return code.select(condition, value, zero);
}

/// Where some positions of a slice may be beyond its operand (endsWithin), nothing is read there.
Value Emitter::slice(SliceOp op, ArrayRef<Index> indices) {
  auto size = [&](DimAttr dim) { return ownSize(dim, op.getType().getDims(), indices); };
  Indices inner(indices);
  Index &at = inner[op.getAxis()];
  at = scale(at, op.getStep());
  if (endsWithin(op)) {
    at = shift(at, withinAxis(op, size(op.getOffset()), size));
    return emit(op.getOperand(), inner);
  }
  at = shift(at, size(op.getOffset()));
  Value position = asValue(at), end = size(op.getOperand().getType().getDim(op.getAxis()));
  if (isa<VectorType>(position.getType()) || isa<VectorType>(end.getType())) {
    position = spread(position);
    end = spread(end);
  }
  Value inside = code.compare(CmpIPredicate::slt, position, end);
  return guarded(inside, op.getType().getElementType(),
                 [&] { return emit(op.getOperand(), inner); });
}

Value Emitter::pad(PadOp op, ArrayRef<Index> indices) {
  int64_t axis = op.getAxis(), step = op.getStep();
  ArrayRef<DimAttr> dims = op.getType().getDims();
  Value low = ownSize(op.getLow(), dims, indices);
  Value size = ownSize(op.getOperand().getType().getDim(axis), dims, indices);
  Index at = shift(indices[axis], isa<VectorType>(low.getType())
                                      ? code.sub(code.integer(low.getType(), 0), low)
                                      : code.sub(code.i64(0), low));
  bool isVector = !at.isUniform() || isa<VectorType>(size.getType());
  Value position = asValue(at);
  if (isVector) {
    position = spread(position);
    size = spread(size);
  }
  Value element = position;
  Value inside = code.compare(CmpIPredicate::sge, position, code.integer(position.getType(), 0));
  if (step != 1) {
    element = code.floorDiv(position, step);
    inside = code.logicalAnd(inside, code.compare(CmpIPredicate::eq, code.floorMod(position, step),
                                                  code.integer(position.getType(), 0)));
    at = asIndex(element);
  }
  inside = code.logicalAnd(inside, code.compare(CmpIPredicate::slt, element, size));
  return guarded(inside, op.getType().getElementType(), [&] {
    Indices inner(indices);
    inner[axis] = at;
    return emit(op.getOperand(), inner);
  });
}

Value Emitter::concat(ConcatOp op, ArrayRef<Index> indices) {
  int64_t axis = op.getAxis();
  ArrayRef<DimAttr> dims = op.getType().getDims();
  Type element = op.getType().getElementType();
  DimAttr start = DimAttr::get(op.getContext(), int64_t(0));
  Value all;
  for (Value part : op.getParts()) {
    DimAttr size = arrayType(part).getDim(axis);
    Value low = ownSize(start, dims, indices), high = ownSize(start.add(size), dims, indices);
    Value position = asValue(indices[axis]);
    if (isa<VectorType>(position.getType()) || isa<VectorType>(low.getType()) ||
        isa<VectorType>(high.getType())) {
      position = spread(position);
      low = spread(low);
      high = spread(high);
    }
    Value inside = code.compare(CmpIPredicate::sge, position, low);
    inside = code.logicalAnd(inside, code.compare(CmpIPredicate::slt, position, high));
    start = start.add(size);
    if (Code::isConstant(inside, 0))
      continue;
    Value value = guarded(inside, element, [&] {
      Indices inner(indices);
      Value back = code.sub(code.integer(low.getType(), 0), low);
      inner[axis] = shift(inner[axis], back);
      return emit(part, inner);
    });
    if (Code::isConstant(inside, 1))
      return value;
    if (!all) {
      all = value;
      continue;
    }
    if (isa<VectorType>(inside.getType()) || isa<VectorType>(value.getType()) ||
        isa<VectorType>(all.getType()))
      inside = spread(inside);
    bool isVector = isa<VectorType>(inside.getType());
    all = code.select(inside, isVector ? spread(value) : value, isVector ? spread(all) : all);
  }
  return all ? all : code.number(element, 0);
}

Index Emitter::tableIndex(Value index, ArrayRef<Index> at, Value size) {
  Value number = convert(emit(index, at), code.i64Type());
  // In range by construction; this keeps lanes and rows that do not count from reading anywhere.
  Value last = code.max(code.sub(size, code.i64(1)), code.i64(0));
  Value zero = code.i64(0);
  if (isa<VectorType>(number.getType())) {
    last = spread(last);
    zero = code.integer(number.getType(), 0);
  }
  return asIndex(code.max(code.min(number, last), zero));
}

Value Emitter::gather(GatherOp op, ArrayRef<Index> indices) {
  Spec spec = *Spec::parse(op.getSpec());
  Indices at, inner;
  for (char letter : spec.operands[1])
    at.push_back(indices[Spec::axis(spec.result, letter)]);
  Value size = shapes.padded(op.getTable().getType().getDim(op.getIndexedAxis()));
  Index found = tableIndex(op.getIndex(), at, size);
  for (char letter : spec.operands[0]) {
    int64_t axis = Spec::axis(spec.result, letter);
    inner.push_back(axis < 0 ? found : indices[axis]);
  }
  return emit(op.getTable(), inner);
}
