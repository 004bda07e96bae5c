// The reverse rule of scan, in the recompute form: a scan in the other direction whose body clones
// the forward body, from the carries before the step and the slices, and then sweeps it in reverse.
//
//   forward                      reverse
//   carry                        carry: its adjoint, from the last carry's cotangent
//   slice                        stack: the adjoint of the part
//   stack                        slice: the cotangent's part
//   what the body captures       sum over the steps
//   sum                          its cotangent is captured
//
// The reverse of a scan over segments (Segment.h) computes whole segments again, and with them what
// the forward scan stacks and sums: it gives these results too, unless it depends on them. The
// forward scan is then left with the carries before each segment, for which the last need not run.
//
// Lengths need no care: an example's steps are the same in both, so what lies past its end
// contributes nothing, and with no step the start's adjoint is the last carry's cotangent.
#include "Differentiate/Activity.h"
#include "Differentiate/Differentiate.h"
#include "Differentiate/Sweep.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace rondo;

/// Where a stack of `part` has its new axis: after the examples' dim, if there is one.
static int64_t stackAxis(ScanOp scan, ArrayType part) {
  func::FuncOp function = enclosingFunction(scan);
  StringAttr leading = part.getRank() > 0 ? part.getDim(0).getSymbol() : StringAttr();
  return function && leading && lookupSymbol(function, leading) == SymbolKind::Batch ? 1 : 0;
}

/// The scan with, in addition, stacks of what the carries `which` are before each step.
static ScanOp withStackedCarries(OpBuilder &builder, ScanOp scan, ArrayRef<int64_t> which) {
  SmallVector<Type> stackTypes(scan.getStackResults().getTypes());
  SmallVector<int64_t> stackAxes(scan.getStackAxes());
  SmallVector<Value> stacked;
  for (int64_t carry : which) {
    BlockArgument argument = scan.getCarryArguments()[carry];
    int64_t axis = stackAxis(scan, arrayType(argument));
    stackTypes.push_back(arrayType(argument).withInserted(axis, scan.getDim()));
    stackAxes.push_back(axis);
    stacked.push_back(argument);
  }
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(scan);
  auto result = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(),
                               scan.getStarts(), scan.getSlices(), scan.getSliceAxes(), stackTypes,
                               stackAxes, SmallVector<Type>(scan.getSumResults().getTypes()));
  int64_t at = scan.getNumCarries() + scan.getNumStacks();
  result.getBody().takeBody(scan.getBody());
  result->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
  result.getYield().getValuesMutable().slice(at, 0).append(stacked);
  return result;
}

namespace {

/// Builds the reverse of one scan. The body is drafted first, since only its sweep shows which
/// carries it reads and which slices and captures get a cotangent.
class Reversal {
public:
  Reversal(ScanOp scan, OpBuilder &builder, Adjoints &adjoints)
      : scan(scan), builder(builder), adjoints(adjoints),
        ranges(static_cast<Sweep &>(adjoints).ranges) {} // nothing else runs rules

  LogicalResult run();

private:
  /// A value that each step of the reverse scan reads a part of.
  struct Slice {
    Value whole;
    int64_t axis;
    BlockArgument part;
  };
  /// A value that the forward scan reads and that gets a cotangent; the axis of a slice.
  struct Target {
    Value value;
    int64_t axis = -1;
  };

  void findCarries();
  void draftArguments();
  void assumeRanges();
  LogicalResult draftBody();
  bool dependsOn(OpResult result);
  void findRepeated();
  void removeDeadOps();
  void stackReadCarries();
  void finish();

  ScanOp scan, draft;
  OpBuilder &builder;
  Adjoints &adjoints;
  Ranges &ranges;

  /// The carries whose adjoint is carried, as numbers.
  SmallVector<int64_t> carries;
  SmallVector<Slice> slices;
  /// For each of the forward scan's carries, the argument that stands for it before the step.
  SmallVector<BlockArgument> before;
  SmallVector<BlockArgument> stackCotangents;
  IRMapping mapping;
  SmallVector<Target> sliceTargets, captureTargets;
  /// What the forward body yields, in the draft, while rules replace its ops.
  YieldOp clonedYield;
  /// Stacks and sums that are had from the reverse scan, and the draft's values for them.
  SmallVector<std::pair<int64_t, Value>> repeatedStacks, repeatedSums;
};

} // namespace

