// Which values get a new dim: what depends on a value that has it and, for the dim of the examples,
// what observes a ragged length.
#include "Batch/Batch.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

static bool hasRaggedDim(Operation *op, ArrayType type) {
  return llvm::any_of(type.getDims(), [&](DimAttr dim) { return isRagged(op, dim); });
}

/// True if an operand's dim in this role is ragged.
static bool hasRagged(Operation *op, DimRole role) {
  auto roles = cast<DimRoles>(op).getDimRoles();
  for (auto [uses, operand] : llvm::zip(roles, op->getOperands()))
    for (auto [axis, use] : llvm::enumerate(uses))
      if (use.role == role && isRagged(op, arrayType(operand).getDim(axis)))
        return true;
  return false;
}

bool rondo::observesLength(Operation *op) {
  if (isa<ContractOp, ReduceOp, ArgmaxOp, ScatterOp>(op))
    return hasRagged(op, DimRole::Reduced);
  if (auto length = dyn_cast<LengthOp>(op))
    return isRagged(op, length.getDim());
  if (auto slice = dyn_cast<SliceOp>(op))
    return isRagged(op, slice.getOffset());
  if (auto pad = dyn_cast<PadOp>(op))
    return isRagged(op, pad.getLow()) || hasRagged(op, DimRole::Indexed);
  if (auto concat = dyn_cast<ConcatOp>(op))
    return llvm::any_of(concat.getParts().drop_back(), [&](Value part) {
      return isRagged(op, arrayType(part).getDim(concat.getAxis()));
    });
  if (auto check = dyn_cast<CheckOp>(op))
    return hasRaggedDim(op, arrayType(check.getCondition()));
  if (auto random = dyn_cast<RandomOp>(op)) {
    // Elements count row-major over unpadded dims: all but the first scale the numbers.
    Spec spec = *Spec::parse(random.getSpec());
    for (char letter : random.getElements().drop_front(random.getElements().empty() ? 0 : 1))
      if (isRagged(op, random.getType().getDim(Spec::axis(spec.result, letter))))
        return true;
  }
  return false;
}

bool VaryingValues::concerns(Operation *op) const {
  WalkResult found = op->walk([&](Operation *inner) {
    return llvm::any_of(inner->getOperands(), [&](Value v) { return contains(v); }) ||
                   llvm::any_of(inner->getResults(), [&](Value v) { return contains(v); })
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return found.wasInterrupted();
}

void VaryingValues::visit(Operation *op) {
  if (auto scan = dyn_cast<ScanOp>(op))
    return visitScan(scan);
  if (auto grad = dyn_cast<GradOp>(op))
    return visitGrad(grad);
  if (auto group = dyn_cast<GroupOp>(op)) {
    visitBody(*group.getBlock());
    for (auto [value, result] :
         llvm::zip_equal(group.getBlock()->getTerminator()->getOperands(), group.getResults()))
      if (contains(value))
        insert(result);
    return;
  }
  bool varies = llvm::any_of(op->getOperands(), [&](Value v) { return contains(v); });
  if (varies || (lengthsVary && observesLength(op)))
    for (Value result : op->getResults())
      insert(result);
}

void VaryingValues::visitBody(Block &block) {
  for (Operation &op : block.without_terminator())
    visit(&op);
}

/// Carries vary if they start or become so, and carries and sums where the number of steps does.
void VaryingValues::visitScan(ScanOp scan) {
  bool steps = lengthsVary && isRagged(scan, scan.getDim());
  for (auto [slice, argument] : llvm::zip_equal(scan.getSlices(), scan.getSliceArguments()))
    if (contains(slice))
      insert(argument);
  for (auto [start, argument] : llvm::zip_equal(scan.getStarts(), scan.getCarryArguments()))
    if (steps || contains(start))
      insert(argument);
  for (bool changed = true; changed;) {
    changed = false;
    visitBody(*scan.getBlock());
    for (auto [next, argument] :
         llvm::zip_equal(scan.getYieldedCarries(), scan.getCarryArguments()))
      if (contains(next) && !contains(argument)) {
        insert(argument);
        changed = true;
      }
  }
  for (auto [argument, result] : llvm::zip_equal(scan.getCarryArguments(), scan.getCarryResults()))
    if (contains(argument))
      insert(result);
  for (auto [part, result] : llvm::zip_equal(scan.getYieldedStacks(), scan.getStackResults()))
    if (contains(part))
      insert(result);
  for (auto [part, result] : llvm::zip_equal(scan.getYieldedSums(), scan.getSumResults()))
    if (steps || contains(part))
      insert(result);
}

/// Where the differentiated value varies, so do all gradients: they are those of each example.
void VaryingValues::visitGrad(GradOp grad) {
  visitBody(*grad.getBlock());
  bool varies = contains(grad.getBlock()->getTerminator()->getOperand(0)) ||
                llvm::any_of(grad.getWrt(), [&](Value v) { return contains(v); });
  if (!varies)
    return;
  for (auto [argument, result] :
       llvm::zip_equal(grad.getBlock()->getArguments(), grad.getResults())) {
    insert(argument);
    insert(result);
  }
  visitBody(*grad.getBlock());
}
