// Nests of loops over the dims of what is stored, and the groups that need nothing else.
#include "Lower/Emitter.h"
#include "Plan/Share.h"
#include "Schedule/Positions.h"
#include "Team/Team.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace rondo;

std::pair<Value, Value> Emitter::bounds(ArrayRef<DimAttr> dims, int64_t axis,
                                        ArrayRef<Index> indices) {
  if (axis < static_cast<int64_t>(present.size()))
    return present[axis];
  int64_t batch = shapes.batchAxis(dims);
  Value row = batch >= 0 && batch != axis ? indices[batch].base : Value();
  Value low = code.i64(0), high;
  if (axis == batch && rowBegin)
    low = rowBegin, high = rowEnd;
  else
    high = shapes.own(dims[axis], row);
  if (axis != sharedAxis)
    return {low, high};
  // The share is one of the padded dim, so that it is the same for all that have the dim.
  auto [from, to] = share(dims[axis]);
  low = code.max(low, from);
  return {low, code.max(low, code.min(high, to))};
}

int64_t Emitter::divisorOfBounds(ArrayRef<DimAttr> dims, int64_t axis) {
  if (shapes.isBatch(dims[axis]))
    return 1;
  return axis == sharedAxis ? shareQuantum(dims[axis]) : int64_t(1) << 20;
}

std::pair<Value, Value> Emitter::share(DimAttr dim) {
  Code::Key fromKey{"share", dim.getAsOpaquePointer()};
  Code::Key toKey{"share end", dim.getAsOpaquePointer()};
  Value size = shapes.padded(dim), from, to;
  code.atEntry([&] {
    from = code.lookup(fromKey);
    to = code.lookup(toKey);
    if (!from) {
      auto op = team::ShareOp::create(code.builder, code.loc, code.i64(0), size, shareQuantum(dim));
      code.remember(fromKey, from = op.getFrom());
      code.remember(toKey, to = op.getTo());
    }
    return from;
  });
  return {from, to};
}

void Emitter::loops(ArrayRef<DimAttr> dims, ArrayRef<int64_t> axes, Indices &indices,
                    const std::function<void()> &body) {
  if (axes.empty())
    return body();
  auto [low, high] = bounds(dims, axes.front(), indices);
  code.loop(low, high, 1, [&](Value position) {
    // Only within its loop: after it, a bound must not depend on an example that is past.
    llvm::SaveAndRestore<Index> inside(indices[axes.front()],
                                       {position, 0, {}, Code::isConstant(position, 0)});
    loops(dims, axes.drop_front(), indices, body);
  });
}

void Emitter::rows(ArrayRef<DimAttr> dims, int64_t count,
                   const std::function<void(int64_t, Value)> &body) {
  SmallVector<int64_t> order = loopOrder(dims);
  int64_t last = order.pop_back_val();
  int64_t outer = sharedAxis, inner = outer < static_cast<int64_t>(dims.size()) ? -1 : outer;
  Indices indices(dims.size());
  loops(dims, order, indices, [&] {
    SmallVector<std::pair<Value, Value>, 2> few(dims.size());
    for (int64_t axis : order)
      few[axis] = {indices[axis].base, code.add(indices[axis].base, code.i64(1))};
    auto [low, high] = bounds(dims, last, indices);
    code.loop(low, high, count, [&, end = high](Value first) {
      Value next = code.add(first, code.i64(count));
      few[last] = {first, count == 1 ? next : code.min(next, end)};
      present = few;
      sharedAxis = inner;
      body(last, first);
      sharedAxis = outer;
      present.clear();
    });
  });
}

void Emitter::vectorLoop(Value low, Value high, int64_t width, bool aligned,
                         const std::function<void(Index)> &body) {
  auto one = [&](Value position, Lanes inner) {
    withLanes(inner,
              [&] { body({position, inner.width > 1 ? 1 : 0, {}, aligned || inner.width == 1}); });
  };
  if (width == 1)
    return code.loop(low, high, 1, [&](Value position) { one(position, {1, {}}); });
  Value count = code.sub(high, low);
  Value rest = code.floorMod(count, width);
  Value middle = code.sub(high, rest);
  code.loop(low, middle, width, [&](Value position) { one(position, {width, {}}); });
  if (!machine.masks)
    return code.loop(middle, high, 1, [&](Value position) { one(position, {1, {}}); });
  Value any = code.compare(arith::CmpIPredicate::slt, middle, high);
  code.ifThen(any, [&] { one(middle, {width, code.maskBelow(middle, high, width)}); });
}

