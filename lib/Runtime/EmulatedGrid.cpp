// Runs threads on fibers and lets them meet.
#include "Runtime/EmulatedGrid.h"

#include <cstring>

using namespace rondo;

static EmulatedThread &full(RondoThread *thread) { return *static_cast<EmulatedThread *>(thread); }

static const RondoEmulator table = {
    [](RondoThread *thread, const RondoSource *source) {
      full(thread).grid->barrier(full(thread), source);
    },
    [](RondoThread *thread, const RondoSource *source) {
      full(thread).grid->gridBarrier(full(thread), source);
    },
    [](RondoThread *thread, uint64_t value, int64_t mask, const RondoSource *source) {
      return full(thread).grid->shuffle(full(thread), value, mask, source);
    },
    [](RondoThread *thread, const void *address, int64_t bytes, int64_t isWrite,
       const RondoSource *source) {
      full(thread).grid->access(full(thread), address, bytes, isWrite != 0, source);
    },
    [](RondoThread *thread, void *to, const void *from, int64_t bytes, const RondoSource *source) {
      full(thread).grid->copyAsync(full(thread), to, from, bytes, source);
    },
    [](RondoThread *thread) { ++full(thread).groups; },
    [](RondoThread *thread, int64_t pending) { full(thread).grid->wait(full(thread), pending); },
    [](RondoThread *thread, int64_t kind, const uint32_t *a, const uint32_t *b, float *c,
       const RondoSource *source) { full(thread).grid->mma(full(thread), kind, a, b, c, source); }};

EmulatedGrid::EmulatedGrid(Emulator &emulator)
    : emulator(emulator), shadow(emulator.shadow), fibers(work, this),
      random(emulator.options().seed) {}

//===----------------------------------------------------------------------===//
// One launch
//===----------------------------------------------------------------------===//

