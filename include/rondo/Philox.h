// The random numbers of rondo, the same in the interpreter, in the runtime and in generated code.
//
// A draw is a pure function of its key and its element's number (design.md, section 6). The key is
// folded from the seed, the training step, the site, the example and the enclosing indices, one
// Philox4x32-10 call each; an element's bits are one more call. Philox: Salmon, Moraes, Dror and
// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#ifndef RONDO_PHILOX_H
#define RONDO_PHILOX_H

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace rondo {

using PhiloxBlock = std::array<uint32_t, 4>;

/// Ten rounds of Philox4x32 on `counter` under the 64-bit `key`.
inline PhiloxBlock philox(PhiloxBlock counter, uint64_t key) {
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = 0xD2511F53ull * counter[0], p1 = 0xCD9E8D57ull * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ k0, static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ k1, static_cast<uint32_t>(p0)};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return counter;
}

/// Folds one more component (step, site, example, index) into a key.
inline uint64_t foldKey(uint64_t key, uint64_t component) {
  PhiloxBlock r = philox(
      {static_cast<uint32_t>(component), static_cast<uint32_t>(component >> 32), 0x666F6C64u, 0},
      key);
  return r[0] | (static_cast<uint64_t>(r[1]) << 32);
}

/// The bits of element number `element` under `key`.
inline PhiloxBlock drawBits(uint64_t key, uint64_t element) {
  return philox(
      {static_cast<uint32_t>(element), static_cast<uint32_t>(element >> 32), 0x64726177u, 0}, key);
}

/// 23 random bits as a number in (0, 1), exact in single precision: (n + 1/2) / 2^23.
inline double unitFromBits(uint32_t bits) {
  return (static_cast<double>(bits >> 9) + 0.5) * 0x1p-23;
}

/// Uniform on (0, 1).
inline double drawUniform(uint64_t key, uint64_t element) {
  return unitFromBits(drawBits(key, element)[0]);
}

/// Standard normal by Box and Muller's transform of words 0 and 1.
inline double drawNormal(uint64_t key, uint64_t element) {
  PhiloxBlock bits = drawBits(key, element);
  return std::sqrt(-2.0 * std::log(unitFromBits(bits[0]))) *
         std::cos(6.283185307179586476925286766559 * unitFromBits(bits[1]));
}

/// The number of a site or a parameter, from its path: 64-bit FNV-1a.
constexpr uint64_t siteNumber(std::string_view path) {
  uint64_t hash = 0xCBF29CE484222325ull;
  for (char c : path)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return hash;
}

} // namespace rondo

#endif // RONDO_PHILOX_H
