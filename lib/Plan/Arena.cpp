// Largest first, each slot at the lowest offset that is free during its life, at typical sizes. The
// offsets only give the order: which of two slots in use at the same time is below the other.
#include "Plan/Arena.h"
#include "Rondo/TypicalSizes.h"
#include "llvm/ADT/BitVector.h"
#include <numeric>

using namespace mlir;
using namespace rondo;

/// In whole lines of a cache.
static int64_t typicalBytes(ArrayType type) {
  auto bits = static_cast<int64_t>(type.getElementType().getIntOrFloatBitWidth());
  return (typicalElements(type.getDims()) * ((bits + 7) / 8) + 63) / 64 * 64;
}

SmallVector<SmallVector<int64_t>> rondo::stackSlots(ArrayRef<SlotLife> slots) {
  auto count = static_cast<int64_t>(slots.size());
  SmallVector<int64_t> sizes, offsets(count, -1), order(count);
  for (const SlotLife &slot : slots)
    sizes.push_back(typicalBytes(slot.type));
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : a < b;
  });
  for (int64_t slot : order) {
    SmallVector<int64_t> taken;
    for (int64_t other = 0; other < count; ++other)
      if (offsets[other] >= 0 && slots[slot].overlaps(slots[other]))
        taken.push_back(other);
    llvm::sort(taken, [&](int64_t a, int64_t b) { return offsets[a] < offsets[b]; });
    int64_t offset = 0;
    for (int64_t other : taken) {
      if (offset + sizes[slot] <= offsets[other])
        break;
      offset = std::max(offset, offsets[other] + sizes[other]);
    }
    offsets[slot] = offset;
  }
  // From the lowest up; what is below something that is below needs no mention.
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return offsets[a] != offsets[b] ? offsets[a] < offsets[b] : a < b;
  });
  SmallVector<SmallVector<int64_t>> below(count);
  SmallVector<llvm::BitVector> under(count, llvm::BitVector(count));
  for (auto [position, slot] : llvm::enumerate(order))
    for (int64_t other : llvm::reverse(ArrayRef(order).take_front(position)))
      if (slots[slot].overlaps(slots[other]) && !under[slot].test(other)) {
        below[slot].push_back(other);
        under[slot] |= under[other];
        under[slot].set(other);
      }
  return below;
}
