// rondo-levels: a device's statements in the order of how much has to be waited for before them.
#include "Schedule/Passes.h"
#include "Schedule/Positions.h"

namespace rondo {
#define GEN_PASS_DEF_LEVELS
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// The ops of a block that give an op what it reads, in its regions as well.
static SmallVector<Operation *> producers(Operation *op) {
  SmallVector<Operation *> found;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *producer = operand.getDefiningOp();
          producer && producer->getBlock() == op->getBlock())
        found.push_back(producer);
  });
  return found;
}

/// The first check that fails is the one that is reported, as on the CPU: they stay in order.
static bool hasCheck(Operation *op) {
  return op->walk([](CheckOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

namespace {
struct LevelsPass : rondo::impl::LevelsBase<LevelsPass> {
  using LevelsBase::LevelsBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Block *block : scheduledBlocks(function))
        sort(*block);
  }

  /// What is computed where it is read belongs to the level of what it reads.
  void sort(Block &block) {
    llvm::DenseMap<Operation *, int64_t> levels;
    std::map<int64_t, SmallVector<Operation *>> sorted;
    int64_t before = 0, check = 0;
    for (Operation &op : block.without_terminator()) {
      int64_t level = 0;
      for (Operation *producer : producers(&op))
        level = std::max(level, levels.lookup(producer));
      level += isLazy(&op) ? 0 : 1;
      if (hasCheck(&op))
        check = level = std::max(level, check);
      levels[&op] = level;
      sorted[level].push_back(&op);
      numMoved += level < before; // past what stood before it
      before = std::max(before, level);
    }
    for (auto &[level, ops] : sorted)
      for (Operation *op : ops)
        op->moveBefore(block.getTerminator());
  }
};
} // namespace
