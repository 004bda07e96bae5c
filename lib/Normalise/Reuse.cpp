// rondo-reuse: what a reverse loop computes again of its forward loop is read from stacks.
#include "Normalise/Crossing.h"
#include "Normalise/Passes.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/Remark.h"

namespace rondo {
#define GEN_PASS_DEF_REUSEPASS
#include "Normalise/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

/// A scan and a later one in its block that reads its stacks.
class Reuse {
public:
  Reuse(ScanOp forward, ScanOp later) : forward(forward), later(later) {}

  /// The number of values that the later scan reads now instead of computing them. The scans may
  /// have been replaced.
  int64_t run();

  ScanOp forward, later;

private:
  /// A stack that a scan in the forward body would need.
  struct Missing {
    ScanOp scan;
    Value part;
    bool operator==(const Missing &other) const {
      return part == other.part && ScanOp(scan) == ScanOp(other.scan);
    }
  };

  Value forwardOf(Value value);
  void matchArguments();
  void matchBody(Block &ours, Block &theirs);
  bool isSame(Operation *ours, Operation *theirs);
  bool matchScan(ScanOp ours, ScanOp theirs);
  void match();
  SmallVector<Value> crossing();

  /// For values of the later body, and of bodies in it, the equal value of the forward body.
  llvm::DenseMap<Value, Value> equal;
  SmallVector<Missing> missing;
};

} // namespace

/// The equal value of the forward body; values from outside of both are themselves. Null if
/// unknown.
Value Reuse::forwardOf(Value value) {
  if (Value found = equal.lookup(value))
    return found;
  return later.getBody().isAncestor(value.getParentRegion()) ? Value() : value;
}

/// The number of the stack of `part` at `axis` among those of `scan`, or -1.
static int64_t findStack(ScanOp scan, Value part, int64_t axis) {
  for (auto [i, stacked] : llvm::enumerate(scan.getYieldedStacks()))
    if (stacked == part && scan.getStackAxes()[i] == axis)
      return static_cast<int64_t>(i);
  return -1;
}

/// Slices of the same array are equal, and a slice of a stack is what was stacked.
void Reuse::matchArguments() {
  equal[later.getPosition()] = forward.getPosition();
  for (auto [part, whole, axis] :
       llvm::zip_equal(later.getSliceArguments(), later.getSlices(), later.getSliceAxes())) {
    for (auto [theirs, array, theirAxis] :
         llvm::zip_equal(forward.getSliceArguments(), forward.getSlices(), forward.getSliceAxes()))
      if (array == whole && theirAxis == axis)
        equal[part] = theirs;
    for (auto [stacked, result, theirAxis] : llvm::zip_equal(
             forward.getYieldedStacks(), forward.getStackResults(), forward.getStackAxes()))
      if (result == whole && theirAxis == axis)
        equal[part] = stacked;
  }
}

bool Reuse::isSame(Operation *ours, Operation *theirs) {
  if (ours->getName() != theirs->getName() || ours->getNumOperands() != theirs->getNumOperands())
    return false;
  if (auto scan = dyn_cast<ScanOp>(ours))
    return matchScan(scan, cast<ScanOp>(theirs));
  return ours->getNumRegions() == 0 && ours->getAttrDictionary() == theirs->getAttrDictionary() &&
         ours->getResultTypes() == theirs->getResultTypes() &&
         llvm::all_of(llvm::zip(ours->getOperands(), theirs->getOperands()),
                      [&](auto pair) { return forwardOf(std::get<0>(pair)) == std::get<1>(pair); });
}

/// Equal starts, slices and steps make equal carries; what is stacked of equal steps is equal. A
/// stack that the forward one lacks is noted, since it could be had.
bool Reuse::matchScan(ScanOp ours, ScanOp theirs) {
  if (ours.getDim() != theirs.getDim() || ours.getReverse() != theirs.getReverse() ||
      ours.getNumCarries() != theirs.getNumCarries() || ours.getNumCarries() == 0)
    return false;
  for (auto [a, b] : llvm::zip_equal(ours.getStarts(), theirs.getStarts()))
    if (forwardOf(a) != b)
      return false;
  equal[ours.getPosition()] = theirs.getPosition();
  for (auto [a, b] : llvm::zip_equal(ours.getCarryArguments(), theirs.getCarryArguments()))
    equal[a] = b;
  for (auto [part, whole, axis] :
       llvm::zip_equal(ours.getSliceArguments(), ours.getSlices(), ours.getSliceAxes()))
    for (auto [theirPart, theirWhole, theirAxis] :
         llvm::zip_equal(theirs.getSliceArguments(), theirs.getSlices(), theirs.getSliceAxes()))
      if (forwardOf(whole) == theirWhole && axis == theirAxis)
        equal[part] = theirPart;
  matchBody(*ours.getBlock(), *theirs.getBlock());
  for (auto [a, b] : llvm::zip_equal(ours.getYieldedCarries(), theirs.getYieldedCarries()))
    if (forwardOf(a) != b)
      return false;
  for (auto [a, b] : llvm::zip_equal(ours.getCarryResults(), theirs.getCarryResults()))
    equal[a] = b;
  for (auto [part, result, axis] :
       llvm::zip_equal(ours.getYieldedStacks(), ours.getStackResults(), ours.getStackAxes())) {
    Value theirPart = forwardOf(part);
    if (!theirPart)
      continue;
    int64_t stack = findStack(theirs, theirPart, axis);
    Missing wish{theirs, theirPart};
    if (stack >= 0)
      equal[result] = theirs.getStackResults()[stack];
    else if (axis == ScanEdit::stackAxis(theirs, theirPart) && !llvm::is_contained(missing, wish))
      missing.push_back(wish);
  }
  return true;
}

