// Emits rondo ops as loops over vectors.
//
// Values are *pulled*: `emit(value, indices)` gives a value's element (or one per lane) at a
// position, by reading storage where the value has any and by computing it from its operands where
// it has not. Movement ops become index arithmetic, elementwise ops arithmetic on registers, so a
// group of any shape is one nest of loops over what it stores. Contractions, reductions and the
// like (heads) are computed by their own loops; what they computed at a position is then known to
// `emit`, so the elementwise tail of a group works on the accumulators.
#ifndef RONDO_LOWER_EMITTER_H
#define RONDO_LOWER_EMITTER_H

#include "Lower/Shapes.h"
#include "Rondo/Reshape.h"
#include "Tile/HeadSpace.h"

namespace rondo {

/// Strided storage: the element at i is pointer[offset + sum i[k] * strides[k]].
struct View {
  Value pointer;
  Type element;
  mlir::SmallVector<Value> strides;
  Value offset;
  /// Where what additions have lost is kept, position by position (Plan/Rests.h); null: nowhere.
  std::shared_ptr<const View> rest = {};
};

enum class StoreMode { Write, Add };

/// Where a value is stored, and whether it replaces or is added to what is there.
struct Target {
  View view;
  StoreMode mode = StoreMode::Write;
  /// Further places that get the same.
  mlir::SmallVector<View, 0> also = {};
  /// Of a sum by blocks, those of earlier groups of blocks and what these have lost, one after the
  /// other along an axis before the others (Blocks.cpp).
  std::optional<View> earlier = {};
};

class Emitter {
public:
  Emitter(Code &code, Shapes &shapes, const TargetDescription &machine, mlir::func::FuncOp function)
      : code(code), shapes(shapes), machine(machine), function(function), views(function) {}

  /// Where a slice argument of a scan comes from.
  struct SliceSource {
    Value array;
    int64_t axis;
    Value position;
    bool isSegment = false; // all positions from this one on, not just it
  };

  //===--- what values are (Emitter.cpp) ---===//
  void bind(Value value, Target target) { storage[value] = std::move(target); }
  void bindSlice(Value argument, SliceSource source) { slices[argument] = source; }
  void bindScalar(Value value, Value scalar) { scalars[value] = scalar; }
  Target targetOf(Value value) { return storage.lookup(value); }
  bool isBound(Value value) { return storage.count(value); }
  /// The storage of a value, through ops that only move elements; none if it has to be computed.
  std::optional<View> viewOf(Value value);
  Value withinAxis(SliceOp op, Value offset, llvm::function_ref<Value(DimAttr)> size);
  View denseView(Value pointer, ArrayType type);
  /// `view` at one position of an axis.
  View dropAxis(View view, int64_t axis, Value position);
  View insertAxis(View view, int64_t axis, Value stride);
  /// `view` from a position of an axis on.
  View from(View view, int64_t axis, Value position);
  /// `view` with a rest at this pointer.
  View withRest(View view, Value pointer, ArrayType type);
  static bool isSame(const View &a, const View &b);

  //===--- elements (Emitter.cpp, EmitElementwise.cpp, EmitMovement.cpp, EmitRandom.cpp) ---===//
  Value emit(Value value, mlir::ArrayRef<Index> indices);
  /// Makes `emit` give `element` for the value at these indices.
  void know(Value value, mlir::ArrayRef<Index> indices, Value element);
  Value load(const View &view, mlir::ArrayRef<Index> indices);
  void store(const Target &target, mlir::ArrayRef<Index> indices, Value element);

