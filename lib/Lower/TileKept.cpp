// Weights that stay in shared memory for all steps of a loop that is one kernel.
//
// A block takes the same tiles at every step: they are numbered column by column first, so that
// when fewer rows are left the last tiles are no more, and the others keep their numbers. So at the
// first step each block copies what its tiles, of all rows there will be, read of the weights, if
// that fits in what is left of its shared memory; how much that is, and how many blocks there are,
// is known at run time only. Later steps read it there instead of from a buffer: the address is
// all that differs.
#include "Device/Device.h"
#include "Lower/BlockTile.h"

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

/// Whether a value is the same in all steps: stored outside, and read by moving elements alone.
static bool isInvariant(Value value, ScanOp scan) {
  if (!scan.getBody().isAncestor(value.getParentRegion()))
    return true;
  Operation *op = value.getDefiningOp();
  return op && isa<TransposeOp, BroadcastOp, SliceOp, ReshapeOp, StopGradientOp>(op) &&
         isInvariant(op->getOperand(0), scan);
}

bool BlockTile::mayKeep() const {
  if (!e.persistent || r.head->getParentOfType<ScanOp>() != e.persistent->scan ||
      !batches.empty() || !columns.view)
    return false;
  Value operand = r.head->getOperand(columns.operand);
  auto isConstant = [](DimAttr dim) { return dim.isConstant(); };
  return llvm::all_of(arrayType(operand).getDims(), isConstant) &&
         llvm::all_of(ArrayRef(r.dims).drop_front(r.numStored), isConstant) &&
         isInvariant(operand, e.persistent->scan);
}

/// Chunks of the whole sum.
int64_t BlockTile::keptChunks() const {
  int64_t count = llvm::divideCeil(r.dims[chunkAxis].getConstant(), chunk);
  for (int64_t axis : outer)
    count *= r.dims[axis].getConstant();
  return count;
}

/// Bytes of one tile's columns.
int64_t BlockTile::keptBytes() const {
  return keptChunks() * columns.elements() * Code::byteSize(element);
}

void BlockTile::chooseKept() {
  if (!mayKeep())
    return;
  Code::Key pointerKey{"rest"}, bytesKey{"rest's bytes"};
  Value bytes;
  kept = code.atEntry([&]() -> Value {
    if (!code.lookup(pointerKey)) {
      auto rest =
          device::SharedRestOp::create(code.builder, code.loc, code.pointerType(), code.i64Type());
      code.remember(pointerKey, rest.getAddress());
      code.remember(bytesKey, rest.getBytes());
    }
    bytes = code.lookup(bytesKey);
    return code.lookup(pointerKey);
  });
  // The tiles of all rows, of which this step may have fewer.
  Value before = std::exchange(e.rowEnd, e.persistent->rowEnd);
  Side all = rows;
  all.lows.clear();
  all.sizes.clear();
  measure(all);
  e.rowEnd = before;
  Value count = code.floorDiv(code.add(all.count, code.i64(rows.size() - 1)), rows.size());
  Value tiles = code.mul(count, columnTiles), blocks = code.make<device::BlocksOp>();
  Value own = code.make<arith::CeilDivSIOp>(tiles, blocks);
  Value end = code.add(e.persistent->used, code.mul(own, code.i64(keptBytes())));
  isKept = code.compare(CmpIPredicate::sle, end, bytes);
  kept = code.address(kept, code.builder.getI8Type(), e.persistent->used);
  e.persistent->used = code.select(isKept, end, e.persistent->used);
  Value isNow = code.logicalAnd(isKept, e.persistent->isFirst);
  code.ifThen(isNow, [&] {
    Value block = code.make<device::BlockOp>(), step = code.make<device::BlocksOp>();
    code.loopBy(block, tiles, step, {code.i64(0)}, [&](Value number, ValueRange carried) {
      keptTile = carried.front();
      Value column = code.make<arith::RemUIOp>(number, columnTiles);
      firstColumn = code.mul(column, code.i64(columns.size()));
      fillKept();
      return SmallVector<Value>{code.add(keptTile, code.i64(1))};
    });
    device::CommitOp::create(code.builder, code.loc);
    device::WaitOp::create(code.builder, code.loc, 0);
    device::BarrierOp::create(code.builder, code.loc);
  });
}

void BlockTile::fillKept() {
  columnCopies = copiesOf(columns);
  std::function<void(ArrayRef<int64_t>)> fillFrom = [&](ArrayRef<int64_t> axes) {
    auto [low, high] = e.bounds(r.dims, axes.empty() ? chunkAxis : axes.front(), r.space);
    if (!axes.empty())
      return code.loop(low, high, 1, [&](Value position) {
        r.space[axes.front()] = {position, 0, {}, Code::isConstant(position, 0)};
        fillFrom(axes.drop_front());
      });
    SmallVector<Copy> before = columnCopies;
    for (Copy &copy : columnCopies)
      locate(copy);
    int64_t count = llvm::divideCeil(r.dims[chunkAxis].getConstant(), chunk);
    Value end = high;
    code.loop(code.i64(0), code.i64(count), 1, [&](Value number) {
      fill(columnCopies, keptChunk(number), code.mul(number, code.i64(chunk)), end);
    });
    columnCopies = before;
  };
  fillFrom(outer);
}

/// Where a chunk of the present tile and the present positions of outer sums is kept.
Value BlockTile::keptChunk(Value number) {
  Value chunks = code.i64(0);
  for (int64_t axis : outer)
    chunks = code.add(code.mul(chunks, code.i64(r.dims[axis].getConstant())), r.space[axis].base);
  int64_t perSum = llvm::divideCeil(r.dims[chunkAxis].getConstant(), chunk);
  chunks = code.add(code.mul(chunks, code.i64(perSum)), number);
  Value offset = code.add(code.mul(keptTile, code.i64(keptChunks() * columns.elements())),
                          code.mul(chunks, code.i64(columns.elements())));
  return code.address(kept, element, offset);
}