void Emitter::nest(ArrayRef<DimAttr> dims, int64_t width, ArrayRef<int64_t> mayUnroll,
                   const std::function<void(ArrayRef<Index>)> &body, int64_t inner) {
  SmallVector<int64_t> order = loopOrder(dims), unrolled;
  llvm::copy_if(mayUnroll, std::back_inserter(unrolled),
                [&](int64_t axis) { return isWhole(axis); });
  llvm::erase_if(order, [&](int64_t axis) { return llvm::is_contained(unrolled, axis); });
  const SmallVector<int64_t> all = order;
  // The last axis of more than one position goes into the lanes.
  int64_t vectorAxis = -1;
  for (int64_t axis : llvm::reverse(order))
    if (!dims[axis].isConstant() || dims[axis].getConstant() > 1) {
      vectorAxis = axis;
      break;
    }
  if (vectorAxis >= 0 && !mayVectorise(dims, vectorAxis))
    vectorAxis = -1;
  if (vectorAxis >= 0)
    llvm::erase(order, vectorAxis);
  // A loop within that over the vectors, if nothing depends on its order.
  SmallVector<int64_t> innermost;
  if (inner >= 0 && vectorAxis >= 0 && llvm::is_contained(order, inner) &&
      !shapes.isBatch(dims[inner])) {
    llvm::erase(order, inner);
    innermost.push_back(inner);
  }
  Indices indices(dims.size());
  std::function<void(ArrayRef<int64_t>)> unroll = [&](ArrayRef<int64_t> rest) {
    if (rest.empty())
      return body(indices);
    for (int64_t position = 0; position < dims[rest.front()].getConstant(); ++position) {
      indices[rest.front()] = constantIndex(position);
      unroll(rest.drop_front());
    }
  };
  if (isSpread)
    return spread(dims, all, indices, [&] { unroll(unrolled); });
  loops(dims, order, indices, [&] {
    if (vectorAxis < 0)
      return unroll(unrolled);
    auto [low, high] = bounds(dims, vectorAxis, indices);
    bool aligned = divisorOfBounds(dims, vectorAxis) % width == 0;
    vectorLoop(low, high, width, aligned, [&](Index index) {
      indices[vectorAxis] = index;
      loops(dims, innermost, indices, [&] { unroll(unrolled); });
    });
  });
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

/// Small constant axes along which parts are joined: with constant positions, each part is computed
/// where it stands and nowhere else.
SmallVector<int64_t> Emitter::unrolledAxes(ArrayRef<Value> roots) {
  SmallVector<int64_t> axes;
  auto isComputed = [&](Operation *op) { return !views.has(op->getResult(0)); };
  forComputed(roots, views, [&](Operation *op) {
    int64_t axis = isa<PadOp>(op)      ? cast<PadOp>(op).getAxis()
                   : isa<ConcatOp>(op) ? cast<ConcatOp>(op).getAxis()
                                       : -1;
    if (axis < 0)
      return;
    DimAttr dim = arrayType(op->getResult(0)).getDim(axis);
    if (!dim.isConstant() || dim.getConstant() > 8)
      return;
    for (Value root : roots) {
      auto demands = demandsOf(root, op->getResult(0), isComputed);
      for (const Positions &at : demands.value_or(SmallVector<Positions>()))
        if (at[axis].axis >= 0 && arrayType(root).getDim(at[axis].axis) == dim &&
            !llvm::is_contained(axes, at[axis].axis))
          axes.push_back(at[axis].axis);
    }
  });
  return axes;
}

/// A square of vectors, transposed by exchanging ever larger blocks off the diagonal.
static SmallVector<Value> transposed(Code &code, SmallVector<Value> rows) {
  auto size = static_cast<int64_t>(rows.size());
  for (int64_t d = 1; d < size; d *= 2)
    for (int64_t row = 0; row < size; ++row) {
      if (row & d)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < size; ++lane) {
        low.push_back(lane & d ? size + lane - d : lane);
        high.push_back(lane & d ? size + lane : lane + d);
      }
      Value a = rows[row], b = rows[row + d];
      rows[row] = code.make<vector::ShuffleOp>(a, b, low);
      rows[row + d] = code.make<vector::ShuffleOp>(a, b, high);
    }
  return rows;
}

