// The pass: replaces each rondo.stream by one step in the enclosing scan, which gets the states.
#include "Stream/Stream.h"
#include "Rondo/Remark.h"
#include "Stream/BlockStreamer.h"
#include "Stream/Passes.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringSet.h"

namespace rondo {
#define GEN_PASS_DEF_STREAM
#include "Stream/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

/// Streams the function of one rondo.stream into the body of the scan that it stands in.
class FunctionStreamer final : public BlockStreamer {
public:
  explicit FunctionStreamer(StreamOp stream)
      : BlockStreamer(stream.getDim()), streamed(stream),
        enclosing(cast<ScanOp>(stream->getParentOp())) {}

  /// Returns the number of states, or fails after an error.
  FailureOr<int64_t> run();

  Value position() override { return enclosing.getPosition(); }
  FailureOr<Value> addState(OpBuilder &builder, Operation *op, Value start) override;
  void setNext(Value state, Value next) override;
  LogicalResult refuse(Operation *op, const Twine &why) override;
  LogicalResult refuseYet(Operation *op, const Twine &what) override;

protected:
  Value resolve(Operation *op, Value value) override;
  void placeUnrelated(OpBuilder &builder, ArrayRef<Value> read) override;

private:
  struct State {
    Value start;
    BlockArgument before;
    Value next;
  };

  bool isOutside(Value value) { return !enclosing.getBody().isAncestor(value.getParentRegion()); }
  bool moveOutside(Value value);
  void rebuildEnclosing();

  StreamOp streamed;
  ScanOp enclosing;
  SmallVector<State> states;
};

} // namespace

/// An error about an op of the function that is streamed.
static InFlightDiagnostic errorAbout(Operation *op) {
  return emitError(placeOf(op)) << "'" << op->getName() << "' op ";
}

LogicalResult FunctionStreamer::refuse(Operation *op, const Twine &why) {
  InFlightDiagnostic error = errorAbout(op) << "looks ahead along " << dim().str() << ": " << why;
  error.attachNote(streamed.getLoc()) << "in the function that is streamed here";
  return error;
}

LogicalResult FunctionStreamer::refuseYet(Operation *op, const Twine &what) {
  InFlightDiagnostic error = errorAbout(op) << what << " is not supported in a stream yet";
  error.attachNote(streamed.getLoc()) << "in the function that is streamed here";
  return error;
}

