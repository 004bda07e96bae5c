// The code of one of a device's many threads: each takes elements of what is stored, the number of
// all threads apart, so that neighbours are at neighbouring addresses. A thread adds up its own
// sums.
#include "Device/Device.h"
#include "Lower/Chains.h"
#include "Lower/Reduction.h"
#include "Rondo/Spec.h"
#include "Team/Team.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

Emitter::Turns Emitter::threadTurns() {
  auto number = [&](auto emit) { return code.atEntry([&]() -> Value { return emit(); }); };
  if (isInBlock)
    return {number([&] { return code.make<device::ThreadOp>(); }),
            number([&] { return code.make<device::ThreadsOp>(); })};
  return {number([&] { return code.make<team::IdOp>(); }),
          number([&] { return code.make<team::SizeOp>(); })};
}

std::pair<Value, Value> Emitter::extent(ArrayRef<DimAttr> dims, int64_t axis) {
  int64_t batch = shapes.batchAxis(dims);
  // Sizes of examples differ; who uses the extent leaves out what an example lacks.
  if (axis == batch && rowBegin)
    return {rowBegin, code.sub(rowEnd, rowBegin)};
  return {code.i64(0), batch < 0 ? shapes.own(dims[axis], {}) : shapes.padded(dims[axis])};
}

/// Whether the example of the position has it along these axes; null where all have.
Value Emitter::isValid(ArrayRef<DimAttr> dims, ArrayRef<int64_t> axes, ArrayRef<Index> indices) {
  int64_t batch = shapes.batchAxis(dims);
  Value exists;
  for (int64_t axis : axes)
    if (batch >= 0 && axis != batch && shapes.isRagged(dims[axis])) {
      Value size = shapes.own(dims[axis], indices[batch].base);
      exists = code.logicalAnd(exists, code.compare(CmpIPredicate::slt, indices[axis].base, size));
    }
  return exists;
}

void Emitter::spread(ArrayRef<DimAttr> dims, ArrayRef<int64_t> axes, Indices &indices,
                     const std::function<void()> &body) {
  if (!isSpread)
    return loops(dims, axes, indices, body);
  spread(dims, axes, indices, threadTurns(), body);
}

void Emitter::spread(ArrayRef<DimAttr> dims, ArrayRef<int64_t> axes, Indices &indices, Turns turns,
                     const std::function<void()> &body) {
  // The batch comes first, so that the last axis is the one that is contiguous as a rule.
  SmallVector<int64_t> numbered;
  SmallVector<Value> lows, sizes;
  Value total = code.i64(1);
  for (int64_t axis : axes) {
    if (axis < static_cast<int64_t>(present.size())) {
      indices[axis] = {present[axis].first};
      continue;
    }
    // What a group reads of its head is known by the place, here one that is always the same.
    if (dims[axis].isConstant() && dims[axis].getConstant() == 1) {
      indices[axis] = constantIndex(0);
      continue;
    }
    auto [low, size] = extent(dims, axis);
    numbered.push_back(axis);
    lows.push_back(low);
    sizes.push_back(size);
    total = code.mul(total, size);
  }
  code.loopBy(turns.first, total, turns.step, {},
              [&](Value number, ValueRange) -> SmallVector<Value> {
                for (size_t i = numbered.size(); i-- > 0;) {
                  Value position = number;
                  if (i > 0) {
                    position = code.make<arith::RemUIOp>(number, sizes[i]);
                    number = code.make<arith::DivUIOp>(number, sizes[i]);
                  }
                  indices[numbered[i]] = {code.add(lows[i], position)};
                }
                if (Value exists = isValid(dims, numbered, indices))
                  code.ifThen(exists, body);
                else
                  body();
                return {};
              });
}

void Emitter::rowsByBlocks(ArrayRef<DimAttr> dims, const std::function<void()> &body) {
  Turns turns{code.atEntry([&]() -> Value { return code.make<device::BlockOp>(); }),
              code.atEntry([&]() -> Value { return code.make<device::BlocksOp>(); })};
  Indices indices(dims.size());
  auto oneRow = [&] {
    SmallVector<std::pair<Value, Value>, 2> row;
    for (const Index &index : indices)
      row.push_back({index.base, code.add(index.base, code.i64(1))});
    present = row;
    isInBlock = true;
    body();
    isInBlock = false;
    present.clear();
  };
  if (isSpread)
    spread(dims, loopOrder(dims), indices, turns, oneRow);
  else
    loops(dims, loopOrder(dims), indices, oneRow);
}

/// One accumulator per demand and thread, or, for long sums of neighbours, per warp.
void Reduction::threads() {
  width = 1;
  if (byWarps())
    return;
  Tile tile;
  tile.masks.assign(1, Value());
  e.spread(dims, e.loopOrder(ArrayRef(dims).take_front(numStored)), space, [&] { compute(tile); });
}

/// Without atomics: the thread of an element of the table goes through all updates and adds those
/// that are meant for it, in their order.
void Emitter::scatterByThreads(ScatterOp op, const Target &target) {
  Spec spec = *Spec::parse(op.getSpec());
  ArrayRef<DimAttr> table = op.getType().getDims(), dims = op.getUpdate().getType().getDims();
  Value size = shapes.padded(op.getType().getDim(op.getIndexedAxis()));
  Indices to(table.size()), indices(dims.size());
  int64_t batch = shapes.batchAxis(dims);
  spread(table, loopOrder(table), to, [&] {
    SmallVector<int64_t> summed, placed;
    for (int64_t axis : loopOrder(dims)) {
      int64_t own = Spec::axis(spec.operands[0], spec.result[axis]);
      (own < 0 ? summed : placed).push_back(axis);
      if (own >= 0)
        indices[axis] = to[own];
    }
    Value start = emit(op.getBase(), to);
    bool isFloat = isa<FloatType>(start.getType());
    SmallVector<Value> all{start};
    if (isFloat) // what the additions have lost
      all.push_back(code.number(start.getType(), 0));
    std::function<SmallVector<Value>(ArrayRef<int64_t>, SmallVector<Value>)> sum =
        [&](ArrayRef<int64_t> axes, SmallVector<Value> so) -> SmallVector<Value> {
      if (axes.empty()) {
        Indices at;
        for (char letter : spec.operands[1])
          at.push_back(indices[Spec::axis(spec.result, letter)]);
        Value row = tableIndex(op.getIndex(), at, size).base;
        Value isOwn = code.compare(CmpIPredicate::eq, row, to[op.getIndexedAxis()].base);
        auto add = [&]() -> SmallVector<Value> {
          Value more = emit(op.getUpdate(), indices);
          if (!isFloat)
            return {code.make<arith::AddIOp>(so[0], more)};
          auto [next, lost] = compensated(code, so[0], so[1], more);
          return {next, lost};
        };
        return code.ifElse(isOwn, ValueRange(so).getTypes(), add, [&] { return so; });
      }
      auto [low, high] = bounds(dims, axes.front(), indices);
      return code.loop(low, high, 1, so, [&](Value position, ValueRange carried) {
        indices[axes.front()] = {position};
        SmallVector<Value> before(carried);
        auto within = [&] { return sum(axes.drop_front(), before); };
        // Where examples are summed, not all have the position that the table's element is at.
        Value exists = axes.front() == batch ? isValid(dims, placed, indices) : Value();
        if (!exists)
          return within();
        return code.ifElse(exists, ValueRange(before).getTypes(), within, [&] { return before; });
      });
    };
    store(target, to, sum(summed, all).front());
  });
}
