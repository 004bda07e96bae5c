#include "Plan/BareStacks.h"
#include "Plan/Share.h"

using namespace mlir;
using namespace rondo;

static bool hasBatch(func::FuncOp function, Type type) {
  return llvm::any_of(cast<ArrayType>(type).getDims(), [&](DimAttr dim) {
    return dim.getSymbol() && lookupSymbol(function, dim.getSymbol()) == SymbolKind::Batch;
  });
}

/// Whether a stack is of steps of which each example has its own number, and lacks the batch.
static bool isBare(ScanOp scan, int64_t stack) {
  auto function = scan->getParentOfType<func::FuncOp>();
  bool isBatched = llvm::any_of(getSymbols(function), [](SymbolAttr symbol) {
    return symbol.getKind() == SymbolKind::Batch;
  });
  return isBatched && isRagged(function, scan.getDim()) &&
         !hasBatch(function, scan.getStackResults()[stack].getType());
}

SmallVector<int64_t> rondo::bareStacks(ScanOp scan) {
  SmallVector<int64_t> stacks;
  for (int64_t stack = 0; stack < scan.getNumStacks(); ++stack) {
    Storage::Kind kind = storageOf(scan, scan.getNumCarries() + stack).kind;
    bool isOfCarry = kind == Storage::Before || kind == Storage::After;
    if (!isOfCarry && kind != Storage::None && isBare(scan, stack))
      stacks.push_back(stack);
  }
  return stacks;
}

/// Whether a value of the body is computed from what the examples have.
static bool isOfExamples(ScanOp scan, Value stacked) {
  auto function = scan->getParentOfType<func::FuncOp>();
  SmallVector<Value> pending{stacked};
  llvm::DenseSet<Value> seen;
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    // What is outside of the body is the same in every step.
    if (!scan.getBody().isAncestor(value.getParentRegion()) || !seen.insert(value).second)
      continue;
    if (hasBatch(function, value.getType()))
      return true;
    if (Operation *op = value.getDefiningOp())
      op->walk([&](Operation *inner) { llvm::append_range(pending, inner->getOperands()); });
  }
  return false;
}

bool rondo::isAddedByRuns(ScanOp scan, int64_t stack) {
  return takesRuns(scan) && isBare(scan, stack) &&
         isOfExamples(scan, scan.getYieldedStacks()[stack]);
}
