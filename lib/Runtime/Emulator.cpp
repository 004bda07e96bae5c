// The emulated device's memory, and launches.
#include "Runtime/Emulator.h"
#include "Runtime/EmulatedGrid.h"

#include <algorithm>
#include <cstring>

using namespace rondo;

static constexpr uintptr_t alignment = 256;
/// Address space behind each allocation, for what runs past its end to be found in.
static constexpr uintptr_t redZone = uintptr_t(64) << 10;
/// As much as a block can have on any device so far.
static constexpr int64_t mostShared = int64_t(227) << 10;
/// Blocks of a cooperative kernel.
static constexpr uintptr_t mostSlots = 1024;

uintptr_t Emulator::Allocation::room() const {
  return (bytes + alignment - 1) / alignment * alignment + redZone;
}

Emulator::Emulator(const EmulatorOptions &options) : chosen(options) {}
Emulator::~Emulator() = default;

Status Emulator::open() {
  uintptr_t shared = mostSlots * slotBytes;
  uintptr_t bytes =
      shared + (static_cast<uintptr_t>(chosen.memoryBytes) + alignment - 1) / alignment * alignment;
  RONDO_TRY(shadow.reserve(bytes, shared, slotBytes));
  grid = std::make_unique<EmulatedGrid>(*this);
  return {};
}

void *Emulator::allocate(int64_t bytes) {
  Allocation made = {mostSlots * slotBytes, static_cast<uintptr_t>(std::max<int64_t>(bytes, 1))};
  // The first gap that is large enough.
  auto at = allocations.begin();
  for (; at != allocations.end() && at->offset - made.offset < made.room(); ++at)
    made.offset = at->offset + at->room();
  if (made.bytes > shadow.size() || made.room() > shadow.size() - made.offset)
    return nullptr;
  allocations.insert(at, made);
  shadow.admit(made.offset, made.bytes, made.room());
  char *memory = shadow.memory() + made.offset;
  std::memset(memory, 0xff, made.bytes);
  return memory;
}

void Emulator::free(void *memory) {
  uintptr_t offset = shadow.offsetOf(memory);
  auto at = std::find_if(allocations.begin(), allocations.end(),
                         [&](const Allocation &each) { return each.offset == offset; });
  if (at == allocations.end())
    return;
  shadow.admit(offset, 0, at->room());
  shadow.release(offset, at->room());
  allocations.erase(at);
}

Status Emulator::launch(const RondoKernel &kernel, int64_t blocks, const RondoCall *call,
                        const int64_t *numbers) {
  int64_t shared =
      kernel.takes_rest ? std::max(kernel.shared_bytes, chosen.sharedBytes) : kernel.shared_bytes;
  const char *name = kernel.name;
  if (!kernel.emulated)
    return error("kernel '%s' is not compiled for the emulator", name);
  if (kernel.threads < 1 || kernel.threads > mostThreadsOfBlock || kernel.threads % 32 != 0)
    return error("kernel '%s' wants blocks of %lld threads, expected a multiple of 32 up to %u",
                 name, static_cast<long long>(kernel.threads), mostThreadsOfBlock);
  if (shared > mostShared)
    return error("kernel '%s' wants %lld bytes of shared memory, expected at most %lld", name,
                 static_cast<long long>(shared), static_cast<long long>(mostShared));
  int64_t most = kernel.is_cooperative ? int64_t(mostSlots) : int64_t(mostBlocks);
  if (blocks < 1 || blocks > most)
    return error("kernel '%s' is launched with %lld blocks, expected 1 to %lld", name,
                 static_cast<long long>(blocks), static_cast<long long>(most));
  return grid->run(kernel, blocks, shared, call, numbers);
}
