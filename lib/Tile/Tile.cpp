// rondo-tile: the loops of every head on a CPU, as attributes.
#include "Tile/Nests.h"
#include "Tile/Passes.h"

namespace rondo {
#define GEN_PASS_DEF_TILE
#include "Tile/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

struct TilePass : rondo::impl::TileBase<TilePass> {
  /// Gives a statement the loops of its head, if it has one and no loops yet.
  LogicalResult tile(Operation *statement, const Surroundings &around) {
    FailureOr<Operation *> head = findHead(statement, around.views);
    if (failed(head))
      return failure();
    if (!isa_and_nonnull<ContractOp, ReduceOp>(*head) || loopsOf(statement))
      return success();
    FailureOr<HeadSpace> space = headSpaceOf(*head, statement, around.views);
    if (failed(space))
      return failure();
    LoopsAttr loops = chooseLoops(*space, around);
    explainLoops(loops, *space, around);
    statement->setAttr(names::loops, loops);
    ++numNests;
    return success();
  }

  LogicalResult tile(func::FuncOp function) {
    TargetDescription machine = TargetDescription::of(function);
    Views views(function);
    WalkResult result = function.walk([&](Operation *op) {
      auto group = dyn_cast<GroupOp>(op);
      if (!isStored(op) || isa<ScanOp>(op) || (group && group.getRows()))
        return WalkResult::advance();
      auto rows = isStep(op) ? cast<GroupOp>(op->getParentOp()) : GroupOp();
      Surroundings around{function, views, machine, rows ? int64_t(*rows.getRows()) : 0};
      return succeeded(tile(op, around)) ? WalkResult::advance() : WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(tile(function)))
        return signalPassFailure();
  }
};

} // namespace
