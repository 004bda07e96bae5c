// What the scheduler and the emitter must know about the processor they make code for.
#ifndef RONDO_SCHEDULE_TARGETDESCRIPTION_H
#define RONDO_SCHEDULE_TARGETDESCRIPTION_H

#include <cstdint>

namespace rondo {

struct TargetDescription {
  int64_t vectorBits = 512;
  int64_t vectorRegisters = 32;

  /// Masked loads and stores are instructions; on 128-bit targets they would become branches.
  bool hasMasks() const { return vectorBits >= 256; }
  /// Lanes of a vector of elements of `bits`.
  int64_t lanes(int64_t bits) const { return vectorBits / bits; }

  static TargetDescription forVectorBits(int64_t bits) { return {bits, bits >= 512 ? 32 : 16}; }
};

} // namespace rondo

#endif // RONDO_SCHEDULE_TARGETDESCRIPTION_H
