#include "Rondo/RowsOf.h"

using namespace mlir;
using namespace rondo;

int64_t rondo::alignedRows(GroupOp group, llvm::function_ref<bool(GroupOp)> isOther,
                           llvm::function_ref<bool(Operation *)> enters) {
  int64_t aligned = INT64_MAX;
  llvm::DenseMap<Value, SmallVector<SmallVector<int64_t>, 1>> visited;
  auto visit = [&](auto &&self, Value value, ArrayRef<int64_t> at) -> void {
    SmallVector<SmallVector<int64_t>, 1> &seen = visited[value];
    if (llvm::is_contained(seen, at))
      return;
    seen.emplace_back(at);
    Operation *op = value.getDefiningOp();
    if (auto other = dyn_cast_or_null<GroupOp>(op)) {
      if (isOther(other)) {
        int64_t same = 0;
        while (same < static_cast<int64_t>(at.size()) && at[same] == same)
          ++same;
        aligned = std::min(aligned, same);
      }
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
  return aligned;
}
