#include "Stream/BlockStreamer.h"
#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
using namespace rondo;

int64_t rondo::axisOf(Type type, DimAttr dim) {
  ArrayRef<DimAttr> dims = cast<ArrayType>(type).getDims();
  const auto *at = llvm::find(dims, dim);
  return at == dims.end() ? -1 : at - dims.begin();
}

Type rondo::withoutDim(Type type, DimAttr dim) {
  int64_t axis = axisOf(type, dim);
  return axis < 0 ? type : cast<ArrayType>(type).withErased(axis);
}

/// Calls `visit` with every dim of the op's types and attributes, and of those in its regions;
/// true if one call is.
static bool anyDim(Operation *op, function_ref<bool(DimAttr)> visit) {
  AttrTypeWalker walker;
  walker.addWalk(
      [&](DimAttr dim) { return visit(dim) ? WalkResult::interrupt() : WalkResult::advance(); });
  WalkResult result = op->walk([&](Operation *inner) {
    SmallVector<Type> types(inner->getOperandTypes());
    llvm::append_range(types, inner->getResultTypes());
    for (Region &region : inner->getRegions())
      for (Block &block : region)
        llvm::append_range(types, block.getArgumentTypes());
    for (Type type : types)
      if (walker.walk(type).wasInterrupted())
        return WalkResult::interrupt();
    return walker.walk(inner->getAttrDictionary());
  });
  return result.wasInterrupted();
}

bool rondo::mentions(Operation *op, DimAttr dim) {
  StringAttr symbol = dim.getSymbol();
  return anyDim(op, [&](DimAttr other) { return other.mentions(symbol); });
}

llvm::SetVector<Value> rondo::readValues(Operation *op) {
  llvm::SetVector<Value> values;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (!op->isAncestor(operand.getParentRegion()->getParentOp()))
        values.insert(operand);
  });
  return values;
}

/// Makes sure that everything the op reads has a step.
LogicalResult BlockStreamer::resolveRead(Operation *op) {
  for (Value value : readValues(op)) {
    auto it = steps.find(value);
    if (it == steps.end()) {
      Value resolved = resolve(op, value);
      if (!resolved)
        return failure();
      map(value, resolved);
    } else if (!it->second) {
      // Only loops leave results without a step.
      return refuse(value.getDefiningOp(), "what it has at the end of the sequence is read");
    }
  }
  return success();
}

LogicalResult BlockStreamer::define(OpBuilder &builder, Operation *op) {
  if (failed(resolveRead(op)))
    return failure();
  if (!mentions(op, symbol)) {
    OpBuilder::InsertionGuard guard(builder);
    IRMapping mapping;
    SmallVector<Value> read;
    for (Value value : readValues(op)) {
      read.push_back(step(value));
      mapping.map(value, read.back());
    }
    placeUnrelated(builder, read);
    Operation *clone = builder.clone(*op, mapping);
    for (auto [from, to] : llvm::zip_equal(op->getResults(), clone->getResults()))
      map(from, to);
    return success();
  }
  std::string compound;
  auto findCompound = [&](DimAttr other) {
    if (other == symbol || !other.mentions(symbol.getSymbol()))
      return false;
    compound = other.str();
    return true;
  };
  if (anyDim(op, findCompound))
    return refuse(op, "it has the dim " + compound);
  SmallVector<Value> arrays(op->getOperands());
  llvm::append_range(arrays, op->getResults());
  for (Value array : arrays)
    if (llvm::count(arrayType(array).getDims(), symbol) > 1)
      return refuseYet(op, "attention over the steps so far (an array that has " + symbol.str() +
                               " twice)");
  auto rule = dyn_cast<Streamable>(op);
  if (!rule)
    return refuse(op, "it has no one-step form");
  FailureOr<SmallVector<Value>> results = rule.streamStep(builder, *this);
  if (failed(results))
    return failure();
  for (auto [from, to] : llvm::zip_equal(op->getResults(), *results))
    map(from, to);
  return success();
}

LogicalResult BlockStreamer::stream(OpBuilder &builder, Block &block) {
  // A rule may insert ops before the current one, and defines them itself.
  for (Operation &op : block.without_terminator())
    if (failed(define(builder, &op)))
      return failure();
  return resolveRead(block.getTerminator());
}
