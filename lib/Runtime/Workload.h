// Calls of an entry point, its gradient or a training step on random inputs, as `bench` and
// `profile` repeat them: whole calls as the other commands make them, in this process, with
// arguments found and checked, rows in order, arena reserved. All examples have their full length.
// A gradient is computed as if the parameters had changed since the call before, as in training. On
// a device, calls are queued one after the other, as training does, and waited for when asked to.
#ifndef RONDO_RUNTIME_WORKLOAD_H
#define RONDO_RUNTIME_WORKLOAD_H

#include "Runtime/Commands.h"
#include "Runtime/TrainingStep.h"

#include <algorithm>

namespace rondo::inline runtime {

class Workload {
public:
  /// `command` is for messages.
  Workload(Context &context, const char *command)
      : session(context.program, context.device), flags(context.flags), command(command) {}

  /// Finds the entry, the dims and the parameters as the flags say, and makes inputs.
  Status prepare();
  /// Makes one call; on a device, begins it.
  Status once();
  /// Waits for all calls that were begun.
  Status settle();
  /// Whether enough calls have been made, by --repeat or else by --seconds, three at least.
  bool isEnough(size_t calls, double elapsed) const;
  /// How many of `wanted` calls are to be made after `calls`.
  size_t callsLeft(size_t calls, size_t wanted) const {
    return repetitions ? std::min(wanted, static_cast<size_t>(repetitions) - calls) : wanted;
  }
  /// The flags of prepare() and isEnough().
  static std::vector<Flag> flagList();

  Session session;
  std::string title;
  const RondoEntry *entry = nullptr; // of the forward pass or of the gradient
  bool trains = false;               // with the update of the parameters
  TrainingStep trainingStep;
  std::vector<int64_t> dims;

private:
  Status findEntries();
  Status takeDims(const RondoEntry &entry);
  Status takeLosses(bool all);
  Status makeInputs(const RondoEntry &entry, int64_t seed);

  const Flags &flags;
  const char *command;
  Feed feed;
  std::vector<NamedArray> inputs;
  PreparedCall call;
  int64_t seed = 0, repetitions = 0;
  int64_t step = 0, finished = 0; // of training: begun, and done
  double seconds = 1;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_WORKLOAD_H
