// Products by a device's units for small matrices: the warps of a split share its rows and columns,
// and each takes fragments of 16 by 8 (device.mma). Operands are rounded, to nearest, where they
// are read from shared memory, so that they can be copied there asynchronously as they are.
//
// Errors: a product's operands are each off by at most 2^-11 (tf32) or 2^-8 (bf16) of themselves,
// the sum by as much of the sum of the products' magnitudes, twice. Sums are f32.
#include "Device/Device.h"
#include "Lower/BlockTile.h"

using namespace mlir;
using namespace rondo;

static constexpr int64_t warp = 32, fragmentRows = 16, fragmentColumns = 8;

/// Whether warps may multiply the tile, and which part each has.
void BlockTile::chooseFragments() {
  int64_t warps = e.machine.threadsPerBlock / warp / splits;
  bool isWhole = rows.size() % fragmentRows == 0 && columns.size() % fragmentColumns == 0;
  if (e.machine.products == TargetDescription::F32 || !element.isF32() || warps < 1 || !isWhole)
    return;
  int64_t numRows = rows.size() / fragmentRows, numColumns = columns.size() / fragmentColumns;
  int64_t rowWarps = std::min(numRows, warps), columnWarps = warps / rowWarps;
  if (numRows % rowWarps != 0 || numColumns % columnWarps != 0)
    return;
  fragments.kind =
      e.machine.products == TargetDescription::TF32 ? Fragments::Tf32 : Fragments::Bf16;
  fragments.rowWarps = rowWarps;
  fragments.columnWarps = columnWarps;
  fragments.rows = numRows / rowWarps;
  fragments.columns = numDemands * numColumns / columnWarps;
  chunk = std::max(chunk, splits * fragments.inner());
}

int64_t BlockTile::numSums() const {
  return fragments.kind == Fragments::None ? rows.each * columns.each * numDemands
                                           : 4 * fragments.rows * fragments.columns;
}

BlockTile::Lane BlockTile::laneOf() {
  Value number =
      code.floorMod(code.floorDiv(thread, warp), e.machine.threadsPerBlock / warp / splits);
  Value own = code.floorMod(thread, warp);
  return {code.floorDiv(number, fragments.columnWarps),
          code.floorMod(number, fragments.columnWarps), code.floorDiv(own, 4),
          code.floorMod(own, 4)};
}

std::pair<int64_t, Value> BlockTile::columnsOf(const Lane &lane, int64_t fragment) {
  int64_t perDemand = fragments.columns / numDemands;
  Value begin = code.mul(lane.column, code.i64(fragmentColumns));
  int64_t further = fragment % perDemand * fragments.columnWarps * fragmentColumns;
  return {fragment / perDemand, code.add(begin, code.i64(further))};
}

/// The bits of a number, rounded: tf32's, or bf16's in the lower or upper half of a register. What
/// is no number stays none, which adding to its bits might change.
Value BlockTile::rounded(Value number, bool isUpper) {
  Type type = code.builder.getI32Type();
  auto word = [&](int64_t value) { return code.integer(type, value); };
  Value bits = code.make<arith::BitcastOp>(type, number);
  Value isNumber = code.make<arith::CmpFOp>(arith::CmpFPredicate::ORD, number, number);
  if (fragments.kind == Fragments::Tf32) {
    // Halves away from zero, as cvt.rna has it; nobody looks at the bits behind.
    Value near = code.make<arith::AddIOp>(bits, word(0x1000));
    return code.select(isNumber, near, word(0x7fc00000));
  }
  Value last = code.make<arith::AndIOp>(code.make<arith::ShRUIOp>(bits, word(16)), word(1));
  Value half = code.make<arith::AddIOp>(last, word(0x7fff));
  Value near = code.select(isNumber, code.make<arith::AddIOp>(bits, half), word(0x7fc00000));
  return isUpper ? code.make<arith::AndIOp>(near, word(static_cast<int32_t>(0xffff0000)))
                 : code.make<arith::ShRUIOp>(near, word(16));
}

