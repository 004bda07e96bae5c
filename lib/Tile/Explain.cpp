// Remarks about the loops that contractions and reductions get.
#include "Rondo/Remark.h"
#include "Tile/Nests.h"

using namespace mlir;
using namespace rondo;

void rondo::explainLoops(LoopsAttr loops, const HeadSpace &space, const Surroundings &around) {
  Operation *head = space.head;
  if (!wantsRemarks(head->getContext()))
    return;
  const Loop *lanes = loops.find(Loop::Lanes), *rows = loops.find(Loop::Rows);
  if (!lanes) {
    missed(head, "tile") << wordsFor(head)
                         << " is computed element by element: no dim is contiguous in an operand "
                            "and may run in vectors";
    return;
  }
  auto remark = decided(head, "tile");
  remark << wordsFor(head) << ": ";
  auto numDemands = static_cast<int64_t>(space.demands.size());
  if (lanes->isSummed) {
    remark << "vectors of " << lanes->size << " along " << lanes->dim.str()
           << ", folded at the end: it is what is contiguous in an operand";
  } else {
    int64_t numRows = rows ? rows->size : 1;
    if (rows)
      remark << numRows << " rows along " << rows->dim.str() << " x ";
    remark << lanes->count << (lanes->count == 1 ? " vector" : " vectors") << " of " << lanes->size
           << " along " << lanes->dim.str();
    if (numDemands > 1)
      remark << " x " << numDemands << " positions";
    remark << ", " << numRows * lanes->count * numDemands << " of "
           << around.machine.vectorRegisters << " registers sum";
    if (rows)
      remark << ": each vector that is loaded serves " << numRows << " rows";
  }
  if (loops.getBlocks() > 0) {
    SmallVector<int64_t> summed;
    for (const Loop &loop : loops.getLoops())
      if (loop.isSummed)
        summed.push_back(loop.axis);
    remark << "; the sum over " << space.dims[blockedAxesOf(space, summed).outer].str()
           << " adds to memory in blocks: its length is known at run time only";
  }
}
