// rondo-sink: sums over steps of contractions, reductions and scatters leave the loop as one each.
#include "Batch/Batch.h"
#include "Normalise/Passes.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"

namespace rondo {
#define GEN_PASS_DEF_SINKPASS
#include "Normalise/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// True for an op that is linear in its one operand, whose sum is the op of the operand's sum.
static bool isLinear(Operation *op) {
  return isa<BroadcastOp, TransposeOp, ReshapeOp, SliceOp, PadOp, NegOp>(op);
}

namespace {

/// Sinks the sums of one scan.
class Sinking {
public:
  explicit Sinking(ScanOp scan)
      : scan(scan), body(*scan.getBlock()), batch(batchDim(scan)),
        local(dependents(body, ValueRange(body.getArguments()))) {}

  /// The number of sums that left the loop, at least in part.
  int64_t run();

private:
  struct Term {
    Value value;
    bool negative;
  };

  /// True if the value is the same at every step.
  bool isInvariant(Value value) const { return !local.contains(value); }
  /// True if a product with the value may wait until after the sum: it is the same at every step
  /// and for every example. (An example without steps must not meet its factor, which may be NaN.)
  bool isFactor(Value value) const {
    return isInvariant(value) && !llvm::is_contained(arrayType(value).getDims(), batch);
  }
  /// True if the places that a scatter adds to are the same at every step: then it adds the
  /// updates' sum. (Those of an example without steps may be anywhere.)
  bool hasFixedPlaces(ScatterOp scatter) {
    return isFactor(scatter.getIndex()) ||
           (isInvariant(scatter.getIndex()) && scan.getDim().isConstant());
  }
  bool isAvailable(Value value);
  bool isDerivable(Value value, const llvm::SetVector<Value> &stacked);
  bool mayStack(Value value) { return isAvailable(value) || !isLarge(value, batch); }
  bool canSink(Value value);
  void collect(Value value);
  void splitTerms(Value value, bool negative, SmallVectorImpl<Term> &sunk,
                  SmallVectorImpl<Term> &kept);
  void reduceStacks();

  Value emit(Value value);
  Value emitContract(ContractOp contract);
  Value emitScatter(ScatterOp scatter);
  BatchMapper::Entry remake(Value value);
  BatchMapper::Entry outside(Value value);
  Value total(ArrayRef<Term> terms, OpBuilder &at, function_ref<Value(Value)> get, Location loc);

  ScanOp scan;
  Block &body; // Stays the same block when the scan is replaced.
  DimAttr batch;
  llvm::DenseSet<Value> local;
  /// What is read outside at all positions.
  llvm::SetVector<Value> stacked;

  OpBuilder *builder = nullptr;
  BatchMapper *mapper = nullptr;
};

} // namespace

/// Slices, the position and what the scan stacks already can be read outside as they are.
bool Sinking::isAvailable(Value value) {
  if (isInvariant(value) || value == scan.getPosition() ||
      llvm::is_contained(scan.getYieldedStacks(), value))
    return true;
  return llvm::is_contained(scan.getSliceArguments(), value);
}

/// True if cheap ops make the value of what is available or stacked.
bool Sinking::isDerivable(Value value, const llvm::SetVector<Value> &stacked) {
  Operation *op = value.getDefiningOp();
  return op && isCheap(op) && llvm::all_of(op->getOperands(), [&](Value operand) {
           return isAvailable(operand) || stacked.contains(operand) ||
                  isDerivable(operand, stacked);
         });
}

bool Sinking::canSink(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || isInvariant(value))
    return false;
  if (auto contract = dyn_cast<ContractOp>(op)) {
    Value lhs = contract.getLhs(), rhs = contract.getRhs();
    if (contract.getInit() && !canSink(contract.getInit()))
      return false;
    return isFactor(lhs)   ? canSink(rhs)
           : isFactor(rhs) ? canSink(lhs)
                           : mayStack(lhs) && mayStack(rhs);
  }
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return reduce.getKind() == ReduceKind::Sum && mayStack(reduce.getOperand());
  if (auto scatter = dyn_cast<ScatterOp>(op)) {
    auto zero = scatter.getBase().getDefiningOp<ConstantOp>();
    if (!zero || zero.getSplat() != 0.0)
      return false;
    if (hasFixedPlaces(scatter) && canSink(scatter.getUpdate()))
      return true;
    return mayStack(scatter.getIndex()) && mayStack(scatter.getUpdate());
  }
  return isLinear(op) && canSink(op->getOperand(0));
}

