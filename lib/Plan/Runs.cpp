#include "Plan/Runs.h"
#include "Plan/BareStacks.h"

using namespace mlir;
using namespace rondo;

/// Whether examples that stand later in the sorted batch have no more of this dim.
static bool fallsWithRows(func::FuncOp function, DimAttr dim) {
  auto sortedBy = function->getAttrOfType<StringAttr>(names::sortedBy);
  return llvm::all_of(dim.getTerms(), [&](const DimTerm &term) {
    if (!term.symbol())
      return term.coefficient > 0 && fallsWithRows(function, cast<DimAttr>(term.atom));
    SymbolAttr declared = declaration(function, term.symbol());
    if (!declared || !isRagged(function, DimAttr::get(function.getContext(), term.symbol())))
      return true;
    if (declared.getOf())
      return term.coefficient > 0 && fallsWithRows(function, declared.getOf());
    return term.coefficient > 0 && term.symbol() == sortedBy;
  });
}

bool rondo::takesRuns(ScanOp scan) {
  auto function = scan->getParentOfType<func::FuncOp>();
  bool hasBatch = llvm::any_of(getSymbols(function), [](SymbolAttr symbol) {
    return symbol.getKind() == SymbolKind::Batch;
  });
  return hasBatch && isRagged(function, scan.getDim()) && !fallsWithRows(function, scan.getDim());
}

static bool hasBatch(func::FuncOp function, Type type) {
  return llvm::any_of(cast<ArrayType>(type).getDims(), [&](DimAttr dim) {
    return dim.getSymbol() && lookupSymbol(function, dim.getSymbol()) == SymbolKind::Batch;
  });
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
