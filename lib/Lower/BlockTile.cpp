#include "Lower/BlockTile.h"
#include "Device/Device.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

static void barrier(Code &code) { device::BarrierOp::create(code.builder, code.loc); }

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

void BlockTile::measure(Side &side) {
  side.count = code.i64(1);
  for (int64_t axis : side.axes) {
    auto [low, size] = e.extent(r.dims, axis);
    side.lows.push_back(low);
    side.sizes.push_back(size);
    side.count = code.mul(side.count, size);
  }
}

/// Sets the positions along axes that are numbered as one.
void BlockTile::decode(ArrayRef<int64_t> axes, ArrayRef<Value> lows, ArrayRef<Value> sizes,
                       Value number) {
  for (size_t i = axes.size(); i-- > 0;) {
    Value position = number;
    if (i > 0) {
      position = code.make<arith::RemUIOp>(number, sizes[i]);
      number = code.make<arith::DivUIOp>(number, sizes[i]);
    }
    r.space[axes[i]] = {code.add(lows[i], position)};
  }
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

/// Of the part of shared memory that tiles of this shape use: two buffers with a chunk of each
/// operand, and, when the sum is over, what the splits have summed.
int64_t BlockTile::sharedElements() const {
  int64_t buffers = 2 * (rows.elements() + columns.elements());
  int64_t sums = splits * numDemands * rows.size() * columns.size();
  return std::max(buffers, sums);
}

Value BlockTile::shared(Value offset) {
  int64_t bytes = llvm::alignTo(sharedElements() * Code::byteSize(element), 16);
  Value base = code.atEntry([&]() -> Value {
    Code::Key key{"shared", reinterpret_cast<const void *>(bytes)};
    if (Value known = code.lookup(key))
      return known;
    Value address = code.make<device::SharedOp>(code.pointerType(), bytes, 0);
    code.remember(key, address);
    return address;
  });
  return code.address(base, element, offset);
}

Value BlockTile::bufferOf(const Side &side, Value number) {
  Value begin = code.mul(number, code.i64(rows.elements() + columns.elements()));
  return shared(&side == &rows ? begin : code.add(begin, code.i64(rows.elements())));
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

void BlockTile::run() {
  chooseThreads();
  measure(rows);
  measure(columns);
  Side all;
  all.axes = batches;
  measure(all);
  auto tilesAlong = [&](const Side &side) {
    return code.floorDiv(code.add(side.count, code.i64(side.size() - 1)), side.size());
  };
  rowTiles = tilesAlong(rows);
  columnTiles = tilesAlong(columns);
  chooseKept();
  explain();
  Value count = code.mul(code.mul(all.count, rowTiles), columnTiles);
  Value block = code.make<device::BlockOp>(), blocks = code.make<device::BlocksOp>();
  SmallVector<Value> counters;
  if (isKept)
    counters.push_back(code.i64(0));
  code.loopBy(
      block, count, blocks, counters, [&](Value number, ValueRange tiles) -> SmallVector<Value> {
        if (isKept)
          keptTile = tiles.front();
        firstColumn =
            code.mul(code.make<arith::RemUIOp>(number, columnTiles), code.i64(columns.size()));
        number = code.make<arith::DivUIOp>(number, columnTiles);
        firstRow = code.mul(code.make<arith::RemUIOp>(number, rowTiles), code.i64(rows.size()));
        decode(all.axes, all.lows, all.sizes, code.make<arith::DivUIOp>(number, rowTiles));
        // What an example does not have is no tile.
        Value exists;
        int64_t batch = e.shapes.batchAxis(r.dims);
        for (int64_t axis : batches)
          if (llvm::is_contained(batches, batch) && e.shapes.isRagged(r.dims[axis])) {
            Value size = e.shapes.own(r.dims[axis], r.space[batch].base);
            exists =
                code.logicalAnd(exists, code.compare(CmpIPredicate::slt, r.space[axis].base, size));
          }
        if (exists)
          code.ifThen(exists, [&] { tile(); });
        else
          tile();
        if (isKept)
          return {code.add(keptTile, code.i64(1))};
        return {};
      });
}

void BlockTile::tile() {
  rowCopies = copiesOf(rows);
  columnCopies = copiesOf(columns);
  Accumulators start(numSums(), code.number(element, 0));
  finish(ofAllChains(sum(outer, withChains(start))));
}

BlockTile::Accumulators BlockTile::sum(ArrayRef<int64_t> axes, Accumulators start) {
  if (axes.empty())
    return chunks(start);
  auto [low, high] = e.bounds(r.dims, axes.front(), r.space);
  return code.loop(low, high, 1, start, [&](Value position, ValueRange carried) {
    return r.at(axes.front(), {position, 0, {}, Code::isConstant(position, 0)},
                [&] { return sum(axes.drop_front(), llvm::to_vector(carried)); });
  });
}

/// A chunk is copied while the one before it is multiplied.
BlockTile::Accumulators BlockTile::chunks(Accumulators start) {
  auto [low, high] = e.bounds(r.dims, chunkAxis, r.space);
  Value first = low, end = high;
  SmallVector<Copy> before[] = {rowCopies, columnCopies};
  for (auto *some : {&rowCopies, &columnCopies})
    for (Copy &copy : *some)
      locate(copy);
  if (!outer.empty())
    barrier(code); // of the chunks before, which others may still multiply
  code.ifThen(code.compare(CmpIPredicate::slt, first, end),
              [&] { fillBuffers(code.i64(0), first, end); });
  Value count = code.floorDiv(code.add(code.sub(end, first), code.i64(chunk - 1)), chunk);
  Value zero = code.i64(0);
  Accumulators sums =
      code.loopBy(zero, count, code.i64(1), start, [&](Value number, ValueRange carried) {
        device::WaitOp::create(code.builder, code.loc, 0);
        barrier(code);
        Value buffer = code.floorMod(number, 2), other = code.sub(code.i64(1), buffer);
        Value next = code.add(first, code.mul(code.add(number, code.i64(1)), code.i64(chunk)));
        code.ifThen(code.compare(CmpIPredicate::slt, next, end),
                    [&] { fillBuffers(other, next, end); });
        Value columnBuffer = bufferOf(columns, buffer);
        if (isKept)
          columnBuffer = code.select(isKept, keptChunk(number), columnBuffer);
        Accumulators now = beginAnew(carried);
        Accumulators sums = multiply(bufferOf(rows, buffer), columnBuffer,
                                     Accumulators(ArrayRef(now).take_front(numSums())));
        llvm::copy(sums, now.begin());
        return now;
      });
  rowCopies = before[0];
  columnCopies = before[1];
  return sums;
}

//===----------------------------------------------------------------------===//
// What is stored
//===----------------------------------------------------------------------===//

void BlockTile::finish(ArrayRef<Value> sums) {
  barrier(code); // of the last chunk
  keep(sums);
  barrier(code);
  int64_t total = rows.size() * columns.size();
  code.loopBy(thread, code.i64(total), code.i64(e.machine.threadsPerBlock), {},
              [&](Value place, ValueRange) -> SmallVector<Value> {
                Value row = code.add(firstRow, code.floorDiv(place, columns.size()));
                Value column = code.add(firstColumn, code.floorMod(place, columns.size()));
                Value isInside =
                    code.logicalAnd(code.compare(CmpIPredicate::slt, row, rows.count),
                                    code.compare(CmpIPredicate::slt, column, columns.count));
                code.ifThen(isInside, [&] {
                  if (Value exists = isStored(row, column))
                    code.ifThen(exists, [&] { finishElement(place); });
                  else
                    finishElement(place);
                });
                return {};
              });
  barrier(code); // the shared memory is free for what comes next
}

/// Sets the positions of an element; the condition under which its example has it, or null.
Value BlockTile::isStored(Value row, Value column) {
  decode(rows.axes, rows.lows, rows.sizes, row);
  decode(columns.axes, columns.lows, columns.sizes, column);
  int64_t batch = e.shapes.batchAxis(r.dims);
  Value exists;
  for (int64_t axis = 0; axis < r.numStored; ++axis)
    if (batch >= 0 && batch < r.numStored && e.shapes.isRagged(r.dims[axis])) {
      Value size = e.shapes.own(r.dims[axis], r.space[batch].base);
      exists = code.logicalAnd(exists, code.compare(CmpIPredicate::slt, r.space[axis].base, size));
    }
  return exists;
}

/// Adds up what the splits have summed and stores what is computed of it.
void BlockTile::finishElement(Value place) {
  Value init = cast<ContractOp>(r.head).getInit();
  int64_t size = rows.size() * columns.size();
  for (int64_t demand = 0; demand < numDemands; ++demand) {
    Indices at = r.headIndices(0, 0, demand);
    Value sum = init ? e.emit(init, at) : Value();
    for (int64_t number = 0; number < splits; ++number) {
      Value offset = code.add(place, code.i64((number * numDemands + demand) * size));
      Value part = code.load(element, shared(offset));
      sum = sum ? code.make<arith::AddFOp>(sum, part) : part;
    }
    e.know(r.head->getResult(0), at, sum);
  }
  Indices at = r.rootIndices(0, 0);
  SmallVector<Value> elements;
  for (Value root : r.roots)
    elements.push_back(e.emit(root, at));
  for (auto [target, value] : llvm::zip_equal(r.targets, elements))
    e.store(target, at, value);
}