/// Notes what the sum of `value`, which can be sunk, reads outside.
void Sinking::collect(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto contract = dyn_cast<ContractOp>(op)) {
    if (contract.getInit())
      collect(contract.getInit());
    if (isFactor(contract.getLhs()))
      return collect(contract.getRhs());
    if (isFactor(contract.getRhs()))
      return collect(contract.getLhs());
    stacked.insert(contract.getLhs());
    stacked.insert(contract.getRhs());
    return;
  }
  if (auto scatter = dyn_cast<ScatterOp>(op)) {
    if (hasFixedPlaces(scatter) && canSink(scatter.getUpdate()))
      return collect(scatter.getUpdate());
    stacked.insert(scatter.getIndex());
    stacked.insert(scatter.getUpdate());
    return;
  }
  if (isa<ReduceOp>(op)) {
    stacked.insert(op->getOperand(0));
    return;
  }
  collect(op->getOperand(0));
}

/// Takes a sum of values apart; each part leaves the loop or stays.
void Sinking::splitTerms(Value value, bool negative, SmallVectorImpl<Term> &sunk,
                         SmallVectorImpl<Term> &kept) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<AddOp, SubOp>(op) && !isInvariant(value)) {
    splitTerms(op->getOperand(0), negative, sunk, kept);
    splitTerms(op->getOperand(1), negative != isa<SubOp>(op), sunk, kept);
    return;
  }
  (canSink(value) ? sunk : kept).push_back({value, negative});
}

/// Drops from `stacked` what others make by cheap ops, later values first.
void Sinking::reduceStacks() {
  stacked.remove_if([&](Value value) { return isAvailable(value); });
  SmallVector<Value> ordered;
  for (Operation &op : body)
    for (Value result : op.getResults())
      if (stacked.contains(result))
        ordered.push_back(result);
  for (Value carry : scan.getCarryArguments())
    if (stacked.contains(carry))
      ordered.insert(ordered.begin(), carry);
  stacked.clear();
  stacked.insert(ordered.begin(), ordered.end());
  for (Value value : llvm::reverse(ordered)) {
    stacked.remove(value);
    if (!isDerivable(value, stacked))
      stacked.insert(value);
  }
}

/// The value outside of the loop, made anew where it is neither a slice nor a stack.
BatchMapper::Entry Sinking::remake(Value value) {
  Operation *op = value.getDefiningOp();
  if (op && op->getBlock() == &body && mapper->lookup(value).value == value) {
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (!op->isAncestor(operand.getParentBlock()->getParentOp()))
          remake(operand);
    });
    mapper->analyse(op);
    [[maybe_unused]] LogicalResult batched = mapper->batch(op);
    assert(succeeded(batched) && "what is made anew has a batch rule that does not fail");
  }
  return mapper->lookup(value);
}

/// The value at all positions.
BatchMapper::Entry Sinking::outside(Value value) {
  BatchMapper::Entry entry = remake(value);
  return entry.axis < 0 ? BatchMapper::Entry{mapper->materialise(value, 0), 0} : entry;
}

Value Sinking::emitContract(ContractOp contract) {
  Value lhs = contract.getLhs(), rhs = contract.getRhs();
  Value init = contract.getInit() ? emit(contract.getInit()) : Value();
  Spec spec = *Spec::parse(contract.getSpec());
  if (isFactor(lhs)) {
    lhs = remake(lhs).value;
    rhs = emit(rhs);
  } else if (isFactor(rhs)) {
    rhs = remake(rhs).value;
    lhs = emit(lhs);
  } else {
    // The step's letter is in both operands and not in the result: one sum over all steps.
    BatchMapper::Entry left = outside(lhs), right = outside(rhs);
    char letter = spec.freshLetter();
    spec.operands[0].insert(spec.operands[0].begin() + left.axis, letter);
    spec.operands[1].insert(spec.operands[1].begin() + right.axis, letter);
    lhs = left.value;
    rhs = right.value;
  }
  return ContractOp::create(*builder, contract.getLoc(), lhs, rhs, spec.str(), init);
}

Value Sinking::emitScatter(ScatterOp scatter) {
  Spec spec = *Spec::parse(scatter.getSpec());
  if (hasFixedPlaces(scatter) && canSink(scatter.getUpdate())) {
    Value index = remake(scatter.getIndex()).value, sum = emit(scatter.getUpdate());
    Value zero = ConstantOp::create(*builder, scatter.getLoc(), scatter.getBase().getType(), 0.0);
    return ScatterOp::create(*builder, scatter.getLoc(), zero.getType(), zero, index, sum,
                             scatter.getSpec());
  }
  char letter = spec.freshLetter();
  BatchMapper::Entry index = outside(scatter.getIndex()), update = outside(scatter.getUpdate());
  spec.operands[1].insert(spec.operands[1].begin() + index.axis, letter);
  spec.result.insert(spec.result.begin() + update.axis, letter);
  Value zero = ConstantOp::create(*builder, scatter.getLoc(), scatter.getBase().getType(), 0.0);
  return ScatterOp::create(*builder, scatter.getLoc(), zero.getType(), zero, index.value,
                           update.value, spec.str());
}

