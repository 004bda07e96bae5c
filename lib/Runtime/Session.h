// A program at work: its parameters and training state, and what its entries keep between calls.
#ifndef RONDO_RUNTIME_SESSION_H
#define RONDO_RUNTIME_SESSION_H

#include "Runtime/Call.h"
#include "Runtime/Feed.h"
#include "Runtime/Safetensors.h"

#include <memory>

namespace rondo::inline runtime {

/// What the states of a checkpoint are prefixed with.
inline constexpr std::string_view statePrefix = "optimizer/";

class Session {
public:
  /// With `twin`, everything is in double precision; with a device, calls run on that.
  explicit Session(const RondoProgram &program, Device *device = nullptr, bool twin = false);

  const RondoProgram &program;
  Device *const device;
  const bool twin;
  // Both keep their addresses. Say so when a parameter is written to.
  std::vector<Array> parameters; // in the program's order
  std::map<std::string, Array, std::less<>> states;

  /// Parameters from the seed; states at their start.
  Status initialise(int64_t seed);
  /// Reads what load() wants of a file: the parameters, with `withStates` the states too.
  Status read(const std::string &path, bool withStates, TensorFile &file);
  /// Parameters from a file, every one and no other; with `withStates`, states too, else they
  /// are at their start. `path` is for messages.
  Status load(const std::string &path, const TensorFile &file, bool withStates);

  /// What entries keep of the parameters is computed again in the next call of each.
  void parametersChanged() { ++version; }
  int64_t parameterVersion() const { return version; }

  /// The entry, or null.
  const RondoEntry *find(std::string_view name) const;
  /// The entry's gradient, or null.
  const RondoEntry *gradientOf(const RondoEntry &entry) const;
  /// What differences are taken of where the entry stops gradients, or null.
  const RondoEntry *checkOf(const RondoEntry &entry) const;
  /// The entry's code where this session runs it and in its precision.
  EntryCode codeOf(const RondoEntry &entry) const;
  int32_t elementOf(const RondoValue &value) const;

  /// Refuses arrays and scalars that the entry does not take.
  Status checkNames(const RondoEntry &entry, const Feed &feed) const;
  /// Calls the entry once; PreparedCall is for more often. Results are allocated as needed; storage
  /// of an earlier call is reused.
  Status call(const RondoEntry &entry, const Feed &feed, std::vector<Array> &results,
              CallShape &shape);
  /// What calls the entry, made when first asked for.
  EntryCaller &caller(const RondoEntry &entry);
  /// The parameter, or null.
  Array *findParameter(std::string_view path);

private:
  Status startStates();
  Status checkTensors(const std::string &path, const TensorFile &file) const;
  int64_t parameterIndex(std::string_view path) const;

  int64_t version = 1; // of the parameters
  Arena arena;         // shared by all entries, since calls do not overlap
  std::map<const RondoEntry *, std::unique_ptr<EntryCaller>> callables;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_SESSION_H
