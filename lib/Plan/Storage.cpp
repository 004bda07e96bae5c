#include "Plan/Storage.h"

using namespace mlir;
using namespace rondo;

int64_t rondo::linesOf(ArrayType type) {
  int64_t bytes = llvm::divideCeil(type.getElementType().getIntOrFloatBitWidth(), 8);
  for (DimAttr dim : type.getDims())
    bytes *= dim.getConstant();
  return static_cast<int64_t>(llvm::alignTo(std::max<int64_t>(bytes, 1), 64));
}

SmallVector<int64_t> rondo::cacheOffsets(func::FuncOp function) {
  SmallVector<int64_t> offsets{0};
  if (auto types = function->getAttrOfType<ArrayAttr>(names::cached))
    for (Type type : types.getAsValueRange<TypeAttr>())
      offsets.push_back(offsets.back() + linesOf(cast<ArrayType>(type)));
  return offsets;
}

SmallVector<SmallVector<int64_t>> rondo::slotsBelow(func::FuncOp function) {
  SmallVector<SmallVector<int64_t>> below;
  for (Attribute slots : function->getAttrOfType<ArrayAttr>(names::below))
    below.emplace_back(cast<DenseI64ArrayAttr>(slots).asArrayRef());
  return below;
}

SmallVector<llvm::BitVector> rondo::slotsSharing(func::FuncOp function) {
  SmallVector<SmallVector<int64_t>> below = slotsBelow(function);
  auto count = static_cast<int64_t>(below.size());
  SmallVector<llvm::BitVector> under(count), sharing(count, llvm::BitVector(count, true));
  auto visit = [&](auto &&self, int64_t slot) -> void {
    if (!under[slot].empty())
      return;
    under[slot].resize(count);
    for (int64_t other : below[slot]) {
      self(self, other);
      under[slot] |= under[other];
      under[slot].set(other);
    }
  };
  for (int64_t slot = 0; slot < count; ++slot) {
    visit(visit, slot);
    sharing[slot].reset(slot);
    for (int64_t other : under[slot].set_bits()) {
      sharing[slot].reset(other);
      sharing[other].reset(slot);
    }
  }
  return sharing;
}
