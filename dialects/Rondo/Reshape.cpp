#include "Rondo/Reshape.h"

using namespace mlir;
using namespace rondo;

/// The axes of a run of constant dims that begins at `next`, without those of size 1.
static SmallVector<int64_t> takeRun(ArrayRef<DimAttr> dims, size_t &next) {
  SmallVector<int64_t> run;
  for (; next < dims.size() && dims[next].isConstant(); ++next)
    if (dims[next].getConstant() != 1)
      run.push_back(static_cast<int64_t>(next));
  return run;
}

SmallVector<ReshapePart> rondo::partsOf(ReshapeOp op) {
  ArrayRef<DimAttr> from = op.getOperand().getType().getDims(), to = op.getType().getDims();
  SmallVector<ReshapePart> parts;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    // A part ends where the products are equal.
    SmallVector<int64_t> left = takeRun(from, i), right = takeRun(to, j);
    size_t l = 0, r = 0;
    while (l < left.size() || r < right.size()) {
      ReshapePart part;
      int64_t leftSize = 1, rightSize = 1;
      do {
        bool isLeft = r == right.size() || (l < left.size() && leftSize <= rightSize);
        int64_t axis = isLeft ? left[l++] : right[r++];
        (isLeft ? leftSize : rightSize) *= (isLeft ? from : to)[axis].getConstant();
        (isLeft ? part.from : part.to).push_back(axis);
      } while (leftSize != rightSize);
      parts.push_back(std::move(part));
    }
    // Dims with symbols pass unchanged and in order.
    if (i < from.size())
      parts.push_back({{static_cast<int64_t>(i++)}, {static_cast<int64_t>(j++)}});
  }
  return parts;
}
