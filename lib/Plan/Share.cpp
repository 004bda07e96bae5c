// rondo-share: how the workers of a CPU share each statement, and where they wait for one another.
#include "Plan/Share.h"
#include "Plan/Barriers.h"
#include "Plan/Passes.h"
#include "Plan/ShareTable.h"
#include "Rondo/Remark.h"
#include <cmath>

namespace rondo {
#define GEN_PASS_DEF_SHARE
#include "Plan/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

int64_t rondo::shareQuantum(DimAttr dim) {
  if (!dim.isConstant())
    return 1;
  // Halves of a tile of four vectors: whole ones would leave 320 columns as 3 tiles and 2, vectors
  // would ask for more kinds of tiles at the end of a share.
  return dim.getConstant() >= 256 && dim.getConstant() % 32 == 0 ? 32 : 16;
}

int64_t rondo::sharedAxisOf(Operation *op, int64_t axis, int64_t rank) {
  auto group = dyn_cast<GroupOp>(op);
  bool isRow = !group || !group.getRows() || axis < static_cast<int64_t>(*group.getRows());
  return isRow ? axis : rank - 1;
}

bool rondo::canShare(DimAttr dim) { return !dim.isConstant() || dim.getConstant() >= 64; }

namespace {

//===----------------------------------------------------------------------===//
// One function
//===----------------------------------------------------------------------===//

class Sharer {
public:
  explicit Sharer(func::FuncOp function) : function(function), sharing(slotsSharing(function)) {}

  ShareCounts run() {
    // Twice, so that the first statements of a loop see what the last ones do.
    for (int sweep = 0; sweep < 2; ++sweep)
      function.walk<WalkOrder::PreOrder>([&](Operation *op) {
        for (const Statement &statement : statementsOf(op))
          choose(statement);
      });
    ShareCounts counts = writeShares(function, shares);
    forEachSharedGroup(function, [&](GroupOp group, const Share &share) { explain(group, share); });
    return counts;
  }

private:
  //===--- along which axis ---===//

  static constexpr int64_t longRow = 256; // from which a part of a row is several whole tiles

  /// Long constant columns of a contraction: each worker keeps its slice of the weights in its own
  /// cache, all have the same work whatever the lengths. Else what makes no barrier, for which the
  /// neighbours vote; else the first large axis.
  void choose(const Statement &statement) {
    Share &share = shares[keyOf(statement)];
    share.axis = -1;
    if (isa<CheckOp>(statement.op))
      return;
    Operation *head = headOf(statement.op);
    bool isInLoop = depthOf(statement) > 0;
    ArrayRef<DimAttr> dims = statement.dims;
    double best = 0;
    for (int64_t axis = 0; axis < static_cast<int64_t>(dims.size()); ++axis) {
      if (!canShare(dims[axis]) || whyNotShared(statement, axis, sharing))
        continue;
      SmallVector<Access> accesses = accessesOf(statement, axis);
      double score = preference(dims, axis);
      bool isLast = axis + 1 == static_cast<int64_t>(dims.size());
      const char *reason = "it is the first long axis";
      for (const Access &access : accesses)
        if (double sum = votes(statement, access)) {
          score += sum;
          reason = "so do those who write what it reads or read what it writes";
        }
      if (isa_and_nonnull<ContractOp>(head) && isLast && dims[axis].isConstant() &&
          (isInLoop || dims[axis].getConstant() >= longRow)) {
        score += isInLoop ? 1e3 : 6;
        reason = "each keeps its columns of the operand";
      }
      if (score > best) {
        best = score;
        share.axis = axis;
        reasons[keyOf(statement)] = reason;
      }
    }
    for (const Access &access : accessesOf(statement, share.axis))
      notes[{access.storage.kind, access.storage.number}][keyOf(statement)] = {
          sharedAxis(access), depthOf(statement), access.isWrite};
  }

  static double preference(ArrayRef<DimAttr> dims, int64_t axis) {
    if (!dims[axis].isConstant())
      return 1.1 - 0.1 * static_cast<double>(axis);
    return 1 + 0.01 * static_cast<double>(axis);
  }

  static int64_t depthOf(const Statement &statement) {
    int64_t depth = 0;
    for (Operation *op = statement.op->getParentOp(); isa_and_nonnull<ScanOp>(op);
         op = op->getParentOp())
      ++depth;
    return depth;
  }

  static int64_t sharedAxis(const Access &access) {
    for (auto [axis, mark] : llvm::enumerate(access.marks))
      if (mark.kind == Mark::Shared)
        return axis;
    return -1;
  }

  /// Who writes what this reads, or reads what this writes, along the same axis of the storage
  /// needs no barrier; how often there would be one goes by the loops around both.
  double votes(const Statement &statement, const Access &access) {
    double sum = 0;
    int64_t axis = sharedAxis(access);
    for (auto &[other, note] : notes[{access.storage.kind, access.storage.number}])
      if (axis >= 0 && note.axis == axis && note.isWrite != access.isWrite &&
          other != keyOf(statement))
        sum += 2 * std::pow(8, std::min(note.depth, depthOf(statement)));
    return sum;
  }

  //===--- remarks ---===//

  void explain(GroupOp group, const Share &share) {
    ArrayType type = arrayType(group->getResult(0));
    if (share.axis < 0)
      missed(group, "share") << wordsForShared(group) << " is worker 0's: no axis of it is long"
                             << wordsForBarrier(share);
    else
      decided(group, "share") << wordsForShared(group) << " is shared along "
                              << type.getDim(share.axis).str() << ": " << reasons[{group, 0}]
                              << wordsForBarrier(share);
  }

  func::FuncOp function;
  Sharing sharing;
  std::map<StatementKey, const char *> reasons;
  ShareTable shares;
  /// What each statement does to each storage.
  struct Note {
    int64_t axis = -1, depth = 0;
    bool isWrite = false;
  };
  std::map<std::pair<int, int64_t>, llvm::MapVector<StatementKey, Note>> notes;
};

struct SharePass : rondo::impl::ShareBase<SharePass> {
  using ShareBase::ShareBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      ShareCounts counts = Sharer(function).run();
      numShared += counts.shared;
      numBarriers += counts.barriers;
    }
  }
};

} // namespace
