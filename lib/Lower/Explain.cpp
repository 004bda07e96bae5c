// Remarks about the loops that contractions and reductions get.
#include "Lower/Reduction.h"
#include "Rondo/Remark.h"

using namespace mlir;
using namespace rondo;

void Reduction::explain() const {
  if (!wantsRemarks(head->getContext()))
    return;
  auto nameOf = [&](int64_t axis) { return dims[axis].str(); };
  if (vectorAxis < 0) {
    missed(head, "tile") << wordsFor(head)
                         << " is computed element by element: no dim is contiguous in an operand "
                            "and may run in vectors";
    return;
  }
  auto remark = decided(head, "tile");
  remark << wordsFor(head) << ": ";
  auto count = static_cast<int64_t>(demands.size());
  if (vectorAxis >= numStored) {
    remark << "vectors of " << width << " along " << nameOf(vectorAxis)
           << ", folded at the end: it is what is contiguous in an operand";
  } else {
    int64_t mostRows = rowAxis >= 0 ? tileRows(maxColumns) : 1;
    if (rowAxis >= 0)
      remark << mostRows << " rows along " << nameOf(rowAxis) << " x ";
    remark << maxColumns << (maxColumns == 1 ? " vector" : " vectors") << " of " << width
           << " along " << nameOf(vectorAxis);
    if (count > 1)
      remark << " x " << count << " positions";
    remark << ", " << mostRows * maxColumns * count << " of " << e.machine.vectorRegisters
           << " registers sum";
    if (letters.size() == 2 && rowAxis >= 0)
      remark << ": each vector that is loaded serves " << mostRows << " rows";
  }
  if (blockedAxis >= 0)
    remark << "; the sum over " << nameOf(blockedAxis)
           << " adds to memory in blocks: its length is known at run time only";
}
