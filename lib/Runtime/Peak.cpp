// The peak: twelve independent chains of fused multiply-adds, enough to hide a latency of six
// cycles at two instructions per cycle, in a loop that touches no memory.
#include "Runtime/Peak.h"
#include "Runtime/Progress.h"
#include "rondo/Abi.h"

#include <algorithm>
#include <string>

using namespace rondo;

/// What the loops leave, so that they are not optimised away.
static volatile double sink;

static constexpr int64_t chains = 12;

/// NAME(rounds): `rounds` times one x * a + b, which is fused where FMA is allowed, on each of
/// twelve vectors of BITS. The values stay near 1: no denormal and no infinity slows it. It is a
/// macro since what a function may use of the processor is no parameter of a template.
#define RONDO_PEAK_LOOP(NAME, ATTRIBUTE, ELEMENT, BITS)                                            \
  ATTRIBUTE __attribute__((noinline)) static void NAME(int64_t rounds) {                           \
    typedef ELEMENT Vector __attribute__((vector_size((BITS) / 8)));                               \
    Vector x[chains], a = Vector{} + static_cast<ELEMENT>(0.999),                                  \
                      b = Vector{} + static_cast<ELEMENT>(0.001);                                  \
    for (int64_t k = 0; k < chains; ++k)                                                           \
      x[k] = Vector{} + static_cast<ELEMENT>(1 + 0.01 * static_cast<double>(k));                   \
    for (int64_t i = 0; i < rounds; ++i)                                                           \
      for (int64_t k = 0; k < chains; ++k)                                                         \
        x[k] = x[k] * a + b;                                                                       \
    for (int64_t k = 1; k < chains; ++k)                                                           \
      x[0] += x[k];                                                                                \
    sink = static_cast<double>(x[0][0]);                                                           \
  }

#if defined(__x86_64__)
#define RONDO_AVX512 __attribute__((target("avx512f,fma")))
#define RONDO_FMA __attribute__((target("avx2,fma")))
RONDO_PEAK_LOOP(avx512F32, RONDO_AVX512, float, 512)
RONDO_PEAK_LOOP(avx512F64, RONDO_AVX512, double, 512)
RONDO_PEAK_LOOP(fmaF32, RONDO_FMA, float, 256)
RONDO_PEAK_LOOP(fmaF64, RONDO_FMA, double, 256)
#endif
RONDO_PEAK_LOOP(baselineF32, , float, 128)
RONDO_PEAK_LOOP(baselineF64, , double, 128)

Peak rondo::measurePeak(const char *features, int32_t element) {
  struct Loop {
    const char *name, *feature;
    int64_t bits;
    void (*single)(int64_t), (*twice)(int64_t);
  };
  const Loop loops[] = {
#if defined(__x86_64__)
      {"AVX-512", "avx512f", 512, avx512F32, avx512F64},
      {"AVX2 with FMA", "fma", 256, fmaF32, fmaF64},
#endif
      {"128-bit", "", 128, baselineF32, baselineF64}};
  std::string all = std::string(" ") + (features ? features : "") + " ";
  const Loop *loop = loops;
  while (*loop->feature && all.find(std::string(" ") + loop->feature + " ") == std::string::npos)
    ++loop;
  bool isDouble = element == RONDO_F64;
  constexpr int64_t rounds = 20000;
  double best = 1e30, start = now(), time = start;
  for (int i = 0; i < 8 || (time - start < 0.01 && i < 1000); ++i) {
    (isDouble ? loop->twice : loop->single)(rounds);
    double end = now();
    best = std::min(best, end - time);
    time = end;
  }
  double lanes = static_cast<double>(loop->bits / (isDouble ? 64 : 32));
  return {loop->name, 2.0 * static_cast<double>(rounds * chains) * lanes / std::max(best, 1e-9)};
}
