// The peak: twelve independent chains of fused multiply-adds, enough to hide a latency of six
// cycles at two instructions per cycle, in a loop that touches no memory.
#include "Runtime/Peak.h"
#include "Runtime/Progress.h"
#include "rondo/Abi.h"

#include <algorithm>
#include <string>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace rondo;

/// What the loops leave, so that they are not optimised away.
static volatile double sink;

static constexpr int64_t chains = 12;

/// NAME(rounds): `rounds` times one STEP (x * a + b) on each of twelve vectors. The values stay
/// near 1: no denormal and no infinity slows it.
#define RONDO_PEAK_LOOP(NAME, ATTRIBUTE, VECTOR, SET, STEP)                                        \
  ATTRIBUTE __attribute__((noinline)) static void NAME(int64_t rounds) {                           \
    VECTOR a = SET(0.999), b = SET(0.001);                                                         \
    VECTOR x0 = SET(1.00), x1 = SET(1.01), x2 = SET(1.02), x3 = SET(1.03), x4 = SET(1.04),         \
           x5 = SET(1.05), x6 = SET(1.06), x7 = SET(1.07), x8 = SET(1.08), x9 = SET(1.09),         \
           x10 = SET(1.10), x11 = SET(1.11);                                                       \
    for (int64_t i = 0; i < rounds; ++i) {                                                         \
      x0 = STEP(x0, a, b);                                                                         \
      x1 = STEP(x1, a, b);                                                                         \
      x2 = STEP(x2, a, b);                                                                         \
      x3 = STEP(x3, a, b);                                                                         \
      x4 = STEP(x4, a, b);                                                                         \
      x5 = STEP(x5, a, b);                                                                         \
      x6 = STEP(x6, a, b);                                                                         \
      x7 = STEP(x7, a, b);                                                                         \
      x8 = STEP(x8, a, b);                                                                         \
      x9 = STEP(x9, a, b);                                                                         \
      x10 = STEP(x10, a, b);                                                                       \
      x11 = STEP(x11, a, b);                                                                       \
    }                                                                                              \
    VECTOR all[chains] = {x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11};                       \
    const char *bytes = reinterpret_cast<const char *>(all);                                       \
    double sum = 0;                                                                                \
    for (size_t i = 0; i < sizeof(all); ++i)                                                       \
      sum += bytes[i];                                                                             \
    sink = sum;                                                                                    \
  }

#define RONDO_MULTIPLY_ADD(x, a, b) ((x) * (a) + (b))

#if defined(__x86_64__)
#define RONDO_AVX512 __attribute__((target("avx512f")))
#define RONDO_FMA __attribute__((target("avx2,fma")))
#define RONDO_SSE_F32(x, a, b) _mm_add_ps(_mm_mul_ps(x, a), b)
#define RONDO_SSE_F64(x, a, b) _mm_add_pd(_mm_mul_pd(x, a), b)
RONDO_PEAK_LOOP(avx512F32, RONDO_AVX512, __m512, _mm512_set1_ps, _mm512_fmadd_ps)
RONDO_PEAK_LOOP(avx512F64, RONDO_AVX512, __m512d, _mm512_set1_pd, _mm512_fmadd_pd)
RONDO_PEAK_LOOP(fmaF32, RONDO_FMA, __m256, _mm256_set1_ps, _mm256_fmadd_ps)
RONDO_PEAK_LOOP(fmaF64, RONDO_FMA, __m256d, _mm256_set1_pd, _mm256_fmadd_pd)
RONDO_PEAK_LOOP(baselineF32, , __m128, _mm_set1_ps, RONDO_SSE_F32)
RONDO_PEAK_LOOP(baselineF64, , __m128d, _mm_set1_pd, RONDO_SSE_F64)
#else
typedef float Vector4 __attribute__((vector_size(16)));
typedef double Vector2 __attribute__((vector_size(16)));
static Vector4 set4(double x) { return Vector4{} + static_cast<float>(x); }
static Vector2 set2(double x) { return Vector2{} + x; }
RONDO_PEAK_LOOP(baselineF32, , Vector4, set4, RONDO_MULTIPLY_ADD)
RONDO_PEAK_LOOP(baselineF64, , Vector2, set2, RONDO_MULTIPLY_ADD)
#endif

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
