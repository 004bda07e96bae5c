// Products of small matrices by a warp: the fragments of mma.sync, m16n8k8 and m16n8k16 of the PTX
// ISA, as dialects/Device/DeviceOps.td has them.
#include "Runtime/EmulatedGrid.h"

#include <bit>

using namespace rondo;

/// One of the two numbers of a register.
static float bf16At(uint32_t word, int64_t half) {
  return std::bit_cast<float>(half ? word & 0xffff0000u : word << 16);
}
/// The processor does not look at the bits that tf32 lacks.
static float tf32At(uint32_t word) { return std::bit_cast<float>(word & ~0x1fffu); }

/// A and B of a warp, dense; the inner dim is 8 or 16.
namespace {
struct Operands {
  float a[16][16], b[16][8];
  int64_t inner;
};
} // namespace

static void gatherTf32(const EmulatedThread *warp, Operands &to) {
  to.inner = 8;
  for (int64_t lane = 0; lane < warpSize; ++lane) {
    int64_t g = lane / 4, t = lane % 4;
    const uint32_t *a = warp[lane].a, *b = warp[lane].b;
    for (int64_t i = 0; i < 4; ++i)
      to.a[g + 8 * (i % 2)][t + 4 * (i / 2)] = tf32At(a[i]);
    for (int64_t i = 0; i < 2; ++i)
      to.b[t + 4 * i][g] = tf32At(b[i]);
  }
}

static void gatherBf16(const EmulatedThread *warp, Operands &to) {
  to.inner = 16;
  for (int64_t lane = 0; lane < warpSize; ++lane) {
    int64_t g = lane / 4, t = lane % 4;
    const uint32_t *a = warp[lane].a, *b = warp[lane].b;
    for (int64_t half = 0; half < 2; ++half) {
      for (int64_t i = 0; i < 4; ++i)
        to.a[g + 8 * (i % 2)][2 * t + half + 8 * (i / 2)] = bf16At(a[i], half);
      for (int64_t i = 0; i < 2; ++i)
        to.b[2 * t + half + 8 * i][g] = bf16At(b[i], half);
    }
  }
}

void EmulatedGrid::multiply(EmulatedThread *warp, int64_t kind) {
  Operands operands;
  if (kind == RONDO_TF32)
    gatherTf32(warp, operands);
  else
    gatherBf16(warp, operands);
  for (int64_t lane = 0; lane < warpSize; ++lane)
    for (int64_t i = 0; i < 4; ++i) {
      int64_t row = lane / 4 + 8 * (i / 2), column = 2 * (lane % 4) + i % 2;
      // No order of the sum is documented, nor how it is rounded on the way; here it is not.
      double sum = warp[lane].c[i];
      for (int64_t k = 0; k < operands.inner; ++k)
        sum += static_cast<double>(operands.a[row][k]) * operands.b[k][column];
      warp[lane].c[i] = static_cast<float>(sum);
    }
}
