// What rondo-share and rondo-share-threads write and say.
#include "Plan/ShareTable.h"
#include "Plan/Barriers.h"
#include "Plan/Share.h"
#include "Rondo/Cost.h"
#include "Rondo/Remark.h"

using namespace mlir;
using namespace rondo;

ShareCounts rondo::writeShares(func::FuncOp function, const ShareTable &shares) {
  ShareCounts counts;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    SmallVector<Share> all(numStatements(op));
    for (auto [number, share] : llvm::enumerate(all))
      if (auto it = shares.find({op, number}); it != shares.end()) {
        share = it->second;
        counts.shared += share.axis != Share::alone;
      }
    if (!all.empty())
      setShares(op, all);
  });
  counts.barriers = placeBarriers(function);
  function->setAttr(names::work,
                    StringAttr::get(function.getContext(), workOf(function).flops.str()));
  return counts;
}

void rondo::forEachSharedGroup(func::FuncOp function,
                               llvm::function_ref<void(GroupOp, const Share &)> visit) {
  function.walk<WalkOrder::PreOrder>([&](GroupOp group) {
    if (isStored(group) && !isStep(group))
      visit(group, shareOf(group));
  });
}

std::string rondo::wordsForShared(GroupOp group) {
  Operation *head = headOf(group);
  return (head ? wordsFor(head) + ", " : "") + wordsFor(arrayType(group->getResult(0)));
}

llvm::StringRef rondo::wordsForBarrier(const Share &share) {
  return share.barrier ? "; after a barrier: they touch what others touched" : "";
}