void Reuse::matchBody(Block &ours, Block &theirs) {
  for (Operation &op : ours.without_terminator())
    for (Operation &candidate : theirs.without_terminator())
      if (isSame(&op, &candidate)) {
        if (!isa<ScanOp>(op))
          for (auto [a, b] : llvm::zip_equal(op.getResults(), candidate.getResults()))
            equal[a] = b;
        break;
      }
}

/// Finds equal values, giving the loops of the forward body the stacks that they lack.
void Reuse::match() {
  constexpr int rounds = 8; // each but the last may show what a loop further in lacks
  for (int round = 0; round < rounds; ++round) {
    equal.clear();
    missing.clear();
    matchArguments();
    matchBody(*later.getBlock(), *forward.getBlock());
    if (missing.empty() || round + 1 == rounds)
      return;
    OpBuilder builder(forward.getContext());
    while (!missing.empty()) {
      ScanOp scan = missing.front().scan;
      ScanEdit edit(scan);
      for (Missing &wish : missing)
        if (wish.scan == scan)
          edit.addStack(wish.part);
      llvm::erase_if(missing, [&](Missing &wish) { return wish.scan == scan; });
      edit.finish(builder);
    }
  }
}

/// What the later body should read of the values that it has in common with the forward body.
SmallVector<Value> Reuse::crossing() {
  Block &body = *later.getBlock();
  llvm::DenseSet<Value> common;
  for (Operation &op : body.without_terminator())
    for (Value result : op.getResults())
      if (equal.contains(result))
        common.insert(result);
  llvm::SetVector<Value> wanted;
  for (Operation &op : body)
    if (op.getNumResults() == 0 || !common.contains(op.getResult(0)) ||
        llvm::any_of(op.getResults(), [&](Value v) { return !common.contains(v); }))
      op.walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          if (common.contains(operand))
            wanted.insert(operand);
      });
  SmallVector<Value> values = cheapestCrossing(later, common, wanted.getArrayRef(), isCheap);
  llvm::erase_if(values, [](Value value) { return isa<BlockArgument>(value); });
  return values;
}

int64_t Reuse::run() {
  match();
  SmallVector<Value> values = crossing();
  if (values.empty())
    return 0;
  for (Value value : values)
    decided(value.getDefiningOp(), "remat")
        << wordsFor(value.getDefiningOp()) << ", " << wordsFor(arrayType(value))
        << " a step, is kept by the " << wordsFor(forward) << " for the " << wordsFor(later)
        << ": to read it costs less than to compute again what it is made by";
  OpBuilder builder(forward);
  ScanEdit stacks(forward);
  SmallVector<int64_t> numbers;
  for (Value value : values) {
    Value part = equal.lookup(value);
    int64_t stack = findStack(forward, part, ScanEdit::stackAxis(forward, part));
    numbers.push_back(stack >= 0 ? stack : stacks.addStack(part));
  }
  forward = stacks.finish(builder);
  ScanEdit slices(later);
  for (auto [value, number] : llvm::zip_equal(values, numbers))
    value.replaceAllUsesWith(
        slices.addSlice(forward.getStackResults()[number], forward.getStackAxes()[number]));
  later = slices.finish(builder);
  return static_cast<int64_t>(values.size());
}

/// The scans before `later` in its block whose stacks it slices, the nearest last.
static SmallVector<ScanOp> forwardScans(ScanOp later) {
  SmallVector<ScanOp> scans;
  if (later.getSegments())
    return scans; // It computes again what is not to be kept.
  for (auto scan : later->getBlock()->getOps<ScanOp>())
    if (scan->isBeforeInBlock(later) && scan.getDim() == later.getDim() &&
        llvm::any_of(later.getSlices(), [&](Value v) { return v.getDefiningOp() == scan; }))
      scans.push_back(scan);
  return scans;
}

namespace {
struct ReusePass : rondo::impl::ReusePassBase<ReusePass> {
  void runOnOperation() override {
    // Inner loops first: a loop that is computed again is forward for its own reverse.
    SmallVector<Block *> blocks;
    getOperation()->walk<WalkOrder::PostOrder>([&](Operation *op) {
      for (Region &region : op->getRegions())
        for (Block &block : region)
          blocks.push_back(&block);
    });
    for (Block *block : blocks) {
      SmallVector<ScanOp> scans(block->getOps<ScanOp>());
      for (size_t i = 0; i < scans.size(); ++i)
        for (ScanOp forward : forwardScans(scans[i])) {
          Reuse reuse(forward, scans[i]);
          numValues += reuse.run();
          llvm::replace(scans, forward, reuse.forward);
          scans[i] = reuse.later;
        }
    }
  }
};
} // namespace
