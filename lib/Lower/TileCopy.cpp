// Parts of operands, copied into shared memory.
#include "Device/Device.h"
#include "Lower/BlockTile.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

/// The copies of a side's tile that this thread makes: neighbours in memory are neighbouring
/// threads'.
SmallVector<BlockTile::Copy> BlockTile::copiesOf(const Side &side) {
  SmallVector<Copy> all;
  int64_t threads = e.machine.threadsPerBlock, total = side.size() * chunk / side.vector;
  int64_t line = (side.alongSum ? chunk : side.size()) / side.vector;
  for (size_t part = 0; part < side.parts.size(); ++part)
    for (int64_t begin = 0; begin < total; begin += threads) {
      Copy copy{&side, static_cast<int64_t>(part), {}, {}, {}, {}, {}, {}, {}};
      Value number = code.add(thread, code.i64(begin));
      if (begin + threads > total)
        copy.exists = code.compare(CmpIPredicate::slt, number, code.i64(total));
      Value across = code.floorDiv(number, line);
      Value along = code.mul(code.floorMod(number, line), code.i64(side.vector));
      copy.position = side.alongSum ? across : along;
      copy.step = side.alongSum ? along : across;
      copy.to = code.add(code.mul(across, code.i64(side.stride)),
                         code.add(along, code.i64(side.partSize * static_cast<int64_t>(part))));
      place(copy);
      all.push_back(copy);
    }
  return all;
}

/// Which position of the side a copy is of. Where there is none, the last ones stand for it, so
/// that nothing is looked up outside of arrays, and addresses are aligned as all others are.
void BlockTile::place(Copy &copy) {
  const Side &side = *copy.side;
  if (side.axes.empty())
    return;
  Value first = &side == &rows ? firstRow : firstColumn;
  int64_t together = side.alongSum ? 1 : side.vector;
  Value number = code.add(first, copy.position);
  Value last = code.sub(side.count, code.i64(together));
  copy.valid = code.compare(CmpIPredicate::sle, number, last);
  decode(side.axes, side.lows, side.sizes, code.min(number, last));
  for (int64_t axis : side.axes)
    copy.indices.push_back(r.space[axis]);
}

Indices BlockTile::operandIndices(const Copy &copy, Index step) {
  const Side &side = *copy.side;
  for (auto [axis, index] : llvm::zip_equal(side.axes, copy.indices))
    r.space[axis] = index;
  r.space[chunkAxis] = step;
  Indices indices;
  for (int64_t letter : r.letters[side.operand])
    indices.push_back(letter < r.numParallel
                          ? r.placed(r.demands[side.parts[copy.part]][letter], 0, 0)
                          : r.space[r.numStored + letter - r.numParallel]);
  return indices;
}

/// Whether an example has these positions, apart from the step's, which the chunk's end bounds.
Value BlockTile::isWithin(const Side &side, ArrayRef<Index> indices) {
  ArrayRef<DimAttr> dims = arrayType(r.head->getOperand(side.operand)).getDims();
  int64_t batch = e.shapes.batchAxis(dims);
  if (batch < 0)
    return {};
  Value valid;
  for (auto [axis, letter] : llvm::enumerate(r.letters[side.operand])) {
    if (!e.shapes.isRagged(dims[axis]) || r.numStored + letter - r.numParallel == chunkAxis)
      continue;
    Value size = e.shapes.own(dims[axis], indices[batch].base);
    valid = code.logicalAnd(valid, code.compare(CmpIPredicate::slt, indices[axis].base, size));
  }
  return valid;
}

/// What is known of a copy for all chunks of one sum.
void BlockTile::locate(Copy &copy) {
  const Side &side = *copy.side;
  Indices indices = operandIndices(copy, e.constantIndex(0));
  if (!e.shapes.isBatch(r.dims[chunkAxis]))
    copy.valid = code.logicalAnd(copy.valid, isWithin(side, indices));
  if (!side.view)
    return;
  copy.from = side.view->offset;
  for (auto [index, stride] : llvm::zip_equal(indices, side.view->strides))
    copy.from = code.add(copy.from, code.mul(index.base, stride));
}

void BlockTile::fill(ArrayRef<Copy> copies, Value buffer, Value first, Value end) {
  for (const Copy &copy : copies) {
    auto one = [&] { fill(copy, buffer, first, end); };
    if (copy.exists)
      code.ifThen(copy.exists, one);
    else
      one();
  }
}

/// Begins to copy a chunk of both operands, or of the rows' alone where the other one is there.
void BlockTile::fillBuffers(Value number, Value first, Value end) {
  fill(rowCopies, bufferOf(rows, number), first, end);
  auto fillColumns = [&] { fill(columnCopies, bufferOf(columns, number), first, end); };
  if (isKept)
    code.ifThen(code.make<arith::XOrIOp>(isKept, code.integer(isKept.getType(), 1)), fillColumns);
  else
    fillColumns();
  device::CommitOp::create(code.builder, code.loc);
}

void BlockTile::fill(const Copy &copy, Value buffer, Value first, Value end) {
  const Side &side = *copy.side;
  Value step = code.add(first, copy.step);
  Value valid = code.logicalAnd(code.compare(CmpIPredicate::slt, step, end), copy.valid);
  step = code.min(step, code.sub(end, code.i64(side.alongSum ? side.vector : 1)));
  if (e.shapes.isBatch(r.dims[chunkAxis]))
    valid = code.logicalAnd(valid, isWithin(side, operandIndices(copy, {step})));
  Value to = code.address(buffer, element, copy.to);
  if (!side.view) {
    Value value = e.guarded(valid, element, [&] {
      return e.emit(r.head->getOperand(side.operand), operandIndices(copy, {step}));
    });
    return code.store(value, to);
  }
  Value stride = code.i64(0);
  for (auto [letter, own] : llvm::zip_equal(r.letters[side.operand], side.view->strides))
    if (r.numStored + letter - r.numParallel == chunkAxis)
      stride = own;
  Value offset = code.add(copy.from, code.mul(step, stride));
  device::CopyAsyncOp::create(code.builder, code.loc, to,
                              code.address(side.view->pointer, element, offset),
                              side.vector * Code::byteSize(element), valid);
}
