// The body of the scan over the segments has the ops that are computed segment by segment: with
// segments for whole sequences, loops whose carries go on from segment to segment, sums of sums.
#include "Differentiate/Segmenting.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
using namespace rondo;

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

/// Returns the value of the body that stands for `value`.
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

/// Returns the starts of a carry of a loop in a repetition's body, those of all repetitions.
Value Segmenting::stackedStart(ScanOp scan, Value start) {
  llvm::SetVector<Operation *> needed;
  collectStart(scan, start, needed);
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
