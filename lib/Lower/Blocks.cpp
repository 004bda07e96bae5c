// Contractions that sum over examples and time (weight gradients): the sum is cut into blocks of
// a few hundred steps, after each of which the accumulators are added to the result in memory. A
// few blocks are a group, whose sum is added to those of the groups before it along with what that
// loses (Chains.cpp): to keep what each block loses would double what goes to memory and back, for
// a large matrix a tenth of the time and more. What is added to a sum of the scan around it has a
// rest there and needs no groups.
//
// Within a block the vector operand's columns of one tile are copied into a panel first, so that
// the tiles of all rows read consecutive lines, whatever the strides of the operand (Goto and van
// de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008).
#include "Lower/Chains.h"
#include "Lower/Reduction.h"
#include "Tile/Nests.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

/// Blocks in one group.
static constexpr int64_t groupSize = 16;
void Reduction::bindBlocks() {
  BlockedAxes blocked = blockedAxesOf(*this, summed);
  blockedAxis = blocked.outer;
  innerAxis = blocked.inner;
  int64_t steps = 1;
  for (int64_t axis : summed)
    if (dims[axis].isConstant())
      steps *= dims[axis].getConstant();
  blockIsChain = innerAxis >= 0 && steps == 1 && blockSize <= chainProducts;
  if (panelOperand < 0)
    return;
  // One panel for all contractions of the function: it lies on the stack.
  panel = code.atEntry([&]() -> Value {
    Code::Key key{"panel", reinterpret_cast<const void *>(static_cast<intptr_t>(blockSize))};
    if (Value known = code.lookup(key))
      return known;
    Type byte = code.builder.getI8Type();
    Value count = code.i64(blockSize * panelColumns * e.machine.vectorBytes());
    Value memory =
        LLVM::AllocaOp::create(code.builder, code.loc, code.pointerType(), byte, count, 64);
    code.remember(key, memory);
    return memory;
  });
}

void Reduction::overMemory(const std::function<void()> &body) {
  assert(roots.size() == 1 && roots.front() == head->getResult(0) && "a blocked head has no tail");
  // The first block writes, or adds to the initial value; the others add.
  const Target &target = targets.front();
  Value init = cast<ContractOp>(head).getInit();
  if (init)
    e.copy(init, target);

  // Whole positions of the outer dim, unless one of them alone is more than a block.
  Value steps = code.i64(1), one = code.i64(1), zero = code.i64(0), size = code.i64(blockSize);
  for (int64_t axis : summed)
    if (axis != blockedAxis)
      steps = code.mul(steps, e.shapes.padded(dims[axis]));
  Value count = code.make<arith::DivSIOp>(size, code.max(steps, one));
  count = code.max(count, one);
  auto [low, high] = e.bounds(dims, blockedAxis, space);
  Value begin = low, end = high;
  // Carried: what the target has of the present group, and the groups before it.
  auto inGroups = [&](Value inTarget, Value groups) -> SmallVector<Value> {
    if (target.earlier) {
      Value isFull = code.compare(CmpIPredicate::eq, inTarget, code.i64(groupSize));
      code.ifThen(isFull, [&] {
        addGroup(code.compare(CmpIPredicate::eq, groups, zero), /*isLast=*/false);
      });
      inTarget = code.select(isFull, zero, inTarget);
      groups = code.add(groups, code.select(isFull, one, zero));
    }
    if (target.mode == StoreMode::Write)
      firstBlock = code.compare(CmpIPredicate::eq, inTarget, zero);
    body();
    return {code.add(inTarget, one), groups};
  };
  // There is a first block even if there is nothing to sum.
  SmallVector<Value> numbers = code.loopBy(
      begin, code.max(end, code.add(begin, one)), count, {code.i64(init ? 1 : 0), zero},
      [&](Value position, ValueRange outer) -> SmallVector<Value> {
        block = {position, code.min(code.add(position, count), end)};
        if (innerAxis < 0)
          return inGroups(outer[0], outer[1]);
        Value last = code.max(e.shapes.padded(dims[innerAxis]), one);
        return code.loop(zero, last, blockSize, outer, [&](Value start, ValueRange carried) {
          inner = {start, code.add(start, size)};
          return inGroups(carried[0], carried[1]);
        });
      });
  if (target.earlier)
    code.ifThen(code.compare(CmpIPredicate::ne, numbers[1], zero),
                [&] { addGroup({}, /*isLast=*/true); });
}

