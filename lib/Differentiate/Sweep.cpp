#include "Differentiate/Sweep.h"
#include "Differentiate/Activity.h"
#include "Differentiate/Zeros.h"

using namespace mlir;
using namespace rondo;

Sweep::Sweep(Block &block, ValueRange sources, Ranges &ranges) : ranges(ranges), block(block) {
  active.insert(sources.begin(), sources.end());
  spreadForward(block, active);
}

Value Sweep::ofOrZero(OpBuilder &builder, Location loc, Value value) const {
  if (Value cotangent = of(value))
    return cotangent;
  return ConstantOp::create(builder, loc, value.getType(), 0.0);
}

void Sweep::add(OpBuilder &builder, Value value, Value cotangent) {
  if (!wants(value))
    return;
  assert(value.getType() == cotangent.getType() && "a cotangent has its value's type");
  if (running && running->getNumResults() == 1)
    cotangent = keepZeros(builder, ranges, running, of(running->getResult(0)), cotangent);
  Value &sum = cotangents[value];
  sum = sum ? AddOp::create(builder, cotangent.getLoc(), sum.getType(), sum, cotangent) : cotangent;
}

// Cotangents may be forward values themselves (the derivative of x * y is y), so the table's values
// are replaced too. Nothing of the old results may stay, as their memory is used again.
void Sweep::replace(Operation *op, ValueRange results) {
  for (auto [from, to] : llvm::zip_equal(op->getResults(), results)) {
    if (Value cotangent = cotangents.lookup(from)) {
      cotangents.erase(from);
      cotangents[to] = cotangent;
    }
    if (active.erase(from))
      active.insert(to);
    for (auto &entry : cotangents)
      if (entry.second == from)
        entry.second = to;
    from.replaceAllUsesWith(to);
  }
  running = nullptr;
  ranges.forget(op);
  op->erase();
}

LogicalResult Sweep::run(OpBuilder &builder) {
  SmallVector<Operation *> ops;
  for (Operation &op : block)
    ops.push_back(&op);
  for (Operation *op : llvm::reverse(ops)) {
    if (llvm::none_of(op->getResults(), [&](Value result) { return of(result); }))
      continue;
    auto rule = dyn_cast<Differentiable>(op);
    if (!rule)
      return op->emitOpError("has no reverse rule");
    running = op;
    if (failed(rule.vjp(builder, *this)))
      return failure();
    running = nullptr;
  }
  return success();
}
