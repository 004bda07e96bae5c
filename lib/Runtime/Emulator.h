// A device that is emulated: its memory, and kernels that run on this processor, thread by thread.
//
// The kernels are those of a program compiled for it (RondoEmulatedKernel in Abi.h). Every access,
// barrier and exchange of theirs comes here first, and a launch fails, with one line that names the
// source, when one of them is wrong: out of bounds, racing with another thread's, of a copy that is
// still under way, or waiting for threads that never come. README.md has the rules.
#ifndef RONDO_RUNTIME_EMULATOR_H
#define RONDO_RUNTIME_EMULATOR_H

#include "Runtime/Shadow.h"

#include <memory>
#include <vector>

namespace rondo::inline runtime {

class EmulatedGrid;

struct EmulatorOptions {
  int64_t multiprocessors = 3;
  int64_t memoryBytes = int64_t(8) << 30;
  /// What a block of a kernel that takes the rest of shared memory has.
  int64_t sharedBytes = int64_t(96) << 10;
  /// Threads and blocks run in another order with every launch; this is where the orders start.
  uint64_t seed = 0;
};

class Emulator {
public:
  explicit Emulator(const EmulatorOptions &options = {});
  Emulator(const Emulator &) = delete;
  Emulator &operator=(const Emulator &) = delete;
  ~Emulator();

  /// Makes the device's memory; the first thing to be called.
  Status open();
  const EmulatorOptions &options() const { return chosen; }

  /// Memory of the device, aligned to 256 bytes, which the host may read and write as well. It
  /// holds no zeros but NaNs. Null when there is not enough.
  void *allocate(int64_t bytes);
  /// `memory` is what `allocate` gave, or null.
  void free(void *memory);

  /// Runs a kernel to its end; `call` lies in the device's memory.
  Status launch(const RondoKernel &kernel, int64_t blocks, const RondoCall *call,
                const int64_t *numbers);

private:
  friend class EmulatedGrid;
  /// What lies between the shared memories of two blocks: more than a block can have.
  static constexpr uintptr_t slotBytes = uintptr_t(256) << 10;
  struct Allocation {
    uintptr_t offset, bytes;
    /// To the next one: more than its bytes.
    uintptr_t room() const;
  };

  EmulatorOptions chosen;
  Shadow shadow;
  std::vector<Allocation> allocations; // by offset
  std::unique_ptr<EmulatedGrid> grid;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_EMULATOR_H
