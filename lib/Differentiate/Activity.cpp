// Activity: a scan's carries close cycles, so its body is walked until nothing is added.
#include "Differentiate/Activity.h"

using namespace mlir;
using namespace rondo;

using ValueSet = llvm::DenseSet<Value>;

static bool isFloat(Value value) {
  auto type = dyn_cast<ArrayType>(value.getType());
  return type && type.isFloat();
}

/// Ops whose derivative is zero everywhere: by definition, or by the convention at their kinks.
static bool isFlat(Operation *op) {
  return isa<StopGradientOp, SignOp, FloorOp, CeilOp, RandomOp>(op);
}

/// Adds `to` if `from` is in the set.
static bool link(ValueSet &values, Value from, Value to) {
  return values.contains(from) && isFloat(to) && values.insert(to).second;
}

static void spreadForward(ScanOp scan, ValueSet &values) {
  for (auto [start, argument] : llvm::zip_equal(scan.getStarts(), scan.getCarryArguments()))
    link(values, start, argument);
  for (auto [slice, argument] : llvm::zip_equal(scan.getSlices(), scan.getSliceArguments()))
    link(values, slice, argument);
  bool changed = true;
  while (changed) {
    changed = false;
    spreadForward(*scan.getBlock(), values);
    for (auto [next, argument] :
         llvm::zip_equal(scan.getYieldedCarries(), scan.getCarryArguments()))
      changed |= link(values, next, argument);
  }
  for (auto [yielded, result] : llvm::zip_equal(scan.getYield().getValues(), scan.getResults()))
    link(values, yielded, result);
  for (auto [start, result] : llvm::zip_equal(scan.getStarts(), scan.getCarryResults()))
    link(values, start, result);
}

void rondo::spreadForward(Block &block, ValueSet &values) {
  for (Operation &op : block) {
    if (auto scan = dyn_cast<ScanOp>(op)) {
      ::spreadForward(scan, values);
      continue;
    }
    if (isFlat(&op))
      continue;
    // An op with a region that is no scan has no rule; what it captures counts, so that it is seen.
    bool active = false;
    op.walk([&](Operation *inner) {
      active |= llvm::any_of(inner->getOperands(), [&](Value v) { return values.contains(v); });
    });
    for (Value result : op.getResults())
      if (active && isFloat(result))
        values.insert(result);
  }
}

static void spreadBackward(ScanOp scan, ValueSet &values) {
  for (auto [yielded, result] : llvm::zip_equal(scan.getYield().getValues(), scan.getResults()))
    link(values, result, yielded);
  for (auto [start, result] : llvm::zip_equal(scan.getStarts(), scan.getCarryResults()))
    link(values, result, start);
  bool changed = true;
  while (changed) {
    changed = false;
    spreadBackward(*scan.getBlock(), values);
    for (auto [next, argument] :
         llvm::zip_equal(scan.getYieldedCarries(), scan.getCarryArguments()))
      changed |= link(values, argument, next);
  }
  for (auto [start, argument] : llvm::zip_equal(scan.getStarts(), scan.getCarryArguments()))
    link(values, argument, start);
  for (auto [slice, argument] : llvm::zip_equal(scan.getSlices(), scan.getSliceArguments()))
    link(values, argument, slice);
}

void rondo::spreadBackward(Block &block, ValueSet &values) {
  for (Operation &op : llvm::reverse(block)) {
    if (auto scan = dyn_cast<ScanOp>(op)) {
      ::spreadBackward(scan, values);
      continue;
    }
    if (isFlat(&op) || llvm::none_of(op.getResults(), [&](Value v) { return values.contains(v); }))
      continue;
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (isFloat(operand))
          values.insert(operand);
    });
  }
}
