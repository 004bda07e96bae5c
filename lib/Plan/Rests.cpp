#include "Plan/Rests.h"
#include "Machine/TargetDescription.h"
#include "Plan/BareStacks.h"
#include "Plan/Runs.h"
#include "Rondo/Spec.h"
#include "Schedule/Positions.h"

using namespace mlir;
using namespace rondo;

/// Whether there may be more updates of one place than a chain has terms. Where the table that they
/// go to is what a scan carries, they take their place among the steps and the table is not touched
/// as a whole, which zeros in a rest would cost.
static bool addsOften(ScatterOp scatter) {
  if (isa<BlockArgument>(scatter.getBase()))
    return false;
  Spec spec = *Spec::parse(scatter.getSpec());
  int64_t updates = 1;
  for (auto [letter, dim] : llvm::zip_equal(spec.result, scatter.getUpdate().getType().getDims())) {
    // What numbers places of the table as well tells them apart.
    if (Spec::axis(spec.operands[1], letter) < 0 || Spec::axis(spec.operands[0], letter) >= 0)
      continue;
    if (!dim.isConstant())
      return true;
    updates *= dim.getConstant();
  }
  return updates > chainTerms;
}

/// Whether an op is a contraction by blocks.
static bool isByBlocks(Operation *op) {
  auto group = dyn_cast<GroupOp>(op);
  return group && llvm::any_of(*group.getBlock(), [](Operation &head) { return isBlocked(&head); });
}

static bool hasConstantSize(ArrayType type) {
  return llvm::all_of(type.getDims(), [](DimAttr dim) { return dim.isConstant(); });
}

/// True if the result is added to what its place holds: to a sum of the scan around, also within a
/// stack that goes there as a whole, or to what other runs of rows add. The rest is the sum's then.
static bool isAddedUp(Operation *op, int64_t number) {
  return llvm::any_of(placesOf(op, number), [&](const Storage &place) {
    if (place.kind != Storage::Stack)
      return place.kind == Storage::Sum;
    auto scan = cast<ScanOp>(op->getParentOp());
    return isAddedByRuns(scan, place.number) ||
           isAddedUp(scan, scan.getNumCarries() + place.number);
  });
}

bool rondo::needsRest(OpResult result) {
  Operation *op = result.getOwner();
  if (!isa<FloatType>(arrayType(result).getElementType()))
    return false;
  if (auto scan = dyn_cast<ScanOp>(op)) {
    int64_t stack = static_cast<int64_t>(result.getResultNumber()) - scan.getNumCarries();
    if (stack >= scan.getNumStacks())
      return true;
    return llvm::is_contained(bareStacks(scan), stack) && isAddedByRuns(scan, stack);
  }
  auto group = dyn_cast<GroupOp>(op);
  if (!group || group.getRows() || !TargetDescription::of(op).groupsHaveRests())
    return false;
  if (isAddedUp(op, result.getResultNumber()))
    return false;
  if (isByBlocks(op))
    return hasConstantSize(arrayType(result));
  return llvm::any_of(group.getBlock()->getOps<ScatterOp>(), addsOften);
}
