// Calls an entry of a compiled program: the one place where padded, unsorted arrays of a caller
// meet generated code. Shared by the produced program and by the compiler's JIT, so it knows
// nothing of either and keeps no globals.
//
// Generated code wants rows sorted by falling length and index inputs in range; it leaves anything
// in the padding of its results. This checks the lengths and the indices, sorts and permutes what
// must be, gives the code an arena, puts the rows of the results back and writes zeros into their
// padding. A call like the one before allocates nothing.
#ifndef RONDO_RUNTIME_CALL_H
#define RONDO_RUNTIME_CALL_H

#include "Runtime/CallPlan.h"

namespace rondo::inline runtime {

class EntryCaller {
public:
  /// With `twin`, calls the double-precision twin: f32 arguments and results are then f64. `arena`
  /// may be shared by calls that do not overlap; without one the callable keeps its own.
  explicit EntryCaller(const RondoEntry &entry, bool twin = false, Buffer *arena = nullptr);

  /// Runs the entry. Arrays are in the caller's row order, with the padded sizes that
  /// `shape` gives them; arguments are read only, results must not overlap anything. What the code
  /// computes of the parameters alone is kept for the next call with the same `version` of them; a
  /// version of 0 never is the same.
  Status call(const CallShape &shape, const void *const *arguments, void *const *results,
              int64_t version = 0);

  /// Whether code in the wanted precision exists.
  bool exists() const { return (twin ? entry.code_f64 : entry.code) != nullptr; }
  /// Bytes of arena that a call with these dims needs.
  int64_t arenaBytes(const CallShape &shape) const;
  /// Bytes that are in use beside the calls, of the memory budget.
  void hold(int64_t bytes) { plan.hold(bytes); }
  /// Bytes that are kept from call to call.
  int64_t cacheBytes() const { return twin ? entry.cache_bytes_f64 : entry.cache_bytes; }

private:
  Status takeArgument(size_t number, const void *given);
  Status takeResult(size_t number, void *given);
  void returnResult(size_t number, void *target) const;
  Status reserve();
  Status run(int64_t version);

  const RondoEntry &entry;
  bool twin;
  Buffer ownArena;
  Buffer *arena;
  Buffer cache;
  int64_t cachedVersion = 0; // of the parameters that the cache was filled from; 0: none
  CallPlan plan;
  std::vector<void *> arguments, results; // as the code is given them
  std::vector<Buffer> argumentCopies, resultCopies;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CALL_H
