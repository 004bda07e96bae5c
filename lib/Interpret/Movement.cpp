// Ops that move elements: broadcast, transpose, reshape, slice, pad, concat.
#include "Interpret/Evaluator.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

/// to[i] = from[j], whatever the elements are.
template <typename S>
static void copyElement(const HostArrayOf<S> &from, int64_t j, HostArrayOf<S> &to, int64_t i) {
  if (to.isFloat())
    to.floats[i] = from.floats[j];
  else
    to.ints[i] = from.ints[j];
}

template <typename S> static void setZero(HostArrayOf<S> &array, int64_t i) {
  if (array.isFloat())
    array.floats[i] = S(0.0);
  else
    array.ints[i] = 0;
}

template <typename S> static LogicalResult broadcast(Evaluator<S> &e, BroadcastOp op) {
  const auto &from = e.get(op.getOperand());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  Strides own = rowMajor(from.shape), along(result.shape.size(), 0);
  for (auto [axis, stride] : llvm::zip_equal(op.getDims(), own))
    along[axis] = stride;
  e.template visit<2>(domain, {domain.strides(), along},
                      [&](const Point<2> &p) { copyElement(from, p.at[1], result, p.at[0]); });
  e.set(op, std::move(result));
  return success();
}

template <typename S> static LogicalResult transpose(Evaluator<S> &e, TransposeOp op) {
  const auto &from = e.get(op.getOperand());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  Strides own = rowMajor(from.shape), along;
  for (int64_t axis : op.getPermutation())
    along.push_back(own[axis]);
  e.template visit<2>(domain, {domain.strides(), along},
                      [&](const Point<2> &p) { copyElement(from, p.at[1], result, p.at[0]); });
  e.set(op, std::move(result));
  return success();
}

/// Dims with symbols pass and the constants between them keep their products, so an element's
/// place in row-major storage stays the same.
template <typename S> static LogicalResult reshape(Evaluator<S> &e, ReshapeOp op) {
  const auto &from = e.get(op.getOperand());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  e.template visit<1>(domain, {domain.strides()},
                      [&](const Point<1> &p) { copyElement(from, p.at[0], result, p.at[0]); });
  e.set(op, std::move(result));
  return success();
}

/// An element that the operand lacks, since no result of the example needs it, is 0; any other that
/// it lacks stays poisoned.
template <typename S> static LogicalResult slice(Evaluator<S> &e, SliceOp op) {
  const auto &from = e.get(op.getOperand());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  const Domain &whole = e.domain(op.getOperand().getType().getDims());
  SmallVector<int64_t> offsets = e.extents.perExample(op.getOffset());
  int64_t axis = op.getAxis(), step = op.getStep();
  Strides along = rowMajor(from.shape);
  int64_t stride = along[axis];
  along[axis] = 0;
  e.template visit<2>(domain, {domain.strides(), along}, [&](const Point<2> &p) {
    int64_t index = offsets[p.example + 1] + p.index[axis] * step;
    if (index >= 0 && index < whole.boundsOf(p.example)[axis])
      copyElement(from, p.at[1] + index * stride, result, p.at[0]);
    else if (e.extents.isWanting(p.example))
      setZero(result, p.at[0]);
  });
  e.set(op, std::move(result));
  return success();
}

/// An element that the result lacks is dropped, as slice does not read it.
template <typename S> static LogicalResult pad(Evaluator<S> &e, PadOp op) {
  const auto &from = e.get(op.getOperand());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  const Domain &part = e.domain(op.getOperand().getType().getDims());
  e.template visit<1>(domain, {domain.strides()},
                      [&](const Point<1> &p) { setZero(result, p.at[0]); });
  SmallVector<int64_t> lows = e.extents.perExample(op.getLow());
  int64_t axis = op.getAxis(), step = op.getStep();
  Strides along = domain.strides();
  int64_t stride = along[axis];
  along[axis] = 0;
  e.template visit<2>(part, {part.strides(), along}, [&](const Point<2> &p) {
    int64_t index = lows[p.example + 1] + p.index[axis] * step;
    if (index >= 0 && index < domain.boundsOf(p.example)[axis])
      copyElement(from, p.at[0], result, p.at[1] + index * stride);
  });
  e.set(op, std::move(result));
  return success();
}

/// Each part starts where the example's own parts before it end. Where a part's size would be
/// negative, which nobody needs then, the others may not all have room.
template <typename S> static LogicalResult concat(Evaluator<S> &e, ConcatOp op) {
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  int64_t axis = op.getAxis();
  Strides along = domain.strides();
  int64_t stride = along[axis];
  along[axis] = 0;
  SmallVector<int64_t> starts(e.extents.examples() + 1, 0);
  for (Value operand : op.getParts()) {
    const auto &from = e.get(operand);
    const Domain &part = e.domain(arrayType(operand).getDims());
    e.template visit<2>(part, {part.strides(), along}, [&](const Point<2> &p) {
      int64_t index = starts[p.example + 1] + p.index[axis];
      if (index < domain.boundsOf(p.example)[axis])
        copyElement(from, p.at[0], result, p.at[1] + index * stride);
    });
    SmallVector<int64_t> sizes = e.extents.perExample(arrayType(operand).getDim(axis));
    for (auto [start, size] : llvm::zip_equal(starts, sizes))
      start += std::max<int64_t>(0, size);
  }
  e.set(op, std::move(result));
  return success();
}

template <typename S> void interpreter::addMovement(Table<S> &table) {
  table.add(broadcast<S>);
  table.add(transpose<S>);
  table.add(reshape<S>);
  table.add(slice<S>);
  table.add(pad<S>);
  table.add(concat<S>);
}

#define INSTANTIATE(S) template void interpreter::addMovement<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
