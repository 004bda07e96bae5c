// What this machine's vector units can do, measured.
#ifndef RONDO_RUNTIME_PEAK_H
#define RONDO_RUNTIME_PEAK_H

#include <cstdint>

namespace rondo::inline runtime {

struct Peak {
  const char *name;      // of the instructions: "AVX-512"
  double flopsPerSecond; // of one worker
};

/// The rate of independent multiplications and additions of `element` (f32 or f64) in registers,
/// with the widest vectors that a program with these processor features uses. Takes 10 ms or so;
/// the best of several is what no neighbour disturbed.
Peak measurePeak(const char *features, int32_t element);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_PEAK_H
