// Backpropagation in a budget of memory: how many segments a long dim is divided into.
//
// A program compiled with --memory-budget computes gradients segment by segment: the reverse sweep
// keeps the carries before each segment and computes one segment at a time again. With n segments
// of T positions it keeps n carries and T / n positions of everything else, and n - 1 of the
// segments run forward twice. So the time rises with n, towards one more forward pass, and the
// memory first falls and then rises: the fewest segments that the budget admits are the fastest
// plan.
//
// Entries that are no gradients compute nothing again. Their segments are as long as stays in a
// cache, which also is the fastest: what leaves the loop over time (W x) is read soon after.
#ifndef RONDO_RUNTIME_SEGMENTS_H
#define RONDO_RUNTIME_SEGMENTS_H

#include "Runtime/Flags.h"
#include "Runtime/Status.h"
#include "rondo/Abi.h"

namespace rondo::inline runtime {

inline constexpr int64_t unlimited = INT64_MAX;

/// The bytes that a gradient or a training step of this process may take, as `info` counts them.
void setMemoryBudget(int64_t bytes);
int64_t memoryBudget();
/// Reads `--memory-budget`; without it, there is the one that the program was compiled with.
Status useMemoryBudget(const Flags &flags, const RondoProgram &program);
extern const Flag memoryBudgetFlag;

/// Sets the segments in `dims`, which has all other symbols' values: sizes that are not given (0)
/// are the largest with which the work space takes at most `limit` bytes. False if there are none;
/// then they are those with which it takes the least.
bool chooseSegments(const RondoEntry &entry, RondoArena arena, int64_t limit,
                    std::vector<int64_t> &dims);

/// Sets the numbers of segments in `dims` from their sizes.
void countSegments(const RondoEntry &entry, std::vector<int64_t> &dims);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_SEGMENTS_H