/// One register of a fragment: the element of a position and a step, or with bf16 those of two
/// steps; `further` positions and `later` steps on.
Value BlockTile::operandRegister(const Side &side, int64_t part, Value buffer, Value position,
                                 Value step, int64_t further, int64_t later) {
  int64_t ofPosition = side.alongSum ? side.stride : 1, ofStep = side.alongSum ? 1 : side.stride;
  Value base = code.add(code.mul(position, code.i64(ofPosition)), code.mul(step, code.i64(ofStep)));
  auto at = [&](int64_t more) {
    int64_t offset = part * side.partSize + further * ofPosition + (later + more) * ofStep;
    return code.load(element, code.address(buffer, element, code.add(base, code.i64(offset))));
  };
  if (fragments.kind == Fragments::Tf32)
    return rounded(at(0), false);
  return code.make<arith::OrIOp>(rounded(at(0), false), rounded(at(1), true));
}

/// The accumulators are row by row, column by column, four numbers each.
BlockTile::Accumulators BlockTile::multiplyFragments(Value rowBuffer, Value columnBuffer,
                                                     ValueRange start) {
  Lane lane = laneOf();
  int64_t own = chunk / splits, inner = fragments.inner(), half = inner / 2;
  // A thread's first step; bf16 has two of them side by side.
  int64_t each = fragments.kind == Fragments::Tf32 ? 1 : 2;
  Value first = code.add(code.mul(split, code.i64(own)), code.mul(lane.rest, code.i64(each)));
  auto body = [&](Value position, ValueRange carried) {
    Accumulators sums(carried);
    Value step = code.add(first, position);
    SmallVector<SmallVector<Value>> a(fragments.rows * rows.parts.size());
    for (int64_t row = 0; row < fragments.rows; ++row)
      for (size_t part = 0; part < rows.parts.size(); ++part) {
        int64_t begin = row * fragments.rowWarps * fragmentRows;
        Value at = code.add(code.mul(lane.row, code.i64(fragmentRows)), lane.group);
        for (int64_t index = 0; index < 4; ++index)
          a[row * rows.parts.size() + part].push_back(
              operandRegister(rows, static_cast<int64_t>(part), rowBuffer, at, step,
                              begin + index % 2 * 8, index / 2 * half));
      }
    for (int64_t column = 0; column < fragments.columns; ++column) {
      auto [demand, begin] = columnsOf(lane, column);
      SmallVector<Value> b;
      for (int64_t index = 0; index < 2; ++index)
        b.push_back(operandRegister(columns, columns.partOf[demand], columnBuffer,
                                    code.add(begin, lane.group), step, 0, index * half));
      for (int64_t row = 0; row < fragments.rows; ++row) {
        auto &left = a[row * rows.parts.size() + rows.partOf[demand]];
        Value *sum = &sums[(row * fragments.columns + column) * 4];
        auto product =
            device::MmaOp::create(code.builder, code.loc, fragments.name(), left[0], left[1],
                                  left[2], left[3], b[0], b[1], sum[0], sum[1], sum[2], sum[3]);
        llvm::copy(product->getResults(), sum);
      }
    }
    return sums;
  };
  return code.loop(code.i64(0), code.i64(own), inner, start, body);
}

void BlockTile::keepFragments(ArrayRef<Value> sums) {
  Lane lane = laneOf();
  const Value *sum = sums.begin();
  for (int64_t row = 0; row < fragments.rows; ++row)
    for (int64_t column = 0; column < fragments.columns; ++column) {
      auto [demand, begin] = columnsOf(lane, column);
      Value firstRow = code.add(code.mul(lane.row, code.i64(fragmentRows)), lane.group);
      Value firstColumn = code.add(begin, code.mul(lane.rest, code.i64(2)));
      for (int64_t index = 0; index < 4; ++index, ++sum)
        keepOne(
            *sum,
            code.add(firstRow, code.i64(row * fragments.rowWarps * fragmentRows + index / 2 * 8)),
            code.add(firstColumn, code.i64(index % 2)), demand);
    }
}