/// A copy whose last axis is not the operand's: squares of lanes by lanes positions are read along
/// `inner`, the axis that is contiguous in the operand, and transposed in registers.
bool Emitter::transposeGroup(Value root, const Target &target, int64_t inner) {
  ArrayRef<DimAttr> dims = arrayType(root).getDims();
  auto last = static_cast<int64_t>(dims.size()) - 1;
  Type element = arrayType(root).getElementType();
  int64_t width = laneCount({root});
  if (inner == last || width < 4 || !isa<FloatType>(element) || shapes.isBatch(dims[inner]) ||
      !mayVectorise(dims, inner) || !mayVectorise(dims, last) ||
      machine.lanes(machine.bitsOf(element)) != width || !dims[last].isConstant() ||
      dims[last].getConstant() % width != 0 || shapes.isRagged(dims[inner]))
    return false;
  SmallVector<int64_t> order = loopOrder(dims);
  llvm::erase_if(order, [&](int64_t axis) { return axis == inner || axis == last; });
  Indices indices(dims.size());
  loops(dims, order, indices, [&] {
    auto [begin, end] = bounds(dims, last, indices);
    code.loop(begin, end, width, [&](Value column) {
      auto [low, high] = bounds(dims, inner, indices);
      Value middle = code.sub(high, code.floorMod(code.sub(high, low), width));
      code.loop(low, middle, width, [&](Value row) {
        withLanes({width, {}}, [&] {
          SmallVector<Value> rows;
          indices[inner] = {row, 1, {}, divisorOfBounds(dims, inner) % width == 0};
          for (int64_t lane = 0; lane < width; ++lane) {
            indices[last] = {code.add(column, code.i64(lane))};
            rows.push_back(spread(emit(root, indices)));
          }
          rows = transposed(code, rows);
          indices[last] = {column, 1, {}, true};
          for (int64_t lane = 0; lane < width; ++lane) {
            indices[inner] = {code.add(row, code.i64(lane))};
            store(target, indices, rows[lane]);
          }
        });
      });
      code.loop(middle, high, 1, [&](Value row) {
        withLanes({width, {}}, [&] {
          indices[inner] = {row};
          indices[last] = {column, 1, {}, true};
          store(target, indices, emit(root, indices));
        });
      });
    });
  });
  return true;
}

void Emitter::elementwiseGroup(ArrayRef<Value> roots, ArrayRef<Target> targets) {
  ArrayRef<DimAttr> dims = arrayType(roots.front()).getDims();
  // A transposed copy reads lines of the operand; staying within a few of them until they are used
  // up means to run along the axis that is contiguous there.
  int64_t inner = -1;
  if (auto transpose = roots.front().getDefiningOp<TransposeOp>(); transpose && roots.size() == 1) {
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    const auto *last = llvm::find(permutation, static_cast<int64_t>(permutation.size()) - 1);
    inner = last - permutation.begin();
    if (targets.front().mode == StoreMode::Write &&
        transposeGroup(roots.front(), targets.front(), inner))
      return;
  }
  nest(
      dims, laneCount(roots), unrolledAxes(roots),
      [&](ArrayRef<Index> indices) {
        // All is read before anything is written, so that a target may be read at the same
        // position.
        SmallVector<Value> elements;
        for (Value root : roots)
          elements.push_back(emit(root, indices));
        for (auto [target, element] : llvm::zip_equal(targets, elements))
          store(target, indices, element);
      },
      inner);
}

void Emitter::copy(Value value, const Target &target) { elementwiseGroup({value}, {target}); }

void Emitter::clear(Value value, const Target &target) {
  fill(arrayType(value), 0, {target.view, StoreMode::Write, target.also});
  if (target.view.rest)
    fill(arrayType(value), 0, {*target.view.rest});
}

void Emitter::fill(ArrayType type, double value, const Target &target) {
  nest(type.getDims(), machine.lanes(machine.bytesOf(type.getElementType()) * 8), {},
       [&](ArrayRef<Index> indices) {
         store(target, indices, code.number(type.getElementType(), value));
       });
}

void Emitter::check(CheckOp op, int64_t number, Value failure) {
  Value condition = op.getCondition();
  ArrayRef<DimAttr> dims = arrayType(condition).getDims();
  int64_t batch = shapes.batchAxis(dims);
  Indices indices(dims.size());
  loops(dims, loopOrder(dims), indices, [&] {
    Value holds = emit(condition, indices);
    Value first = code.load(code.i64Type(), failure);
    Value none = code.compare(arith::CmpIPredicate::slt, first, code.i64(0));
    Value fails = code.make<arith::XOrIOp>(holds, code.integer(holds.getType(), 1));
    code.ifThen(code.logicalAnd(fails, none), [&] {
      code.store(code.i64(number), failure);
      code.store(batch < 0 ? code.i64(-1) : indices[batch].base,
                 code.address(failure, code.i64Type(), code.i64(1)));
    });
  });
}
