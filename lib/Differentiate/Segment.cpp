// A scan over segments is differentiated as any scan is: the forward one stacks the carries before
// each segment (the checkpoints), the reverse one has a clone of the body, the loop over the
// segment's positions included, whose tape is then as long as a segment. With segments of s of T
// positions that is T / s checkpoints and s steps of tape, and every segment but the last runs
// forward twice (the last: see moveToReverse). Griewank, Achieving logarithmic growth of temporal
// and spatial complexity in reverse automatic differentiation (1992); Chen et al., Training deep
// nets with sublinear memory cost (arXiv 1604.06174); Gruslys et al. (arXiv 1606.03401) for BPTT.
//
// An entry that is not differentiated computes nothing twice: its segments are chunks of what
// leaves the loop (W x for the positions of a segment), which is then read while it is still in the
// cache.
//
// What becomes the body? An op is *local* in a dim if the positions of its operands along the dim
// do not mix: then it works on a segment as on the whole. So is a forward loop over the dim, whose
// carries go from segment to segment, and so is a sum over it, which is a sum of sums. All local
// ops that depend on such a loop join it, and those that it depends on are copied to it, so that
// nothing of them is kept at full length. What a sum or a last carry becomes is known after the
// last segment only; a loop that depends on it is in the next scan over segments (a level).
#include "Differentiate/Segment.h"
#include "Differentiate/Segmenting.h"
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace rondo;

int64_t Segmenting::axisOf(Type type, DimAttr dim) {
  ArrayRef<DimAttr> dims = cast<ArrayType>(type).getDims();
  const auto *at = llvm::find(dims, dim);
  return at == dims.end() ? -1 : at - dims.begin();
}

/// What the op and its regions read from outside of it.
static SmallVector<Value> readValues(Operation *op) {
  llvm::SetVector<Value> read(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), read);
  return read.takeVector();
}

/// True where the dim is part of another dim, or stands twice.
bool Segmenting::mentionsOtherwise(Operation *op) const {
  AttrTypeWalker walker;
  walker.addWalk([&](DimAttr dim) {
    return dim != whole && dim.mentions(whole.getSymbol()) ? WalkResult::interrupt()
                                                           : WalkResult::skip();
  });
  walker.addWalk([&](ArrayType type) {
    return llvm::count(type.getDims(), whole) > 1 ? WalkResult::interrupt() : WalkResult::advance();
  });
  return op
      ->walk([&](Operation *inner) {
        for (TypeRange types :
             {TypeRange(inner->getOperandTypes()), TypeRange(inner->getResultTypes())})
          for (Type type : types)
            if (walker.walk(type).wasInterrupted())
              return WalkResult::interrupt();
        return walker.walk(inner->getAttrDictionary());
      })
      .wasInterrupted();
}

