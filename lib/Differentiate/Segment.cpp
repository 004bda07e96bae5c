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
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace rondo;

static int64_t axisOf(Type type, DimAttr dim) {
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

namespace {

/// The segments of one dim in the ops of one function.
class Segmenting {
public:
  Segmenting(func::FuncOp function, DimAttr dim)
      : function(function), block(function.getBody().front()), whole(dim) {}

  /// The scans over segments, one per level that has a loop.
  SmallVector<ScanOp> run();

private:
  bool mentionsOtherwise(Operation *op) const;
  bool isLocal(Operation *op) const;
  bool hasDim(Value value) const { return axisOf(value.getType(), whole) >= 0; }
  bool seesDim(Operation *op) const;
  bool isLoop(ScanOp scan) const;
  bool isRepetition(ScanOp scan) const;
  bool isOrdered(Operation *op) const;
  bool isSum(Operation *op) const;
  void findLevels();
  void findMembers(int64_t level);
  void declareSymbols();
  ScanOp build();
  void convert(Operation *op, OpBuilder &builder);
  ScanOp convertLoop(ScanOp scan, ValueRange begins, OpBuilder &builder);
  void convertOwnLoop(ScanOp scan, OpBuilder &builder);
  void convertRepetition(ScanOp scan, OpBuilder &builder);
  Value stackedStart(ScanOp scan, Value start);
  /// A carry of the scan over segments; what it is before the segment.
  Value addCarry(Value start);
  void convertSum(Operation *op, OpBuilder &builder);
  void convertPositions(IotaOp iota, OpBuilder &builder);
  Value partOf(Value value);
  /// The type of a value's part in a segment.
  ArrayType segmentType(Type type) const;

  func::FuncOp function;
  Block &block;
  DimAttr whole, part, count;
  llvm::DenseSet<Operation *> local;
  llvm::DenseMap<Operation *, int64_t> levels;

  // Of the level that is built:
  /// The ops of the body, in order; those that go, since nothing else can compute them.
  llvm::SetVector<Operation *> members;
  llvm::DenseSet<Operation *> moved;
  Block *body = nullptr;
  IRMapping parts;
  llvm::MapVector<Value, BlockArgument> sliced;
  /// Of the carries: their starts, what they are after a segment, and the results that they replace
  /// (none for those of repetitions).
  SmallVector<Value> starts, nexts, lasts;
  /// Sums over the dim: a segment's, what is added to that of all, the old op's result.
  struct Sum {
    Value part, start, result;
  };
  SmallVector<Sum> sums;
};

} // namespace

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
static bool collectStart(ScanOp scan, Value value, llvm::SetVector<Operation *> &needed,
                         function_ref<bool(Value)> hasDim) {
  if (!scan.getBody().isAncestor(value.getParentRegion()))
    return true;
  if (hasDim(value))
    return false;
  if (auto argument = dyn_cast<BlockArgument>(value))
    return !llvm::is_contained(scan.getCarryArguments(), argument);
  Operation *op = value.getDefiningOp();
  if (!llvm::all_of(readValues(op), [&](Value v) { return collectStart(scan, v, needed, hasDim); }))
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
  auto has = [&](Value value) { return hasDim(value); };
  for (Operation &op : scan.getBlock()->without_terminator()) {
    if (!seesDim(&op))
      continue;
    auto loop = dyn_cast<ScanOp>(op);
    if (!isLocal(&op) || (loop && !isLoop(loop)))
      return false;
    if (llvm::any_of(op.getResults(), [&](Value v) { return !hasDim(v) && !v.use_empty(); }))
      return false;
    llvm::SetVector<Operation *> needed;
    if (loop && !llvm::all_of(loop.getStarts(),
                              [&](Value v) { return collectStart(scan, v, needed, has); }))
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

/// T_segment and T_segments for the dim T.
void Segmenting::declareSymbols() {
  MLIRContext *context = function.getContext();
  SmallVector<SymbolAttr> symbols = getSymbols(function);
  auto fresh = [&](std::string name) {
    auto isTaken = [&](SymbolAttr symbol) { return symbol.getName().getValue() == name; };
    while (llvm::any_of(symbols, isTaken))
      name += "_";
    return StringAttr::get(context, name);
  };
  std::string base = whole.getSymbol().str();
  StringAttr partName = fresh(base + "_segment"), countName = fresh(base + "_segments");
  part = DimAttr::get(context, partName.getValue());
  count = DimAttr::get(context, countName.getValue());
  symbols.push_back(SymbolAttr::get(context, partName, SymbolKind::Segment, whole));
  symbols.push_back(SymbolAttr::get(context, countName, SymbolKind::Segments, part));
  function->setAttr(names::symbols, ArrayAttr::get(context, SmallVector<Attribute>(symbols.begin(),
                                                                                   symbols.end())));
}

/// A position in the segment becomes one of the whole dim.
static Value fromFirst(OpBuilder &builder, Value position, Value first) {
  ArrayType type = arrayType(position);
  if (type.getElementType() != arrayType(first).getElementType())
    first = ConvertOp::create(builder, position.getLoc(),
                              arrayType(first).withElementType(type.getElementType()), first);
  if (type.getRank() > 0)
    first = BroadcastOp::create(builder, position.getLoc(), type, first, ArrayRef<int64_t>());
  return AddOp::create(builder, position.getLoc(), type, position, first);
}

ArrayType Segmenting::segmentType(Type type) const {
  SmallVector<DimAttr> dims(cast<ArrayType>(type).getDims());
  llvm::replace(dims, whole, part);
  return cast<ArrayType>(type).withDims(dims);
}

/// What stands for a value in the body.
Value Segmenting::partOf(Value value) {
  if (Value known = parts.lookupOrNull(value))
    return known;
  if (axisOf(value.getType(), whole) < 0)
    return value;
  BlockArgument &argument = sliced[value];
  if (!argument)
    argument = body->addArgument(segmentType(value.getType()), value.getLoc());
  return argument;
}

void Segmenting::convertPositions(IotaOp iota, OpBuilder &builder) {
  ArrayType type = segmentType(iota.getType());
  Value position = IotaOp::create(builder, iota.getLoc(), type, iota.getAxis());
  if (iota.getType().getDim(iota.getAxis()) == whole)
    position = fromFirst(builder, position, body->getArgument(0));
  parts.map(iota.getResult(), position);
}

Value Segmenting::addCarry(Value start) {
  starts.push_back(start);
  return body->insertArgument(starts.size(), start.getType(), start.getLoc());
}

/// A loop over the segment's positions.
ScanOp Segmenting::convertLoop(ScanOp scan, ValueRange begins, OpBuilder &builder) {
  SmallVector<Value> arrays;
  SmallVector<Type> stackTypes;
  for (Value slice : scan.getSlices())
    arrays.push_back(partOf(slice));
  for (Value stack : scan.getStackResults())
    stackTypes.push_back(segmentType(stack.getType()));
  auto result = ScanOp::create(builder, scan.getLoc(), part, scan.getReverse(), begins, arrays,
                               scan.getSliceAxes(), stackTypes, scan.getStackAxes(),
                               SmallVector<Type>(scan.getSumResults().getTypes()));
  IRMapping mapping(parts);
  OpBuilder inside = OpBuilder::atBlockEnd(result.getBlock());
  Value position = result.getPosition();
  if (!scan.getPosition().use_empty())
    position = fromFirst(inside, position, body->getArgument(0));
  mapping.map(scan.getPosition(), position);
  for (auto [from, to] : llvm::zip_equal(scan.getBlock()->getArguments().drop_front(),
                                         result.getBlock()->getArguments().drop_front()))
    mapping.map(from, to);
  for (Operation &op : *scan.getBlock())
    inside.clone(op, mapping);
  for (auto [from, to] : llvm::zip_equal(scan.getStackResults(), result.getStackResults()))
    parts.map(from, to);
  return result;
}

/// A loop whose carries go from segment to segment.
void Segmenting::convertOwnLoop(ScanOp scan, OpBuilder &builder) {
  SmallVector<Value> begins;
  for (Value start : scan.getStarts())
    begins.push_back(addCarry(start));
  ScanOp result = convertLoop(scan, begins, builder);
  if (!moved.contains(scan))
    return;
  llvm::append_range(nexts, result.getCarryResults());
  llvm::append_range(lasts, scan.getCarryResults());
  for (auto [from, to] : llvm::zip_equal(scan.getSumResults(), result.getSumResults()))
    sums.push_back({to, Value(), from});
}

/// Where an array for all repetitions has their dim: behind the examples' dim, if there is one.
static int64_t repetitionAxis(func::FuncOp function, Type type) {
  ArrayRef<DimAttr> dims = cast<ArrayType>(type).getDims();
  StringAttr leading = dims.empty() ? StringAttr() : dims.front().getSymbol();
  return leading && lookupSymbol(function, leading) == SymbolKind::Batch ? 1 : 0;
}

/// What a carry of a loop in a repetition's body starts with, for all repetitions.
Value Segmenting::stackedStart(ScanOp scan, Value start) {
  llvm::SetVector<Operation *> needed;
  collectStart(scan, start, needed, [&](Value value) { return hasDim(value); });
  int64_t axis = repetitionAxis(function, start.getType());
  ArrayType type = arrayType(start).withInserted(axis, scan.getDim());
  OpBuilder outside(scan);
  if (!scan.getBody().isAncestor(start.getParentRegion())) {
    SmallVector<int64_t> axes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (i != axis)
        axes.push_back(i);
    return BroadcastOp::create(outside, start.getLoc(), type, start, axes);
  }
  SmallVector<Value> arrays;
  SmallVector<int64_t> axes;
  SmallVector<BlockArgument> arguments;
  for (auto [array, arrayAxis, argument] :
       llvm::zip_equal(scan.getSlices(), scan.getSliceAxes(), scan.getSliceArguments()))
    if (!hasDim(argument)) {
      arrays.push_back(array);
      axes.push_back(arrayAxis);
      arguments.push_back(argument);
    }
  auto map = ScanOp::create(outside, scan.getLoc(), scan.getDim(), false, {}, arrays, axes,
                            Type(type), axis, {});
  IRMapping mapping;
  mapping.map(scan.getPosition(), map.getPosition());
  for (auto [from, to] : llvm::zip_equal(arguments, map.getSliceArguments()))
    mapping.map(from, to);
  OpBuilder inside = OpBuilder::atBlockEnd(map.getBlock());
  for (Operation *op : needed)
    inside.clone(*op, mapping);
  YieldOp::create(inside, scan.getLoc(), mapping.lookupOrDefault(start));
  return map.getStackResults()[0];
}

/// The repetition with segments for sequences. What a loop in its body carries goes from segment to
/// segment for each repetition by itself: as an array, of which a repetition reads and stacks its
/// part.
void Segmenting::convertRepetition(ScanOp scan, OpBuilder &builder) {
  struct State {
    Value before;
    int64_t axis;
    BlockArgument argument;
    Value next;
  };
  SmallVector<State> states;
  SmallVector<Value> begins, arrays;
  SmallVector<int64_t> arrayAxes(scan.getSliceAxes()), stackAxes(scan.getStackAxes());
  SmallVector<Type> stackTypes, sumTypes;
  for (Value start : scan.getStarts())
    begins.push_back(partOf(start));
  for (Value slice : scan.getSlices())
    arrays.push_back(partOf(slice));
  for (Value stack : scan.getStackResults())
    stackTypes.push_back(segmentType(stack.getType()));
  for (Value sum : scan.getSumResults())
    sumTypes.push_back(segmentType(sum.getType()));
  for (auto loop : scan.getBlock()->getOps<ScanOp>())
    if (loop.getDim() == whole)
      for (Value start : loop.getStarts()) {
        int64_t axis = repetitionAxis(function, start.getType());
        Value before = addCarry(stackedStart(scan, start));
        states.push_back({before, axis, {}, {}});
        arrays.push_back(before);
        arrayAxes.push_back(axis);
        stackTypes.push_back(before.getType());
        stackAxes.push_back(axis);
      }
  auto result = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(), begins,
                               arrays, arrayAxes, stackTypes, stackAxes, sumTypes);
  unsigned numOld = scan.getBlock()->getNumArguments();
  for (unsigned i = 0; i < numOld; ++i)
    parts.map(scan.getBlock()->getArgument(i), result.getBlock()->getArgument(i));
  for (auto [i, state] : llvm::enumerate(states))
    state.argument = result.getBlock()->getArgument(numOld + i);

  OpBuilder inside = OpBuilder::atBlockEnd(result.getBlock());
  size_t next = 0;
  for (Operation &op : scan.getBlock()->without_terminator()) {
    auto loop = dyn_cast<ScanOp>(op);
    if (loop && loop.getDim() == whole) {
      SmallVector<Value> before;
      for (int64_t i = 0; i < loop.getNumCarries(); ++i)
        before.push_back(states[next + i].argument);
      ScanOp converted = convertLoop(loop, before, inside);
      for (Value last : converted.getCarryResults())
        states[next++].next = last;
    } else if (seesDim(&op)) {
      convert(&op, inside);
    } else {
      inside.clone(op, parts);
    }
  }
  SmallVector<Value> yielded;
  for (Value value : scan.getYield().getValues())
    yielded.push_back(partOf(value));
  int64_t at = scan.getNumCarries() + scan.getNumStacks();
  for (auto [i, state] : llvm::enumerate(states))
    yielded.insert(yielded.begin() + at + i, state.next);
  YieldOp::create(inside, scan.getLoc(), yielded);
  for (auto [i, old] : llvm::enumerate(scan.getResults())) {
    int64_t number = static_cast<int64_t>(i);
    parts.map(old, result.getResult(number < at ? number : number + states.size()));
  }
  for (size_t i = 0; i < states.size(); ++i) {
    nexts.push_back(result.getResult(at + i));
    lasts.push_back({});
  }
}

/// The segment's contribution to a sum over the dim; what the sum starts with is added in the end.
void Segmenting::convertSum(Operation *op, OpBuilder &builder) {
  Value start, contribution;
  if (auto contract = dyn_cast<ContractOp>(op)) {
    start = contract.getInit();
    contribution = ContractOp::create(builder, op->getLoc(), partOf(contract.getLhs()),
                                      partOf(contract.getRhs()), contract.getSpec(), Value());
  } else if (auto scatter = dyn_cast<ScatterOp>(op)) {
    start = scatter.getBase();
    Value zero = ConstantOp::create(builder, op->getLoc(), scatter.getType(), 0.0);
    contribution = ScatterOp::create(builder, op->getLoc(), scatter.getType(), zero,
                                     partOf(scatter.getIndex()), partOf(scatter.getUpdate()),
                                     scatter.getSpec());
  } else {
    auto reduce = cast<ReduceOp>(op);
    contribution = ReduceOp::create(builder, op->getLoc(), ReduceKind::Sum,
                                    partOf(reduce.getOperand()), reduce.getAxes());
  }
  sums.push_back({contribution, start, op->getResult(0)});
}

void Segmenting::convert(Operation *op, OpBuilder &builder) {
  if (auto scan = dyn_cast<ScanOp>(op))
    return scan.getDim() == whole ? convertOwnLoop(scan, builder)
                                  : convertRepetition(scan, builder);
  if (auto iota = dyn_cast<IotaOp>(op))
    return convertPositions(iota, builder);
  if (axisOf(op->getResult(0).getType(), whole) < 0)
    return convertSum(op, builder);
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, partOf(operand));
  Operation *clone = builder.clone(*op, mapping);
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](DimAttr dim) { return dim == whole ? part : dim; });
  replacer.replaceElementsIn(clone, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                             /*replaceTypes=*/true);
  parts.map(op->getResults(), clone->getResults());
}

