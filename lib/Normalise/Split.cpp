// rondo-split: a loop whose carries do not all depend on each other becomes loops in sequence.
#include "Batch/Batch.h"
#include "Normalise/Parting.h"
#include "Normalise/Passes.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/Remark.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/BitVector.h"

namespace rondo {
#define GEN_PASS_DEF_SPLITPASS
#include "Normalise/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

/// Assigns the carries and ops of one scan to stages, and builds a scan for each stage.
class Splitting {
public:
  explicit Splitting(ScanOp scan)
      : scan(scan), body(*scan.getBlock()), batch(batchDim(scan)), carryCount(scan.getNumCarries()),
        carryStage(carryCount, 0) {}

  /// The number of scans that stand for the one; 1 where it stays.
  int64_t run();

private:
  /// What one stage's scan consists of.
  struct Stage {
    SmallVector<int64_t> results;        // of the old scan
    llvm::SetVector<Value> slices;       // of the old scan, as arguments of its body
    llvm::SetVector<Value> incoming;     // values of earlier stages
    llvm::SetVector<Value> outgoing;     // values for later stages
    llvm::DenseSet<Operation *> members; // ops, those repeated from earlier stages included
    ScanOp scan;
  };

  void findDependences();
  void stageCarries();
  void stageOps();
  void need(Value value, int64_t stage);
  void needOperands(Operation *op, int64_t stage);
  void fillStages();
  void build(Stage &stage, OpBuilder &builder);
  int64_t stageOf(Value value) const { return valueStage.lookup(value); }
  llvm::BitVector carriesOf(Value value) const {
    auto it = reads.find(value);
    return it == reads.end() ? llvm::BitVector(carryCount) : it->second;
  }
  bool storesMore(Operation *op) const;
  bool isHeavyHere(Operation *op) const {
    return isHeavy(op) && !staysInSteps(scan, op) && !storesMore(op);
  }
  void explainKept();
  bool isRepeated(Operation *op) const;

  ScanOp scan;
  Block &body;
  DimAttr batch;
  int64_t carryCount;
  /// For each value of the body the carries that it reads within a step; for each op the carries
  /// whose next value reads it; carries that depend on each other have one group.
  llvm::DenseMap<Value, llvm::BitVector> reads;
  llvm::DenseMap<Operation *, llvm::BitVector> feeds;
  SmallVector<int64_t> group;
  llvm::DenseSet<Value> changing; // values of the body that are not the same in all steps

  SmallVector<int64_t> carryStage;
  llvm::DenseMap<Value, int64_t> valueStage;
  std::vector<Stage> stages;
  llvm::DenseMap<Value, std::pair<Value, int64_t>> wholes; // outgoing values: the stack, its axis
};

} // namespace

/// A heavy op that leaves has its operands of all steps stored. What it gains by that is that what
/// it reads of outside of the loop, such as weights, is read once for all steps, and that what it
/// makes is made at once. Where that is smaller than what is stored per step, as for a product with
/// weights that the loop itself changes, nothing is gained, and memory grows with the steps. A sum
/// over examples is none of these: it ends in one that is taken over the steps as well.
bool Splitting::storesMore(Operation *op) const {
  if (isa<ContractOp>(op) && batch &&
      !llvm::is_contained(arrayType(op->getResult(0)).getDims(), batch))
    return false;
  llvm::SetVector<Value> stored, kept;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      if (carriesOf(operand).any())
        stored.insert(operand);
      else if (!changing.contains(operand) &&
               (operand.getParentBlock() == &body ||
                !scan->isAncestor(operand.getParentBlock()->getParentOp())))
        kept.insert(operand);
    }
  });
  double stores = 0, saves = 0;
  for (Value value : stored)
    stores += typicalElements(value, batch);
  for (Value value : kept)
    saves += typicalElements(value, batch);
  for (Value result : op->getResults())
    saves += typicalElements(result, batch);
  return stores > saves;
}

/// Says which ops stay only for what they would store: those that feed none of what they read.
void Splitting::explainKept() {
  for (Operation &op : body.without_terminator()) {
    if (!isHeavy(&op) || staysInSteps(scan, &op) || !storesMore(&op))
      continue;
    llvm::BitVector sources = carriesOf(op.getResult(0));
    if (llvm::any_of(feeds[&op].set_bits(), [&](unsigned to) {
          return llvm::any_of(sources.set_bits(),
                              [&](unsigned i) { return group[i] == group[to]; });
        }))
      continue;
    missed(&op, "split") << wordsFor(&op) << " stays in the " << wordsFor(scan)
                         << ": what it reads changes from step to step, and to store it for all "
                            "steps takes more than the product and its other operands";
  }
}