/// A carry's adjoint is carried if the carry depends on what is wanted and something with a
/// cotangent depends on the carry.
void Reversal::findCarries() {
  llvm::DenseSet<Value> useful;
  for (auto [yielded, result] : llvm::zip_equal(scan.getYield().getValues(), scan.getResults()))
    if (adjoints.of(result))
      useful.insert(yielded);
  bool changed = true;
  while (changed) {
    changed = false;
    spreadBackward(*scan.getBlock(), useful);
    for (auto [argument, next] :
         llvm::zip_equal(scan.getCarryArguments(), scan.getYieldedCarries()))
      changed |=
          useful.contains(argument) && arrayType(next).isFloat() && useful.insert(next).second;
  }
  for (auto [i, argument] : llvm::enumerate(scan.getCarryArguments()))
    if (adjoints.wants(argument) &&
        (useful.contains(argument) || adjoints.of(scan.getCarryResults()[i])))
      carries.push_back(i);
}

/// The draft is a scan without operands whose block has all the arguments that may be needed.
void Reversal::draftArguments() {
  draft = ScanOp::create(builder, scan.getLoc(), scan.getDim(), !scan.getReverse(), {}, {}, {}, {},
                         {}, {});
  Block &block = *draft.getBlock();
  mapping.map(scan.getPosition(), draft.getPosition());
  for (int64_t carry : carries)
    block.addArgument(scan.getStarts()[carry].getType(), scan.getLoc());
  for (BlockArgument carry : scan.getCarryArguments()) {
    before.push_back(block.addArgument(carry.getType(), carry.getLoc()));
    mapping.map(carry, before.back());
  }
  for (auto [i, part] : llvm::enumerate(scan.getSliceArguments())) {
    BlockArgument argument = block.addArgument(part.getType(), part.getLoc());
    slices.push_back({scan.getSlices()[i], scan.getSliceAxes()[i], argument});
    mapping.map(part, argument);
  }
  for (auto [stack, axis] : llvm::zip_equal(scan.getStackResults(), scan.getStackAxes())) {
    Value cotangent = adjoints.of(stack);
    stackCotangents.push_back({});
    if (!cotangent)
      continue;
    Type part = scan.partType(stack.getType(), axis);
    stackCotangents.back() = block.addArgument(part, scan.getLoc());
    slices.push_back({cotangent, axis, stackCotangents.back()});
  }
}

/// A carry before a step is as in the forward scan; the rest are parts of values. A carried adjoint
/// that starts as zeros because of a choice stays so if all that is added to it is.
void Reversal::assumeRanges() {
  ranges.assume(draft.getPosition(), {0, Interval::unbounded});
  for (auto [i, carry] : llvm::enumerate(carries)) {
    Value start = adjoints.of(scan.getCarryResults()[carry]);
    ranges.assume(draft.getBlock()->getArgument(1 + i), Interval::top(),
                  !start || ranges.isChosen(start));
  }
  for (auto [argument, result] : llvm::zip_equal(before, scan.getCarryResults()))
    ranges.assume(argument, ranges.of(result));
  for (const Slice &slice : slices)
    ranges.assume(slice.part, ranges.of(slice.whole), ranges.isChosen(slice.whole));
}

