#include "Normalise/Parting.h"
#include "Normalise/Factor.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

namespace {

/// One operand of a contraction is a joint along a summed letter.
struct Joint {
  ContractOp contract;
  ConcatOp concat;
  unsigned side; // 0 or 1: which operand

  Value other() { return contract->getOperand(1 - side); }
};

} // namespace

static std::optional<Joint> findJoint(ContractOp contract) {
  Spec spec = *Spec::parse(contract.getSpec());
  for (unsigned side : {0u, 1u}) {
    auto concat = contract->getOperand(side).getDefiningOp<ConcatOp>();
    if (concat && concat->getBlock() == contract->getBlock() &&
        Spec::axis(spec.result, spec.operands[side][concat.getAxis()]) < 0)
      return Joint{contract, concat, side};
  }
  return std::nullopt;
}

/// The product of those parts of the joint for which `isMember` holds.
static Value partialProduct(Joint joint, function_ref<bool(Value)> isMember, Value init) {
  OpBuilder builder(joint.contract);
  Location loc = joint.contract.getLoc();
  Spec spec = *Spec::parse(joint.contract.getSpec());
  int64_t axis = joint.concat.getAxis();
  int64_t otherAxis = Spec::axis(spec.operands[1 - joint.side], spec.operands[joint.side][axis]);
  SmallVector<Value> parts, others;
  DimAttr offset = DimAttr::get(loc.getContext(), int64_t(0));
  for (Value part : joint.concat.getParts()) {
    DimAttr size = arrayType(part).getDim(axis);
    if (isMember(part)) {
      parts.push_back(part);
      others.push_back(SliceOp::create(builder, loc, joint.other(), otherAxis, offset, size));
    }
    offset = offset.add(size);
  }
  Value operands[2];
  operands[joint.side] = concat(builder, loc, parts, axis);
  operands[1 - joint.side] = concat(builder, loc, others, otherAxis);
  return ContractOp::create(builder, loc, operands[0], operands[1], joint.contract.getSpec(), init);
}

void rondo::partJoints(ScanOp scan) {
  SmallVector<Value> carries(scan.getCarryArguments());
  llvm::DenseSet<Value> carried = dependents(*scan.getBlock(), carries);
  auto isLate = [&](Value value) { return carried.contains(value); };
  auto isEarly = [&](Value value) { return !carried.contains(value); };
  for (auto contract : llvm::make_early_inc_range(scan.getBlock()->getOps<ContractOp>())) {
    std::optional<Joint> joint = findJoint(contract);
    if (!joint || isLate(joint->other()) || llvm::all_of(joint->concat.getParts(), isLate) ||
        llvm::all_of(joint->concat.getParts(), isEarly))
      continue;
    Value early = partialProduct(*joint, isEarly, {});
    Value late = partialProduct(*joint, isLate, contract.getInit());
    OpBuilder builder(contract);
    Value sum = AddOp::create(builder, contract.getLoc(), late.getType(), early, late);
    carried.insert(late);
    carried.insert(sum);
    contract.getResult().replaceAllUsesWith(sum);
    contract.erase();
  }
}

/// The contraction's operand that has the result's `axis` alone, if one has; else -1.
static int64_t ownerOf(ContractOp contract, int64_t axis) {
  Spec spec = *Spec::parse(contract.getSpec());
  bool left = Spec::axis(spec.operands[0], spec.result[axis]) >= 0;
  bool right = Spec::axis(spec.operands[1], spec.result[axis]) >= 0;
  return left == right ? -1 : right;
}

/// The contraction, of which only a slice is read.
static Value contractOfSlice(ContractOp contract, SliceOp slice, int64_t owner) {
  OpBuilder builder(contract);
  Spec spec = *Spec::parse(contract.getSpec());
  int64_t axis = Spec::axis(spec.operands[owner], spec.result[slice.getAxis()]);
  Value operands[2] = {contract.getLhs(), contract.getRhs()};
  operands[owner] = SliceOp::create(builder, slice.getLoc(), operands[owner], axis,
                                    slice.getOffset(), slice.getType().getDim(slice.getAxis()));
  return ContractOp::create(builder, contract.getLoc(), operands[0], operands[1],
                            contract.getSpec());
}

void rondo::partResults(ScanOp scan) {
  Block &body = *scan.getBlock();
  SmallVector<Value> carries(scan.getCarryArguments()), next(scan.getYieldedCarries());
  llvm::DenseSet<Value> carried = dependents(body, carries);
  llvm::DenseSet<Operation *> feeding = withAncestors(body, next);
  for (auto contract : llvm::make_early_inc_range(body.getOps<ContractOp>())) {
    if (contract.getInit() || !isHeavy(contract) || !carried.contains(contract.getResult()))
      continue;
    SmallVector<SliceOp> slices;
    for (Operation *user : contract->getUsers())
      if (auto slice = dyn_cast<SliceOp>(user); slice && slice.getStep() == 1)
        slices.push_back(slice);
    if (slices.empty() || !llvm::hasNItems(contract->getUsers(), slices.size()))
      continue;
    int64_t axis = slices.front().getAxis(), owner = ownerOf(contract, axis);
    auto feeds = [&](SliceOp slice) { return feeding.contains(slice); };
    if (owner < 0 || carried.contains(contract->getOperand(owner)) ||
        !llvm::all_of(
            slices, [&](SliceOp slice) { return slice.getAxis() == axis; }) ||
        llvm::all_of(slices, feeds) || llvm::none_of(slices, feeds))
      continue;
    for (SliceOp slice : slices) {
      slice.getResult().replaceAllUsesWith(contractOfSlice(contract, slice, owner));
      slice.erase();
    }
    contract.erase();
  }
}