/// The sum over all steps of a value of the body.
Value Sinking::emit(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto contract = dyn_cast<ContractOp>(op))
    return emitContract(contract);
  if (auto scatter = dyn_cast<ScatterOp>(op))
    return emitScatter(scatter);
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    auto [whole, at] = outside(reduce.getOperand());
    SmallVector<int64_t> axes{at};
    for (int64_t axis : reduce.getAxes())
      axes.push_back(axis + (axis >= at));
    llvm::sort(axes);
    return ReduceOp::create(*builder, op->getLoc(), ReduceKind::Sum, whole, axes);
  }
  // Linear in its operand: the same op, of the operand's sum.
  IRMapping mapping;
  mapping.map(op->getOperand(0), emit(op->getOperand(0)));
  return builder->clone(*op, mapping)->getResult(0);
}

/// The signed sum of terms, each given by `get`.
Value Sinking::total(ArrayRef<Term> terms, OpBuilder &at, function_ref<Value(Value)> get,
                     Location loc) {
  Value sum;
  for (const Term &term : terms) {
    Value value = get(term.value);
    if (sum && term.negative)
      sum = SubOp::create(at, loc, value.getType(), sum, value);
    else if (sum)
      sum = AddOp::create(at, loc, value.getType(), sum, value);
    else
      sum = term.negative ? NegOp::create(at, loc, value.getType(), value).getResult() : value;
  }
  return sum;
}

int64_t Sinking::run() {
  struct Sum {
    int64_t number;
    SmallVector<Term> sunk, kept;
  };
  SmallVector<Sum> sums;
  for (int64_t i = 0; i < scan.getNumSums(); ++i) {
    Sum sum{i, {}, {}};
    if (scan.getSumResults()[i].use_empty())
      continue;
    splitTerms(scan.getYieldedSums()[i], false, sum.sunk, sum.kept);
    for (const Term &term : sum.sunk)
      if (Operation *op = term.value.getDefiningOp())
        decided(op, "sink") << wordsFor(op) << ", summed over the steps, leaves the "
                            << wordsFor(scan) << " as one over all of them: it is linear in them";
    if (sum.sunk.empty())
      continue;
    for (const Term &term : sum.sunk)
      collect(term.value);
    sums.push_back(std::move(sum));
  }
  if (sums.empty())
    return 0;
  reduceStacks();

  // What is summed in the loop from now on, and the stacks.
  OpBuilder inside(scan.getYield()), after(scan);
  int64_t firstSum = scan.getNumCarries() + scan.getNumStacks();
  for (Sum &sum : sums)
    if (!sum.kept.empty())
      scan.getYield()->setOperand(
          firstSum + sum.number,
          total(sum.kept, inside, [](Value value) { return value; }, scan.getLoc()));
  ScanEdit edit(scan);
  for (Value value : stacked)
    edit.addStack(value);
  scan = edit.finish(after);

  after.setInsertionPointAfter(scan);
  BatchMapper mapping(after, scan.getDim(), batch, /*lengthsVary=*/false);
  builder = &after;
  mapper = &mapping;
  Value position = scan.getPosition();
  ArrayType positions = arrayType(position).withInserted(0, scan.getDim());
  mapping.map(position, IotaOp::create(after, scan.getLoc(), positions, 0), 0);
  for (auto [part, whole, axis] :
       llvm::zip_equal(scan.getSliceArguments(), scan.getSlices(), scan.getSliceAxes()))
    mapping.map(part, whole, axis);
  for (auto [part, whole, axis] :
       llvm::zip_equal(scan.getYieldedStacks(), scan.getStackResults(), scan.getStackAxes()))
    if (!isInvariant(part))
      mapping.map(part, whole, axis);
  for (Sum &sum : sums) {
    OpResult result = scan.getSumResults()[sum.number];
    Value sunk = total(sum.sunk, after, [&](Value value) { return emit(value); }, scan.getLoc());
    if (sum.kept.empty()) {
      result.replaceAllUsesWith(sunk);
      continue;
    }
    auto both = AddOp::create(after, scan.getLoc(), sunk.getType(), result, sunk);
    result.replaceAllUsesExcept(both, both);
  }
  return static_cast<int64_t>(sums.size());
}

namespace {
struct Sink : rondo::impl::SinkPassBase<Sink> {
  void runOnOperation() override {
    SmallVector<ScanOp> scans;
    getOperation()->walk<WalkOrder::PostOrder>([&](ScanOp scan) { scans.push_back(scan); });
    for (ScanOp scan : scans)
      if (!scan.getSegments()) // Its sums are over few, long segments.
        numSums += Sinking(scan).run();
  }
};
} // namespace
