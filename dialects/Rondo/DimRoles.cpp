// DimRoles of every array op: where each dim of each operand goes.
#include "Rondo/Reshape.h"
#include "Rondo/Rondo.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

using Uses = SmallVector<SmallVector<DimUse>>;

Uses rondo::allParallel(Operation *op) {
  Uses uses;
  for (Value operand : op->getOperands()) {
    SmallVector<DimUse> &dims = uses.emplace_back();
    for (int64_t axis = 0; axis < arrayType(operand).getRank(); ++axis)
      dims.push_back({DimRole::Parallel, axis});
  }
  return uses;
}

/// Letters in the result are parallel, others have `otherwise`.
static SmallVector<DimUse> byLetters(StringRef letters, StringRef result, DimRole otherwise) {
  SmallVector<DimUse> dims;
  for (char letter : letters) {
    int64_t axis = Spec::axis(result, letter);
    dims.push_back(axis >= 0 ? DimUse{DimRole::Parallel, axis} : DimUse{otherwise, -1});
  }
  return dims;
}

Uses ConstantOp::getDimRoles() { return {}; }
Uses IotaOp::getDimRoles() { return {}; }
Uses LengthOp::getDimRoles() { return {}; }

Uses RandomOp::getDimRoles() {
  Spec spec = *Spec::parse(getSpec());
  Uses uses{{}};
  for (auto [letters, counter] : llvm::zip(spec.operands, getCounters()))
    uses.push_back(byLetters(letters, spec.result, DimRole::Parallel));
  return uses;
}

Uses BroadcastOp::getDimRoles() {
  SmallVector<DimUse> dims;
  for (int64_t axis : getDims())
    dims.push_back({DimRole::Parallel, axis});
  return {dims};
}

Uses TransposeOp::getDimRoles() {
  SmallVector<DimUse> dims(getPermutation().size());
  for (auto [to, from] : llvm::enumerate(getPermutation()))
    dims[from] = {DimRole::Parallel, static_cast<int64_t>(to)};
  return {dims};
}

// Constant dims that are regrouped are a mixture.
Uses ReshapeOp::getDimRoles() {
  ArrayType from = getOperand().getType(), to = getType();
  SmallVector<DimUse> dims(from.getRank(), DimUse{DimRole::Indexed, -1});
  for (const ReshapePart &part : partsOf(*this))
    if (part.isAxis())
      dims[part.from[0]] = {DimRole::Parallel, part.to[0]};
  // So that axes of size 1 stay too.
  for (int64_t axis = 0; axis < std::min(from.getRank(), to.getRank()); ++axis) {
    if (from.getDim(axis) != to.getDim(axis))
      break;
    dims[axis] = {DimRole::Parallel, axis};
  }
  return {dims};
}

/// All dims but `axis` are parallel.
static SmallVector<DimUse> allBut(int64_t rank, int64_t axis, DimRole role) {
  SmallVector<DimUse> dims;
  for (int64_t i = 0; i < rank; ++i)
    dims.push_back(i == axis ? DimUse{role, -1} : DimUse{DimRole::Parallel, i});
  return dims;
}

Uses SliceOp::getDimRoles() { return {allBut(getType().getRank(), getAxis(), DimRole::Indexed)}; }

Uses PadOp::getDimRoles() { return {allBut(getType().getRank(), getAxis(), DimRole::Indexed)}; }

Uses ConcatOp::getDimRoles() {
  return Uses(getParts().size(), allBut(getType().getRank(), getAxis(), DimRole::Indexed));
}

Uses GatherOp::getDimRoles() {
  Spec spec = *Spec::parse(getSpec());
  return {byLetters(spec.operands[0], spec.result, DimRole::Indexed),
          byLetters(spec.operands[1], spec.result, DimRole::Indexed)};
}

Uses ScatterOp::getDimRoles() {
  Spec spec = *Spec::parse(getSpec());
  StringRef base = spec.operands[0];
  Uses uses{byLetters(base, base, DimRole::Parallel),
            byLetters(spec.operands[1], base, DimRole::Reduced),
            byLetters(spec.result, base, DimRole::Reduced)};
  uses[0][getIndexedAxis()] = {DimRole::Indexed, getIndexedAxis()};
  return uses;
}

Uses ContractOp::getDimRoles() {
  Spec spec = *Spec::parse(getSpec());
  Uses uses{byLetters(spec.operands[0], spec.result, DimRole::Reduced),
            byLetters(spec.operands[1], spec.result, DimRole::Reduced)};
  if (getInit())
    uses.push_back(byLetters(spec.result, spec.result, DimRole::Parallel));
  return uses;
}

Uses ReduceOp::getDimRoles() {
  SmallVector<DimUse> dims;
  int64_t next = 0;
  for (int64_t axis = 0; axis < getOperand().getType().getRank(); ++axis)
    dims.push_back(llvm::is_contained(getAxes(), axis) ? DimUse{DimRole::Reduced, -1}
                                                       : DimUse{DimRole::Parallel, next++});
  return {dims};
}

Uses ArgmaxOp::getDimRoles() {
  SmallVector<DimUse> dims;
  int64_t next = 0, reduced = getAxis();
  for (int64_t axis = 0; axis < getOperand().getType().getRank(); ++axis)
    dims.push_back(axis == reduced ? DimUse{DimRole::Reduced, -1}
                                   : DimUse{DimRole::Parallel, next++});
  return {dims};
}

// A condition that has all the operand's dims is parallel; one with fewer decides for the call.
Uses CheckOp::getDimRoles() {
  Uses uses = allParallel(*this);
  if (arrayType(getCondition()).getDims() != getType().getDims())
    uses[1].assign(arrayType(getCondition()).getRank(), DimUse{DimRole::Reduced, -1});
  return uses;
}

// The carries' dims are parallel (what mixes inside is the body's affair), a slice's axis is
// carried from step to step where there are carries, else parallel.
Uses ScanOp::getDimRoles() {
  Uses uses;
  for (Value start : getStarts())
    uses.push_back(allBut(arrayType(start).getRank(), -1, DimRole::Parallel));
  DimRole role = getNumCarries() + getNumSums() > 0 ? DimRole::Carried : DimRole::Parallel;
  for (auto [slice, axis] : llvm::zip_equal(getSlices(), getSliceAxes()))
    uses.push_back(allBut(arrayType(slice).getRank(), axis, role));
  return uses;
}
