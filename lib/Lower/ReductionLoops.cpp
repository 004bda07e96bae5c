// The loops over what is stored, tile by tile, as `nest.loops` says.
#include "Lower/BlockTile.h"
#include "Lower/Reduction.h"
#include <numeric>

using namespace mlir;
using namespace rondo;
using arith::CmpIPredicate;

void Reduction::bind(LoopsAttr loops) {
  summed.clear();
  for (const Loop &loop : loops.getLoops()) {
    if (loop.mapping == Loop::Lanes) {
      vectorAxis = loop.axis;
      width = loop.size;
      maxColumns = loop.count;
    } else if (loop.mapping == Loop::Rows) {
      rowAxis = loop.axis;
      maxRows = loop.size;
      aloneRows = loop.count;
    } else if (!loop.isSummed) {
      (vectorAxis < 0 ? before : after).push_back(loop.axis);
    }
    if (loop.isSummed)
      summed.push_back(loop.axis);
  }
  finishesByRows = loops.getByRows();
  isWide = loops.getWide();
  panelOperand = loops.getPanel();
  blockSize = loops.getBlocks();
}

void Reduction::run(LoopsAttr loops) {
  bind(loops);
  if (blockSize == 0)
    return outer();
  bindBlocks();
  overMemory([&] { outer(); });
}

void Reduction::runOnDevice() {
  if (BlockTile tile(*this); tile.choose())
    tile.run();
  else
    threads();
}

void Reduction::outer() {
  auto some = [&] {
    columns([&](Tile tile) {
      if (panel)
        fillPanel(tile);
      e.loops(dims, after, space, [&] { rows(tile); });
    });
  };
  e.loops(dims, before, space, [&] {
    if (!isWide)
      return some();
    auto [low, high] = e.bounds(dims, rowAxis, space);
    Value first = low, size = code.sub(high, low), one = code.i64(1);
    code.ifThen(code.compare(CmpIPredicate::eq, size, one),
                [&] { at(rowAxis, {first}, [&] { wideRow(); }); });
    code.ifThen(code.compare(CmpIPredicate::ne, size, one), some);
  });
}

/// One row, with the columns of a product that has no rows.
void Reduction::wideRow() {
  llvm::SaveAndRestore<int64_t> wide(maxColumns, 2 * maxColumns);
  columns([&](Tile tile) { e.loops(dims, after, space, [&] { compute(tile); }); });
}

int64_t Reduction::tileRows(int64_t columns) const {
  return columns * static_cast<int64_t>(demands.size()) == 1 ? aloneRows : maxRows;
}

void Reduction::columns(const std::function<void(Tile)> &body) {
  if (vectorAxis < 0 || vectorAxis >= numStored) {
    Tile tile;
    tile.width = width;
    tile.masks.assign(1, Value());
    return body(tile);
  }
  auto [low, high] = e.bounds(dims, vectorAxis, space);
  int64_t divisor = e.divisorOfBounds(dims, vectorAxis);
  bool isAligned = divisor % width == 0;
  auto tiles = [&](Value from, Value to, int64_t count, int64_t lanes, bool masked) {
    code.loop(from, to, count * lanes, [&](Value position) {
      Tile tile;
      tile.columns = count;
      tile.width = lanes;
      tile.masks.assign(count, Value());
      if (masked) // only the last column can be partial
        tile.masks.back() =
            code.maskBelow(code.add(position, code.i64((count - 1) * lanes)), to, lanes);
      at(vectorAxis, {position, lanes > 1 ? 1 : 0, {}, isAligned || lanes == 1},
         [&] { body(tile); });
    });
  };
  Value size = code.sub(high, low);
  if (std::optional<int64_t> known = Code::constant(size)) {
    int64_t block = maxColumns * width, whole = *known / block * block, rest = *known - whole;
    Value middle = code.add(low, code.i64(whole));
    tiles(low, middle, maxColumns, width, false);
    if (rest == 0)
      return;
    if (e.machine.masks || rest % width == 0)
      return tiles(middle, high, (rest + width - 1) / width, width, rest % width != 0);
    Value vectors = code.add(middle, code.i64(rest / width * width));
    tiles(middle, vectors, std::max<int64_t>(1, rest / width), width, false);
    return tiles(vectors, high, 1, 1, false);
  }
  // What divides a shared dim and the shares of it divides this share.
  if (dims[vectorAxis].isConstant())
    divisor = std::gcd(divisor, dims[vectorAxis].getConstant());
  else
    divisor = 1;
  Value middle = code.sub(high, code.floorMod(size, maxColumns * width));
  if (divisor % (maxColumns * width) == 0)
    return tiles(low, high, maxColumns, width, false);
  tiles(low, middle, maxColumns, width, false);
  if (e.machine.masks && divisor % width != 0) {
    // What is left is one tile, so that a single row keeps as many sums as there are vectors.
    for (int64_t count = maxColumns; count > 0; --count) {
      Value least = code.add(middle, code.i64((count - 1) * width));
      Value most = code.add(middle, code.i64(count * width));
      Value fits = code.logicalAnd(code.compare(CmpIPredicate::slt, least, high),
                                   code.compare(CmpIPredicate::sle, high, most));
      code.ifThen(fits, [&] { tiles(middle, high, count, width, true); });
    }
    return;
  }
  // Whole vectors: half a tile, a quarter, down to what divides the rest; else one by one.
  int64_t unit = divisor % width == 0 ? std::gcd(divisor, maxColumns * width) : width;
  for (int64_t count = e.machine.masks ? maxColumns / 2 : 1; count > 0; count /= 2) {
    bool isLast = divisor % width == 0 && unit % (count * width) == 0;
    Value next =
        isLast ? high : code.sub(high, code.floorMod(code.sub(high, middle), count * width));
    tiles(middle, next, count, width, false);
    middle = next;
    if (isLast)
      return;
  }
  tiles(middle, high, 1, 1, false);
}

/// Whole tiles, and tiles of 3 and 2 rows for what is left: with four vectors those still have the
/// chains that keep the multipliers busy, and a single row, which has not, is only ever taken
/// alone: 7 rows are 3, 2 and 2, not 6 and 1. What only checks takes what is left row by row: it
/// may be slow, and each kind of tile is code.
void Reduction::rows(Tile tile) {
  if (rowAxis < 0)
    return compute(tile);
  auto [low, high] = e.bounds(dims, rowAxis, space);
  Value from = low;
  auto tiles = [&](Value to, int64_t count) {
    code.loop(from, to, count, [&](Value position) {
      tile.rows = count;
      at(rowAxis, {position}, [&] { compute(tile); });
    });
    from = to;
  };
  int64_t most = tileRows(tile.columns);
  Value size = code.sub(high, low), rest = code.floorMod(size, most);
  if (tile.columns * static_cast<int64_t>(demands.size()) >= 4) {
    Value isOne = code.logicalAnd(code.compare(CmpIPredicate::eq, rest, code.i64(1)),
                                  code.compare(CmpIPredicate::sgt, size, code.i64(most)));
    rest = code.select(isOne, code.i64(most + 1), rest);
  }
  tiles(code.sub(high, rest), most);
  bool isCheck = e.machine.elementScale > 1;
  if (most > 3 && !isCheck) { // as many threes as leave an even number
    Value even = code.mul(code.floorMod(code.mul(rest, code.i64(2)), 3), code.i64(2));
    tiles(code.add(from, code.max(code.sub(rest, even), code.i64(0))), 3);
  }
  if (most > 2 && !isCheck)
    tiles(code.sub(high, code.floorMod(code.sub(high, from), 2)), 2);
  if (most > 1)
    tiles(high, 1);
}
