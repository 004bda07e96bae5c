#include "Normalise/ScanEdit.h"
#include "Batch/Batch.h"
#include "Rondo/Spec.h"
#include "Rondo/TypicalSizes.h"

using namespace mlir;
using namespace rondo;

bool rondo::readsAny(Operation *op, function_ref<bool(Value)> test) {
  return op
      ->walk([&](Operation *inner) {
        return llvm::any_of(inner->getOperands(), test) ? WalkResult::interrupt()
                                                        : WalkResult::advance();
      })
      .wasInterrupted();
}

DimAttr rondo::batchDim(Operation *op) {
  for (SymbolAttr symbol : getSymbols(enclosingFunction(op)))
    if (symbol.getKind() == SymbolKind::Batch)
      return DimAttr::get(op->getContext(), symbol.getName().getValue());
  return {};
}

/// True if a letter of an operand is not in the result: there is something to sum over.
static bool sumsOver(ContractOp contract) {
  Spec spec = *Spec::parse(contract.getSpec());
  return llvm::any_of(spec.operands[0],
                      [&](char letter) { return Spec::axis(spec.result, letter) < 0; });
}

bool rondo::isCheap(Operation *op) {
  if (auto contract = dyn_cast<ContractOp>(op))
    return !sumsOver(contract);
  return op->hasTrait<Elementwise>() ||
         isa<ConstantOp, IotaOp, LengthOp, RandomOp, BroadcastOp, TransposeOp, ReshapeOp, SliceOp,
             PadOp, ConcatOp, GatherOp>(op);
}

bool rondo::isHeavy(Operation *op) {
  if (auto contract = dyn_cast<ContractOp>(op))
    return sumsOver(contract);
  return isa<ScanOp>(op);
}

bool rondo::isLarge(Value value, DimAttr batch) {
  return llvm::any_of(arrayType(value).getDims(),
                      [&](DimAttr dim) { return !dim.isConstant() && dim != batch; });
}

double rondo::typicalElements(Value value, DimAttr batch) {
  DimPolynomial elements(1);
  for (DimAttr dim : arrayType(value).getDims())
    if (dim != batch)
      elements *= DimPolynomial(dim);
  return typicalValue(elements);
}

bool rondo::makesMore(ScanOp scan, Operation *op) {
  if (!isa<ContractOp>(op))
    return false;
  DimAttr batch = batchDim(scan);
  double reads = 0;
  for (Value operand : op->getOperands()) {
    if (operand.getParentBlock() != scan.getBlock())
      return false;
    reads += typicalElements(operand, batch);
  }
  return typicalElements(op->getResult(0), batch) > reads;
}

bool rondo::staysInSteps(ScanOp scan, Operation *op) {
  if (!scan.getDim().isConstant() || scan.getNumCarries() == 0)
    return false;
  DimAttr batch = batchDim(scan);
  auto large = [&](Value value) { return isLarge(value, batch); };
  return llvm::any_of(op->getOperands(), large) || llvm::any_of(op->getResults(), large);
}

llvm::DenseSet<Value> rondo::dependents(Block &body, ValueRange sources) {
  llvm::DenseSet<Value> set(sources.begin(), sources.end());
  for (Operation &op : body.without_terminator())
    if (readsAny(&op, [&](Value value) { return set.contains(value); }))
      set.insert(op.result_begin(), op.result_end());
  return set;
}

llvm::DenseSet<Operation *> rondo::withAncestors(Block &body, ValueRange values) {
  llvm::DenseSet<Operation *> ops;
  SmallVector<Value> pending(values);
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val().getDefiningOp();
    if (!op || op->getBlock() != &body || !ops.insert(op).second)
      continue;
    op->walk([&](Operation *inner) { llvm::append_range(pending, inner->getOperands()); });
  }
  return ops;
}

BlockArgument ScanEdit::addSlice(Value whole, int64_t axis) {
  wholes.push_back(whole);
  wholeAxes.push_back(axis);
  return scan.getBlock()->addArgument(scan.partType(whole.getType(), axis), whole.getLoc());
}

int64_t ScanEdit::stackAxis(ScanOp scan, Value part) {
  return batchAxis(arrayType(part), batchDim(scan));
}

int64_t ScanEdit::addStack(Value part) {
  parts.push_back(part);
  partAxes.push_back(stackAxis(scan, part));
  return scan.getNumStacks() + static_cast<int64_t>(parts.size()) - 1;
}

ScanOp ScanEdit::finish(OpBuilder &builder) {
  SmallVector<Value> slices(scan.getSlices());
  SmallVector<int64_t> sliceAxes(scan.getSliceAxes()), stackAxes(scan.getStackAxes());
  SmallVector<Type> stackTypes(scan.getStackResults().getTypes());
  llvm::append_range(slices, wholes);
  llvm::append_range(sliceAxes, wholeAxes);
  for (auto [part, axis] : llvm::zip_equal(parts, partAxes)) {
    stackTypes.push_back(arrayType(part).withInserted(axis, scan.getDim()));
    stackAxes.push_back(axis);
  }
  int64_t at = scan.getNumCarries() + scan.getNumStacks();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(scan);
  auto result = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(),
                               scan.getStarts(), slices, sliceAxes, stackTypes, stackAxes,
                               SmallVector<Type>(scan.getSumResults().getTypes()));
  result.getBody().takeBody(scan.getBody());
  result->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
  result.getYield().getValuesMutable().slice(at, 0).append(parts);
  for (auto [i, old] : llvm::enumerate(scan.getResults()))
    old.replaceAllUsesWith(
        result.getResult(i + (static_cast<int64_t>(i) >= at ? parts.size() : 0)));
  scan.erase();
  return result;
}
