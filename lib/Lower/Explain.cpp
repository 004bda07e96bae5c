// Remarks about the tiles of a device.
#include "Lower/BlockTile.h"
#include "Rondo/Remark.h"

using namespace mlir;
using namespace rondo;

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
