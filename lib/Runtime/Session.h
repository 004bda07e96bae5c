// A program at work: its parameters and training state, and calls of its entries with arguments
// found by role and name.
#ifndef RONDO_RUNTIME_SESSION_H
#define RONDO_RUNTIME_SESSION_H

#include "Runtime/Call.h"
#include "Runtime/Safetensors.h"

#include <map>
#include <memory>

namespace rondo::inline runtime {

/// What a call is given from outside, by name.
struct Feed {
  std::map<std::string, const Array *, std::less<>> arrays;    // inputs and lengths.*
  std::map<std::string, const Array *, std::less<>> gradients; // by the parameter's path
  std::map<std::string, double, std::less<>> scalars;          // symbols, settings, inputs
  int64_t seed = 0;
  int64_t step = 0;
  std::vector<int64_t> ordinals; // the examples' numbers in the data; empty: 0, 1, ...
};

/// What the states of a checkpoint are prefixed with.
inline constexpr std::string_view statePrefix = "optimizer.";

class Session {
public:
  /// With `twin`, everything is in double precision.
  explicit Session(const RondoProgram &program, bool twin = false);

  const RondoProgram &program;
  const bool twin;
  std::vector<Array> parameters; // in the program's order; say so when one is written to
  std::map<std::string, Array, std::less<>> states;

  /// Parameters from the seed; states at their start.
  Status initialise(int64_t seed);
  /// Parameters from a file, every one and no other; with `withStates`, states too, else they
  /// are at their start. `path` is for messages.
  Status load(const std::string &path, const TensorFile &file, bool withStates);

  /// What entries keep of the parameters is computed again in the next call of each.
  void parametersChanged() { ++version; }

  /// The entry, or null.
  const RondoEntry *find(std::string_view name) const;
  /// Whether the entry can be called in this session's precision.
  bool canCall(const RondoEntry &entry) const;
  int32_t elementOf(const RondoValue &value) const;

  /// Refuses arrays and scalars that the entry does not take.
  Status checkNames(const RondoEntry &entry, const Feed &feed) const;
  /// Calls the entry. Results are allocated as needed; storage of an earlier call is reused.
  Status call(const RondoEntry &entry, const Feed &feed, std::vector<Array> &results,
              CallShape &shape);
  /// Moves new parameters and states out of an entry's results.
  void adopt(const RondoEntry &entry, std::vector<Array> &results);

private:
  Status startStates();
  Status resolveShape(const RondoEntry &entry, const Feed &feed, CallShape &shape) const;
  Status bind(const RondoEntry &entry, const RondoValue &value, const Feed &feed,
              const CallShape &shape, Array &temporary, const Array *&bound) const;
  int64_t parameterIndex(std::string_view path) const;

  int64_t version = 1; // of the parameters
  Buffer arena;        // shared by all entries, since calls do not overlap
  std::map<const RondoEntry *, std::unique_ptr<EntryCaller>> callables;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_SESSION_H
