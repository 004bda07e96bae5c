// In place of what the runtime's Buffer allocates with: the linker puts calls of posix_memalign and
// free in our own objects through to these (--wrap in CMakeLists.txt).
//
// An array ends at a page that cannot be accessed, up to its alignment; another such page stands
// before its first one. As many more stand on either side as the largest positions that programs
// read times a row, so that no such read meets another array. Between the array and the pages are
// bytes that as numbers are NaN.
#include "Guard.h"
#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
int __real_posix_memalign(void **memory, size_t alignment, size_t bytes);
void __real_free(void *memory);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes);
void __wrap_free(void *memory);
}

namespace {

constexpr size_t alignmentOfArrays = 64, forbidden = size_t(1) << 28;
constexpr unsigned char untouched = 0xFF;

struct Block {
  char *start, *first; // of what can be accessed, and of the array
  size_t size, bytes;
};

struct Blocks {
  std::mutex mutex;
  std::map<void *, Block> live;
  std::string damage;
  bool isGuarded = false;
};

Blocks &blocks() {
  static Blocks all;
  return all;
}

bool isUntouched(const char *from, const char *to) {
  return std::all_of(from, to, [](char c) { return static_cast<unsigned char>(c) == untouched; });
}

} // namespace

void rondo::fuzz::guardMemory(bool isGuarded) { blocks().isGuarded = isGuarded; }

bool rondo::fuzz::isMemoryGuarded() { return blocks().isGuarded; }

std::string rondo::fuzz::takeDamage() {
  std::lock_guard lock(blocks().mutex);
  return std::exchange(blocks().damage, "");
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes) {
  if (!blocks().isGuarded)
    return __real_posix_memalign(memory, alignment, bytes);
  auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  size_t rounded = (bytes + alignmentOfArrays - 1) / alignmentOfArrays * alignmentOfArrays;
  size_t size = (rounded + page - 1) / page * page;
  void *all = mmap(nullptr, size + 2 * forbidden, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED)
    return ENOMEM;
  Block block{static_cast<char *>(all) + forbidden, nullptr, size, bytes};
  block.first = block.start + size - rounded;
  mprotect(block.start, size, PROT_READ | PROT_WRITE);
  std::memset(block.start, untouched, size);
  *memory = block.first;
  std::lock_guard lock(blocks().mutex);
  blocks().live[block.first] = block;
  return 0;
}

void __wrap_free(void *memory) {
  std::unique_lock lock(blocks().mutex);
  auto found = blocks().live.find(memory);
  if (found == blocks().live.end()) {
    lock.unlock();
    return __real_free(memory);
  }
  Block block = found->second;
  blocks().live.erase(found);
  char *end = block.start + block.size;
  bool isBefore = !isUntouched(block.start, block.first);
  if (isBefore || !isUntouched(block.first + block.bytes, end))
    blocks().damage = std::string("something was written ") + (isBefore ? "before" : "behind") +
                      " an array of " + std::to_string(block.bytes) + " bytes";
  munmap(block.start - forbidden, block.size + 2 * forbidden);
}