  //===--- statements ---===//
  /// Computes and stores what a statement does (Heads.cpp, Nest.cpp, Reduction.cpp).
  void group(mlir::Operation *op, mlir::ArrayRef<Target> targets);
  /// Copies any value (a view, a constant, an expression) into storage (Nest.cpp).
  void copy(Value value, const Target &target);
  void fill(ArrayType type, double value, const Target &target);
  /// Fills where a value is stored, and its rest, with zeros.
  void clear(Value value, const Target &target);
  void check(CheckOp op, int64_t number, Value failure);
  /// Runs over the rows that these dims number, at most `count` of them at a time along one of the
  /// axes: within `body`, groups are computed for them alone. `body` is given this axis and the
  /// first position.
  void rows(mlir::ArrayRef<DimAttr> dims, int64_t count,
            const std::function<void(int64_t, Value)> &body);
  /// The examples that take part: [begin, end).
  Value rowBegin, rowEnd;
  /// The axis of what is stored that the workers share, or -1.
  int64_t sharedAxis = -1;
  /// Whether the threads of a device share what is stored, element by element: all of the grid, or
  /// those of a block, where rows are computed.
  bool isSpread = false, isInBlock = false;
  /// Runs over the rows that these dims number, each computed by the threads of one block
  /// (Threads.cpp). All of them come to `body` together.
  void rowsByBlocks(mlir::ArrayRef<DimAttr> dims, const std::function<void()> &body);

  /// The loop that is one kernel, whose step is being emitted.
  struct Persistent {
    ScanOp scan;
    Value isFirst; // whether the step is
    Value rowEnd;  // of all steps
    Value used;    // bytes of a block's shared memory that are kept for all steps
  };
  std::optional<Persistent> persistent;

  mlir::LogicalResult result = mlir::success();
  Code &code;
  Shapes &shapes;
  const TargetDescription &machine;

private:
  //===--- lanes ---===//
  struct Lanes {
    int64_t width = 1;
    Value mask; // of `width`; null: all
  };
  template <typename Body> void withLanes(Lanes inner, Body body) {
    std::swap(lanes, inner);
    body();
    std::swap(lanes, inner);
  }
  Type typeOf(Type element) {
    return lanes.width == 1 ? element : Type(Code::vectorOf(lanes.width, element));
  }
  Value spread(Value value) { return code.broadcast(value, lanes.width); }
  Value asValue(const Index &index);
  Index asIndex(Value value);
  Index shift(const Index &index, Value by);
  Index scale(const Index &index, int64_t by);
  Index constantIndex(int64_t value) { return {code.i64(value), 0, {}, value == 0}; }
  Code::Key keyOf(Value value, mlir::ArrayRef<Index> indices);

  //===--- elements ---===//
  Value compute(Value value, mlir::ArrayRef<Index> indices);
  Value elementwise(mlir::Operation *op, mlir::ArrayRef<Index> indices);
  Value arithmetic(mlir::Operation *op, mlir::ArrayRef<Value> operands);
  Value convert(Value value, Type to);
  Value integerDivision(Value x, Value y, bool remainder);
  Value constantElement(ConstantOp op, mlir::ArrayRef<Index> indices);
  Value random(RandomOp op, mlir::ArrayRef<Index> indices);
  Value slice(SliceOp op, mlir::ArrayRef<Index> indices);
  Value pad(PadOp op, mlir::ArrayRef<Index> indices);
  Value concat(ConcatOp op, mlir::ArrayRef<Index> indices);
  Value gather(GatherOp op, mlir::ArrayRef<Index> indices);
  Indices reshapeIndices(ReshapeOp op, mlir::ArrayRef<Index> indices);
  void reshapePart(const ReshapePart &part, ReshapeOp op, Indices &inner,
                   mlir::ArrayRef<Index> indices);
  /// `inside()` where the condition holds, zero elsewhere; nothing is read elsewhere.
  Value guarded(Value condition, Type element, const std::function<Value()> &inside);
  /// A dim's size in the example at `indices` of an array with `dims`.
  Value ownSize(DimAttr dim, mlir::ArrayRef<DimAttr> dims, mlir::ArrayRef<Index> indices);
  /// The index that a gather or scatter reads, in range.
  Index tableIndex(Value index, mlir::ArrayRef<Index> at, Value size);
  View reshapeView(ReshapeOp op, View view);