/// The members as the body of a scan over the segments.
ScanOp Segmenting::build() {
  parts.clear();
  sliced.clear();
  starts.clear();
  nexts.clear();
  lasts.clear();
  sums.clear();
  Location loc = (*llvm::find_if(members, llvm::IsaPred<ScanOp>))->getLoc();
  OpBuilder builder(block.getTerminator());
  // The body is drafted in a scan without operands; only then they are known.
  auto draft = ScanOp::create(builder, loc, count, false, {}, {}, {}, {}, {}, {});
  body = draft.getBlock();
  OpBuilder inside = OpBuilder::atBlockEnd(body);
  for (Operation *op : members)
    convert(op, inside);

  // What others read at full length.
  auto isOutside = [&](OpOperand &use) {
    return !moved.contains(block.findAncestorOpInBlock(*use.getOwner()));
  };
  SmallVector<Value> stacked, wholes, yielded(nexts);
  SmallVector<Type> stackTypes, sumTypes;
  SmallVector<int64_t> sliceAxes, stackAxes;
  for (Operation *op : members)
    for (Value result : op->getResults())
      if (int64_t axis = axisOf(result.getType(), whole);
          moved.contains(op) && axis >= 0 && llvm::any_of(result.getUses(), isOutside)) {
        stacked.push_back(result);
        stackTypes.push_back(result.getType());
        stackAxes.push_back(axis);
        yielded.push_back(parts.lookup(result));
      }
  for (const Sum &sum : sums) {
    sumTypes.push_back(sum.part.getType());
    yielded.push_back(sum.part);
  }
  YieldOp::create(inside, loc, yielded);
  for (auto &[value, argument] : sliced) {
    wholes.push_back(value);
    sliceAxes.push_back(axisOf(value.getType(), whole));
  }
  auto scan = ScanOp::create(builder, loc, count, false, starts, wholes, sliceAxes, stackTypes,
                             stackAxes, sumTypes);
  for (auto [from, to] : llvm::zip_equal(body->getArguments(), scan.getBlock()->getArguments()))
    from.replaceAllUsesWith(to);
  scan.getBlock()->getOperations().splice(scan.getBlock()->end(), body->getOperations());
  draft.erase();

  for (auto [old, last] : llvm::zip_equal(lasts, scan.getCarryResults()))
    if (old)
      old.replaceAllUsesWith(last);
  for (auto [old, stack] : llvm::zip_equal(stacked, scan.getStackResults()))
    old.replaceUsesWithIf(stack, isOutside);
  for (auto [sum, result] : llvm::zip_equal(sums, scan.getSumResults())) {
    Value total = result;
    if (sum.start)
      total = AddOp::create(builder, sum.result.getLoc(), total.getType(), sum.start, total);
    sum.result.replaceAllUsesWith(total);
  }
  for (Operation *op : llvm::reverse(members.getArrayRef()))
    if (moved.contains(op))
      op->erase();
  sortTopologically(&block);
  return scan;
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
