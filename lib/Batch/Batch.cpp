// rondo-batch: entry points for one example become entry points for a ragged batch.
#include "Batch/Batch.h"
#include "Batch/Passes.h"

namespace rondo {
#define GEN_PASS_DEF_BATCHPASS
#include "Batch/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// `B`, or `B1`, `B2` ... where the function has that symbol already.
static StringAttr freshBatchSymbol(func::FuncOp function) {
  std::string name = "B";
  for (int i = 1; lookupSymbol(function, StringAttr::get(function.getContext(), name)); ++i)
    name = "B" + std::to_string(i);
  return StringAttr::get(function.getContext(), name);
}

static bool isBatched(func::FuncOp function) {
  return llvm::any_of(getSymbols(function),
                      [](SymbolAttr symbol) { return symbol.getKind() == SymbolKind::Batch; });
}

/// True for arguments that belong to one example.
static bool isPerExample(func::FuncOp function, unsigned argument) {
  auto role = function.getArgAttrOfType<StringAttr>(argument, names::role);
  return role && (role == "input" || role == "ordinal");
}

/// Builds the new body in a second block, which then replaces the first.
static LogicalResult batchFunction(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  StringAttr symbol = freshBatchSymbol(function);
  DimAttr batch = DimAttr::get(context, symbol.getValue());
  Block *old = &function.getBody().front();
  auto *block = new Block();
  function.getBody().push_back(block);
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  BatchMapper mapper(builder, batch, /*behind=*/{}, /*lengthsVary=*/true);
  for (BlockArgument argument : old->getArguments()) {
    bool has = isPerExample(function, argument.getArgNumber());
    Type type = has ? arrayType(argument).withInserted(0, batch) : argument.getType();
    mapper.map(argument, block->addArgument(type, argument.getLoc()), has ? 0 : -1);
  }
  for (Operation &op : old->without_terminator())
    mapper.analyse(&op);
  for (Operation &op : old->without_terminator())
    if (failed(mapper.batch(&op)))
      return failure();
  SmallVector<Value> results;
  for (Value result : old->getTerminator()->getOperands())
    results.push_back(mapper.materialise(result, 0));
  func::ReturnOp::create(builder, old->getTerminator()->getLoc(), results);
  old->dropAllDefinedValueUses();
  old->erase();

  function.setType(
      FunctionType::get(context, block->getArgumentTypes(), ValueRange(results).getTypes()));
  SmallVector<Attribute> symbols{SymbolAttr::get(context, symbol, SymbolKind::Batch)};
  llvm::append_range(symbols, getSymbols(function));
  function->setAttr(names::symbols, ArrayAttr::get(context, symbols));
  return success();
}

namespace {
struct Batch : rondo::impl::BatchPassBase<Batch> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      auto kind = function->getAttrOfType<StringAttr>(names::kind);
      if (!kind || kind != "entry" || function.isExternal() || isBatched(function))
        continue;
      if (failed(batchFunction(function)))
        return signalPassFailure();
      ++numFunctions;
    }
  }
};
} // namespace
