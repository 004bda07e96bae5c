// The pass: resolves rondo.grad ops from the inside out and adds the gradients of the entries.
#include "Differentiate/Differentiate.h"
#include "Differentiate/Passes.h"
#include "Differentiate/Segment.h"
#include "Differentiate/Sweep.h"
#include "mlir/Analysis/TopologicalSortUtils.h"

namespace rondo {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "Differentiate/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// Replaces a grad op, whose region has no other, by its body and the reverse sweep.
static LogicalResult resolveGrad(GradOp grad) {
  Block &block = *grad.getBlock();
  auto yield = cast<YieldOp>(block.getTerminator());
  OpBuilder builder(yield);
  Ranges ranges;
  Sweep sweep(block, block.getArguments(), ranges);
  Value output = yield.getValues()[0];
  if (sweep.wants(output))
    sweep.add(builder, output, ConstantOp::create(builder, grad.getLoc(), output.getType(), 1.0));
  if (failed(sweep.run(builder)))
    return failure();
  SmallVector<Value> gradients;
  for (Value argument : block.getArguments())
    gradients.push_back(sweep.ofOrZero(builder, grad.getLoc(), argument));
  // A gradient that is the argument itself (of x * x / 2) becomes the operand with it.
  for (auto [argument, operand] : llvm::zip_equal(block.getArguments(), grad.getWrt())) {
    argument.replaceAllUsesWith(operand);
    llvm::replace(gradients, Value(argument), operand);
  }
  yield.erase();
  grad->getBlock()->getOperations().splice(grad->getIterator(), block.getOperations());
  grad.replaceAllUsesWith(gradients);
  grad.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

static bool isEntry(func::FuncOp function) {
  auto kind = function->getAttrOfType<StringAttr>(names::kind);
  return kind && kind.getValue() == "entry" && function.getBody().hasOneBlock();
}

/// The batch symbol of an entry that is a loss: one float per example, or a value and a weight per
/// example. Null for other functions.
static StringAttr lossBatch(func::FuncOp function) {
  if (!isEntry(function) || function->hasAttr(names::gradientOf) || function.getNumResults() < 1 ||
      function.getNumResults() > 2)
    return {};
  for (SymbolAttr symbol : getSymbols(function)) {
    if (symbol.getKind() != SymbolKind::Batch)
      continue;
    auto perExample = [&](Type type) {
      auto array = dyn_cast<ArrayType>(type);
      return array && array.getRank() == 1 && array.getDim(0).getSymbol() == symbol.getName() &&
             !array.isBool();
    };
    if (llvm::all_of(function.getResultTypes(), perExample) &&
        cast<ArrayType>(function.getResultTypes()[0]).isFloat())
      return symbol.getName();
  }
  return {};
}

/// Emits the loss of the whole batch: the mean of the values, or their sum over that of the
/// weights.
static Value emitLoss(OpBuilder &builder, Location loc, ValueRange perExample, StringAttr batch) {
  auto total = [&](Value value) -> Value {
    return ReduceOp::create(builder, loc, ReduceKind::Sum, value, 0);
  };
  Value values = total(perExample[0]);
  Value weights = perExample.size() == 2
                      ? total(perExample[1])
                      : LengthOp::create(builder, loc, ArrayType::get({}, builder.getI64Type()),
                                         DimAttr::get(builder.getContext(), batch.getValue()));
  if (weights.getType() != values.getType())
    weights = ConvertOp::create(builder, loc, values.getType(), weights);
  return DivOp::create(builder, loc, values.getType(), values, weights);
}

/// Adds NAME.grad after the entry NAME.
static FailureOr<func::FuncOp> addEntryGradient(func::FuncOp entry, StringAttr batch,
                                                bool segments) {
  MLIRContext *context = entry.getContext();
  OpBuilder builder(context);
  func::FuncOp function = entry.clone();
  function.setName((entry.getName() + ".grad").str());
  function->setAttr(names::gradientOf, entry.getSymNameAttr());
  entry->getBlock()->getOperations().insertAfter(entry->getIterator(), function);

  SmallVector<Value> parameters;
  SmallVector<Attribute> resultAttributes;
  auto describe = [&](StringRef role, Attribute name) {
    NamedAttrList attributes;
    attributes.set(names::role, builder.getStringAttr(role));
    if (name)
      attributes.set(names::name, name);
    resultAttributes.push_back(attributes.getDictionary(context));
  };
  describe("loss", entry.getResultAttr(0, names::name));
  for (BlockArgument argument : function.getArguments()) {
    auto role = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), names::role);
    auto type = dyn_cast<ArrayType>(argument.getType());
    if (!role || role.getValue() != "parameter" || !type || !type.isFloat())
      continue;
    parameters.push_back(argument);
    describe("gradient", function.getArgAttr(argument.getArgNumber(), names::name));
  }

  Block &block = function.getBody().front();
  Operation *terminator = block.getTerminator();
  Location loc = terminator->getLoc();
  builder.setInsertionPoint(terminator);
  Value loss = emitLoss(builder, loc, terminator->getOperands(), batch);
  terminator->setOperands(loss);
  FailureOr<bool> isSegmented = segments ? segmentLoops(function) : false;
  if (failed(isSegmented))
    return failure();
  loss = terminator->getOperand(0);
  Ranges ranges;
  Sweep sweep(block, parameters, ranges);
  if (sweep.wants(loss))
    sweep.add(builder, loss, ConstantOp::create(builder, loc, loss.getType(), 1.0));
  if (failed(sweep.run(builder)))
    return failure();
  SmallVector<Value> results{loss};
  for (Value parameter : parameters)
    results.push_back(sweep.ofOrZero(builder, loc, parameter));
  terminator->setOperands(results);
  function.setType(
      builder.getFunctionType(function.getArgumentTypes(), ValueRange(results).getTypes()));
  function.setResAttrsAttr(builder.getArrayAttr(resultAttributes));
  if (*isSegmented)
    sortTopologically(&block); // what reads a result of a reverse scan instead of a forward one
  return function;
}

namespace {

struct DifferentiatePass : rondo::impl::DifferentiateBase<DifferentiatePass> {
  using DifferentiateBase::DifferentiateBase;

  void runOnOperation() override {
    SmallVector<GradOp> grads;
    getOperation().walk([&](GradOp grad) { grads.push_back(grad); }); // inner ones come first
    llvm::SetVector<func::FuncOp> changed;
    for (GradOp grad : grads) {
      changed.insert(enclosingFunction(grad));
      if (failed(resolveGrad(grad)))
        return signalPassFailure();
      ++numGrads;
    }
    for (auto entry : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      StringAttr batch = lossBatch(entry);
      if (!batch)
        continue;
      FailureOr<func::FuncOp> gradient = addEntryGradient(entry, batch, segments);
      if (failed(gradient))
        return signalPassFailure();
      changed.insert(*gradient);
      ++numEntries;
    }
    if (segments)
      for (auto entry : getOperation().getOps<func::FuncOp>()) {
        if (!isEntry(entry) || entry->hasAttr(names::gradientOf))
          continue;
        if (failed(segmentLoops(entry)))
          return signalPassFailure();
        changed.insert(entry);
      }
    // Folds what rules emit for the general case, drops cotangents that nobody reads, and with them
    // the stacks that were made for them.
    for (func::FuncOp function : changed)
      if (function && failed(simplify(function)))
        return signalPassFailure();
    getOperation().walk([&](ScanOp scan) { numScans += scan.getReverse() ? 1 : 0; });
  }
};

} // namespace
