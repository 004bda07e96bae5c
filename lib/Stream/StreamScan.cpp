// The one-step form of loops. A loop over the streamed dim gives its carries to the loop around and
// its body to the step. Any other loop stays one, in the step; what its body keeps from step to
// step is kept for each of its positions, as an array with the loop's dim first.
#include "Stream/BlockStreamer.h"
#include "Stream/Stream.h"

using namespace mlir;
using namespace rondo;

using Results = FailureOr<SmallVector<Value>>;

//===----------------------------------------------------------------------===//
// Loops over the streamed dim
//===----------------------------------------------------------------------===//

static Results streamAlong(ScanOp scan, OpBuilder &builder, StreamState &state) {
  if (scan.getReverse() && scan.getNumCarries() + scan.getNumSums() > 0)
    return state.refuse(scan, "it runs in reverse");
  for (Operation &op : *scan.getBlock())
    if (mentions(&op, state.dim()))
      return state.refuse(&op, "it handles a whole sequence in the body of a loop over that dim");

  IRMapping mapping;
  for (Value value : readValues(scan))
    mapping.map(value, state.step(value));
  mapping.map(scan.getPosition(), state.position());
  SmallVector<Value> states;
  for (auto [start, argument] : llvm::zip_equal(scan.getStarts(), scan.getCarryArguments())) {
    FailureOr<Value> before = state.addState(builder, scan, start);
    if (failed(before))
      return failure();
    states.push_back(*before);
    mapping.map(argument, *before);
  }
  for (auto [slice, argument] : llvm::zip_equal(scan.getSlices(), scan.getSliceArguments()))
    mapping.map(argument, state.step(slice));
  for (Operation &op : scan.getBlock()->without_terminator())
    builder.clone(op, mapping);

  // The last carries and the sums are known at the end only.
  SmallVector<Value> results(scan.getNumResults());
  for (auto [before, next] : llvm::zip_equal(states, scan.getYieldedCarries()))
    state.setNext(before, mapping.lookupOrDefault(next));
  for (auto [i, part] : llvm::enumerate(scan.getYieldedStacks()))
    results[scan.getNumCarries() + i] = mapping.lookupOrDefault(part);
  return results;
}

//===----------------------------------------------------------------------===//
// Other loops
//===----------------------------------------------------------------------===//

namespace {

/// Streams the body of a loop over another dim.
class LoopStreamer final : public BlockStreamer {
public:
  LoopStreamer(ScanOp scan, OpBuilder &builder, StreamState &outer)
      : BlockStreamer(outer.dim()), scan(scan), builder(builder), outer(outer) {}

  Results run();

  Value position() override { return outer.position(); }
  FailureOr<Value> addState(OpBuilder &, Operation *op, Value start) override;
  void setNext(Value state, Value next) override;
  LogicalResult refuse(Operation *op, const Twine &why) override { return outer.refuse(op, why); }
  LogicalResult refuseYet(Operation *op, const Twine &what) override {
    // Every state is a streamer's: the function's, or that of a loop in it.
    return static_cast<BlockStreamer &>(outer).refuseYet(op, what);
  }

protected:
  Value resolve(Operation *, Value value) override { return outer.step(value); }
  void placeUnrelated(OpBuilder &, ArrayRef<Value>) override {}

private:
  struct State {
    Value stacked;
    BlockArgument before;
    Value next;
  };

  FailureOr<Value> stackStarts(Operation *op, Value start);
  /// What a start is computed by: ops of the body, and those of its arguments that they read.
  struct Needed {
    llvm::SetVector<Operation *> ops;
    llvm::SetVector<Value> arguments;
  };
  LogicalResult collectStart(Operation *op, Value value, Needed &needed);
  LogicalResult defineBefore(Operation *op);

  ScanOp scan, draft;
  OpBuilder &builder;
  StreamState &outer;
  SmallVector<State> states;
};

} // namespace

LogicalResult LoopStreamer::collectStart(Operation *op, Value value, Needed &needed) {
  if (!scan.getBody().isAncestor(value.getParentRegion()))
    return success();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    needed.arguments.insert(argument);
    if (argument == scan.getPosition() || (llvm::is_contained(scan.getSliceArguments(), argument) &&
                                           axisOf(argument.getType(), dim()) < 0))
      return success();
    return refuse(op, "its start depends on the sequence, or on a carry of the loop around it");
  }
  Operation *definition = value.getDefiningOp();
  if (mentions(definition, dim()))
    return refuse(op, "its start depends on the sequence");
  for (Value read : readValues(definition))
    if (failed(collectStart(op, read, needed)))
      return failure();
  needed.ops.insert(definition);
  return success();
}

/// Tells the function around about an op that was inserted before the loop.
LogicalResult LoopStreamer::defineBefore(Operation *op) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(draft);
  return outer.define(builder, op);
}

