#include "Schedule/Cpu/Panels.h"

using namespace mlir;
using namespace rondo;

Value rondo::packPanels(Value value, ArrayRef<int64_t> others, int64_t axis,
                        ArrayRef<int64_t> summed, int64_t lanes) {
  ArrayType type = arrayType(value);
  int64_t size = type.getDim(axis).getConstant(), panels = llvm::divideCeil(size, lanes);
  auto constant = [&](int64_t number) { return DimAttr::get(value.getContext(), number); };
  Location loc = value.getLoc();
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);

  // [.., n, ..] padded, then [.., panels, lanes, ..], then in order.
  SmallVector<DimAttr> dims(type.getDims());
  dims[axis] = constant(panels * lanes);
  SmallVector<DimAttr> split(dims);
  split[axis] = constant(panels);
  split.insert(split.begin() + axis + 1, constant(lanes));
  auto shifted = [&](int64_t i) { return i + (i > axis); };
  SmallVector<int64_t> permutation = llvm::map_to_vector(others, shifted);
  permutation.push_back(axis);
  llvm::append_range(permutation, llvm::map_range(summed, shifted));
  permutation.push_back(axis + 1);
  SmallVector<DimAttr> order =
      llvm::map_to_vector(permutation, [&](int64_t i) { return split[i]; });
  ArrayType result = type.withDims(order);

  auto group = GroupOp::create(builder, loc, result);
  builder.createBlock(&group.getBody());
  if (size != panels * lanes)
    value = PadOp::create(builder, loc, type.withDims(dims), value, axis, constant(0));
  value = ReshapeOp::create(builder, loc, type.withDims(split), value);
  value = TransposeOp::create(builder, loc, result, value, permutation);
  YieldOp::create(builder, loc, value);
  return group.getResult(0);
}

Value rondo::readPanels(Value packed, int64_t numOthers, int64_t size) {
  ArrayType type = arrayType(packed);
  auto constant = [&](int64_t number) { return DimAttr::get(packed.getContext(), number); };
  OpBuilder builder(packed.getContext());
  builder.setInsertionPointAfterValue(packed);
  Location loc = packed.getLoc();

  // [others, panels, summed, lanes] -> [others, summed, panels, lanes] -> [others, summed, n].
  auto rank = static_cast<int64_t>(type.getRank()) - 1;
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, numOthers));
  llvm::append_range(permutation, llvm::seq<int64_t>(numOthers + 1, rank));
  permutation.append({numOthers, rank});
  SmallVector<DimAttr> dims =
      llvm::map_to_vector(permutation, [&](int64_t i) { return type.getDim(i); });
  Value value = TransposeOp::create(builder, loc, type.withDims(dims), packed, permutation);
  int64_t padded = dims.pop_back_val().getConstant() * dims.back().getConstant();
  dims.back() = constant(padded);
  value = ReshapeOp::create(builder, loc, type.withDims(dims), value);
  if (size == padded)
    return value;
  dims.back() = constant(size);
  return SliceOp::create(builder, loc, type.withDims(dims), value, rank - 1, constant(0), 1);
}
