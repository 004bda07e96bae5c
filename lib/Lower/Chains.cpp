// Sums of many terms. An accumulator that takes them all loses digits in proportion to their
// number: 2^24 ones and another one are 2^24. So it takes a chain of a few terms; when a chain is
// full, it is added to those before it along with what this addition loses (Kahan, Further remarks
// on reducing truncation errors, 1965), and the accumulator begins anew. The error is that of one
// chain, however many there are.
//
// A chain ends by the number of steps alone, so that a sum has the same bits whatever computes it.
//
// All sums of any number of terms go by this rule: here those that loops carry in registers; those
// of a device's tile in TileSum.cpp; those by blocks in Blocks.cpp, where a block is a chain and
// the sum of a group of blocks is added with what it loses; and what is added to memory again and
// again, updates of a table or a loop's sums step by step, where each addition is one
// (Plan/Rests.h).
#include "Lower/Chains.h"
#include "Lower/Reduction.h"
#include "Plan/Rests.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

/// Positions along a summed axis that are one step of each accumulator.
int64_t Reduction::positionsPerStep(int64_t axis, int64_t numAccumulators) const {
  return axis == vectorAxis && vectorAxis >= numStored ? width * dotChains(numAccumulators) : 1;
}

/// Chains are cut along the innermost axis with which there may be too many steps.
void Reduction::chooseChains(int64_t numAccumulators) {
  chainAxis = -1;
  if (kind != ReduceKind::Sum || !isa<FloatType>(element) || blockIsChain)
    return;
  chainSteps = isa<ContractOp>(head) ? chainProducts : chainTerms;
  stepsWithin = 1;
  for (int64_t axis : llvm::reverse(summed)) {
    int64_t each = axis == axisOfLanes ? lanesOfSum : positionsPerStep(axis, numAccumulators);
    int64_t size =
        dims[axis].isConstant() ? llvm::divideCeil(dims[axis].getConstant(), each) : chainSteps + 1;
    if (size > chainSteps / stepsWithin) {
      chainAxis = axis;
      positionsOfStep = each;
      return;
    }
    stepsWithin *= std::max<int64_t>(size, 1);
  }
}

/// What is carried beside the accumulators: the steps of the present chain; and the number of full
/// chains, whose sums are in memory, or, on a device, these sums and what they have lost.
Reduction::Accumulators Reduction::withChains(Accumulators start) {
  if (chainAxis < 0)
    return start;
  auto count = static_cast<int64_t>(start.size());
  Type type = start.front().getType();
  start.push_back(code.i64(0));
  if (e.machine.isDevice())
    start.append(2 * count, code.number(type, 0));
  else
    start.push_back(code.i64(0));
  return start;
}

/// The sum along the chains' axis from low to high; `inside` takes the part of a chain.
Reduction::Accumulators
Reduction::sumInChains(int64_t count, Value low, Value high, Accumulators start,
                       const std::function<Accumulators(Value, Value, Accumulators)> &inside) {
  int64_t positions = std::max<int64_t>(1, chainSteps / stepsWithin) * positionsOfStep;
  return code.loop(low, high, positions, start, [&](Value first, ValueRange carried) {
    Value end = code.min(code.add(first, code.i64(positions)), high);
    Value more = code.add(code.sub(end, first), code.i64(positionsOfStep - 1));
    more = code.mul(code.floorDiv(more, positionsOfStep), code.i64(stepsWithin));
    Value steps = code.add(carried[count], more);
    Value isFull = code.compare(CmpIPredicate::sgt, steps, code.i64(chainSteps));
    Accumulators now = beginAnew(count, isFull, carried);
    now[count] = code.select(isFull, more, steps);
    Accumulators sums = inside(first, end, Accumulators(ArrayRef(now).take_front(count)));
    llvm::copy(sums, now.begin());
    return now;
  });
}

