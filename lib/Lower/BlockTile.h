// Contractions by the blocks of a device.
//
// What is stored is cut into tiles, rows by columns by demands, which the blocks of the grid take
// in turn. Rows are all stored positions that one operand alone depends on, columns those of the
// other one, both numbered as one; other stored axes number batches of tiles. For each tile the sum
// is taken in chunks: both operands' parts are copied into shared memory, while the chunk before is
// multiplied from there, by each thread into a few registers. Where a tile has fewer elements than
// the block's threads could hold, groups of threads ("splits") each take a part of every chunk. In
// the end the registers go to shared memory, from where each thread takes elements, adds up the
// splits and computes what is stored of them; so the elementwise tail stands in the code once, and
// neighbouring threads store neighbouring elements.
//
// All barriers stand in loops and branches that are the same for all threads of a block: bounds
// come from the call and the number of the block alone.
#ifndef RONDO_LOWER_BLOCKTILE_H
#define RONDO_LOWER_BLOCKTILE_H

#include "Lower/Reduction.h"

namespace rondo {

class BlockTile {
public:
  explicit BlockTile(Reduction &reduction)
      : r(reduction), e(reduction.e), code(reduction.code), element(reduction.element) {}

  /// Whether tiles are right for this head and pay, and which (TileShape.cpp).
  bool choose();
  void explain() const; // Explain.cpp
  void run();

private:
  using Accumulators = mlir::SmallVector<Value>;

  /// One operand and the stored axes that it alone depends on.
  struct Side {
    int64_t operand = 0;
    mlir::SmallVector<int64_t> axes; // of the space; the last runs fastest
    mlir::SmallVector<Value> lows, sizes;
    Value count;         // positions in all
    int64_t threads = 1; // of a split, along this side
    int64_t each = 1;    // positions of a thread
    int64_t size() const { return threads * each; }

    /// The operand's parts that the demands read: for each a demand that reads it.
    mlir::SmallVector<int64_t> parts;
    mlir::SmallVector<int64_t> partOf; // by demand
    std::optional<View> view;
    /// In memory, steps of the sum lie side by side, and so they do in shared memory.
    bool alongSum = false;
    int64_t vector = 1; // elements of a copy
    int64_t stride = 0; // in shared memory, between positions or else between steps
    int64_t partSize = 0;
    int64_t elements() const { return partSize * static_cast<int64_t>(parts.size()); }
  };

  //===--- which tiles (TileShape.cpp) ---===//
  bool findSides();
  bool canJoin(int64_t axis) const;
  int64_t operandOf(int64_t axis) const;
  void findParts(Side &side);
  void chooseChunkAxis();
  bool chooseSize();
  void chooseLayout(Side &side);
  bool isContiguous(const Side &side) const;
  int64_t expected(DimAttr dim) const;
  int64_t expected(mlir::ArrayRef<int64_t> axes) const;

  //===--- tiles (BlockTile.cpp) ---===//
  void measure(Side &side);
  void decode(mlir::ArrayRef<int64_t> axes, mlir::ArrayRef<Value> lows, mlir::ArrayRef<Value> sizes,
              Value number);
  void tile();
  Accumulators sum(mlir::ArrayRef<int64_t> axes, Accumulators start);
  Accumulators chunks(Accumulators start);
  void finish(mlir::ArrayRef<Value> sums);
  void finishElement(Value place);
  Value isStored(Value row, Value column);
  Value shared(Value offset);
  Value bufferOf(const Side &side, Value number);

  //===--- copies into shared memory (TileCopy.cpp) ---===//
  /// One of the copies that a thread makes of every chunk: where to, and what is known of where
  /// from before the chunk is.
  struct Copy {
    const Side *side;
    int64_t part;
    Value exists;                     // whether the thread makes it; null: it does
    Value position;                   // of the side, within the tile
    Value step;                       // within the chunk
    Value to;                         // offset in shared memory, of the part's chunk
    Value valid;                      // whether there is such a position; null: there is
    Value from;                       // offset in the view, apart from the step's
    mlir::SmallVector<Index> indices; // of the side's axes
  };
  mlir::SmallVector<Copy> copiesOf(const Side &side);
  void locate(Copy &copy);
  void place(Copy &copy);
  Indices operandIndices(const Copy &copy, Index step);
  Value isWithin(const Side &side, mlir::ArrayRef<Index> indices);
  void fill(Value number, Value first, Value end);
  void fill(const Copy &copy, Value number, Value first, Value end);

  //===--- products (TileSum.cpp) ---===//
  void chooseThreads();
  Accumulators multiply(Value number, ValueRange start);
  mlir::SmallVector<Value> factors(const Side &side, Value buffer, Value own, Value step,
                                   int64_t unrolled);
  void keep(mlir::ArrayRef<Value> sums);
  Value placeOf(Value row, Value column, int64_t demand);

  Reduction &r;
  Emitter &e;
  Code &code;
  Type element;

  Side rows, columns;
  mlir::SmallVector<int64_t> batches; // axes of the space
  mlir::SmallVector<int64_t> outer;   // summed axes around the chunks
  int64_t chunkAxis = -1;
  int64_t splits = 1, chunk = 16; // steps of a chunk, of all splits
  int64_t numDemands = 1;

  // In the code that is being emitted.
  Value thread, split, rowThread, columnThread;
  Value firstRow, firstColumn; // of the tile
  mlir::SmallVector<Copy> copies;
};

} // namespace rondo

#endif // RONDO_LOWER_BLOCKTILE_H
