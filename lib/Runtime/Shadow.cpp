// Address space for the shadow, and the accesses that are not plain words in order.
#include "Runtime/Shadow.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>

using namespace rondo;

template <typename T> static bool map(T *&at, uintptr_t bytes) {
  void *memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  at = memory == MAP_FAILED ? nullptr : static_cast<T *>(memory);
  return at != nullptr;
}

Status Shadow::reserve(uintptr_t bytes, uintptr_t sharedBytes, uintptr_t slotBytes) {
  limit = bytes;
  sharedLimit = sharedBytes;
  slot = slotBytes;
  if (!map(base, bytes) || !map(admitted, bytes / granule) ||
      !map(cells, bytes / 4 * sizeof(Cell)) || !map(byteCells, bytes * sizeof(Cell)))
    return error("no address space to emulate a device of %llu bytes in",
                 static_cast<unsigned long long>(bytes));
  return {};
}

Shadow::~Shadow() {
  if (base)
    ::munmap(base, limit);
  if (admitted)
    ::munmap(admitted, limit / granule);
  if (cells)
    ::munmap(cells, limit / 4 * sizeof(Cell));
  if (byteCells)
    ::munmap(byteCells, limit * sizeof(Cell));
}

void Shadow::admit(uintptr_t offset, uintptr_t bytes, uintptr_t room) {
  uint8_t *at = admitted + offset / granule;
  std::memset(at, granule, bytes / granule);
  std::memset(at + bytes / granule, 0, (room - bytes) / granule);
  if (bytes % granule)
    at[bytes / granule] = static_cast<uint8_t>(bytes % granule);
}

/// Pages that lie wholly within are dropped; they read as zeros.
static void drop(void *from, uintptr_t bytes) {
  constexpr uintptr_t page = uintptr_t(64) << 10; // a multiple of every page
  uintptr_t low = (reinterpret_cast<uintptr_t>(from) + page - 1) / page * page;
  uintptr_t high = (reinterpret_cast<uintptr_t>(from) + bytes) / page * page;
  if (low < high)
    ::madvise(reinterpret_cast<void *>(low), high - low, MADV_DONTNEED);
}

void Shadow::release(uintptr_t offset, uintptr_t bytes) {
  drop(base + offset, bytes);
  drop(cells + offset / 4, bytes / 4 * sizeof(Cell));
  drop(byteCells + offset, bytes * sizeof(Cell));
}

void Shadow::forget() {
  drop(cells, limit / 4 * sizeof(Cell));
  drop(byteCells, limit * sizeof(Cell));
}

/// The cells of a word's bytes, which so far know what the word's knew.
Shadow::Cell *Shadow::splitCell(uintptr_t word) {
  Cell *bytes = byteCells + 4 * word;
  if (cells[word].write.actor != split) {
    std::fill(bytes, bytes + 4, cells[word]);
    cells[word].write = {split, never, nullptr};
  }
  return bytes;
}

bool Shadow::noteCell(Cell &cell, bool isWrite, const Rules &rules) {
  if (isWrite ? write(cell, rules) : read(cell, rules))
    return true;
  const Note &last = cell.write;
  if (rules.conflicts(last))
    found = {last.clock == never ? Fault::UnderWay : Fault::Race, last.actor & ~copyBit, true,
             last.source};
  else if (isWrite)
    found = {Fault::Race, cell.read.actor, false, cell.read.source};
  else
    found = {Fault::NotWritten};
  return false;
}

bool Shadow::isValid(const Access &access) const {
  uintptr_t offset = access.offset, last = offset + access.bytes - 1;
  if (offset >= limit || access.bytes > limit - offset || isOthers(access))
    return false;
  for (uintptr_t i = offset / granule; i < last / granule; ++i)
    if (admitted[i] != granule)
      return false;
  return admitted[last / granule] > last % granule;
}

bool Shadow::noteSlowly(const Access &access) {
  if (access.bytes == 0)
    return true;
  if (!isValid(access)) {
    found = {Fault::OutOfBounds};
    return false;
  }
  Rules rules = rulesOf(access);
  for (uintptr_t at = access.offset, end = at + access.bytes; at < end;) {
    uintptr_t word = at / 4, next = std::min(4 * word + 4, end);
    if (next - at == 4 && cells[word].write.actor != split) {
      if (!noteCell(cells[word], access.isWrite, rules))
        return false;
    } else {
      Cell *bytes = splitCell(word);
      for (uintptr_t byte = at; byte < next; ++byte)
        if (!noteCell(bytes[byte % 4], access.isWrite, rules))
          return false;
      // Whoever meets one of the bytes now meets this write.
      if (access.isWrite && next - at == 4)
        cells[word] = {rules.mine, {0, 0, nullptr}};
    }
    at = next;
  }
  return true;
}

void Shadow::beginCopy(const Access &access) {
  for (uintptr_t word = access.offset / 4; word < (access.offset + access.bytes) / 4; ++word)
    cells[word] = {{access.actor | copyBit, never, access.source}, {0, 0, nullptr}};
}

void Shadow::endCopy(uintptr_t offset, uintptr_t bytes, Actor actor, uint32_t clock,
                     const RondoSource *source) {
  for (uintptr_t word = offset / 4; word < (offset + bytes) / 4; ++word)
    cells[word] = {{actor, clock, source}, {0, 0, nullptr}};
}
