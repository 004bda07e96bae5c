#include "Plan/BareStacks.h"
#include "Plan/Plan.h"

using namespace mlir;
using namespace rondo;

static bool hasBatch(func::FuncOp function, Type type) {
  return llvm::any_of(cast<ArrayType>(type).getDims(), [&](DimAttr dim) {
    return dim.getSymbol() && lookupSymbol(function, dim.getSymbol()) == SymbolKind::Batch;
  });
}

bool rondo::isBare(ScanOp scan, int64_t stack) {
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
