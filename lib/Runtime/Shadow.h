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

  /// Notes an access, or false: `fault` says why. The quick way is for a few whole words, of which
  /// nobody has to know more.
  bool note(const Access &access) { return noteQuickly(access) || noteSlowly(access); }
  [[gnu::always_inline]] bool noteQuickly(Access access) {
    uintptr_t offset = access.offset, bytes = access.bytes;
    if (offset >= limit || bytes > granule || ((offset | bytes) & 3) != 0 ||
        offset % granule + bytes > admitted[offset / granule] || isOthers(access)) [[unlikely]]
      return false;
    Rules rules = rulesOf(access);
    Cell *cell = cells + offset / 4, *end = cell + bytes / 4;
    for (; cell != end; ++cell)
      if (!(access.isWrite ? write(*cell, rules) : read(*cell, rules))) [[unlikely]]
        return false;
    return true;
  }
  bool noteSlowly(const Access &access);
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

  /// What an access leaves behind, and what it must not meet: anything that is not ordered before
  /// it, as what has a clock below `floor` is; for a read, a cell not written since `start`.
  struct Rules {
    Note mine;
    uint32_t floor, start;

    bool conflicts(const Note &note) const { return note.actor != mine.actor && !isOrdered(note); }
    bool isOrdered(const Note &note) const {
      return note.clock < floor ||
             (blockOf(note.actor) == blockOf(mine.actor) && note.clock < mine.clock);
    }
  };
  [[gnu::always_inline]] Rules rulesOf(const Access &access) const {
    bool shared = isShared(access.offset);
    const Clocks &clocks = *access.clocks;
    return {{access.actor, clocks.block, access.source},
            shared ? clocks.first : clocks.grid,
            shared && !access.isTolerant ? clocks.first : 0};
  }
  /// In the shared memory of another block.
  bool isOthers(const Access &access) const {
    return isShared(access.offset) && access.offset - access.shared >= slot;
  }
  bool isValid(const Access &access) const;
  static bool write(Cell &cell, const Rules &rules) {
    if (rules.conflicts(cell.write) || rules.conflicts(cell.read)) [[unlikely]]
      return false;
    cell.write = rules.mine;
    return true;
  }
  /// Of several readers that nothing orders it is known only whether they are of one block.
  static bool read(Cell &cell, const Rules &rules) {
    if (rules.conflicts(cell.write) || cell.write.clock < rules.start) [[unlikely]]
      return false;
    Note &last = cell.read;
    Actor actor = rules.mine.actor;
    if (rules.conflicts(last)) {
      actor = blockOf(last.actor) == blockOf(actor) ? severalOf(blockOf(actor)) : severalBlocks;
      if (actor == last.actor)
        return true;
    }
    last = {actor, rules.mine.clock, rules.mine.source};
    return true;
  }
  bool noteCell(Cell &cell, bool isWrite, const Rules &rules);
  Cell *splitCell(uintptr_t word);

  char *base = nullptr;
  uintptr_t limit = 0, sharedLimit = 0, slot = 1;
  uint8_t *admitted = nullptr; // of each 16 bytes, how many
  Cell *cells = nullptr;       // of each 4 bytes
  Cell *byteCells = nullptr;
  Fault found;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_SHADOW_H
