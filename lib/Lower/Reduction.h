// Loops for contractions and reductions.
//
// The loops are those that the group's `nest.loops` says (dialects/Nest, lib/Tile): nothing is
// decided here. A tile has `rows` positions times `columns` vectors of accumulators for each
// demand; they are values carried by the loops and never touch memory.
#ifndef RONDO_LOWER_REDUCTION_H
#define RONDO_LOWER_REDUCTION_H

#include "Lower/Emitter.h"
#include "Nest/Nest.h"
#include "Tile/HeadSpace.h"
#include "llvm/Support/SaveAndRestore.h"

namespace rondo {

class Reduction : HeadSpace {
public:
  Reduction(Emitter &emitter, HeadSpace of, mlir::ArrayRef<Target> targets);
  /// On a CPU, by these loops.
  void run(LoopsAttr loops);
  /// On a device.
  void runOnDevice();

private:
  friend class BlockTile;

  struct Tile {
    int64_t rows = 1, columns = 1, width = 1;
    mlir::SmallVector<Value> masks; // one per column; null: all lanes
  };
  using Accumulators = mlir::SmallVector<Value>;

  void bind(LoopsAttr loops);
  int64_t tileRows(int64_t columns) const;

  //===--- devices (Threads.cpp, Warps.cpp) ---===//
  void threads();
  bool byWarps();
  int64_t axisOfWarp() const;
  void outer();
  void wideRow();
  void columns(const std::function<void(Tile)> &body);
  void rows(Tile tile);
  //===--- sums over memory (Blocks.cpp) ---===//
  void bindBlocks();
  void overMemory(const std::function<void()> &body);
  std::pair<Value, Value> summedBounds(int64_t axis);
  void fillPanel(const Tile &tile);
  Value panelAddress(int64_t column);
  void addBlock(const Tile &tile, mlir::ArrayRef<Value> sums);
  void addGroup(Value isFirst, bool isLast);
  //===--- sums of many terms (Chains.cpp) ---===//
  void chooseChains(int64_t numAccumulators);
  int64_t positionsPerStep(int64_t axis, int64_t numAccumulators) const;
  Accumulators withChains(Accumulators start);
  Accumulators sumInChains(int64_t count, Value low, Value high, Accumulators start,
                           const std::function<Accumulators(Value, Value, Accumulators)> &inside);
  Accumulators beginAnew(int64_t count, Value isFull, ValueRange carried);
  Accumulators ofAllChains(int64_t count, Accumulators carried);
  void addToChains(mlir::ArrayRef<Value> sums, Value chains);
  Value chainPlace(int64_t count, int64_t part, Value number, Type type);
  int64_t dotChains(int64_t numAccumulators) const;
  void compute(const Tile &tile);
  void finish(const Tile &tile, mlir::ArrayRef<Value> sums);
  void finishByRows(const Tile &tile, mlir::ArrayRef<Value> sums);
  Accumulators sum(const Tile &tile, mlir::ArrayRef<int64_t> axes, Accumulators start);
  Accumulators sum(const Tile &tile, mlir::ArrayRef<int64_t> axes, Value low, Value high,
                   Accumulators start);
  Accumulators step(const Tile &tile, ValueRange carried, Value laneMask);
  Value combine(Value a, Value b);
  Value identity(Type type);
  Value fold(Value vector);
  MulOp summedProduct(mlir::Value operand);
  Value contribution(int64_t row, int64_t column, int64_t demand, Value carried);
  Value combined(int64_t row, int64_t column, int64_t demand, Value carried);
  /// `body` with a position along an axis of the space, which it has until then.
  template <typename Body> auto at(int64_t axis, Index index, Body body) {
    llvm::SaveAndRestore<Index> inside(space[axis], index);
    return body();
  }
  Index placed(const Position &position, int64_t row, int64_t column);
  Indices headIndices(int64_t row, int64_t column, int64_t demand);
  Indices rootIndices(int64_t row, int64_t column);
  Value validity(int64_t row, int64_t column);

  Emitter &e;
  Code &code;
  mlir::SmallVector<Target> targets;

  // The loops, by axes of the space; -1: there is none.
  mlir::SmallVector<int64_t> before, after; // around the columns, and within them
  int64_t vectorAxis = -1;                  // a summed one in the dot form
  int64_t rowAxis = -1;
  int64_t width = 1, maxColumns = 1;  // of a tile's columns
  int64_t maxRows = 1, aloneRows = 1; // of a tile; of one that is a single vector
  bool finishesByRows = false;        // the epilogue, in a loop
  bool isWide = false;                // a single row has twice the columns
  int64_t blockSize = 0;              // steps of a block
  int64_t panelOperand = -1;

  int64_t blockedAxis = -1;      // the summed axis that is cut into blocks
  int64_t innerAxis = -1;        // the other one, if there is exactly one more
  std::pair<Value, Value> block; // the present part of `blockedAxis`
  std::pair<Value, Value> inner; // and of `innerAxis`
  bool blockIsChain = false;     // whether no block has more steps than a chain
  Value firstBlock;              // whether the block is the first, which writes; null: it adds
  int64_t chainAxis = -1;        // the summed axis along which chains of terms are cut, or -1
  int64_t chainSteps = 0;        // steps of a chain, those of one position of the axes inside, and
  int64_t stepsWithin = 1, positionsOfStep = 1; // positions along the axis that are one step
  int64_t axisOfLanes = -1, lanesOfSum = 1; // the axis that a device's warp shares, and by how many
  Value panel;                              // a block of the vector operand's columns, or null
  Value panelStep;                          // the step of the sum that is being computed

  /// Positions along the axes of the loops around what is being emitted. An axis whose loop is not
  /// among them has none: a bound that depended on one would be of an element that is past.
  Indices space;
};

} // namespace rondo

#endif // RONDO_LOWER_REDUCTION_H
