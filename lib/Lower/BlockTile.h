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
  void chooseFragments();
  int64_t sharedElements() const;
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
  void fill(mlir::ArrayRef<Copy> copies, Value buffer, Value first, Value end);
  void fill(const Copy &copy, Value buffer, Value first, Value end);
  void fillBuffers(Value number, Value first, Value end);

  //===--- weights that stay in shared memory (TileKept.cpp) ---===//
  /// The columns' operand of a product in a persistent loop, if nothing in the loop changes it:
  /// each block keeps the parts that its tiles read, chunk by chunk as in a buffer, tile after
  /// tile.
  bool mayKeep() const;
  int64_t keptChunks() const;
  int64_t keptBytes() const;
  void chooseKept();
  void fillKept();
  Value keptChunk(Value number);

  //===--- products (TileSum.cpp) ---===//
  void chooseThreads();
  bool hasChains() const;
  Accumulators withChains(Accumulators start);
  Accumulators beginAnew(ValueRange carried);
  Accumulators ofAllChains(Accumulators carried);
  Accumulators multiply(Value rowBuffer, Value columnBuffer, ValueRange start);
  mlir::SmallVector<Value> factors(const Side &side, Value buffer, Value own, Value step,
                                   int64_t unrolled);
  void keep(mlir::ArrayRef<Value> sums);
  void keepOne(Value sum, Value row, Value column, int64_t demand);
  Value placeOf(Value row, Value column, int64_t demand);

  //===--- products of small matrices by warps (TileMatrix.cpp) ---===//
  /// How the warps of a split share its part of the tile: each has `rows` times `columns`
  /// fragments, the last of which differ in the demand as well.
  struct Fragments {
    enum Kind { None, Tf32, Bf16 } kind = None;
    int64_t rowWarps = 1, columnWarps = 1;
    int64_t rows = 1, columns = 1;
    llvm::StringRef name() const { return kind == Tf32 ? "tf32" : "bf16"; }
    int64_t inner() const { return kind == Tf32 ? 8 : 16; }
  };
  struct Lane {
    Value row, column; // of the warp, among those of its split
    Value group, rest; // of the thread in the warp: its number divided by 4
  };
  Lane laneOf();
  /// The demand of a warp's fragment, and where it begins among the columns.
  std::pair<int64_t, Value> columnsOf(const Lane &lane, int64_t fragment);
  Value rounded(Value number, bool isUpper);
  Value operandRegister(const Side &side, int64_t part, Value buffer, Value position, Value step,
                        int64_t further, int64_t later);
  Accumulators multiplyFragments(Value rowBuffer, Value columnBuffer, ValueRange start);
  void keepFragments(mlir::ArrayRef<Value> sums);
  int64_t numSums() const;

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
  Fragments fragments;

  // In the code that is being emitted.
  Value thread, split, rowThread, columnThread;
  Value rowTiles, columnTiles;
  Value firstRow, firstColumn; // of the tile
  mlir::SmallVector<Copy> rowCopies, columnCopies;
  Value isKept;   // whether the columns' operand stays in shared memory; null: it does not
  Value kept;     // where, from the block's first tile on
  Value keptTile; // the number of the present tile among the block's
};

} // namespace rondo

#endif // RONDO_LOWER_BLOCKTILE_H