void Splitting::findDependences() {
  for (auto [i, carry] : llvm::enumerate(scan.getCarryArguments()))
    reads.try_emplace(carry, llvm::BitVector(carryCount)).first->second.set(i);
  for (Operation &op : body.without_terminator()) {
    llvm::BitVector all(carryCount);
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        all |= carriesOf(operand);
    });
    for (Value result : op.getResults())
      reads[result] = all;
    feeds[&op] = llvm::BitVector(carryCount);
  }
  for (auto [i, next] : llvm::enumerate(scan.getYieldedCarries()))
    for (Operation *op : withAncestors(body, next))
      feeds[op].set(i);

  changing = dependents(body, body.getArguments());

  // Groups: which carry depends on which, over any number of steps.
  SmallVector<llvm::BitVector> reach;
  for (Value next : scan.getYieldedCarries())
    reach.push_back(carriesOf(next));
  for (int64_t k = 0; k < carryCount; ++k)
    for (int64_t i = 0; i < carryCount; ++i)
      if (reach[i].test(k))
        reach[i] |= reach[k];
  for (int64_t i = 0; i < carryCount; ++i) {
    int64_t first = i;
    for (int64_t j = 0; j < i && first == i; ++j)
      if (reach[i].test(j) && reach[j].test(i))
        first = j;
    group.push_back(first);
  }
}

/// A group comes at the stage of those it reads, or one later where something heavy between them
/// could be done for all steps at once. Groups have no cycles, so this ends.
void Splitting::stageCarries() {
  for (bool changed = true; changed;) {
    changed = false;
    auto raise = [&](unsigned carry, int64_t stage) {
      if (carryStage[carry] >= stage)
        return;
      changed = true;
      for (int64_t i = 0; i < carryCount; ++i)
        if (group[i] == group[carry])
          carryStage[i] = stage;
    };
    for (auto [i, next] : llvm::enumerate(scan.getYieldedCarries()))
      for (unsigned from : carriesOf(next).set_bits())
        raise(i, carryStage[from]);
    for (Operation &op : body.without_terminator()) {
      if (!isHeavyHere(&op))
        continue;
      llvm::BitVector sources = carriesOf(op.getResult(0));
      for (unsigned to : feeds[&op].set_bits())
        if (llvm::none_of(sources.set_bits(), [&](unsigned i) { return group[i] == group[to]; }))
          for (unsigned from : sources.set_bits())
            raise(to, carryStage[from] + 1);
    }
  }
}

/// An op comes as early as what it reads; a heavy one after the loop of the carries it reads,
/// unless they need it themselves.
void Splitting::stageOps() {
  for (auto [i, carry] : llvm::enumerate(scan.getCarryArguments()))
    valueStage[carry] = carryStage[i];
  for (Operation &op : body.without_terminator()) {
    int64_t stage = 0;
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        stage = std::max(stage, stageOf(operand));
    });
    auto inStage = [&](unsigned carry) { return carryStage[carry] == stage; };
    if (isHeavyHere(&op) && llvm::any_of(carriesOf(op.getResult(0)).set_bits(), inStage) &&
        llvm::none_of(feeds[&op].set_bits(), inStage))
      ++stage;
    for (Value result : op.getResults())
      valueStage[result] = stage;
  }
}

/// True for what a later stage computes again rather than reads: what no carry reaches, if it is
/// cheap, and what only repeats or rearranges its operand.
bool Splitting::isRepeated(Operation *op) const {
  return isa<BroadcastOp, ReshapeOp, TransposeOp, ConstantOp>(op) ||
         (isCheap(op) && carriesOf(op->getResult(0)).none());
}

void Splitting::needOperands(Operation *op, int64_t stage) {
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (operand.getParentBlock() == &body)
        need(operand, stage);
  });
}

/// Notes how `stage` gets a value of the body.
void Splitting::need(Value value, int64_t stage) {
  Operation *op = value.getDefiningOp();
  if (!op && value == scan.getPosition())
    return;
  if (!op && llvm::is_contained(scan.getSliceArguments(), value)) {
    stages[stage].slices.insert(value);
    return;
  }
  if (stageOf(value) == stage)
    return;
  if (op && isRepeated(op)) {
    if (stages[stage].members.insert(op).second)
      needOperands(op, stage);
    return;
  }
  stages[stage].incoming.insert(value);
  stages[stageOf(value)].outgoing.insert(value);
}

void Splitting::fillStages() {
  int64_t last = 0;
  for (auto [value, stage] : valueStage)
    last = std::max(last, stage);
  stages.resize(last + 1);
  for (Operation &op : body.without_terminator()) {
    int64_t stage = stageOf(op.getResult(0));
    stages[stage].members.insert(&op);
    needOperands(&op, stage);
  }
  for (auto [number, value] : llvm::enumerate(scan.getYield().getValues())) {
    auto i = static_cast<int64_t>(number);
    int64_t stage = i < carryCount ? carryStage[i] : stageOf(value);
    stages[stage].results.push_back(i);
    if (value.getParentBlock() == &body)
      need(value, stage);
  }
}