LogicalResult Reversal::draftBody() {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(draft.getBlock());
  for (Operation &op : scan.getBlock()->without_terminator())
    builder.clone(op, mapping);
  if (scan.getSegments()) {
    auto *aside = new Block();
    draft.getBody().push_back(aside);
    auto atEnd = OpBuilder::atBlockEnd(aside);
    clonedYield = cast<YieldOp>(atEnd.clone(*scan.getYield(), mapping));
  }

  // What is wanted: carries with an adjoint, parts of wanted slices, wanted captures.
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(scan.getBody(), captured);
  captured.remove_if([&](Value value) { return !adjoints.wants(value); });
  SmallVector<Value> sources(captured.begin(), captured.end());
  for (int64_t carry : carries)
    sources.push_back(before[carry]);
  for (auto [part, slice] : llvm::zip(scan.getSliceArguments(), scan.getSlices()))
    if (adjoints.wants(slice))
      sources.push_back(mapping.lookup(part));

  assumeRanges();
  Sweep sweep(*draft.getBlock(), sources, ranges);
  auto seed = [&](Value yielded, Value cotangent) {
    if (cotangent)
      sweep.add(builder, mapping.lookupOrDefault(yielded), cotangent);
  };
  for (auto [i, carry] : llvm::enumerate(carries))
    seed(scan.getYieldedCarries()[carry], draft.getBlock()->getArgument(1 + i));
  for (auto [yielded, cotangent] : llvm::zip_equal(scan.getYieldedStacks(), stackCotangents))
    seed(yielded, cotangent);
  for (auto [yielded, sum] : llvm::zip_equal(scan.getYieldedSums(), scan.getSumResults()))
    seed(yielded, adjoints.of(sum));
  LogicalResult swept = sweep.run(builder);
  ranges.forget(draft); // much of it goes
  if (failed(swept))
    return failure();

  SmallVector<Value> yielded;
  for (int64_t carry : carries)
    yielded.push_back(sweep.ofOrZero(builder, scan.getLoc(), before[carry]));
  for (auto [i, part] : llvm::enumerate(scan.getSliceArguments()))
    if (Value adjoint = sweep.of(mapping.lookup(part))) {
      sliceTargets.push_back({scan.getSlices()[i], scan.getSliceAxes()[i]});
      yielded.push_back(adjoint);
    }
  for (Value capture : captured)
    if (Value adjoint = sweep.of(capture)) {
      captureTargets.push_back({capture});
      yielded.push_back(adjoint);
    }
  YieldOp::create(builder, scan.getLoc(), yielded);
  return success();
}

/// True if the draft reads the result of the forward scan, by whatever way.
bool Reversal::dependsOn(OpResult result) {
  llvm::SetVector<Value> pending;
  getUsedValuesDefinedAbove(draft.getBody(), pending);
  for (const Slice &slice : slices)
    pending.insert(slice.whole);
  for (int64_t carry : carries)
    if (Value start = adjoints.of(scan.getCarryResults()[carry]))
      pending.insert(start);
  for (size_t next = 0; next < pending.size(); ++next) {
    if (pending[next] == result)
      return true;
    Operation *op = pending[next].getDefiningOp();
    if (!op || op == scan)
      continue;
    pending.insert(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), pending);
  }
  return false;
}

/// Chooses the results that the reverse scan gives, of one over segments.
void Reversal::findRepeated() {
  if (!clonedYield)
    return;
  auto choose = [&](ResultRange results, OperandRange yielded,
                    SmallVectorImpl<std::pair<int64_t, Value>> &repeated) {
    for (auto [number, result, value] : llvm::enumerate(results, yielded))
      if (!result.use_empty() && !dependsOn(result))
        repeated.emplace_back(number, value);
  };
  int64_t firstStack = scan.getNumCarries(), firstSum = firstStack + scan.getNumStacks();
  choose(scan.getStackResults(), clonedYield.getValues().slice(firstStack, scan.getNumStacks()),
         repeatedStacks);
  choose(scan.getSumResults(), clonedYield.getValues().drop_front(firstSum), repeatedSums);
  clonedYield->getBlock()->erase();

  auto yield = cast<YieldOp>(draft.getBlock()->getTerminator());
  SmallVector<Value> yielded(yield.getValues());
  size_t behindStacks = carries.size() + sliceTargets.size();
  for (auto [number, value] : llvm::reverse(repeatedStacks))
    yielded.insert(yielded.begin() + behindStacks, value);
  for (auto [number, value] : repeatedSums)
    yielded.push_back(value);
  yield->setOperands(yielded);
}

/// Of the cloned forward body only what the sweep reads stays, so that no carry or slice is kept
/// for the rest.
void Reversal::removeDeadOps() {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*draft.getBlock())))
    if (isOpTriviallyDead(&op))
      op.erase();
}

