#include "Normalise/Factor.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

std::optional<Factor> Factor::of(ContractOp contract, ScanOp scan) {
  Spec spec = *Spec::parse(contract.getSpec());
  auto isOutside = [&](Value value) { return !scan.getBody().isAncestor(value.getParentRegion()); };
  bool left = isOutside(contract.getLhs());
  if (left == isOutside(contract.getRhs()))
    return std::nullopt;
  Factor factor;
  factor.contract = contract;
  factor.weight = left ? contract.getLhs() : contract.getRhs();
  factor.step = left ? contract.getRhs() : contract.getLhs();
  factor.weightLetters = spec.operands[left ? 0 : 1];
  factor.stepLetters = spec.operands[left ? 1 : 0];
  factor.resultLetters = spec.result;
  if (!arrayType(factor.weight).hasConstantShape())
    return std::nullopt;
  for (char letter : factor.weightLetters) {
    bool inStep = Spec::axis(factor.stepLetters, letter) >= 0;
    bool inResult = Spec::axis(factor.resultLetters, letter) >= 0;
    if (inStep && inResult)
      return std::nullopt;
    if (inResult)
      factor.own += letter;
  }
  for (char letter : factor.stepLetters)
    if (Spec::axis(factor.weightLetters, letter) >= 0)
      factor.summed += letter;
  for (char letter : factor.resultLetters)
    if (Spec::axis(factor.stepLetters, letter) >= 0)
      factor.kept += letter;
  if (factor.summed.empty())
    return std::nullopt;
  return factor;
}

DimAttr Factor::dim(char letter) const {
  int64_t axis = Spec::axis(weightLetters, letter);
  return axis >= 0 ? arrayType(weight).getDim(axis)
                   : arrayType(step).getDim(Spec::axis(stepLetters, letter));
}

int64_t Factor::count(StringRef letters) const {
  int64_t count = 1;
  for (char letter : letters)
    count *= dim(letter).getConstant();
  return count;
}

Value rondo::arrange(OpBuilder &builder, Location loc, Value value, StringRef letters,
                     StringRef to) {
  if (letters == to)
    return value;
  SmallVector<int64_t> permutation;
  SmallVector<DimAttr> dims;
  for (char letter : to) {
    permutation.push_back(Spec::axis(letters, letter));
    dims.push_back(arrayType(value).getDim(permutation.back()));
  }
  return TransposeOp::create(builder, loc, arrayType(value).withDims(dims), value, permutation);
}

Value rondo::reshape(OpBuilder &builder, Location loc, Value value, ArrayRef<DimAttr> dims) {
  if (arrayType(value).getDims() == dims)
    return value;
  return ReshapeOp::create(builder, loc, arrayType(value).withDims(dims), value);
}

Value rondo::concat(OpBuilder &builder, Location loc, ValueRange values, int64_t axis) {
  if (values.size() == 1)
    return values.front();
  SmallVector<DimAttr> dims(arrayType(values.front()).getDims());
  for (Value value : values.drop_front())
    dims[axis] = dims[axis].add(arrayType(value).getDim(axis));
  return ConcatOp::create(builder, loc, arrayType(values.front()).withDims(dims), values, axis);
}