  //===--- loops (Nest.cpp) ---===//
  /// Bounds of an axis, given the indices so far (the batch axis before all others): this worker's
  /// part of the shared axis.
  std::pair<Value, Value> bounds(mlir::ArrayRef<DimAttr> dims, int64_t axis,
                                 mlir::ArrayRef<Index> indices);
  /// Of the first axes of what is stored, the positions that are computed at present.
  mlir::SmallVector<std::pair<Value, Value>, 2> present;
  /// Whether all positions of an axis are computed here: neither the rows at hand, which are all
  /// that what is local to rows has memory for, nor a worker's part. Only such an axis may be run
  /// over without its bounds.
  bool isWhole(int64_t axis) const {
    return axis >= static_cast<int64_t>(present.size()) && axis != sharedAxis;
  }
  /// A number that divides both bounds of an axis, its size apart.
  int64_t divisorOfBounds(mlir::ArrayRef<DimAttr> dims, int64_t axis);
  /// This worker's part of a dim.
  std::pair<Value, Value> share(DimAttr dim);
  mlir::SmallVector<int64_t> loopOrder(mlir::ArrayRef<DimAttr> dims) {
    return surroundings().loopOrder(dims);
  }
  /// Loops over `axes`, in that order, filling `indices`; then body().
  void loops(mlir::ArrayRef<DimAttr> dims, mlir::ArrayRef<int64_t> axes, Indices &indices,
             const std::function<void()> &body);
  /// The first position along an axis and how many there are, for all rows of what is stored.
  Value isValid(mlir::ArrayRef<DimAttr> dims, mlir::ArrayRef<int64_t> axes,
                mlir::ArrayRef<Index> indices);
  std::pair<Value, Value> extent(mlir::ArrayRef<DimAttr> dims, int64_t axis);
  //===--- threads (Threads.cpp) ---===//
  /// Who takes elements by turns: number `first`, then the one `step` further.
  struct Turns {
    Value first, step;
  };
  /// Those of a thread: one of the grid, or of its block.
  Turns threadTurns();
  /// Loops over `axes`, of which each of a device's threads takes elements of its own.
  void spread(mlir::ArrayRef<DimAttr> dims, mlir::ArrayRef<int64_t> axes, Indices &indices,
              const std::function<void()> &body);
  /// The same by other turns.
  void spread(mlir::ArrayRef<DimAttr> dims, mlir::ArrayRef<int64_t> axes, Indices &indices,
              Turns turns, const std::function<void()> &body);
  /// Runs over [low, high) by vectors of `width`, the rest under a mask or one by one.
  void vectorLoop(Value low, Value high, int64_t width, bool aligned,
                  const std::function<void(Index)> &body);
  /// A loop over all axes, the last by vectors; `unrolled` axes have constant positions where they
  /// are whole, the axis `inner` runs within that of the vectors.
  void nest(mlir::ArrayRef<DimAttr> dims, int64_t width, mlir::ArrayRef<int64_t> unrolled,
            const std::function<void(mlir::ArrayRef<Index>)> &body, int64_t inner = -1);
  bool mayVectorise(mlir::ArrayRef<DimAttr> dims, int64_t axis) {
    return surroundings().mayVectorise(dims, axis);
  }
  int64_t laneCount(mlir::ArrayRef<Value> roots) { return surroundings().laneCount(roots); }
  /// Where the present statement stands.
  Surroundings surroundings() {
    return {function, views, machine, static_cast<int64_t>(present.size())};
  }
  void reduction(mlir::Operation *op, mlir::Operation *head, mlir::ArrayRef<Target> targets);
  mlir::SmallVector<int64_t> unrolledAxes(mlir::ArrayRef<Value> roots);
  bool transposeGroup(Value root, const Target &target, int64_t inner);
  void elementwiseGroup(mlir::ArrayRef<Value> roots, mlir::ArrayRef<Target> targets);

  //===--- heads ---===//
  friend class Reduction;
  friend class BlockTile;
  void scatter(ScatterOp op, const Target &target);
  void scatterByThreads(ScatterOp op, const Target &target);
  void argmax(ArgmaxOp op, mlir::ArrayRef<Value> roots, mlir::ArrayRef<Target> targets);

  mlir::func::FuncOp function;
  Views views;
  Lanes lanes;
  llvm::DenseMap<Value, Target> storage;
  llvm::DenseMap<Value, SliceSource> slices;
  llvm::DenseMap<Value, Value> scalars;
};

} // namespace rondo

#endif // RONDO_LOWER_EMITTER_H