/// Moves what computes `value` in the enclosing body before the scan; false where it depends on
/// what changes from step to step.
bool FunctionStreamer::moveOutside(Value value) {
  if (isOutside(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || !isMemoryEffectFree(op) || op->getBlock() != enclosing.getBlock())
    return false;
  for (Value read : readValues(op))
    if (!moveOutside(read))
      return false;
  op->moveBefore(enclosing);
  return true;
}

/// Values from outside of the function are held: they may not change from step to step. One with
/// the dim (a constant that folding has moved out) is of the function, wherever it stands.
Value FunctionStreamer::resolve(Operation *op, Value value) {
  Operation *definition = value.getDefiningOp();
  if (definition && mentions(definition, dim())) {
    OpBuilder builder(streamed);
    return succeeded(define(builder, definition)) ? step(value) : Value();
  }
  if (moveOutside(value))
    return value;
  bool draws = op->walk([](RandomOp) { return WalkResult::interrupt(); }).wasInterrupted();
  InFlightDiagnostic error =
      errorAbout(op) << (draws
                             ? "draws random numbers in a function that is streamed, which is not "
                               "supported yet; for dropout, stream the function with p = 0.0"
                             : "reads a value of the loop around that changes from step to step; "
                               "pass it as a sequence");
  error.attachNote(streamed.getLoc()) << "in the function that is streamed here";
  return {};
}

/// What has nothing to do with the sequence is computed once, before the loop.
void FunctionStreamer::placeUnrelated(OpBuilder &builder, ArrayRef<Value> read) {
  if (llvm::all_of(read, [&](Value value) { return isOutside(value); }))
    builder.setInsertionPoint(enclosing);
}

FailureOr<Value> FunctionStreamer::addState(OpBuilder &, Operation *op, Value start) {
  Value outside = step(start);
  if (axisOf(start.getType(), dim()) >= 0 || !outside || !isOutside(outside))
    return refuse(op, "its start depends on the sequence");
  unsigned at = 1 + enclosing.getNumCarries() + states.size();
  BlockArgument before = enclosing.getBlock()->insertArgument(at, start.getType(), op->getLoc());
  states.push_back({outside, before, {}});
  return Value(before);
}

void FunctionStreamer::setNext(Value state, Value next) {
  llvm::find_if(states, [&](const State &s) { return s.before == state; })->next = next;
}

/// The body already has the arguments of the new carries.
void FunctionStreamer::rebuildEnclosing() {
  SmallVector<Value> starts(enclosing.getStarts()), nexts;
  for (const State &state : states) {
    starts.push_back(state.start);
    nexts.push_back(state.next);
  }
  OpBuilder builder(enclosing);
  int64_t carries = enclosing.getNumCarries();
  auto result = ScanOp::create(
      builder, enclosing.getLoc(), enclosing.getDim(), enclosing.getReverse(), starts,
      enclosing.getSlices(), enclosing.getSliceAxes(),
      SmallVector<Type>(enclosing.getStackResults().getTypes()), enclosing.getStackAxes(),
      SmallVector<Type>(enclosing.getSumResults().getTypes()));
  result->setDiscardableAttrs(enclosing->getDiscardableAttrDictionary());
  result.getBody().takeBody(enclosing.getBody());
  result.getYield().getValuesMutable().slice(carries, 0).append(nexts);
  SmallVector<Value> results(result.getResults());
  results.erase(results.begin() + carries, results.begin() + carries + states.size());
  enclosing.replaceAllUsesWith(results);
  enclosing.erase();
}

FailureOr<int64_t> FunctionStreamer::run() {
  Block &block = *streamed.getBlock();
  for (auto [argument, input] : llvm::zip_equal(block.getArguments(), streamed.getInputs()))
    map(argument, input);
  OpBuilder builder(streamed);
  if (failed(stream(builder, block)))
    return failure();
  SmallVector<Value> results;
  for (Value value : cast<YieldOp>(block.getTerminator()).getValues())
    results.push_back(step(value));
  streamed.replaceAllUsesWith(results);
  streamed.erase();
  if (!states.empty())
    rebuildEnclosing();
  return static_cast<int64_t>(states.size());
}

/// Forgets the symbols of streamed dims, and others that are ragged, where nothing has the dim any
/// more: no input would tell its length. Constants of a streamed function stand outside of it once
/// folding has moved them, and are dead then.
static void dropUnusedSymbols(func::FuncOp function, const llvm::StringSet<> &streamed) {
  SmallVector<Attribute> kept;
  for (SymbolAttr declared : getSymbols(function)) {
    DimAttr dim = DimAttr::get(function.getContext(), declared.getName());
    bool isStreamed = streamed.contains(declared.getName());
    if (isStreamed)
      function.walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
        if (isOpTriviallyDead(op) && mentions(op, dim))
          op->erase();
      });
    bool isOptional = isStreamed || declared.getKind() == SymbolKind::Ragged;
    if (!isOptional || mentions(function, dim))
      kept.push_back(declared);
  }
  function->setAttr(names::symbols, ArrayAttr::get(function.getContext(), kept));
}

namespace {

struct StreamPass : rondo::impl::StreamBase<StreamPass> {
  void runOnOperation() override {
    // What nobody reads (the last states of an unrolled cell) is no reason to refuse.
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      bool streams =
          function.walk([](StreamOp) { return WalkResult::interrupt(); }).wasInterrupted();
      if (streams && failed(simplify(function)))
        return signalPassFailure();
    }
    SmallVector<StreamOp> streams;
    getOperation().walk([&](StreamOp stream) { streams.push_back(stream); }); // inner ones first
    llvm::DenseMap<func::FuncOp, llvm::StringSet<>> streamed;
    for (StreamOp stream : streams) {
      auto enclosing = dyn_cast<ScanOp>(stream->getParentOp());
      if (!enclosing || enclosing.getReverse()) {
        stream.emitOpError("expected to stand directly in the body of a scan that runs forward");
        return signalPassFailure();
      }
      DimAttr dim = stream.getDim();
      if (!dim.getSymbol()) {
        stream.emitOpError("expected a symbol as the streamed dim, found ") << dim.str();
        return signalPassFailure();
      }
      if (func::FuncOp function = enclosingFunction(stream))
        streamed[function].insert(dim.getSymbol());
      FailureOr<int64_t> states = FunctionStreamer(stream).run();
      if (failed(states))
        return signalPassFailure();
      ++numStreams;
      numStates += *states;
    }
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr(names::symbols))
        dropUnusedSymbols(function, streamed[function]);
  }
};

} // namespace
