// Long sums of a device: the 32 threads of a warp take the terms of one sum by turns, neighbours at
// neighbouring addresses, and fold what each has by a butterfly, which gives all of them the same
// bits. The first of them stores.
#include "Device/Device.h"
#include "Lower/Reduction.h"

using namespace mlir;
using namespace rondo;

static constexpr int64_t warp = 32;

/// The summed axis along which all operands that have it are contiguous, if it is long: the last of
/// its operand's dims of more than one position. -1: none.
int64_t Reduction::axisOfWarp() const {
  int64_t found = -1;
  for (size_t operand = 0; operand < letters.size(); ++operand) {
    int64_t letter = innermost(operand);
    if (letter < numParallel)
      return -1;
    int64_t axis = numStored + letter - numParallel;
    if (found >= 0 && axis != found)
      return -1;
    found = axis;
  }
  // The lengths of examples are not known before the example is.
  bool isLong = found >= 0 && (!dims[found].isConstant() || dims[found].getConstant() >= warp);
  return isLong && !e.shapes.isBatch(dims[found]) ? found : -1;
}

bool Reduction::byWarps() {
  int64_t along = axisOfWarp();
  if (along < 0 || !e.isSpread)
    return false;
  // The axis of the lanes is the innermost.
  llvm::erase(summed, along);
  summed.push_back(along);
  Emitter::Turns turns = e.threadTurns();
  Value lane = code.atEntry([&] { return code.floorMod(turns.first, warp); });
  turns = {code.floorDiv(turns.first, warp), code.floorDiv(turns.step, warp)};
  auto count = static_cast<int64_t>(demands.size());
  Tile tile;
  tile.masks.assign(1, Value());
  e.spread(dims, e.loopOrder(ArrayRef(dims).take_front(numStored)), space, turns, [&] {
    auto contract = dyn_cast<ContractOp>(head);
    axisOfLanes = along;
    lanesOfSum = warp;
    chooseChains(count);
    Accumulators sums = withChains(Accumulators(count, identity(element)));
    std::function<Accumulators(ArrayRef<int64_t>, Value, Value, Accumulators)> part;
    auto add = [&](ArrayRef<int64_t> axes, Accumulators start) -> Accumulators {
      if (axes.empty())
        return step(tile, start, {});
      auto [low, high] = summedBounds(axes.front());
      if (axes.front() != chainAxis)
        return part(axes, low, high, start);
      return sumInChains(count, low, high, start, [&](Value from, Value to, Accumulators some) {
        return part(axes, from, to, some);
      });
    };
    part = [&](ArrayRef<int64_t> axes, Value low, Value high, Accumulators start) {
      bool isLanes = axes.front() == along;
      return code.loopBy(isLanes ? code.add(low, lane) : low, high, code.i64(isLanes ? warp : 1),
                         start, [&](Value position, ValueRange carried) {
                           return at(axes.front(), {position}, [&] {
                             return add(axes.drop_front(), llvm::to_vector(carried));
                           });
                         });
    };
    sums = ofAllChains(count, add(summed, sums));
    for (Value &sum : sums)
      for (int64_t mask = warp / 2; mask > 0; mask /= 2) {
        Value other = code.make<device::ShuffleOp>(sum, mask);
        sum = combine(sum, other);
      }
    code.ifThen(code.compare(arith::CmpIPredicate::eq, lane, code.i64(0)), [&] {
      if (contract && contract.getInit())
        for (auto [demand, sum] : llvm::enumerate(sums))
          sum = code.make<arith::AddFOp>(
              e.emit(contract.getInit(), headIndices(0, 0, static_cast<int64_t>(demand))), sum);
      finish(tile, sums);
    });
  });
  return true;
}
