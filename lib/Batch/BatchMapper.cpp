// Rebuilds a list of ops with one more dim, regions included.
#include "Batch/Batch.h"

using namespace mlir;
using namespace rondo;

void BatchMapper::map(Value from, Value to, int64_t axis) {
  entries[from] = {to, axis};
  if (axis < 0)
    plain.map(from, to);
  else
    varying.insert(from);
}

BatchMapper::Entry BatchMapper::lookup(Value value) const {
  auto it = entries.find(value);
  return it == entries.end() ? Entry{value, -1} : it->second;
}

Value BatchMapper::materialise(Value value, int64_t axis) {
  Entry entry = lookup(value);
  Location loc = value.getLoc();
  if (entry.axis < 0)
    return addAxis(builder, loc, entry.value, axis, dim);
  return moveAxis(builder, loc, entry.value, entry.axis, axis);
}

LogicalResult BatchMapper::batch(Operation *op) {
  if (!varying.concerns(op)) {
    Operation *same = builder.clone(*op, plain);
    for (auto [from, to] : llvm::zip_equal(op->getResults(), same->getResults()))
      map(from, to, -1);
    return success();
  }
  if (auto scan = dyn_cast<ScanOp>(op))
    return batchScan(scan);
  if (auto grad = dyn_cast<GradOp>(op))
    return batchGrad(grad);
  if (auto group = dyn_cast<GroupOp>(op))
    return batchGroup(group);
  auto batchable = dyn_cast<Batchable>(op);
  if (!batchable)
    return op->emitOpError("has no batch rule");
  SmallVector<Value> operands;
  SmallVector<int64_t> axes;
  for (Value operand : op->getOperands()) {
    Entry entry = lookup(operand);
    operands.push_back(entry.value);
    axes.push_back(entry.axis);
  }
  auto results = batchable.batchOver(builder, dim, operands, axes, behind);
  if (failed(results))
    return failure();
  for (auto [from, to] : llvm::zip_equal(op->getResults(), *results))
    map(from, to, axisOf(from));
  return success();
}

LogicalResult BatchMapper::batchBody(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(batch(&op)))
      return failure();
  return success();
}

LogicalResult BatchMapper::batchScan(ScanOp scan) {
  SmallVector<Value> starts, slices;
  SmallVector<int64_t> sliceAxes, stackAxes;
  SmallVector<Type> stackTypes, sumTypes;
  for (auto [start, argument] : llvm::zip_equal(scan.getStarts(), scan.getCarryArguments()))
    starts.push_back(varies(argument) ? materialise(start, axisOf(start)) : lookup(start).value);
  for (auto [slice, axis] : llvm::zip_equal(scan.getSlices(), scan.getSliceAxes())) {
    Entry entry = lookup(slice);
    slices.push_back(entry.value);
    sliceAxes.push_back(axis + (entry.axis >= 0 && entry.axis <= axis));
  }
  for (auto [stack, axis] : llvm::zip_equal(scan.getStackResults(), scan.getStackAxes())) {
    ArrayType type = arrayType(stack);
    bool has = varies(stack);
    stackTypes.push_back(has ? type.withInserted(axisOf(stack), dim) : type);
    stackAxes.push_back(axis + (has && axisOf(stack) <= axis));
  }
  for (Value sum : scan.getSumResults())
    sumTypes.push_back(varies(sum) ? arrayType(sum).withInserted(axisOf(sum), dim)
                                   : arrayType(sum));
  auto batched = ScanOp::create(builder, scan.getLoc(), scan.getDim(), scan.getReverse(), starts,
                                slices, sliceAxes, stackTypes, stackAxes, sumTypes);

  map(scan.getPosition(), batched.getPosition(), -1);
  for (auto [from, to] : llvm::zip_equal(scan.getCarryArguments(), batched.getCarryArguments()))
    map(from, to, varies(from) ? axisOf(from) : -1);
  for (auto [from, to, slice, axis] : llvm::zip_equal(
           scan.getSliceArguments(), batched.getSliceArguments(), scan.getSlices(), sliceAxes)) {
    int64_t at = lookup(slice).axis;
    map(from, to, at < 0 ? -1 : at - (axis < at));
  }

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(batched.getBlock());
  if (failed(batchBody(*scan.getBlock())))
    return failure();
  SmallVector<Value> yielded;
  for (auto [next, argument] : llvm::zip_equal(scan.getYieldedCarries(), scan.getCarryArguments()))
    yielded.push_back(varies(argument) ? materialise(next, axisOf(next)) : lookup(next).value);
  for (auto [part, stack, axis] :
       llvm::zip_equal(scan.getYieldedStacks(), scan.getStackResults(), stackAxes)) {
    // The part is the stack without its own axis.
    int64_t at = axisOf(stack);
    yielded.push_back(varies(stack) ? materialise(part, at - (axis < at)) : lookup(part).value);
  }
  for (auto [part, sum] : llvm::zip_equal(scan.getYieldedSums(), scan.getSumResults()))
    yielded.push_back(varies(sum) ? materialise(part, axisOf(sum)) : lookup(part).value);
  YieldOp::create(builder, scan.getYield().getLoc(), yielded);
  for (auto [from, to] : llvm::zip_equal(scan.getResults(), batched.getResults()))
    map(from, to, varies(from) ? axisOf(from) : -1);
  return success();
}

LogicalResult BatchMapper::batchGrad(GradOp grad) {
  Value scalar = grad.getBlock()->getTerminator()->getOperand(0);
  bool has = llvm::any_of(grad.getResults(), [&](Value v) { return varies(v); });
  if (has && arrayType(scalar).getRank() != 0)
    return grad.emitOpError("expected the gradient of a scalar to get one more dim");
  SmallVector<Value> operands;
  for (Value operand : grad.getWrt())
    operands.push_back(has ? materialise(operand, axisOf(operand)) : lookup(operand).value);
  auto batched = GradOp::create(builder, grad.getLoc(), TypeRange(ValueRange(operands)), operands);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&batched.getBody());
  for (Value argument : grad.getBlock()->getArguments()) {
    Value operand = operands[cast<BlockArgument>(argument).getArgNumber()];
    map(argument, block->addArgument(operand.getType(), argument.getLoc()),
        has ? axisOf(argument) : -1);
  }
  if (failed(batchBody(*grad.getBlock())))
    return failure();
  YieldOp::create(builder, grad.getLoc(), has ? materialise(scalar, 0) : lookup(scalar).value);
  for (auto [from, to] : llvm::zip_equal(grad.getResults(), batched.getResults()))
    map(from, to, has ? axisOf(from) : -1);
  return success();
}

LogicalResult BatchMapper::batchGroup(GroupOp group) {
  SmallVector<Type> types;
  for (Value result : group.getResults())
    types.push_back(varies(result) ? arrayType(result).withInserted(axisOf(result), dim)
                                   : arrayType(result));
  auto batched = GroupOp::create(builder, group.getLoc(), types);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&batched.getBody());
  if (failed(batchBody(*group.getBlock())))
    return failure();
  SmallVector<Value> yielded;
  for (auto [value, result] :
       llvm::zip_equal(group.getBlock()->getTerminator()->getOperands(), group.getResults()))
    yielded.push_back(varies(result) ? materialise(value, axisOf(result)) : lookup(value).value);
  YieldOp::create(builder, group.getLoc(), yielded);
  for (auto [from, to] : llvm::zip_equal(group.getResults(), batched.getResults()))
    map(from, to, varies(from) ? axisOf(from) : -1);
  return success();
}
