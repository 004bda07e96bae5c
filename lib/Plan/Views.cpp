#include "Plan/Views.h"
#include "Rondo/Needs.h"

using namespace mlir;
using namespace rondo;

bool Views::isView(SliceOp slice) const {
  // What is subtracted of padded sizes is not what an example's own lack of them.
  DimAttr whole = slice.getOperand().getType().getDim(slice.getAxis());
  return !isRagged(function, slice.getOffset()) && endsWithin(slice) &&
         (isWithin(slice) || storageDim(function, whole) == whole);
}

bool Views::isView(ReshapeOp reshape) {
  std::optional<Strides> strides = stridesOf(reshape.getOperand());
  return strides && ofReshape(reshape, *strides);
}

std::optional<Views::Strides> Views::stridesOf(Value value) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  std::optional<Strides> strides = compute(value);
  known[value] = strides;
  return strides;
}

Views::Strides Views::dense(ArrayRef<DimAttr> dims) const {
  Strides strides(dims.size());
  DimPolynomial next(1);
  for (size_t axis = dims.size(); axis-- > 0;) {
    strides[axis] = next;
    next *= DimPolynomial(storageDim(function, dims[axis]));
  }
  return strides;
}

/// A carry is whole where the scan's result is, or a row of a slot.
Views::Strides Views::ofCarry(ScanOp scan, int64_t number) {
  if (carryStorageOf(scan, number).kind == CarryStorage::InPlace)
    return ofPlace(cast<OpResult>(scan->getResult(number)));
  return dense(arrayType(scan.getCarryArguments()[number]).getDims());
}

Views::Strides Views::ofPlace(OpResult value) {
  Operation *op = value.getOwner();
  auto scan = dyn_cast<ScanOp>(op->getParentOp());
  Storage place = storageOf(op, value.getResultNumber());
  switch (place.kind) {
  case Storage::Slot:
  case Storage::Result:
  case Storage::Cache:
  case Storage::None:
    return dense(arrayType(value).getDims());
  case Storage::Next:
    return ofCarry(scan, place.number);
  case Storage::Stack: {
    int64_t axis = scan.getStackAxes()[place.number];
    OpResult stack = scan->getResult(scan.getNumCarries() + place.number);
    Strides strides = ofPlace(stack);
    if (!scan.isBySegments(stack.getType(), axis))
      strides.erase(strides.begin() + axis);
    return strides;
  }
  case Storage::Sum:
    return ofPlace(scan->getResult(scan.getNumCarries() + scan.getNumStacks() + place.number));
  case Storage::Before:
  case Storage::After: {
    // A stack of the scan itself that is read from a carry's rows.
    auto own = cast<ScanOp>(op);
    ArrayType row = arrayType(own.getCarryArguments()[place.number]);
    int64_t axis = own.getStackAxes()[value.getResultNumber() - own.getNumCarries()];
    Strides strides = dense(row.withInserted(0, own.getDim()).getDims());
    Stride between = strides.front();
    strides.erase(strides.begin());
    strides.insert(strides.begin() + axis, between);
    return strides;
  }
  case Storage::Yield:
    return ofPlace(op->getParentOp()->getResult(place.number));
  case Storage::Local: {
    // Memory for a few rows; how far apart they lie, Lower decides.
    Strides strides = dense(arrayType(value).getDims());
    std::fill_n(strides.begin(), *cast<GroupOp>(op->getParentOp()).getRows(), std::nullopt);
    return strides;
  }
  }
  llvm_unreachable("a kind of place");
}

static std::optional<DimPolynomial> times(std::optional<DimPolynomial> stride, int64_t factor) {
  return stride ? std::optional(*stride * DimPolynomial(factor)) : std::nullopt;
}

/// Regroups constant dims whose strides are those of dense storage.
std::optional<Views::Strides> Views::ofReshape(ReshapeOp op, Strides old) const {
  ArrayRef<DimAttr> from = op.getOperand().getType().getDims(), to = op.getType().getDims();
  Strides strides(to.size());
  size_t i = from.size(), j = to.size();
  while (i > 0 || j > 0) {
    // One run of constant dims, from its end.
    Stride stride, next;
    bool isFirst = true;
    for (; i > 0 && from[i - 1].isConstant(); --i) {
      int64_t size = from[i - 1].getConstant();
      if (size == 1)
        continue;
      if (!isFirst && (!next || !(old[i - 1] == next)))
        return std::nullopt;
      if (isFirst)
        stride = old[i - 1];
      isFirst = false;
      next = times(old[i - 1], size);
    }
    if (isFirst)
      stride = DimPolynomial(1);
    for (; j > 0 && to[j - 1].isConstant(); --j) {
      strides[j - 1] = stride;
      stride = times(stride, to[j - 1].getConstant());
    }
    if (i > 0) {
      --i, --j;
      strides[j] = old[i];
    }
  }
  return strides;
}

std::optional<Views::Strides> Views::compute(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto scan = dyn_cast<ScanOp>(argument.getOwner()->getParentOp());
    if (!scan)
      return dense(arrayType(value).getDims());
    int64_t number = static_cast<int64_t>(argument.getArgNumber()) - 1;
    if (number < 0)
      return std::nullopt; // the position
    if (number < scan.getNumCarries())
      return ofCarry(scan, number);
    number -= scan.getNumCarries();
    Value array = scan.getSlices()[number];
    std::optional<Strides> strides = stridesOf(array);
    int64_t axis = scan.getSliceAxes()[number];
    if (strides && !scan.isBySegments(array.getType(), axis))
      strides->erase(strides->begin() + axis);
    return strides;
  }
  Operation *op = value.getDefiningOp();
  if (isStored(op))
    return ofPlace(cast<OpResult>(value));
  if (op->getNumOperands() == 0 ||
      !isa<TransposeOp, BroadcastOp, SliceOp, ReshapeOp, StopGradientOp, CheckOp>(op))
    return std::nullopt;
  std::optional<Strides> old = stridesOf(op->getOperand(0));
  if (!old)
    return std::nullopt;
  Strides strides = *old;
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    for (auto [to, axis] : llvm::enumerate(transpose.getPermutation()))
      strides[to] = (*old)[axis];
  } else if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    strides.assign(broadcast.getType().getRank(), DimPolynomial(0));
    for (auto [from, to] : llvm::enumerate(broadcast.getDims()))
      strides[to] = (*old)[from];
  } else if (auto slice = dyn_cast<SliceOp>(op)) {
    if (!isView(slice))
      return std::nullopt;
    Stride &stride = strides[slice.getAxis()];
    stride = times(stride, slice.getStep());
  } else if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    return ofReshape(reshape, strides);
  }
  return strides;
}
