// Contractions that sum over examples and time (weight gradients): the sum is cut into blocks of
// a few hundred steps, after each of which the accumulators are added to the result in memory.
// Within a block the vector operand's columns of one tile are copied into a panel first, so that
// the tiles of all rows read consecutive lines, whatever the strides of the operand (Goto and van
// de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008).
#include "Lower/Reduction.h"

using namespace mlir;
using namespace rondo;

/// Steps of the sum in one block.
static constexpr int64_t blockSize = 512;
/// Vectors of a tile's columns in a panel, at most.
static constexpr int64_t mostColumns = 4;
/// Rows of the result from which a panel pays: it is read once per tile of rows.
static constexpr int64_t fewestRows = 48;

void Reduction::chooseBlocks() {
  auto symbolic =
      llvm::filter_to_vector(summed, [&](int64_t axis) { return !dims[axis].isConstant(); });
  blockedAxis = symbolic.front();
  if (symbolic.size() == 2)
    innerAxis = symbolic.back();
  int64_t steps = 1;
  for (int64_t axis : summed)
    if (dims[axis].isConstant())
      steps *= dims[axis].getConstant();
  bool hasRows =
      rowAxis >= 0 && dims[rowAxis].isConstant() && dims[rowAxis].getConstant() >= fewestRows;
  bool isTile = vectorAxis >= 0 && vectorAxis < numStored && demands.size() == 1 && width > 1;
  // A panel has the same steps for all that read it: not those of an example that is stored.
  int64_t batch = e.shapes.batchAxis(dims);
  bool isOfExamples = batch >= 0 && batch < numStored;
  bool isRagged = llvm::any_of(ArrayRef(dims).take_front(isOfExamples ? dims.size() : numStored),
                               [&](DimAttr dim) { return e.shapes.isRagged(dim); });
  if (innerAxis < 0 || steps > 1 || !hasRows || !isTile || isRagged)
    return;
  // One panel for all contractions of the function: it lies on the stack.
  assert(maxColumns <= mostColumns && "a tile wider than a panel");
  panel = code.atEntry([&]() -> Value {
    Code::Key key{"panel"};
    if (Value known = code.lookup(key))
      return known;
    Type byte = code.builder.getI8Type();
    Value count = code.i64(blockSize * mostColumns * e.machine.vectorBytes());
    Value memory =
        LLVM::AllocaOp::create(code.builder, code.loc, code.pointerType(), byte, count, 64);
    code.remember(key, memory);
    return memory;
  });
}

void Reduction::overMemory(const std::function<void()> &body) {
  assert(roots.size() == 1 && roots.front() == head->getResult(0) && "a blocked head has no tail");
  // The first block writes, or adds to the initial value; the others add.
  Value init = cast<ContractOp>(head).getInit();
  if (init)
    e.copy(init, targets.front());
  bool writes = !init && targets.front().mode == StoreMode::Write;
  targets.front().mode = StoreMode::Add;

  // Whole positions of the outer dim, unless one of them alone is more than a block.
  Value steps = code.i64(1), one = code.i64(1), size = code.i64(blockSize);
  for (int64_t axis : summed)
    if (axis != blockedAxis)
      steps = code.mul(steps, e.shapes.padded(dims[axis]));
  Value count = code.make<arith::DivSIOp>(size, code.max(steps, one));
  count = code.max(count, one);
  auto [low, high] = e.bounds(dims, blockedAxis, space);
  Value begin = low, end = high;
  auto isFirst = [&](Value start, Value from) {
    return code.compare(arith::CmpIPredicate::eq, start, from);
  };
  // There is a first block even if there is nothing to sum.
  code.loopBy(begin, code.max(end, code.add(begin, one)), count, {},
              [&](Value position, ValueRange) {
                block = {position, code.min(code.add(position, count), end)};
                if (writes)
                  firstBlock = isFirst(position, begin);
                if (innerAxis < 0) {
                  body();
                  return SmallVector<Value>();
                }
                Value zero = code.i64(0), whole = firstBlock;
                Value last = code.max(e.shapes.padded(dims[innerAxis]), one);
                code.loop(zero, last, blockSize, [&](Value start) {
                  inner = {start, code.add(start, size)};
                  if (writes)
                    firstBlock = code.logicalAnd(whole, isFirst(start, zero));
                  body();
                });
                return SmallVector<Value>();
              });
}

/// The result so far, or 0 in the first block, whose memory holds anything.
Value Reduction::soFar(ArrayRef<Index> at) {
  const View &view = targets.front().view;
  if (!firstBlock)
    return e.load(view, at);
  Type type = e.typeOf(element);
  if (e.lanes.width == 1 || !e.machine.hasMasks())
    return code.ifElse(
        firstBlock, type, [&] { return code.number(type, 0); },
        [&] { return e.spread(e.load(view, at)); });
  Value others = code.make<arith::XOrIOp>(firstBlock, code.integer(firstBlock.getType(), 1));
  Emitter::Lanes inner{e.lanes.width, code.logicalAnd(e.lanes.mask, e.spread(others))};
  Value value;
  e.withLanes(inner, [&] { value = e.load(view, at); });
  return value;
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
          for (int64_t letter : letters[vectorOperand])
            indices.push_back(letter < numParallel ? parallel[letter]
                                                   : space[numStored + letter - numParallel]);
          code.store(e.spread(e.emit(head->getOperand(vectorOperand), indices)),
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
