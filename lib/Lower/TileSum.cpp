// Products of the parts of operands that are in shared memory.
#include "Device/Device.h"
#include "Lower/BlockTile.h"
#include "Lower/Chains.h"

using namespace mlir;
using namespace rondo;

/// Steps of the sum that stand in the code one after the other.
static constexpr int64_t unrolledSteps = 4;

void BlockTile::chooseThreads() {
  thread = code.atEntry([&]() -> Value {
    Code::Key key{"thread"};
    if (Value known = code.lookup(key))
      return known;
    Value number = code.make<device::ThreadOp>();
    code.remember(key, number);
    return number;
  });
  int64_t each = rows.threads * columns.threads;
  split = code.floorDiv(thread, each);
  Value own = code.floorMod(thread, each);
  rowThread = code.floorDiv(own, columns.threads);
  columnThread = code.floorMod(own, columns.threads);
}

/// A thread's elements of one side at one step: part by part, position by position.
SmallVector<Value> BlockTile::factors(const Side &side, Value buffer, Value own, Value step,
                                      int64_t unrolled) {
  int64_t ofPosition = side.alongSum ? side.stride : 1, ofStep = side.alongSum ? 1 : side.stride;
  // Of a row of shared memory a thread takes neighbours, which are one load; of different rows
  // those that are in different banks than its neighbours'.
  int64_t ofThread = side.alongSum ? 1 : side.each, ofNext = side.alongSum ? side.threads : 1;
  Value base =
      code.add(code.mul(own, code.i64(ofThread * ofPosition)), code.mul(step, code.i64(ofStep)));
  SmallVector<Value> values;
  for (size_t part = 0; part < side.parts.size(); ++part)
    for (int64_t number = 0; number < side.each; ++number) {
      int64_t more = static_cast<int64_t>(part) * side.partSize + unrolled * ofStep +
                     number * ofNext * ofPosition;
      values.push_back(
          code.load(element, code.address(buffer, element, code.add(base, code.i64(more)))));
    }
  return values;
}

/// Whether there may be more terms to an accumulator than a chain of them takes (Chains.cpp).
bool BlockTile::hasChains() const {
  int64_t terms = 1;
  for (int64_t axis : r.summed) {
    if (!r.dims[axis].isConstant())
      return true;
    terms *= r.dims[axis].getConstant();
  }
  return terms > chainProducts * splits;
}

/// Carried beside the accumulators: the terms of the present chain, the sums of those before it,
/// and what these have lost.
BlockTile::Accumulators BlockTile::withChains(Accumulators start) {
  if (!hasChains())
    return start;
  start.push_back(code.i64(0));
  start.append(2 * numSums(), code.number(element, 0));
  return start;
}

/// Before a chunk for which the chain has no room, the chain is added to those before it.
BlockTile::Accumulators BlockTile::beginAnew(ValueRange carried) {
  Accumulators now(carried);
  if (!hasChains())
    return now;
  int64_t count = numSums(), more = chunk / splits;
  Value terms = code.add(now[count], code.i64(more));
  Value isFull = code.compare(arith::CmpIPredicate::sgt, terms, code.i64(chainProducts));
  Accumulators numbers(now);
  numbers.erase(numbers.begin() + count);
  auto types = llvm::map_to_vector(numbers, [](Value value) { return value.getType(); });
  numbers = code.ifElse(
      isFull, types,
      [&] {
        Accumulators next(numbers);
        for (int64_t i = 0; i < count; ++i) {
          Value &sum = next[count + i], &lost = next[2 * count + i];
          std::tie(sum, lost) = compensated(code, sum, lost, next[i]);
          next[i] = code.number(element, 0);
        }
        return next;
      },
      [&] { return numbers; });
  numbers.insert(numbers.begin() + count, code.select(isFull, code.i64(more), terms));
  return numbers;
}

BlockTile::Accumulators BlockTile::ofAllChains(Accumulators carried) {
  if (!hasChains())
    return carried;
  int64_t count = numSums();
  Accumulators sums;
  for (int64_t i = 0; i < count; ++i)
    sums.push_back(
        compensated(code, carried[count + 1 + i], carried[2 * count + 1 + i], carried[i]).first);
  return sums;
}

/// The accumulators are row by row, column by column, demand by demand.
BlockTile::Accumulators BlockTile::multiply(Value rowBuffer, Value columnBuffer, ValueRange start) {
  if (fragments.kind != Fragments::None)
    return multiplyFragments(rowBuffer, columnBuffer, start);
  int64_t own = chunk / splits;
  Value first = code.mul(split, code.i64(own));
  return code.loop(
      code.i64(0), code.i64(own), unrolledSteps, start, [&](Value position, ValueRange carried) {
        Accumulators sums(carried);
        Value step = code.add(first, position);
        for (int64_t unrolled = 0; unrolled < unrolledSteps; ++unrolled) {
          SmallVector<Value> a = factors(rows, rowBuffer, rowThread, step, unrolled);
          SmallVector<Value> b = factors(columns, columnBuffer, columnThread, step, unrolled);
          auto sum = sums.begin();
          for (int64_t row = 0; row < rows.each; ++row)
            for (int64_t column = 0; column < columns.each; ++column)
              for (int64_t demand = 0; demand < numDemands; ++demand, ++sum)
                *sum = code.fma(a[rows.partOf[demand] * rows.each + row],
                                b[columns.partOf[demand] * columns.each + column], *sum);
        }
        return sums;
      });
}

/// Where a split's sum of an element of the tile waits, apart from the split.
Value BlockTile::placeOf(Value row, Value column, int64_t demand) {
  Value at = code.add(code.mul(row, code.i64(columns.size())), column);
  return code.add(at, code.i64(demand * rows.size() * columns.size()));
}

void BlockTile::keepOne(Value sum, Value row, Value column, int64_t demand) {
  Value ofSplit = code.mul(split, code.i64(numDemands * rows.size() * columns.size()));
  code.store(sum, shared(code.add(ofSplit, placeOf(row, column, demand))));
}

void BlockTile::keep(ArrayRef<Value> sums) {
  if (fragments.kind != Fragments::None)
    return keepFragments(sums);
  auto positionOf = [&](const Side &side, Value own, int64_t number) {
    return side.alongSum ? code.add(own, code.i64(number * side.threads))
                         : code.add(code.mul(own, code.i64(side.each)), code.i64(number));
  };
  const Value *sum = sums.begin();
  for (int64_t row = 0; row < rows.each; ++row)
    for (int64_t column = 0; column < columns.each; ++column)
      for (int64_t demand = 0; demand < numDemands; ++demand, ++sum)
        keepOne(*sum, positionOf(rows, rowThread, row), positionOf(columns, columnThread, column),
                demand);
}