void Splitting::build(Stage &stage, OpBuilder &builder) {
  SmallVector<Value> starts, slices, parts;
  SmallVector<int64_t> sliceAxes, stackAxes;
  SmallVector<Type> stackTypes, sumTypes;
  int64_t firstSum = carryCount + scan.getNumStacks();
  for (int64_t result : stage.results) {
    if (result < carryCount) {
      starts.push_back(scan.getStarts()[result]);
    } else if (result < firstSum) {
      stackTypes.push_back(scan.getResult(result).getType());
      stackAxes.push_back(scan.getStackAxes()[result - carryCount]);
    } else {
      sumTypes.push_back(scan.getResult(result).getType());
    }
  }
  // The stacks for later stages stand behind the scan's own.
  int64_t firstOutgoing = static_cast<int64_t>(starts.size() + stackTypes.size());
  for (Value value : stage.outgoing) {
    int64_t axis = batchAxis(arrayType(value), batch);
    stackTypes.push_back(arrayType(value).withInserted(axis, scan.getDim()));
    stackAxes.push_back(axis);
  }
  for (Value part : stage.slices) {
    int64_t slice = cast<BlockArgument>(part).getArgNumber() - 1 - carryCount;
    slices.push_back(scan.getSlices()[slice]);
    sliceAxes.push_back(scan.getSliceAxes()[slice]);
  }
  for (Value value : stage.incoming) {
    auto [whole, axis] = wholes.lookup(value);
    slices.push_back(whole);
    sliceAxes.push_back(axis);
  }
  stage.scan = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(), starts,
                              slices, sliceAxes, stackTypes, stackAxes, sumTypes);

  IRMapping mapping;
  mapping.map(scan.getPosition(), stage.scan.getPosition());
  for (int64_t result : stage.results)
    if (result < carryCount) {
      mapping.map(scan.getCarryArguments()[result], stage.scan.getCarryArguments()[parts.size()]);
      parts.push_back(scan.getYieldedCarries()[result]);
    }
  SmallVector<Value> sliced(stage.slices.begin(), stage.slices.end());
  llvm::append_range(sliced, stage.incoming);
  for (auto [from, to] : llvm::zip_equal(sliced, stage.scan.getSliceArguments()))
    mapping.map(from, to);
  for (int64_t result : stage.results)
    if (result >= carryCount && result < firstSum)
      parts.push_back(scan.getYield().getValues()[result]);
  llvm::append_range(parts, stage.outgoing);
  for (int64_t result : stage.results)
    if (result >= firstSum)
      parts.push_back(scan.getYield().getValues()[result]);

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(stage.scan.getBlock());
  for (Operation &op : body.without_terminator())
    if (stage.members.contains(&op))
      builder.clone(op, mapping);
  YieldOp::create(builder, scan.getYield().getLoc(), llvm::map_to_vector(parts, [&](Value part) {
                    return mapping.lookupOrDefault(part);
                  }));
  for (auto [i, value] : llvm::enumerate(stage.outgoing))
    wholes[value] = {stage.scan.getResult(firstOutgoing + i), batchAxis(arrayType(value), batch)};
  for (auto [i, result] : llvm::enumerate(stage.results))
    scan.getResult(result).replaceAllUsesWith(
        stage.scan.getResult(i + (result < firstSum ? 0 : stage.outgoing.size())));
}

int64_t Splitting::run() {
  findDependences();
  if (wantsRemarks(scan->getContext()))
    explainKept();
  stageCarries();
  stageOps();
  if (llvm::all_of(valueStage, [](const auto &entry) { return entry.second == 0; }))
    return 1;
  fillStages();
  OpBuilder builder(scan);
  int64_t built = 0;
  for (Stage &stage : stages) {
    if (stage.results.empty() && stage.outgoing.empty())
      continue;
    build(stage, builder);
    ++built;
  }
  if (built > 1)
    decided(scan, "split") << wordsFor(scan) << " becomes " << built
                           << " loops, one after another: carries of the first do not read those "
                              "of the next, so products between them leave the loop";
  scan.erase();
  return built;
}

namespace {
struct Split : rondo::impl::SplitPassBase<Split> {
  void runOnOperation() override {
    SmallVector<ScanOp> scans;
    getOperation()->walk<WalkOrder::PostOrder>([&](ScanOp scan) { scans.push_back(scan); });
    for (ScanOp scan : scans) {
      if (scan.getSegments())
        continue;
      partResults(scan);
      if (Splitting(scan).run() > 1)
        ++numScans;
    }
  }
};
} // namespace
