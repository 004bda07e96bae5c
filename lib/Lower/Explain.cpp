// Remarks about the loops that contractions and reductions get.
#include "Lower/BlockTile.h"
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

void BlockTile::explain() const {
  if (!wantsRemarks(r.head->getContext()))
    return;
  auto remark = decided(r.head, "tile");
  remark << wordsFor(r.head) << " by blocks: ";
  auto along = [&](const Side &side) {
    remark << side.size() << " along ";
    for (auto [number, axis] : llvm::enumerate(side.axes))
      remark << (number ? ", " : "") << r.dims[axis].str();
  };
  if (!rows.axes.empty()) {
    along(rows);
    remark << " x ";
  }
  along(columns);
  if (numDemands > 1)
    remark << " x " << numDemands << " positions";
  remark << " from shared memory, " << chunk << " steps along " << r.dims[chunkAxis].str()
         << " at a time, while the next are copied";
  if (fragments.kind != Fragments::None)
    remark << "; operands are rounded to " << fragments.name()
           << " and multiplied by warps, as matrices of 16 x " << fragments.inner() << " x 8";
  if (isKept)
    remark << "; each block keeps the weights of its tiles in shared memory for all steps, where "
           << keptBytes() << " bytes a tile fit";
  if (splits > 1)
    remark << "; " << splits << " groups of threads share each sum: there are few tiles";
}