/// splitmix64.
uint64_t EmulatedGrid::nextRandom() {
  uint64_t x = random += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void EmulatedGrid::chooseOrder(int64_t count) {
  uint64_t bits = nextRandom();
  isReversed = bits & 1;
  rotation = static_cast<int64_t>((bits >> 1) % static_cast<uint64_t>(count));
}

int64_t EmulatedGrid::inOrder(int64_t number, int64_t count) const {
  return ((isReversed ? count - 1 - number : number) + rotation) % count;
}

Status EmulatedGrid::run(const RondoKernel &newKernel, int64_t numBlocks, int64_t sharedBytes,
                         const RondoCall *newCall, const int64_t *newNumbers) {
  kernel = &newKernel;
  call = newCall;
  numbers = newNumbers;
  // Long before the clock comes round.
  if (clock > 1u << 31) {
    shadow.forget();
    clock = 0;
  }
  uint32_t start = ++clock;
  auto slots = static_cast<size_t>(kernel->is_cooperative ? numBlocks : 1);
  if (blocks.size() < slots)
    blocks.resize(slots);
  total = static_cast<int64_t>(slots) * kernel->threads;
  if (threads.size() < static_cast<size_t>(total))
    threads.resize(static_cast<size_t>(total));
  for (size_t slot = 0; slot < slots; ++slot) {
    EmulatedBlock &block = blocks[slot];
    block.clocks.grid = start;
    block.shared = slot * emulator.slotBytes;
    if (block.sharedBytes != static_cast<uintptr_t>(sharedBytes)) {
      block.sharedBytes = static_cast<uintptr_t>(sharedBytes);
      shadow.admit(block.shared, block.sharedBytes, emulator.slotBytes);
    }
  }
  gridMeeting.begin("the grid", total);
  if (kernel->is_cooperative) {
    for (int64_t block = 0; block < numBlocks; ++block)
      prepare(block, block, numBlocks);
    return runPrepared();
  }
  chooseOrder(numBlocks);
  bool blocksReversed = isReversed;
  int64_t blockRotation = rotation;
  for (int64_t i = 0; i < numBlocks; ++i) {
    isReversed = blocksReversed;
    rotation = blockRotation;
    prepare(0, inOrder(i, numBlocks), numBlocks);
    RONDO_TRY(runPrepared());
  }
  return {};
}

/// Makes a block and its threads ready to start.
void EmulatedGrid::prepare(int64_t slot, int64_t number, int64_t numBlocks) {
  EmulatedBlock &block = blocks[static_cast<size_t>(slot)];
  block.clocks.block = block.clocks.first = ++clock;
  block.barrier.begin("its block", kernel->threads);
  block.warps.resize(static_cast<size_t>(kernel->threads / warpSize));
  for (Meeting &warp : block.warps)
    warp.begin("its warp", warpSize);
  for (int64_t i = 0; i < kernel->threads; ++i) {
    EmulatedThread &thread = threads[static_cast<size_t>(slot * kernel->threads + i)];
    static_cast<RondoThread &>(thread) = {i,
                                          kernel->threads,
                                          number,
                                          numBlocks,
                                          shadow.memory() + block.shared,
                                          static_cast<int64_t>(block.sharedBytes),
                                          &table};
    thread.grid = this;
    thread.owner = &block;
    thread.actor = actorOf(number, i);
    thread.isDone = false;
    thread.fiber = nullptr;
    thread.meeting = nullptr;
    thread.firstCopy = 0;
    thread.groups = 0;
  }
}

Status EmulatedGrid::runPrepared() {
  chooseOrder(total);
  started = done = 0;
  ready = lastReady = nullptr;
  status = {};
  suspect.reset();
  current = fibers.take();
  if (!current)
    return error("no memory for the stacks of the emulated threads");
  Fibers::change(main, *current);
  if (!status.failed())
    return {};
  // The threads stay where they are; what they were about to do is forgotten.
  fibers.reset();
  for (EmulatedThread &thread : threads) {
    for (const PendingCopy &copy : thread.copies)
      shadow.endCopy(shadow.offsetOf(copy.to), static_cast<uintptr_t>(copy.bytes), 0, 0, nullptr);
    thread.copies.clear();
  }
  return status;
}

/// What a fiber does: it runs threads as long as there are some that nobody has begun. So a kernel
/// whose threads wait for nothing needs one fiber and no switch.
void EmulatedGrid::work(void *argument) {
  auto &grid = *static_cast<EmulatedGrid *>(argument);
  for (;;) {
    while (grid.started < grid.total)
      grid.runThread(grid.threads[static_cast<size_t>(grid.inOrder(grid.started++, grid.total))]);
    grid.fibers.give(*grid.current);
    grid.leave();
  }
}

void EmulatedGrid::runThread(EmulatedThread &thread) {
  thread.fiber = current;
  kernel->emulated(&thread, call, numbers);
  // Nobody has to wait for copies.
  finishCopies(thread, INT64_MAX);
  thread.isDone = true;
  ++done;
}

/// Switches to whatever can go on: threads that have met, threads that nobody has begun, the
/// launch.
void EmulatedGrid::leave() {
  Fiber *from = current, *to = &main;
  if (ready) {
    to = ready->fiber;
    ready = ready->next;
  } else if (started < total) {
    to = fibers.take();
    if (!to)
      fail("no memory for the stacks of the emulated threads");
  } else if (done < total) {
    failNobodyComes();
  } else if (suspect) {
    fail(textOfSuspect());
  }
  current = to;
  Fibers::change(*from, *to);
}

//===----------------------------------------------------------------------===//
// Threads together
//===----------------------------------------------------------------------===//

/// Waits until all have come; the last one does `finish` before any goes on.
template <typename Finish>
void EmulatedGrid::meet(EmulatedThread &thread, Meeting &meeting, const RondoSource *source,
                        Finish finish) {
  if (meeting.arrived > 0 && meeting.source != source)
    failElsewhere(*meeting.first, meeting, thread, source);
  meeting.source = source;
  if (++meeting.arrived < meeting.size) {
    thread.meeting = &meeting;
    thread.next = nullptr;
    (meeting.first ? meeting.last->next : meeting.first) = &thread;
    meeting.last = &thread;
    leave();
    thread.meeting = nullptr;
    return;
  }
  finish();
  if (meeting.first) {
    (ready ? lastReady->next : ready) = meeting.first;
    lastReady = meeting.last;
  }
  meeting.first = meeting.last = nullptr;
  meeting.arrived = 0;
}

void EmulatedGrid::barrier(EmulatedThread &thread, const RondoSource *source) {
  meet(thread, thread.owner->barrier, source, [&] {
    failIfSuspect(*thread.owner);
    thread.owner->clocks.block = ++clock;
  });
}

void EmulatedGrid::gridBarrier(EmulatedThread &thread, const RondoSource *source) {
  if (!kernel->is_cooperative)
    fail(opening(source) + "a barrier of the grid in a kernel that is not launched cooperatively");
  meet(thread, gridMeeting, source, [&] {
    ++clock;
    for (int64_t i = 0; i < thread.blocks; ++i) {
      EmulatedBlock &block = blocks[static_cast<size_t>(i)];
      failIfSuspect(block);
      block.clocks.grid = block.clocks.block = clock;
    }
  });
}

/// The first thread of a thread's warp.
EmulatedThread *EmulatedGrid::warpOf(EmulatedThread &thread) {
  return &thread - thread.thread % warpSize;
}

Meeting &EmulatedGrid::meetingOfWarp(EmulatedThread &thread) {
  return thread.owner->warps[static_cast<size_t>(thread.thread / warpSize)];
}

uint64_t EmulatedGrid::shuffle(EmulatedThread &thread, uint64_t value, int64_t mask,
                               const RondoSource *source) {
  thread.value = value;
  meet(thread, meetingOfWarp(thread), source, [&] {
    EmulatedThread *warp = warpOf(thread);
    for (int64_t i = 0; i < warpSize; ++i)
      warp[i].received = warp[i ^ mask].value;
  });
  return thread.received;
}

void EmulatedGrid::mma(EmulatedThread &thread, int64_t kind, const uint32_t *a, const uint32_t *b,
                       float *c, const RondoSource *source) {
  thread.a = a;
  thread.b = b;
  thread.c = c;
  meet(thread, meetingOfWarp(thread), source, [&] { multiply(warpOf(thread), kind); });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Access EmulatedGrid::accessBy(const EmulatedThread &thread, const void *address, int64_t bytes,
                              bool isWrite, const RondoSource *source) const {
  return {thread.actor,
          &thread.owner->clocks,
          thread.owner->shared,
          shadow.offsetOf(address),
          static_cast<uintptr_t>(bytes),
          isWrite,
          source};
}

void EmulatedGrid::access(EmulatedThread &thread, const void *address, int64_t bytes, bool isWrite,
                          const RondoSource *source) {
  if (!shadow.noteQuickly(accessBy(thread, address, bytes, isWrite, source))) [[unlikely]]
    accessSlowly(thread, address, bytes, isWrite, source);
}

void EmulatedGrid::accessSlowly(EmulatedThread &thread, const void *address, int64_t bytes,
                                bool isWrite, const RondoSource *source) {
  Access access = accessBy(thread, address, bytes, isWrite, source);
  if (shadow.noteSlowly(access))
    return;
  if (shadow.fault().kind == Fault::NotWritten) {
    if (!suspect)
      suspect = access;
    access.isTolerant = true;
    if (shadow.note(access))
      return;
  }
  auto *at = static_cast<const char *>(address);
  bool isOwnStack = at >= thread.fiber->low && bytes <= thread.fiber->high - at;
  if (!isOwnStack)
    failAccess(access);
}

void EmulatedGrid::copyAsync(EmulatedThread &thread, void *to, const void *from, int64_t bytes,
                             const RondoSource *source) {
  Access write = accessBy(thread, to, bytes, true, source);
  Access read = accessBy(thread, from, bytes, false, source);
  if ((write.offset | (from ? read.offset : 0)) % write.bytes != 0)
    fail(opening(source) + describe(thread) + " copies " + std::to_string(bytes) +
         " bytes asynchronously, but the addresses are no multiples of that");
  if (!shadow.isShared(write.offset) || (from && shadow.isShared(read.offset)))
    fail(opening(source) + describe(thread) +
         " copies asynchronously, but not from global to shared memory");
  if (!shadow.note(write))
    failAccess(write);
  if (from && !shadow.note(read))
    failAccess(read);
  shadow.beginCopy(write);
  thread.copies.push_back(
      {static_cast<char *>(to), static_cast<const char *>(from), bytes, thread.groups, source});
}

void EmulatedGrid::wait(EmulatedThread &thread, int64_t pending) {
  finishCopies(thread, thread.groups - pending);
}

/// Carries out the copies of the first groups, as late as can be: so that a reader which has not
/// waited, and a writer of what is copied which has not either, are found.
void EmulatedGrid::finishCopies(EmulatedThread &thread, int64_t groups) {
  std::vector<PendingCopy> &copies = thread.copies;
  size_t &first = thread.firstCopy;
  for (; first < copies.size() && copies[first].group < groups; ++first) {
    const PendingCopy &copy = copies[first];
    auto bytes = static_cast<size_t>(copy.bytes);
    if (copy.from) {
      Access read = accessBy(thread, copy.from, copy.bytes, false, copy.source);
      if (!shadow.note(read))
        failAccess(read);
      std::memcpy(copy.to, copy.from, bytes);
    } else {
      std::memset(copy.to, 0, bytes);
    }
    shadow.endCopy(shadow.offsetOf(copy.to), bytes, thread.actor, thread.owner->clocks.block,
                   copy.source);
  }
  if (first == copies.size()) {
    copies.clear();
    first = 0;
  }
}
