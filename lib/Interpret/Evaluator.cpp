// The table of op functions and the run of a block.
#include "Interpret/Evaluator.h"
#include "rondo/Philox.h"

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

/// Whether arithmetic of fewer digits rounds what this op computes.
static bool isRounded(Operation *op) {
  if (isa<NegOp, AbsOp, SignOp, FloorOp, CeilOp, StopGradientOp, MinOp, MaxOp, SelectOp, ConvertOp>(
          op))
    return false;
  return op->hasTrait<Elementwise>() || isa<ContractOp, ReduceOp, ScatterOp>(op);
}

template <typename S> void Evaluator<S>::addNoise(Value result) {
  Array moved = get(result);
  uint64_t key = foldKey(evaluation->noise.draw, evaluation->numMoved++);
  for (auto [i, x] : llvm::enumerate(moved.floats))
    x = x * S(drawBits(key, i)[0] % 2 ? 1 + evaluation->noise.digit : 1 - evaluation->noise.digit);
  set(result, std::move(moved));
}

template <typename S> LogicalResult Evaluator<S>::run(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (evaluation && evaluation->dead.contains(&op))
      continue;
    auto *function = Table<S>::get().find(op.getName().getStringRef());
    if (!function)
      return op.emitError("the interpreter cannot evaluate ") << op.getName();
    if (failed((*function)(*this, &op)))
      return failure();
    if (evaluation && evaluation->noise.digit != 0 && isRounded(&op))
      addNoise(op.getResult(0));
  }
  return success();
}

#define INSTANTIATE(S)                                                                             \
  template class rondo::interpreter::Table<S>;                                                     \
  template class rondo::interpreter::Evaluator<S>;
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
