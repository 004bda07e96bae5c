// The table of op functions and the run of a block.
#include "Interpret/Evaluator.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

template <typename S> const Table<S> &Table<S>::get() {
  static const Table table = [] {
    Table built;
    addElementwise(built);
    addSources(built);
    addMovement(built);
    addIndexing(built);
    addReductions(built);
    addScan(built);
    addStructure(built);
    return built;
  }();
  return table;
}

template <typename S> LogicalResult Evaluator<S>::run(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (dead && dead->contains(&op))
      continue;
    auto *function = Table<S>::get().find(op.getName().getStringRef());
    if (!function)
      return op.emitError("the interpreter cannot evaluate ") << op.getName();
    if (failed((*function)(*this, &op)))
      return failure();
  }
  return success();
}

#define INSTANTIATE(S)                                                                             \
  template class rondo::interpreter::Table<S>;                                                     \
  template class rondo::interpreter::Evaluator<S>;
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
