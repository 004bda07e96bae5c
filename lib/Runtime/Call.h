// Calls an entry of a compiled program: the one place where padded, unsorted arrays of a caller
// meet generated code. Shared by the produced program and by the compiler's JIT, so it knows
// nothing of either and keeps no globals.
//
// Generated code wants rows sorted by falling length and index inputs in range; it leaves anything
// in the padding of its results. This checks the lengths and the indices, sorts and permutes what
// must be, gives the code an arena, puts the rows of the results back and writes zeros into their
// padding.
#ifndef RONDO_RUNTIME_CALL_H
#define RONDO_RUNTIME_CALL_H

#include "Runtime/Array.h"
#include "Runtime/Dims.h"

namespace rondo::inline runtime {

class EntryCaller {
public:
  /// With `twin`, calls the double-precision twin: f32 arguments and results are then f64. `arena`
  /// may be shared by calls that do not overlap; without one the callable keeps its own.
  explicit EntryCaller(const RondoEntry &entry, bool twin = false, Buffer *arena = nullptr)
      : entry(entry), twin(twin), arena(arena ? arena : &ownArena) {}

  /// Runs the entry. Arrays are in the caller's row order, with the padded sizes that
  /// `shape` gives them; arguments are read only, results must not overlap anything. What the code
  /// computes of the parameters alone is kept for the next call with the same `version` of them; a
  /// version of 0 never is the same.
  Status call(const CallShape &shape, const void *const *arguments, void *const *results,
              int64_t version = 0);

  /// The element type of an argument or result in this precision.
  int32_t elementOf(const RondoValue &value) const {
    return twin && value.element == RONDO_F32 ? static_cast<int32_t>(RONDO_F64) : value.element;
  }
  /// Whether code in the wanted precision exists.
  bool exists() const { return (twin ? entry.code_f64 : entry.code) != nullptr; }
  /// Bytes of arena that a call with these dims needs.
  int64_t arenaBytes(const CallShape &shape) const;
  /// Bytes that are kept from call to call.
  int64_t cacheBytes() const { return twin ? entry.cache_bytes_f64 : entry.cache_bytes; }

private:
  Status checkShape(const CallShape &shape) const;
  Status checkIndices(const CallShape &shape, const RondoValue &value, const int32_t *data) const;
  void sortRows(const CallShape &shape);
  int64_t rowBytes(const CallShape &shape, const RondoValue &value) const;
  void zeroPadding(const CallShape &shape, const RondoValue &value, char *data) const;
  int64_t workersFor(const CallShape &shape);
  Status runSorted(const CallShape &shape, void *const *arguments, void *const *results,
                   int64_t version);

  const RondoEntry &entry;
  bool twin;
  Buffer ownArena;
  Buffer *arena;
  Buffer cache;
  int64_t cachedVersion = 0;  // of the parameters that the cache was filled from; 0: none
  std::vector<int64_t> order; // order[k] is the caller's row that the code sees as row k
  bool isSorted = true;
  std::vector<Buffer> scratch; // permuted copies: arguments, then results
  std::vector<std::vector<int64_t>> sortedLengths;
  std::vector<int64_t> lastDims; // of the last call, and how many workers these are worth
  int64_t lastWorkers = 1;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CALL_H