/// Makes the forward scan stack what the draft reads of its carries; `scan` is then the new one.
void Reversal::stackReadCarries() {
  SmallVector<int64_t> read;
  for (auto [i, argument] : llvm::enumerate(before))
    if (!argument.use_empty())
      read.push_back(i);
  if (read.empty())
    return;
  ScanOp forward = withStackedCarries(builder, scan, read);
  int64_t at = scan.getNumCarries() + scan.getNumStacks();
  SmallVector<Value> results(forward.getResults());
  results.erase(results.begin() + at, results.begin() + at + read.size());
  // A stack's cotangent may be a result of the scan that goes (the derivative of y * y is y).
  for (Slice &slice : slices)
    if (slice.whole.getDefiningOp() == scan.getOperation())
      slice.whole = results[cast<OpResult>(slice.whole).getResultNumber()];
  adjoints.replace(scan, results);
  scan = forward;
  for (auto [i, carry] : llvm::enumerate(read))
    slices.push_back({scan.getResult(at + i), scan.getStackAxes()[at - scan.getNumCarries() + i],
                      before[carry]});
}

/// Turns the draft into the reverse scan, with the operands that its body reads.
void Reversal::finish() {
  SmallVector<Value> starts, wholes;
  SmallVector<int64_t> axes, stackAxes;
  SmallVector<Type> stackTypes, sumTypes;
  for (int64_t carry : carries) {
    Value start = adjoints.of(scan.getCarryResults()[carry]);
    if (!start)
      start = ConstantOp::create(builder, scan.getLoc(), scan.getStarts()[carry].getType(), 0.0);
    starts.push_back(start);
  }
  llvm::erase_if(slices, [](const Slice &slice) { return slice.part.use_empty(); });
  for (const Slice &slice : slices) {
    wholes.push_back(slice.whole);
    axes.push_back(slice.axis);
  }
  for (auto [value, axis] : sliceTargets) {
    stackTypes.push_back(value.getType());
    stackAxes.push_back(axis);
  }
  for (auto [value, axis] : captureTargets)
    sumTypes.push_back(value.getType());
  for (auto [number, value] : repeatedStacks) {
    stackTypes.push_back(scan.getStackResults()[number].getType());
    stackAxes.push_back(scan.getStackAxes()[number]);
  }
  for (auto [number, value] : repeatedSums)
    sumTypes.push_back(scan.getSumResults()[number].getType());

  // A map has no direction.
  bool reverse = carries.empty() ? scan.getReverse() : !scan.getReverse();
  auto result = ScanOp::create(builder, scan.getLoc(), scan.getDim(), reverse, starts, wholes, axes,
                               stackTypes, stackAxes, sumTypes);
  Block &from = *draft.getBlock(), &to = *result.getBlock();
  draft.getPosition().replaceAllUsesWith(result.getPosition());
  for (auto [i, argument] : llvm::enumerate(result.getCarryArguments()))
    from.getArgument(1 + i).replaceAllUsesWith(argument);
  for (auto [slice, argument] : llvm::zip_equal(slices, result.getSliceArguments()))
    slice.part.replaceAllUsesWith(argument);
  to.getOperations().splice(to.end(), from.getOperations());
  draft.erase();

  for (auto [carry, adjoint] : llvm::zip_equal(carries, result.getCarryResults()))
    adjoints.add(builder, scan.getStarts()[carry], adjoint);
  for (auto [target, adjoint] : llvm::zip(sliceTargets, result.getStackResults()))
    adjoints.add(builder, target.value, adjoint);
  for (auto [target, adjoint] : llvm::zip(captureTargets, result.getSumResults()))
    adjoints.add(builder, target.value, adjoint);
  for (auto [repeated, stack] :
       llvm::zip_equal(repeatedStacks, result.getStackResults().drop_front(sliceTargets.size())))
    scan.getStackResults()[repeated.first].replaceAllUsesWith(stack);
  for (auto [repeated, sum] :
       llvm::zip_equal(repeatedSums, result.getSumResults().drop_front(captureTargets.size())))
    scan.getSumResults()[repeated.first].replaceAllUsesWith(sum);
}

LogicalResult Reversal::run() {
  findCarries();
  draftArguments();
  if (failed(draftBody()))
    return failure();
  findRepeated();
  removeDeadOps();
  stackReadCarries();
  finish();
  return success();
}

namespace {
struct ScanAdjoint : Differentiable::ExternalModel<ScanAdjoint, ScanOp> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    return Reversal(cast<ScanOp>(op), builder, adjoints).run();
  }
};
} // namespace

void rondo::attachScanAdjoint(MLIRContext *context) {
  ScanOp::attachInterface<ScanAdjoint>(*context);
}