/// Stores the sums of a tile in the first block of a group, in others adds them to what is there.
void Reduction::addBlock(const Tile &tile, ArrayRef<Value> sums) {
  const Target &target = targets.front();
  bool isDot = vectorAxis >= numStored;
  auto forAll = [&](StoreMode mode) {
    for (int64_t column = 0; column < tile.columns; ++column)
      e.withLanes({isDot ? 1 : tile.width, isDot ? Value() : tile.masks[column]}, [&] {
        for (int64_t row = 0; row < tile.rows; ++row) {
          Value sum = sums[row * tile.columns + column];
          e.store({target.view, mode, target.also}, rootIndices(row, column),
                  isDot && tile.width > 1 ? fold(sum) : sum);
        }
      });
    return SmallVector<Value>();
  };
  auto write = [&] { return forAll(StoreMode::Write); };
  auto add = [&] { return forAll(StoreMode::Add); };
  if (firstBlock)
    code.ifElse(firstBlock, TypeRange(), write, add);
  else
    add();
}

/// Adds the sum in the target, of a group of blocks, to that of the groups before it along with
/// what this loses; the last one in the target, where the whole sum is wanted.
void Reduction::addGroup(Value isFirst, bool isLast) {
  const Target &target = targets.front();
  ArrayType type = arrayType(roots.front());
  View before = e.dropAxis(*target.earlier, 0, code.i64(0));
  View rest = e.dropAxis(*target.earlier, 0, code.i64(1));
  e.nest(type.getDims(), e.laneCount(roots), {}, [&](ArrayRef<Index> at) {
    Value more = e.spread(e.load(target.view, at)), zero = code.number(more.getType(), 0);
    auto known = [&](const View &view) {
      Value value = e.spread(e.load(view, at));
      return isFirst ? code.select(isFirst, zero, value) : value;
    };
    auto [all, lost] = compensated(code, known(before), known(rest), more);
    if (isLast)
      return e.store({target.view, StoreMode::Write, target.also}, at, all);
    e.store({before}, at, all);
    e.store({rest}, at, lost);
  });
}

std::pair<Value, Value> Reduction::summedBounds(int64_t axis) {
  // Blocks are of the padded sum. Of them an example has what its lengths leave, along every axis:
  // it is known only here, within the loops over what is stored.
  auto [low, high] = e.bounds(dims, axis, space);
  if (axis == blockedAxis)
    return {code.max(low, block.first), code.min(high, block.second)};
  if (axis == innerAxis)
    return {code.max(low, inner.first), code.min(high, inner.second)};
  return {low, high};
}

Value Reduction::panelAddress(int64_t column) {
  Value vectors = code.add(code.mul(panelStep, code.i64(maxColumns)), code.i64(column));
  return code.address(panel, element, code.mul(vectors, code.i64(width)));
}

void Reduction::fillPanel(const Tile &tile) {
  std::function<Value(ArrayRef<int64_t>, Value)> fill = [&](ArrayRef<int64_t> axes,
                                                            Value step) -> Value {
    if (axes.empty()) {
      panelStep = step;
      for (int64_t column = 0; column < tile.columns; ++column)
        e.withLanes({tile.width, tile.masks[column]}, [&] {
          Indices parallel = headIndices(0, column, 0), indices;
          for (int64_t letter : letters[panelOperand])
            indices.push_back(letter < numParallel ? parallel[letter]
                                                   : space[numStored + letter - numParallel]);
          code.store(e.spread(e.emit(head->getOperand(panelOperand), indices)),
                     panelAddress(column));
        });
      return code.add(step, code.i64(1));
    }
    auto [low, high] = summedBounds(axes.front());
    return code
        .loop(low, high, 1, {step},
              [&](Value position, ValueRange carried) -> SmallVector<Value> {
                Index index{position, 0, {}, Code::isConstant(position, 0)};
                return {at(axes.front(), index,
                           [&] { return fill(axes.drop_front(), carried.front()); })};
              })
        .front();
  };
  fill(summed, code.i64(0));
}
