// Calls an entry of a compiled program: the one place where padded, unsorted arrays of a caller
// meet generated code. Shared by the produced program and by the compiler's JIT, so it knows
// nothing of either and keeps no globals.
//
// Generated code wants rows sorted by falling length and index inputs in range; it leaves anything
// in the padding of its results. This checks the lengths and the indices, sorts and permutes what
// must be, gives the code an arena, puts the rows of the results back and writes zeros into their
// padding. A call like the one before allocates nothing. On a device, DeviceCall does the same.
#ifndef RONDO_RUNTIME_CALL_H
#define RONDO_RUNTIME_CALL_H

#include "Runtime/DeviceCall.h"

#include <memory>

namespace rondo::inline runtime {

/// Work space that calls share which do not overlap.
struct Arena {
  Buffer onHost;
  DeviceBuffer onDevice;
};

class EntryCaller {
public:
  /// With `twin`, calls the double-precision twin: f32 arguments and results are then f64. `arena`
  /// may be shared by calls that do not overlap; without one the callable keeps its own. With a
  /// device, calls the code for that.
  explicit EntryCaller(const RondoEntry &entry, bool twin = false, Arena *arena = nullptr,
                       Device *device = nullptr);

  /// Refuses a call of this shape that cannot be made, before anything is allocated for it.
  Status take(const CallShape &shape) { return plan.take(shape); }
  /// The sizes that the caller sees of an argument or result, in a call of the shape taken.
  std::vector<int64_t> callerSizes(const RondoValue &value) { return plan.callerSizes(value); }
  /// Compares the indices of an argument with their bounds, in a call of the shape taken.
  Status checkIndices(const RondoValue &argument, const Array &array) const {
    return plan.arguments()[static_cast<size_t>(&argument - entry.arguments)].checkIndices(
        array.data<int64_t>());
  }
  /// Runs the entry. Arrays are in the caller's row order, with the padded sizes that
  /// `shape` gives them; arguments are read only, results must not overlap anything. What the code
  /// computes of the parameters alone is kept for the next call with the same `version` of them; a
  /// version of 0 never is the same.
  Status call(const CallShape &shape, const void *const *arguments, void *const *results,
              int64_t version = 0);

  /// The same in two halves. Arguments may be on the device, results are allocated where the code
  /// is to run. On a device start() does not wait for them; finish() does, and says if a check
  /// failed. Until then no result that has a row per example may be read.
  Status start(const CallShape &shape, const Array *const *arguments, Array *const *results,
               int64_t version);
  Status finish(Array *const *results);
  /// What finish() would say of a call whose rows were in this order (rowOrder() after its start;
  /// empty: as given), and after which `failure` was copied from failureAddress(), null where no
  /// check can fail.
  Status checkFailure(const RondoFailure &failure, const std::vector<int64_t> &order) const;
  const std::vector<int64_t> &rowOrder() const { return plan.rowOrder(); }
  bool isSorted() const { return plan.isSorted(); }
  const void *failureAddress() const { return onDevice ? onDevice->failureAddress() : nullptr; }

  /// Whether code in the wanted precision exists, for the device or the host.
  bool exists() const { return plan.code.code != nullptr; }
  /// Bytes of arena that a call with these dims needs.
  int64_t arenaBytes(const CallShape &shape) const {
    return plan.code.arenaBytes(shape.dims.data());
  }
  /// Bytes that are in use beside the calls, of the memory budget.
  void hold(int64_t bytes) { plan.hold(bytes); }
  /// Bytes that are kept from call to call.
  int64_t cacheBytes() const { return plan.code.cacheBytes; }

private:
  Status takeArgument(size_t number, const void *given);
  Status takeResult(size_t number, void *given);
  void returnResult(size_t number, void *target) const;
  Status reserve();
  Status run(int64_t version);
  Status callOnDevice(const CallShape &shape, const void *const *arguments, void *const *results,
                      int64_t version);
  Status checkExists() const;
  bool takeVersion(int64_t version);

  const RondoEntry &entry;
  bool twin;
  Device *device;
  Arena ownArena;
  Arena *arena;
  Buffer cache;
  int64_t cachedVersion = 0; // of the parameters that the cache was filled from; 0: none
  CallPlan plan;
  std::unique_ptr<DeviceCall> onDevice;
  std::vector<void *> arguments, results; // as the code is given them
  std::vector<Buffer> argumentCopies, resultCopies;
  std::vector<const void *> argumentData; // as start() is given them
  std::vector<void *> resultData;
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CALL_H
