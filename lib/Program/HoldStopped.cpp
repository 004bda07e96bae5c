// A copy of the whole function, of the second parameters, stands before it. What a loop of the copy
// computes leaves it as a stack, position by position, and enters the loop that varies as a slice;
// what a loop over segments computes, segment by segment.
#include "Program/HoldStopped.h"
#include "Differentiate/Activity.h"

using namespace mlir;
using namespace rondo;

static bool isParameter(func::FuncOp function, unsigned argument) {
  auto role = function.getArgAttrOfType<StringAttr>(argument, names::role);
  auto type = dyn_cast<ArrayType>(function.getArgument(argument).getType());
  return role && role.getValue() == "parameter" && type && type.isFloat();
}

/// The largest or smallest element, as softmax subtracts it: the result is the same whatever it is.
static bool isShift(StopGradientOp stop) {
  Value value = stop.getOperand();
  while (Operation *op = value.getDefiningOp()) {
    if (isa<BroadcastOp, CheckOp, MaxOp, MinOp>(op))
      value = op->getOperand(0);
    else if (auto select = dyn_cast<SelectOp>(op))
      value = select.getIfTrue();
    else
      break;
  }
  auto reduce = value.getDefiningOp<ReduceOp>();
  if (!reduce || (reduce.getKind() != ReduceKind::Max && reduce.getKind() != ReduceKind::Min))
    return false;
  SmallVector<Value> read{stop.getResult()};
  while (!read.empty()) {
    Value shift = read.pop_back_val();
    for (OpOperand &use : shift.getUses()) {
      if (isa<BroadcastOp>(use.getOwner()))
        read.push_back(use.getOwner()->getResult(0));
      else if (!isa<AddOp>(use.getOwner()) &&
               !(isa<SubOp>(use.getOwner()) && use.getOperandNumber() == 1))
        return false;
    }
  }
  return true;
}

/// What a scan makes of `part`, step by step: a dim of its own at `axis`, or of a dim's segments
/// the whole dim.
struct Stacked {
  ArrayType type;
  int64_t axis;
};

/// The scan with one stack more, of `part`, or one slice more, of `whole`.
static ScanOp rebuilt(ScanOp scan, Value part, Value whole, Stacked stacked) {
  auto [type, axis] = stacked;
  SmallVector<Value> slices(scan.getSlices());
  SmallVector<int64_t> sliceAxes(scan.getSliceAxes()), stackAxes(scan.getStackAxes());
  SmallVector<Type> stackTypes(scan.getStackResults().getTypes());
  if (part) {
    stackTypes.push_back(type);
    stackAxes.push_back(axis);
  } else {
    slices.push_back(whole);
    sliceAxes.push_back(axis);
  }
  OpBuilder builder(scan);
  auto result = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(),
                               scan.getStarts(), slices, sliceAxes, stackTypes, stackAxes,
                               SmallVector<Type>(scan.getSumResults().getTypes()));
  result.getBody().takeBody(scan.getBody());
  result->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
  int64_t numBefore = scan.getNumCarries() + scan.getNumStacks();
  if (part)
    result.getYield().getValuesMutable().slice(numBefore, 0).append(ValueRange{part});
  else
    result.getBlock()->addArgument(result.partType(whole.getType(), axis), scan.getLoc());
  SmallVector<Value> results(result.getResults());
  if (part)
    results.erase(results.begin() + numBefore);
  scan->replaceAllUsesWith(results);
  scan.erase();
  return result;
}

/// A new dim comes after that of the examples.
static Stacked stackOf(ScanOp scan, Value part) {
  ArrayType type = arrayType(part);
  if (std::optional<Segments> segments = scan.getSegments()) {
    SmallVector<DimAttr> dims(type.getDims());
    if (auto *own = llvm::find(dims, segments->part); own != dims.end()) {
      int64_t axis = own - dims.begin();
      *own = segments->whole;
      return {type.withDims(dims), axis};
    }
  }
  StringAttr leading = type.getRank() > 0 ? type.getDim(0).getSymbol() : StringAttr();
  bool isBatched = leading && lookupSymbol(enclosingFunction(scan), leading) == SymbolKind::Batch;
  int64_t axis = isBatched ? 1 : 0;
  return {type.withInserted(axis, scan.getDim()), axis};
}

/// The loops around an op, from the outside in.
static SmallVector<ScanOp> loopsAround(Operation *op) {
  SmallVector<ScanOp> loops;
  while (auto scan = op->getParentOfType<ScanOp>()) {
    loops.push_back(scan);
    op = scan;
  }
  std::reverse(loops.begin(), loops.end());
  return loops;
}

/// `held`, of the copy, in the place of the op's result.
static void hold(StopGradientOp stop, Value held) {
  SmallVector<Stacked> stacks;
  for (ScanOp loop : llvm::reverse(loopsAround(held.getDefiningOp()))) {
    stacks.push_back(stackOf(loop, held));
    held = rebuilt(loop, held, {}, stacks.back()).getStackResults().back();
  }
  for (auto [loop, stacked] : llvm::zip_equal(loopsAround(stop), llvm::reverse(stacks)))
    held = rebuilt(loop, {}, held, stacked).getSliceArguments().back();
  stop.replaceAllUsesWith(held);
}

bool rondo::holdStopped(func::FuncOp function) {
  Block &block = function.getBody().front();
  llvm::DenseSet<Value> varied;
  unsigned numArguments = function.getNumArguments();
  for (unsigned i = 0; i < numArguments; ++i)
    if (isParameter(function, i))
      varied.insert(function.getArgument(i));
  spreadForward(block, varied);
  SmallVector<StopGradientOp> stops;
  function.walk([&](StopGradientOp stop) {
    if (varied.contains(stop.getOperand()) && !isShift(stop))
      stops.push_back(stop);
  });
  if (stops.empty())
    return false;

  IRMapping copies;
  Builder attributes(function.getContext());
  for (unsigned i = 0; i < numArguments; ++i) {
    if (!isParameter(function, i))
      continue;
    BlockArgument argument = function.getArgument(i);
    NamedAttrList described;
    described.set(names::role, attributes.getStringAttr("gradient"));
    described.set(names::name, function.getArgAttr(i, names::name));
    unsigned added = function.getNumArguments();
    (void)function.insertArgument(added, argument.getType(),
                                  described.getDictionary(function.getContext()),
                                  argument.getLoc());
    copies.map(argument, function.getArgument(added));
  }
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator())
    ops.push_back(&op);
  OpBuilder builder(&block, block.begin());
  for (Operation *op : ops)
    builder.clone(*op, copies);
  for (StopGradientOp stop : stops)
    hold(stop, copies.lookup(stop.getResult()));
  for (StopGradientOp stop : stops)
    stop.erase();
  return true;
}
