// Takes out of a loop what no carry reaches, with the loop's dim added.
#include "Normalise/Hoisting.h"
#include "Batch/Batch.h"
#include "Normalise/Crossing.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/Remark.h"

using namespace mlir;
using namespace rondo;

/// True if an op of a scan's body depends on the step though it may read nothing of it: a check
/// holds for steps that are made, and over a ragged dim a sum over the examples is one over those
/// that have the step.
static bool observesStep(ScanOp scan, Operation &op) {
  DimAttr batch = isRagged(scan, scan.getDim()) ? batchDim(scan) : DimAttr();
  auto sumsExamples = [&](DimRoles inner) {
    for (auto [uses, operand] : llvm::zip(inner.getDimRoles(), inner->getOperands()))
      for (auto [axis, use] : llvm::enumerate(uses))
        if (use.role == DimRole::Reduced && arrayType(operand).getDim(axis) == batch)
          return true;
    return false;
  };
  return op
      .walk([&](Operation *inner) {
        auto roles = dyn_cast<DimRoles>(inner);
        return isa<CheckOp>(inner) || (batch && roles && sumsExamples(roles))
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// True if the op has arrays of the present segment's positions.
static bool isOfSegment(Operation &op, std::optional<Segments> segments) {
  auto has = [&](Type type) {
    auto array = dyn_cast<ArrayType>(type);
    return array && llvm::any_of(array.getDims(), [&](DimAttr dim) {
             return dim.mentions(segments->part.getSymbol());
           });
  };
  return segments && op.walk([&](Operation *inner) {
                         return isa<LengthOp>(inner) ||
                                        llvm::any_of(inner->getResultTypes(), has) ||
                                        llvm::any_of(inner->getOperandTypes(), has)
                                    ? WalkResult::interrupt()
                                    : WalkResult::advance();
                       }).wasInterrupted();
}

/// What only repeats a value stays, unless something that moves reads it.
void rondo::moveInvariants(ScanOp scan) {
  Block &body = *scan.getBlock();
  std::optional<Segments> segments = scan.getSegments();
  llvm::DenseSet<Value> local(body.args_begin(), body.args_end());
  SmallVector<Value> roots;
  for (Operation &op : body.without_terminator()) {
    bool stays = observesStep(scan, op) || isOfSegment(op, segments) ||
                 readsAny(&op, [&](Value value) { return local.contains(value); });
    if (stays)
      local.insert(op.result_begin(), op.result_end());
    else if (!isa<BroadcastOp, ConstantOp, IotaOp>(op))
      llvm::append_range(roots, op.getResults());
  }
  llvm::DenseSet<Operation *> moved = withAncestors(body, roots);
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator()))
    if (moved.contains(&op)) {
      if (!isCheap(&op))
        decided(&op, "hoist") << wordsFor(&op) << " is computed once, before the " << wordsFor(scan)
                              << ": it is the same at every step";
      op.moveBefore(scan);
    }
}

namespace {

/// Takes what no carry reaches out of one scan, with the scan's dim added.
class Hoisting {
public:
  explicit Hoisting(ScanOp scan)
      : scan(scan), body(*scan.getBlock()), builder(scan),
        mapper(builder, scan.getDim(), batchDim(scan), /*lengthsVary=*/false) {}

  /// True if the scan changed.
  bool run();

private:
  void classify();
  LogicalResult batchOutside(ArrayRef<Value> crossing);
  void replaceResults();

  ScanOp scan;
  Block &body;
  OpBuilder builder;
  BatchMapper mapper;
  /// The body's values that no carry reaches; of those `wanted` are read by the rest of the body.
  llvm::DenseSet<Value> movable;
  llvm::SetVector<Value> wanted;
  /// What is needed outside in any case: results that no carry reaches.
  SmallVector<OpResult> freeResults;
};

} // namespace

void Hoisting::classify() {
  SmallVector<Value> fixed(scan.getCarryArguments());
  llvm::DenseSet<Value> perStep = dependents(body, ValueRange(body.getArguments()));
  // What depends on the step and reads nothing of it stays, with its readers.
  for (Operation &op : body.without_terminator())
    if (observesStep(scan, op) && !perStep.contains(op.getResult(0)))
      llvm::append_range(fixed, op.getResults());
  llvm::DenseSet<Value> carried = dependents(body, fixed);
  for (Value value : perStep)
    if (!carried.contains(value) && !isa<BlockArgument>(value))
      movable.insert(value);
  auto want = [&](Value value) {
    if (movable.contains(value))
      wanted.insert(value);
  };
  for (Operation &op : body.without_terminator())
    if (readsAny(&op, [&](Value value) { return carried.contains(value); }))
      op.walk([&](Operation *inner) { llvm::for_each(inner->getOperands(), want); });
  llvm::for_each(scan.getYieldedCarries(), want);
  for (OpResult result : scan.getResults().drop_front(scan.getNumCarries()))
    if (!carried.contains(scan.getYield().getValues()[result.getResultNumber()]))
      freeResults.push_back(result);
}

/// Rebuilds before the scan what the crossing values and the free results need.
LogicalResult Hoisting::batchOutside(ArrayRef<Value> crossing) {
  SmallVector<Value> roots(crossing);
  for (OpResult result : freeResults)
    if (!result.use_empty())
      roots.push_back(scan.getYield().getValues()[result.getResultNumber()]);
  llvm::DenseSet<Operation *> outside = withAncestors(body, roots);
  for (auto [part, whole, axis] :
       llvm::zip_equal(scan.getSliceArguments(), scan.getSlices(), scan.getSliceAxes()))
    mapper.map(part, whole, axis);
  Value position = scan.getPosition();
  auto readsPosition = [&](Operation *op) {
    return readsAny(op, [&](Value value) { return value == position; });
  };
  if (llvm::is_contained(roots, position) || llvm::any_of(outside, readsPosition)) {
    ArrayType type = arrayType(position).withInserted(0, scan.getDim());
    mapper.map(position, IotaOp::create(builder, scan.getLoc(), type, 0), 0);
  }
  for (Operation &op : body.without_terminator())
    if (outside.contains(&op)) {
      if (!isCheap(&op))
        decided(&op, "hoist") << wordsFor(&op) << " leaves the " << wordsFor(scan)
                              << " as one for all steps: it does not depend on the step before";
      mapper.analyse(&op);
      if (failed(mapper.batch(&op)))
        return failure();
    }
  return success();
}

/// Stacks of what no carry reaches are whole values now, sums of it are reductions.
void Hoisting::replaceResults() {
  for (OpResult result : freeResults) {
    if (result.use_empty())
      continue;
    int64_t number = result.getResultNumber(), stack = number - scan.getNumCarries();
    Value part = scan.getYield().getValues()[number];
    if (stack < scan.getNumStacks()) {
      result.replaceAllUsesWith(mapper.materialise(part, scan.getStackAxes()[stack]));
      continue;
    }
    BatchMapper::Entry entry = mapper.lookup(part);
    if (entry.axis < 0)
      entry = {mapper.materialise(part, 0), 0};
    result.replaceAllUsesWith(
        ReduceOp::create(builder, scan.getLoc(), ReduceKind::Sum, entry.value, entry.axis));
  }
}

bool Hoisting::run() {
  classify();
  auto mayStay = [&](Operation *op) {
    return isCheap(op) || staysInSteps(scan, op) || makesMore(scan, op);
  };
  SmallVector<Value> crossing = cheapestCrossing(scan, movable, wanted.getArrayRef(), mayStay);
  llvm::erase_if(crossing, [](Value value) { return isa<BlockArgument>(value); });
  bool anyFree = llvm::any_of(freeResults, [](OpResult r) { return !r.use_empty(); });
  if (crossing.empty() && !anyFree)
    return false;
  if (failed(batchOutside(crossing)))
    return false;
  replaceResults();
  if (scan.use_empty()) {
    scan.erase();
    return true;
  }
  ScanEdit edit(scan);
  for (Value value : crossing) {
    BatchMapper::Entry entry = mapper.lookup(value);
    value.replaceAllUsesWith(edit.addSlice(entry.value, entry.axis));
  }
  edit.finish(builder);
  return true;
}

bool rondo::moveSteps(ScanOp scan) { return Hoisting(scan).run(); }
