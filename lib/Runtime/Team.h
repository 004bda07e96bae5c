// The workers of this process: threads that run generated code together (RondoTeam in Abi.h).
//
// Threads are made when the first call wants them and live as long as the process; between calls
// they spin for a moment, so that a training loop does not pay for waking them, and then sleep.
// In a call they spin, yield and sleep (Team.cpp has the protocol).
// They belong to the process and not to a program, since the processors do.
#ifndef RONDO_RUNTIME_TEAM_H
#define RONDO_RUNTIME_TEAM_H

#include "Runtime/Flags.h"
#include "rondo/Abi.h"

namespace rondo::inline runtime {

inline constexpr int64_t mostThreads = 1024;

/// How many workers a call may have; with `force`, has, even if it is not worth them (for tests).
struct Threads {
  int64_t count = 1;
  bool force = false;
};
void setThreads(Threads value);
Threads threads();

/// Reads `--threads`; without it, and at most, there is one worker per available processor
/// (Processors.h). `--deterministic` is accepted as well: results are the same bits for any number
/// of workers as it is.
Status useThreads(const Flags &flags);
extern const Flag threadsFlag, deterministicFlag;

/// Runs the code with `size` workers, the calling thread as worker 0, or with as many as the
/// system has threads for. Returns when all are done, the seconds that they have waited for one
/// another, all together. Calls from different threads take turns.
double runTeam(RondoCode code, RondoCall call, int64_t size);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_TEAM_H
