// The threads of one launch: a fiber each, and where they meet. Used by the emulator alone.
#ifndef RONDO_RUNTIME_EMULATED_GRID_H
#define RONDO_RUNTIME_EMULATED_GRID_H

#include "Runtime/Emulator.h"
#include "Runtime/Fiber.h"

#include <optional>

namespace rondo::inline runtime {

struct EmulatedBlock;
struct EmulatedThread;

inline constexpr int64_t warpSize = 32;

/// What threads do together: all `size` of them come, then all go on.
struct Meeting {
  const char *scope = nullptr; // "warp", "block", "grid"
  int64_t size = 0, arrived = 0;
  const RondoSource *source = nullptr;              // where those are that have arrived
  EmulatedThread *first = nullptr, *last = nullptr; // a list of them

  void begin(const char *newScope, int64_t newSize) { *this = {newScope, newSize}; }
};

/// An asynchronous copy that its thread has not waited for; belongs to a group by its number.
struct PendingCopy {
  char *to;
  const char *from; // null: zeros
  int64_t bytes, group;
  const RondoSource *source;
};

struct EmulatedThread : RondoThread {
  EmulatedGrid *grid;
  EmulatedBlock *owner;
  Actor actor;
  bool isDone;
  Fiber *fiber;
  Meeting *meeting;     // where it waits, or null
  EmulatedThread *next; // in a meeting, or among those that can go on
  // What it brings to a meeting of its warp, and what it is given there.
  uint64_t value, received;
  const uint32_t *a, *b;
  float *c;
  std::vector<PendingCopy> copies; // by rising group, from `firstCopy` on
  size_t firstCopy;
  int64_t groups; // committed so far
};

struct EmulatedBlock {
  uintptr_t shared = 0, sharedBytes = 0; // in the device's memory
  Clocks clocks;
  Meeting barrier;
  std::vector<Meeting> warps;
};

class EmulatedGrid {
public:
  explicit EmulatedGrid(Emulator &emulator);

  Status run(const RondoKernel &kernel, int64_t blocks, int64_t sharedBytes, const RondoCall *call,
             const int64_t *numbers);

  // What the threads ask for (RondoEmulator in Abi.h).
  void barrier(EmulatedThread &thread, const RondoSource *source);
  void gridBarrier(EmulatedThread &thread, const RondoSource *source);
  uint64_t shuffle(EmulatedThread &thread, uint64_t value, int64_t mask, const RondoSource *source);
  void access(EmulatedThread &thread, const void *address, int64_t bytes, bool isWrite,
              const RondoSource *source);
  void copyAsync(EmulatedThread &thread, void *to, const void *from, int64_t bytes,
                 const RondoSource *source);
  void wait(EmulatedThread &thread, int64_t pending);
  void mma(EmulatedThread &thread, int64_t kind, const uint32_t *a, const uint32_t *b, float *c,
           const RondoSource *source);

private:
  static void work(void *grid);
  uint64_t nextRandom();
  void chooseOrder(int64_t count);
  int64_t inOrder(int64_t number, int64_t count) const;
  void prepare(int64_t slot, int64_t block, int64_t numBlocks);
  Status runPrepared();
  void runThread(EmulatedThread &thread);
  void leave();
  template <typename Finish>
  void meet(EmulatedThread &thread, Meeting &meeting, const RondoSource *source, Finish finish);
  EmulatedThread *warpOf(EmulatedThread &thread);
  Meeting &meetingOfWarp(EmulatedThread &thread);
  void multiply(EmulatedThread *warp, int64_t kind);
  void finishCopies(EmulatedThread &thread, int64_t groups);
  void accessSlowly(EmulatedThread &thread, const void *address, int64_t bytes, bool isWrite,
                    const RondoSource *source);
  Access accessBy(const EmulatedThread &thread, const void *address, int64_t bytes, bool isWrite,
                  const RondoSource *source) const;

  // What is wrong ends the launch.
  [[noreturn]] void fail(std::string text, bool isCause = false);
  [[noreturn]] void failAccess(const Access &access);
  [[noreturn]] void failNobodyComes();
  /// A thread waits for one that is at `source`, or, where that is null, waits or has finished.
  [[noreturn]] void failElsewhere(const EmulatedThread &waiting, const Meeting &meeting,
                                  const EmulatedThread &other, const RondoSource *source);
  void failIfSuspect(const EmulatedBlock &block);
  std::string textOfSuspect() const;
  std::string opening(const RondoSource *source) const;
  std::string describe(const Access &access) const;
  std::string describe(const EmulatedThread &thread) const;
  std::string placeOf(const Access &access) const;

  Emulator &emulator;
  Shadow &shadow;
  Fibers fibers;
  Fiber main, *current = &main;
  std::vector<EmulatedBlock> blocks;   // that run at once
  std::vector<EmulatedThread> threads; // of all of them, block by block
  uint64_t random;
  uint32_t clock = 0;

  // The launch that runs.
  const RondoKernel *kernel = nullptr;
  const RondoCall *call = nullptr;
  const int64_t *numbers = nullptr;
  Meeting gridMeeting;
  int64_t total = 0, started = 0, done = 0; // of `threads`
  int64_t rotation = 0;
  bool isReversed = false;
  EmulatedThread *ready = nullptr, *lastReady = nullptr; // those that can go on
  Status status;
  /// A read of shared memory that nobody had written. It is wrong; but if somebody writes there
  /// before the block's next barrier, then that one is what is missing.
  std::optional<Access> suspect;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_EMULATED_GRID_H