/// A value of the function around: the starts of a state for all positions of this loop.
FailureOr<Value> LoopStreamer::stackStarts(Operation *op, Value start) {
  Needed needed;
  if (failed(collectStart(op, start, needed)))
    return failure();
  Location loc = scan.getLoc();
  ArrayType stackedType = arrayType(start).withInserted(0, scan.getDim());
  OpBuilder before(scan);
  IRMapping mapping;
  if (needed.arguments.empty()) {
    for (Operation *definition : needed.ops)
      if (failed(defineBefore(before.clone(*definition, mapping))))
        return failure();
    auto axes = llvm::to_vector(llvm::seq<int64_t>(1, stackedType.getRank()));
    auto repeated =
        BroadcastOp::create(before, loc, stackedType, mapping.lookupOrDefault(start), axes);
    if (failed(defineBefore(repeated)))
      return failure();
    return Value(repeated);
  }
  SmallVector<Value> slices;
  SmallVector<int64_t> axes;
  SmallVector<BlockArgument> parts;
  for (auto [i, part] : llvm::enumerate(scan.getSliceArguments()))
    if (needed.arguments.contains(part)) {
      slices.push_back(scan.getSlices()[i]);
      axes.push_back(scan.getSliceAxes()[i]);
      parts.push_back(part);
    }
  auto map = ScanOp::create(before, loc, scan.getDim(), false, {}, slices, axes, Type(stackedType),
                            int64_t(0), {});
  mapping.map(scan.getPosition(), map.getPosition());
  for (auto [part, argument] : llvm::zip_equal(parts, map.getSliceArguments()))
    mapping.map(part, argument);
  OpBuilder body = OpBuilder::atBlockEnd(map.getBlock());
  for (Operation *definition : needed.ops)
    body.clone(*definition, mapping);
  YieldOp::create(body, loc, mapping.lookupOrDefault(start));
  if (failed(defineBefore(map)))
    return failure();
  return map.getStackResults()[0];
}

FailureOr<Value> LoopStreamer::addState(OpBuilder &, Operation *op, Value start) {
  FailureOr<Value> starts = stackStarts(op, start);
  if (failed(starts))
    return failure();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(draft);
  FailureOr<Value> stacked = outer.addState(builder, op, *starts);
  if (failed(stacked))
    return failure();
  BlockArgument before = draft.getBlock()->addArgument(start.getType(), op->getLoc());
  states.push_back({*stacked, before, {}});
  return Value(before);
}

void LoopStreamer::setNext(Value state, Value next) {
  llvm::find_if(states, [&](const State &s) { return s.before == state; })->next = next;
}

/// The body is drafted in a scan without operands, whose block gets the arguments that are needed;
/// only then the states and with them the operands and results are known.
Results LoopStreamer::run() {
  draft = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(), {}, {}, {}, {},
                         {}, {});
  Block &from = *draft.getBlock();
  for (BlockArgument argument : scan.getBlock()->getArguments()) {
    if (argument.getArgNumber() == 0)
      map(argument, draft.getPosition());
    else
      map(argument, from.addArgument(withoutDim(argument.getType(), dim()), argument.getLoc()));
  }
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&from);
  if (failed(stream(builder, *scan.getBlock())))
    return failure();

  SmallVector<Value> starts, slices, yielded;
  SmallVector<int64_t> sliceAxes, stackAxes;
  SmallVector<Type> stackTypes, sumTypes;
  auto erased = [&](Value value, int64_t axis) {
    int64_t gone = axisOf(value.getType(), dim());
    return gone >= 0 && gone < axis ? axis - 1 : axis;
  };
  for (Value start : scan.getStarts())
    starts.push_back(outer.step(start));
  for (auto [slice, axis] : llvm::zip_equal(scan.getSlices(), scan.getSliceAxes())) {
    slices.push_back(outer.step(slice));
    sliceAxes.push_back(erased(slice, axis));
  }
  for (auto [stack, axis] : llvm::zip_equal(scan.getStackResults(), scan.getStackAxes())) {
    stackTypes.push_back(withoutDim(stack.getType(), dim()));
    stackAxes.push_back(erased(stack, axis));
  }
  for (Value sum : scan.getSumResults())
    sumTypes.push_back(withoutDim(sum.getType(), dim()));
  for (Value value : scan.getYield().getValues())
    yielded.push_back(step(value));
  int64_t at = scan.getNumCarries() + scan.getNumStacks();
  for (auto [i, state] : llvm::enumerate(states)) {
    slices.push_back(state.stacked);
    sliceAxes.push_back(0);
    stackTypes.push_back(state.stacked.getType());
    stackAxes.push_back(0);
    yielded.insert(yielded.begin() + at + i, state.next);
  }
  YieldOp::create(builder, scan.getYield().getLoc(), yielded);

  builder.setInsertionPoint(draft);
  auto result = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(), starts,
                               slices, sliceAxes, stackTypes, stackAxes, sumTypes);
  for (auto [old, argument] :
       llvm::zip_equal(from.getArguments(), result.getBlock()->getArguments()))
    old.replaceAllUsesWith(argument);
  Block &to = *result.getBlock();
  to.getOperations().splice(to.end(), from.getOperations());
  draft.erase();

  SmallVector<Value> results(result.getResults());
  for (auto [i, state] : llvm::enumerate(states))
    outer.setNext(state.stacked, results[at + i]);
  results.erase(results.begin() + at, results.begin() + at + states.size());
  return results;
}

namespace {
struct ScanStep : Streamable::ExternalModel<ScanStep, ScanOp> {
  Results streamStep(Operation *op, OpBuilder &builder, StreamState &state) const {
    auto scan = cast<ScanOp>(op);
    if (scan.getDim() == state.dim())
      return streamAlong(scan, builder, state);
    return LoopStreamer(scan, builder, state).run();
  }
};
} // namespace

void rondo::attachStreamScan(MLIRContext *context) { ScanOp::attachInterface<ScanStep>(*context); }
