#include "Rondo/RowsOf.h"

using namespace mlir;
using namespace rondo;

SmallVector<std::pair<GroupOp, int64_t>>
rondo::alignedReads(GroupOp group, llvm::function_ref<bool(Operation *)> enters) {
  SmallVector<std::pair<GroupOp, int64_t>> found;
  llvm::DenseMap<Value, SmallVector<SmallVector<int64_t>, 1>> visited;
  auto visit = [&](auto &&self, Value value, ArrayRef<int64_t> at) -> void {
    SmallVector<SmallVector<int64_t>, 1> &seen = visited[value];
    if (llvm::is_contained(seen, at))
      return;
    seen.emplace_back(at);
    Operation *op = value.getDefiningOp();
    if (auto other = dyn_cast_or_null<GroupOp>(op)) {
      int64_t same = 0;
      while (same < static_cast<int64_t>(at.size()) && at[same] == same)
        ++same;
      found.push_back({other, same});
      return;
    }
    if (!op || (op->getParentOp() != group && !enters(op)))
      return;
    SmallVector<SmallVector<DimUse>> uses;
    if (auto roles = dyn_cast<DimRoles>(op))
      uses = roles.getDimRoles();
    for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
      SmallVector<int64_t> inner(arrayType(operand).getRank(), -1);
      for (size_t axis = 0; axis < inner.size() && number < uses.size(); ++axis)
        if (DimUse use = uses[number][axis];
            use.role == DimRole::Parallel && use.resultAxis >= 0 &&
            arrayType(operand).getDim(axis) == arrayType(value).getDim(use.resultAxis))
          inner[axis] = at[use.resultAxis];
      self(self, operand, inner);
    }
  };
  for (Value root : group.getBlock()->getTerminator()->getOperands())
    visit(visit, root, llvm::to_vector(llvm::seq<int64_t>(0, arrayType(root).getRank())));
  return found;
}

int64_t rondo::alignedRows(GroupOp group, llvm::function_ref<bool(GroupOp)> isOther,
                           llvm::function_ref<bool(Operation *)> enters) {
  int64_t least = INT64_MAX;
  for (auto [other, aligned] : alignedReads(group, enters))
    if (isOther(other))
      least = std::min(least, aligned);
  return least;
}
