// What the emulator says about a kernel that is wrong: one line, the source first.
#include "Runtime/EmulatedGrid.h"

#include <span>

using namespace rondo;

static std::string textOf(const RondoSource *source) {
  if (!source || source->line == 0)
    return "an unknown place";
  return format("%s:%lld:%lld", source->file, static_cast<long long>(source->line),
                static_cast<long long>(source->column));
}

static std::string nameOf(Actor actor) {
  if (threadOf(actor) < mostThreadsOfBlock)
    return format("thread %u of block %u", threadOf(actor), blockOf(actor));
  if (threadOf(actor) == mostThreadsOfBlock)
    return format("threads of block %u", blockOf(actor));
  return "threads of several blocks";
}

std::string EmulatedGrid::describe(const EmulatedThread &thread) const {
  return nameOf(thread.actor);
}

std::string EmulatedGrid::opening(const RondoSource *source) const {
  std::string where = source && source->line != 0 ? textOf(source) + ": " : "";
  return where + "kernel '" + kernel->name + "': ";
}

/// What is said of a read of what nobody had written. It comes before all that may have followed
/// from it, but for a race: that is how it came about.
std::string EmulatedGrid::textOfSuspect() const {
  return opening(suspect->source) + "not initialised: " + describe(*suspect) +
         ", which nobody has written";
}

void EmulatedGrid::failIfSuspect(const EmulatedBlock &block) {
  if (suspect && suspect->clocks == &block.clocks)
    fail(textOfSuspect());
}

void EmulatedGrid::fail(std::string text, bool isCause) {
  status = Status::failure(suspect && !isCause ? textOfSuspect() : std::move(text));
  Fiber *from = current;
  current = &main;
  Fibers::change(*from, main);
  __builtin_unreachable(); // nobody switches back
}

/// "byte 12 of shared memory".
std::string EmulatedGrid::placeOf(const Access &access) const {
  auto at = [](uintptr_t offset, uintptr_t start) {
    return "byte " + std::to_string(static_cast<intptr_t>(offset - start)) + " of ";
  };
  if (shadow.isShared(access.offset)) {
    for (const EmulatedBlock &block : blocks)
      if (block.shared == access.shared && access.offset - access.shared < emulator.slotBytes)
        return at(access.offset, access.shared) + "the block's " +
               std::to_string(block.sharedBytes) + " bytes of shared memory";
    return "another block's shared memory";
  }
  // The nearest memory; it is more often run past than missed from below.
  const Emulator::Allocation *nearest = nullptr;
  uintptr_t least = uintptr_t(1) << 20;
  for (const Emulator::Allocation &each : emulator.allocations) {
    uintptr_t end = each.offset + each.bytes;
    uintptr_t distance = access.offset < each.offset ? 4 * (each.offset - access.offset)
                         : access.offset < end       ? 0
                                                     : access.offset - end;
    if (distance < least) {
      nearest = &each;
      least = distance;
    }
  }
  if (!nearest)
    return "an address that is not the device's";
  return at(access.offset, nearest->offset) + std::to_string(nearest->bytes) +
         " bytes of global memory";
}

std::string EmulatedGrid::describe(const Access &access) const {
  return nameOf(access.actor) + (access.isWrite ? " writes " : " reads ") +
         std::to_string(access.bytes) + " bytes at " + placeOf(access);
}

void EmulatedGrid::failAccess(const Access &access) {
  const Fault &fault = shadow.fault();
  std::string start = opening(access.source), what = describe(access);
  bool isOneWarp = fault.other / warpSize == access.actor / warpSize && fault.other != access.actor;
  std::string other = nameOf(fault.other) + (isOneWarp ? ", in the same warp," : "") + " at " +
                      textOf(fault.source);
  switch (fault.kind) {
  case Fault::UnderWay:
    fail(start + "missing wait: " + what + ", where a copy begun by " + other + " is under way");
  case Fault::Race:
    fail(start + "race: " + what + (fault.otherIsWrite ? ", written by " : ", read by ") + other +
             " with no barrier in between",
         shadow.isShared(access.offset));
  default:
    fail(start + "out of bounds: " + what);
  }
}

void EmulatedGrid::failElsewhere(const EmulatedThread &waiting, const Meeting &meeting,
                                 const EmulatedThread &other, const RondoSource *source) {
  std::string where = source         ? "has come to " + textOf(source)
                      : other.isDone ? "has finished"
                                     : "waits for " + std::string(other.meeting->scope) + " at " +
                                           textOf(other.meeting->source);
  fail(opening(meeting.source) + "divergence: " + describe(waiting) + " waits for " +
       meeting.scope + ", but " + describe(other) + " " + where);
}

/// All that have not finished wait, each for some that wait elsewhere or have finished.
void EmulatedGrid::failNobodyComes() {
  std::span<const EmulatedThread> started(threads.data(), static_cast<size_t>(total));
  for (const EmulatedThread &thread : started) {
    const Meeting *meeting = thread.meeting;
    if (!meeting)
      continue;
    for (const EmulatedThread &other : started) {
      bool isMember =
          meeting == &gridMeeting ||
          (meeting == &thread.owner->barrier && other.owner == thread.owner) ||
          (other.owner == thread.owner && other.thread / warpSize == thread.thread / warpSize);
      if (isMember && other.meeting != meeting)
        failElsewhere(thread, *meeting, other, nullptr);
    }
  }
  fail(opening(nullptr) + "all threads wait");
}
