// What is known of every byte of an emulated device's memory: whether it is allocated, who has
// written it last and who has read it, and so whether an access is right.
//
// Time is counted by clocks: one number, moved on by every barrier of a block or of the grid. Two
// accesses of different threads are ordered when a barrier lies between them that both have been
// at: one of the grid, or one of the block that both belong to. As an access is noted with the
// clock of its block, both questions are comparisons of two numbers.
//
// A cell is kept per 4 bytes, at a fixed distance from them, and one per byte, further away, where
// accesses do not take words whole. All of it is address space until it is touched.
#ifndef RONDO_RUNTIME_SHADOW_H
#define RONDO_RUNTIME_SHADOW_H

#include "Runtime/Status.h"
#include "rondo/Abi.h"

namespace rondo::inline runtime {

/// A thread of the grid as one number: its block's number and its own.
using Actor = uint32_t;
inline constexpr uint32_t threadBits = 11, mostThreadsOfBlock = 1024, mostBlocks = 0xffffe;
constexpr Actor actorOf(int64_t block, int64_t thread) {
  return static_cast<Actor>(block) << threadBits | static_cast<Actor>(thread);
}
constexpr uint32_t threadOf(Actor actor) { return actor & ((1u << threadBits) - 1); }
constexpr uint32_t blockOf(Actor actor) { return actor << 1 >> (threadBits + 1); }

/// The clock's values that matter to a block.
struct Clocks {
  uint32_t grid = 0;  // at the launch or the last barrier of the grid
  uint32_t block = 0; // at the block's last barrier, of any kind
  uint32_t first = 0; // when the block began
};

/// An access by a thread.
struct Access {
  Actor actor;
  const Clocks *clocks;
  uintptr_t shared; // the offset of its block's shared memory in the device's
  uintptr_t offset, bytes;
  bool isWrite;
  const RondoSource *source;
  /// Does not mind if nobody has written what it reads.
  bool isTolerant = false;
};

struct Fault {
  enum Kind { None, OutOfBounds, NotWritten, Race, UnderWay };
  Kind kind = None;
  /// Of a race, or who has begun the copy that is under way.
  Actor other = 0;
  bool otherIsWrite = false;
  const RondoSource *source = nullptr;
};

class Shadow {
public:
  Shadow() = default;
  Shadow(const Shadow &) = delete;
  Shadow &operator=(const Shadow &) = delete;
  ~Shadow();

  /// Address space for `bytes` of device memory, of which the first `sharedBytes` are the blocks'
  /// shared memory, `slotBytes` for each; no more than that are bytes of one block.
  Status reserve(uintptr_t bytes, uintptr_t sharedBytes, uintptr_t slotBytes);
  char *memory() const { return base; }
  uintptr_t size() const { return limit; }
  uintptr_t offsetOf(const void *address) const {
    return reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(base);
  }
  bool isShared(uintptr_t offset) const { return offset < sharedLimit; }

  /// Says that `bytes` from `offset` on, a multiple of 16, may be accessed, and what follows not,
  /// up to `room` bytes from `offset`.
  void admit(uintptr_t offset, uintptr_t bytes, uintptr_t room);
  /// Gives memory and what is known of it back to the system.
  void release(uintptr_t offset, uintptr_t bytes);
  /// Forgets all accesses.
  void forget();

  /// Notes an access, or false: `explain` says why.
  bool note(const Access &access) {
    if (access.offset < limit && ((access.offset | access.bytes) & 3) == 0 && isValid(access))
        [[likely]] {
      Cell *cell = cells + access.offset / 4, *end = cell + access.bytes / 4;
      uint32_t floor = floorOf(access);
      for (; cell != end; ++cell)
        if (!(access.isWrite ? write(*cell, access, floor) : read(*cell, access, floor)))
            [[unlikely]]
          return noteSlowly(access);
      return true;
    }
    return noteSlowly(access);
  }
  const Fault &fault() const { return found; }

  /// The bytes, whole words that a write of them was noted for, are not to be touched.
  void beginCopy(const Access &access);
  /// They are: written now. With `actor` 0 and a clock of 0, as if nobody ever had.
  void endCopy(uintptr_t offset, uintptr_t bytes, Actor actor, uint32_t clock,
               const RondoSource *source);

private:
  struct Note {
    Actor actor;
    uint32_t clock;
    const RondoSource *source;
  };
  struct Cell {
    Note write, read;
  };
  /// Actors that are no threads. A copy's is its thread's with the bit; the cell of a word whose
  /// bytes have cells of their own is written by `split`. The clock of both is `never`.
  static constexpr Actor copyBit = 1u << 31, split = ~0u, severalBlocks = ~0u >> 1;
  static constexpr uint32_t never = ~0u;
  static constexpr uintptr_t granule = 16;
  static Actor severalOf(uint32_t block) { return actorOf(block, mostThreadsOfBlock); }

  /// Accesses with earlier clocks are ordered before this one, whoever's they are.
  uint32_t floorOf(const Access &access) const {
    return isShared(access.offset) ? access.clocks->first : access.clocks->grid;
  }
  static bool isOrdered(const Note &note, const Access &access, uint32_t floor) {
    return note.clock < floor ||
           (blockOf(note.actor) == blockOf(access.actor) && note.clock < access.clocks->block);
  }
  bool isValid(const Access &access) const {
    uintptr_t offset = access.offset, last = offset + access.bytes - 1;
    if (access.bytes == 0 || access.bytes > limit - offset ||
        (isShared(offset) && offset - access.shared >= slot))
      return false;
    for (uintptr_t i = offset / granule; i < last / granule; ++i)
      if (admitted[i] != granule)
        return false;
    return admitted[last / granule] > last % granule;
  }
  bool isMissing(const Cell &cell, const Access &access) const {
    return cell.write.clock < access.clocks->first && isShared(access.offset) && !access.isTolerant;
  }
  bool write(Cell &cell, const Access &access, uint32_t floor) {
    if ((cell.write.actor != access.actor && !isOrdered(cell.write, access, floor)) ||
        (cell.read.actor != access.actor && !isOrdered(cell.read, access, floor))) [[unlikely]]
      return false;
    cell.write = {access.actor, access.clocks->block, access.source};
    return true;
  }
  bool read(Cell &cell, const Access &access, uint32_t floor) {
    if ((cell.write.actor != access.actor && !isOrdered(cell.write, access, floor)) ||
        isMissing(cell, access)) [[unlikely]]
      return false;
    Note &last = cell.read;
    if (last.actor == access.actor || isOrdered(last, access, floor))
      last = {access.actor, access.clocks->block, access.source};
    else if (blockOf(last.actor) != blockOf(access.actor))
      last = {severalBlocks, access.clocks->block, access.source};
    else
      last = {severalOf(blockOf(access.actor)), access.clocks->block, access.source};
    return true;
  }
  bool noteSlowly(const Access &access);
  bool noteCell(Cell &cell, const Access &access, uint32_t floor);
  Cell *splitCell(uintptr_t word);
  bool explain(const Cell &cell, const Access &access, uint32_t floor);

  char *base = nullptr;
  uintptr_t limit = 0, sharedLimit = 0, slot = 1;
  uint8_t *admitted = nullptr; // of each 16 bytes, how many
  Cell *cells = nullptr;       // of each 4 bytes
  Cell *byteCells = nullptr;
  Fault found;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_SHADOW_H