/// True if the op, or one inside it, reads or makes an array with the dim.
bool Segmenting::seesDim(Operation *op) const {
  auto has = [&](Value value) { return hasDim(value); };
  return op
      ->walk([&](Operation *inner) {
        return llvm::any_of(inner->getOperands(), has) || llvm::any_of(inner->getResults(), has)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// A loop over the dim in rising order, or without an order, whose body does not see the dim.
bool Segmenting::isLoop(ScanOp scan) const {
  bool isUnordered = scan.getNumCarries() + scan.getNumSums() == 0;
  return scan.getDim() == whole && (!scan.getReverse() || isUnordered) &&
         llvm::none_of(*scan.getBlock(),
                       [&](Operation &op) {
                         auto inner = dyn_cast<ScanOp>(op);
                         return seesDim(&op) || (inner && inner.getDim() == whole);
                       }) &&
         llvm::none_of(scan.getStarts(), [&](Value start) { return hasDim(start); });
}

/// The ops of a loop's body that a value is computed by, in `needed`; false if it depends on a
/// carry or on an array with the dim.
bool Segmenting::collectStart(ScanOp scan, Value value,
                              llvm::SetVector<Operation *> &needed) const {
  if (!scan.getBody().isAncestor(value.getParentRegion()))
    return true;
  if (hasDim(value))
    return false;
  if (auto argument = dyn_cast<BlockArgument>(value))
    return !llvm::is_contained(scan.getCarryArguments(), argument);
  Operation *op = value.getDefiningOp();
  if (!llvm::all_of(readValues(op), [&](Value v) { return collectStart(scan, v, needed); }))
    return false;
  needed.insert(op);
  return true;
}

/// A loop over something else (layers) whose body works on whole sequences, each position of which
/// depends on those up to it: ops that are local, and loops over the dim that start from what is
/// known before the sequence.
bool Segmenting::isRepetition(ScanOp scan) const {
  if (scan.getDim() == whole || !seesDim(scan))
    return false;
  for (Operation &op : scan.getBlock()->without_terminator()) {
    if (!seesDim(&op))
      continue;
    auto loop = dyn_cast<ScanOp>(op);
    if (!isLocal(&op) || (loop && !isLoop(loop)))
      return false;
    if (llvm::any_of(op.getResults(), [&](Value v) { return !hasDim(v) && !v.use_empty(); }))
      return false;
    llvm::SetVector<Operation *> needed;
    if (loop &&
        !llvm::all_of(loop.getStarts(), [&](Value v) { return collectStart(scan, v, needed); }))
      return false;
  }
  return llvm::all_of(scan.getResults(), [&](Value v) { return v.use_empty() || hasDim(v); });
}

/// True if positions depend on those before.
bool Segmenting::isOrdered(Operation *op) const {
  auto scan = dyn_cast<ScanOp>(op);
  if (!scan)
    return false;
  return scan.getDim() == whole
             ? scan.getNumCarries() > 0
             : llvm::any_of(*scan.getBlock(), [&](Operation &inner) { return isOrdered(&inner); });
}

/// A sum over the dim, of numbers or of contributions to places.
bool Segmenting::isSum(Operation *op) const {
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return reduce.getKind() == ReduceKind::Sum;
  if (auto scatter = dyn_cast<ScatterOp>(op))
    return axisOf(scatter.getBase().getType(), whole) < 0;
  return isa<ContractOp>(op);
}

bool Segmenting::isLocal(Operation *op) const {
  if (isa<LengthOp, CheckOp, GradOp, StreamOp>(op) || op->hasTrait<OpTrait::IsTerminator>() ||
      mentionsOtherwise(op))
    return false;
  if (auto scan = dyn_cast<ScanOp>(op))
    return isLoop(scan) || isRepetition(scan);
  auto has = [&](Value value) { return hasDim(value); };
  if (op->getNumRegions() > 0)
    return false;
  if (auto random = dyn_cast<RandomOp>(op)) {
    // A draw numbers its elements: only a counter tells which segment it is in.
    int64_t axis = axisOf(random.getType(), whole);
    Spec spec = *Spec::parse(random.getSpec());
    return axis >= 0 && !StringRef(random.getElements()).contains(spec.result[axis]);
  }
  if (llvm::none_of(op->getOperands(), has))
    return llvm::any_of(op->getResults(), has);
  auto roles = dyn_cast<DimRoles>(op);
  if (!roles)
    return false;
  bool reduces = false;
  for (auto [uses, operand] : llvm::zip(roles.getDimRoles(), op->getOperands())) {
    int64_t axis = axisOf(operand.getType(), whole);
    if (axis < 0)
      continue;
    if (uses[axis].role == DimRole::Reduced)
      reduces = true;
    else if (uses[axis].role != DimRole::Parallel)
      return false;
  }
  return !reduces || isSum(op);
}

/// An op's level is that of the last scan over segments which it has to wait for the end of.
void Segmenting::findLevels() {
  for (Operation &op : block.without_terminator()) {
    if (isLocal(&op))
      local.insert(&op);
    int64_t level = 0;
    for (Value value : readValues(&op)) {
      Operation *producer = value.getDefiningOp();
      if (!producer)
        continue;
      bool isPart = local.contains(&op) && hasDim(value);
      bool waits = local.contains(producer) && !isPart;
      level = std::max(level, levels.lookup(producer) + (waits ? 1 : 0));
    }
    levels[&op] = level;
  }
}

/// The level's ops that depend on a loop with carries, and copies of those that these read.
void Segmenting::findMembers(int64_t level) {
  members.clear();
  moved.clear();
  llvm::DenseSet<Operation *> ordered; // those of any level
  for (Operation &op : block.without_terminator()) {
    if (!local.contains(&op))
      continue;
    bool depends = isOrdered(&op) || llvm::any_of(readValues(&op), [&](Value value) {
                     Operation *producer = value.getDefiningOp();
                     return producer && ordered.contains(producer) && hasDim(value);
                   });
    if (!depends)
      continue;
    ordered.insert(&op);
    if (levels[&op] == level)
      moved.insert(&op);
  }
  llvm::DenseSet<Operation *> needed(moved);
  for (Operation &op : llvm::reverse(block.without_terminator())) {
    if (!needed.contains(&op))
      continue;
    for (Value value : readValues(&op))
      if (Operation *producer = value.getDefiningOp();
          producer && local.contains(producer) && !ordered.contains(producer) && hasDim(value))
        needed.insert(producer);
  }
  for (Operation &op : block.without_terminator())
    if (needed.contains(&op))
      members.insert(&op);
}

SmallVector<ScanOp> Segmenting::run() {
  findLevels();
  int64_t last = 0;
  for (Operation &op : block.without_terminator())
    last = std::max(last, levels.lookup(&op));
  SmallVector<ScanOp> scans;
  for (int64_t level = 0; level <= last; ++level) {
    findMembers(level);
    if (moved.empty())
      continue;
    if (scans.empty())
      declareSymbols();
    scans.push_back(build());
  }
  return scans;
}

/// The dims of the loops that have carries: symbols, as a constant may be any dim's size.
static llvm::SetVector<DimAttr> loopDims(func::FuncOp function) {
  llvm::SetVector<DimAttr> dims;
  function.walk([&](ScanOp scan) {
    if (scan.getDim().getSymbol() && scan.getNumCarries() > 0)
      dims.insert(scan.getDim());
  });
  return dims;
}

FailureOr<bool> rondo::segmentLoops(func::FuncOp function) {
  if (failed(simplify(function))) // elements at positions become slices
    return failure();
  bool any = false;
  for (DimAttr dim : loopDims(function))
    for (ScanOp scan : Segmenting(function, dim).run()) {
      any = true;
      decided(scan, "segment") << "the loop over " << dim.str()
                               << ", and what is computed position by position beside it, runs "
                                  "segment by segment: a memory budget was asked for";
    }
  return any;
}
