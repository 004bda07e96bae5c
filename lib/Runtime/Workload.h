// Calls of an entry point, its gradient or a training step on random inputs, as `bench` and
// `profile` repeat them: whole calls as the other commands make them, in this process, with
// arguments found and checked, rows in order, arena reserved. All examples have their full length.
// A gradient is computed as if the parameters had changed since the call before, as in training.
#ifndef RONDO_RUNTIME_WORKLOAD_H
#define RONDO_RUNTIME_WORKLOAD_H

#include "Runtime/Commands.h"
#include "Runtime/TrainingStep.h"

namespace rondo::inline runtime {

class Workload {
public:
  /// `command` is for messages.
  Workload(Context &context, const char *command)
      : session(context.program, context.device), flags(context.flags), command(command) {}

  /// Finds the entry, the dims and the parameters as the flags say, and makes inputs.
  Status prepare();
  /// Makes one call.
  Status once();
  /// Whether enough calls have been made, by --repeat or else by --seconds, three at least.
  bool isEnough(size_t calls, double elapsed) const;
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
  Status makeInputs(const RondoEntry &entry, int64_t seed);

  const Flags &flags;
  const char *command;
  Feed feed;
  std::vector<NamedArray> inputs;
  PreparedCall call;
  int64_t seed = 0, repetitions = 0, step = 0;
  double seconds = 1;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_WORKLOAD_H