/// Where a chain is full, its sums go to those before it and the accumulators are 0.
Reduction::Accumulators Reduction::beginAnew(int64_t count, Value isFull, ValueRange carried) {
  Accumulators now(carried);
  Value zero = code.number(now.front().getType(), 0);
  if (e.machine.isDevice()) {
    for (int64_t i = 0; i < count; ++i) {
      Value &sum = now[count + 1 + i], &lost = now[2 * count + 1 + i];
      auto [all, rest] = compensated(code, sum, lost, now[i]);
      sum = code.select(isFull, all, sum);
      lost = code.select(isFull, rest, lost);
      now[i] = code.select(isFull, zero, now[i]);
    }
    return now;
  }
  Value chains = now[count + 1];
  auto types = llvm::map_to_vector(ArrayRef(now).take_front(count),
                                   [](Value value) { return value.getType(); });
  SmallVector<Value> next = code.ifElse(
      isFull, types,
      [&] {
        addToChains(ArrayRef(now).take_front(count), chains);
        return SmallVector<Value>(count, zero);
      },
      [&] { return SmallVector<Value>(ArrayRef(now).take_front(count)); });
  llvm::copy(next, now.begin());
  now[count + 1] = code.add(chains, code.select(isFull, code.i64(1), code.i64(0)));
  return now;
}

/// The sum of all chains, that of the present one included.
Reduction::Accumulators Reduction::ofAllChains(int64_t count, Accumulators carried) {
  if (chainAxis < 0)
    return carried;
  Accumulators sums(ArrayRef(carried).take_front(count));
  if (e.machine.isDevice()) {
    for (int64_t i = 0; i < count; ++i)
      sums[i] =
          compensated(code, carried[count + 1 + i], carried[2 * count + 1 + i], sums[i]).first;
    return sums;
  }
  Value chains = carried[count + 1];
  auto types = llvm::map_to_vector(sums, [](Value value) { return value.getType(); });
  return code.ifElse(
      code.compare(CmpIPredicate::ne, chains, code.i64(0)), types,
      [&] {
        addToChains(sums, chains);
        SmallVector<Value> all;
        for (int64_t i = 0; i < count; ++i)
          all.push_back(code.load(types[i], chainPlace(count, 1, code.i64(i), types[i])));
        return all;
      },
      [&] { return SmallVector<Value>(sums); });
}

std::pair<Value, Value> rondo::compensated(Code &code, Value sum, Value lost, Value more) {
  more = code.make<arith::SubFOp>(more, lost);
  Value all = code.make<arith::AddFOp>(sum, more);
  Value rest = code.make<arith::SubFOp>(code.make<arith::SubFOp>(all, sum), more);
  Value zero = code.number(all.getType(), 0);
  Value isFinite =
      code.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, code.make<arith::SubFOp>(all, all), zero);
  return {all, code.select(isFinite, rest, zero)};
}

/// Adds accumulators to the sums in memory, by a loop: the code stands there once.
void Reduction::addToChains(ArrayRef<Value> sums, Value chains) {
  auto count = static_cast<int64_t>(sums.size());
  Type type = sums.front().getType();
  for (auto [number, sum] : llvm::enumerate(sums))
    code.store(sum, chainPlace(count, 0, code.i64(number), type));
  Value isFirst = code.compare(CmpIPredicate::eq, chains, code.i64(0));
  Value zero = code.number(type, 0);
  code.loop(code.i64(0), code.i64(count), 1, [&](Value number) {
    auto at = [&](int64_t part) { return chainPlace(count, part, number, type); };
    Value sum = code.select(isFirst, zero, code.load(type, at(1)));
    Value lost = code.select(isFirst, zero, code.load(type, at(2)));
    auto [all, rest] = compensated(code, sum, lost, code.load(type, at(0)));
    code.store(all, at(1));
    code.store(rest, at(2));
  });
}

/// Memory of the function for a tile's accumulators (part 0), their sums (1) and what these lost
/// (2).
Value Reduction::chainPlace(int64_t count, int64_t part, Value number, Type type) {
  assert(count <= e.machine.vectorRegisters && "more sums than registers");
  Value memory = code.atEntry([&]() -> Value {
    Code::Key key{"chains"};
    if (Value known = code.lookup(key))
      return known;
    Type byte = code.builder.getI8Type();
    Value size = code.i64(3 * e.machine.vectorRegisters * e.machine.vectorBytes());
    Value place =
        LLVM::AllocaOp::create(code.builder, code.loc, code.pointerType(), byte, size, 64);
    code.remember(key, place);
    return place;
  });
  auto vector = dyn_cast<VectorType>(type);
  int64_t lanes = vector ? vector.getDimSize(0) : 1;
  Value offset = code.add(code.i64(part * count), number);
  return code.address(memory, element, code.mul(offset, code.i64(lanes)));
}
