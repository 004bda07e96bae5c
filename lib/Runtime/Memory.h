// How much memory a call takes: what the plan says before anything is allocated.
#ifndef RONDO_RUNTIME_MEMORY_H
#define RONDO_RUNTIME_MEMORY_H

#include "Runtime/Session.h"

#include <optional>

namespace rondo::inline runtime {

/// Bytes of one call: its work space, what it keeps for the next one, the arrays that it reads and
/// those that it writes. Beside these, copies of what has a row per example where the examples do
/// not come in the order of their lengths.
struct CallMemory {
  int64_t arena = 0, cache = 0, arguments = 0, results = 0;
  int64_t sortedCopies = 0;
  int64_t total() const { return arena + cache + arguments + results; }
};

/// Refuses dims that no call takes, and those of which the bytes are too many to be counted.
Status checkDims(const Session &session, const RondoEntry &entry, const Feed &feed);

/// With every symbol the value of this name in `feed`, and segments for the memory budget, of which
/// `held` bytes are in use beside the call; none where one is missing.
std::optional<CallMemory> memoryOf(const Session &session, const RondoEntry &entry,
                                   const Feed &feed, int64_t held = 0);

/// Chooses the segments in the dims of a call, as the call does.
void divideDims(const Session &session, const RondoEntry &entry, int64_t held,
                std::vector<int64_t> &dims);

/// The bytes that a training step holds beside the call of its gradient: states, and the new values
/// of parameters and states.
int64_t heldBesideGradient(const Session &session, const RondoEntry &update);

/// The peak of a training step: parameters and states, their new values, the gradients, the data of
/// a batch, and the larger work space of the two entries that a step calls.
std::optional<int64_t> trainingMemory(const Session &session, const Feed &feed);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_MEMORY_H
