// What follows from the dims and lengths of a call alone: the order of its rows, which elements of
// its arguments and results are valid, the bytes and the workers it takes. Calls of one shape,
// which is what training and serving make, share it; a call of another shape reuses its storage.
#ifndef RONDO_RUNTIME_CALLPLAN_H
#define RONDO_RUNTIME_CALLPLAN_H

#include "Runtime/Array.h"
#include "Runtime/Dims.h"
#include "Runtime/Pace.h"

namespace rondo::inline runtime {

/// An entry's code in one precision, for the host or for a device.
struct EntryCode {
  RondoCode code = nullptr; // null: not compiled
  RondoArena arena = nullptr;
  int64_t cacheBytes = 0; // kept from call to call

  EntryCode(const RondoEntry &entry, bool twin, bool onDevice);
  int64_t arenaBytes(const int64_t *dims) const { return arena ? arena(dims) : 0; }
};

/// Whether the program was compiled for the host, and for a device.
bool hasHostCode(const RondoProgram &program);
bool hasDeviceCode(const RondoProgram &program);

/// Where the rows of an argument or result are, and what of each is valid.
struct ValueRows {
  const RondoValue *value = nullptr;
  size_t width = 0; // bytes of an element
  bool isBatched = false, isRagged = false;
  int64_t rows = 1; // 1 where the value is not batched
  int64_t rowBytes = 0;
  size_t roomBytes = 0;        // see roomFor
  std::vector<int64_t> sizes;  // of a row, as stored
  std::vector<int64_t> own;    // the valid sizes of each row, where they differ (isPadded)
  std::vector<int64_t> bounds; // of each row's indices
  bool isPadded = false;

  int64_t bytes() const { return rows * rowBytes; }
  /// Zeroes what is not valid in the row at `data`, which is the caller's row `row`.
  void clearPadding(int64_t row, char *data) const;
  /// Compares the valid indices of all rows at `data` with their bounds.
  Status checkIndices(const int32_t *data) const { return checkAll(data); }
  Status checkIndices(const int64_t *data) const { return checkAll(data); }

private:
  template <typename Index> Status checkAll(const Index *data) const;
  Status reportIndex(int64_t row, int64_t offset, int64_t index) const;
};

class CallPlan {
public:
  /// With `twin`, of the double-precision twin.
  CallPlan(const RondoEntry &entry, bool twin, bool onDevice = false);

  const EntryCode code;

  /// Takes the dims and lengths of the call to come; the only place that does. A segment's size of
  /// 0 is chosen for the memory budget.
  Status take(const CallShape &shape);
  /// Bytes that are in use beside the call, of the memory budget.
  void hold(int64_t bytes) { held = bytes; }

  int64_t rows() const { return numRows; }
  /// The caller's row that generated code sees as row k, and whether that is k for all.
  int64_t rowAt(int64_t k) const { return order[static_cast<size_t>(k)]; }
  bool isSorted() const { return sorted; }
  const std::vector<int64_t> &rowOrder() const { return order; }
  const std::vector<ValueRows> &arguments() const { return argumentRows; }
  const std::vector<ValueRows> &results() const { return resultRows; }
  /// As RondoCall wants them, segments included.
  const int64_t *dims() const { return filled.data(); }
  const int64_t *const *lengths() const { return lengthPointers.data(); }
  int64_t arenaBytes() const { return arena; }
  /// The sizes that a caller sees: of a trimmed value what the examples have at most.
  std::vector<int64_t> callerSizes(const RondoValue &value);
  /// Work space, what is kept, arguments and results.
  int64_t allBytes() const;
  /// How many of the threads the call is worth, by its operations.
  int64_t workers();
  /// How many of those it takes.
  Pace pace;

private:
  Status checkShape(const CallShape &shape);
  Status checkNeeds();
  Status checkSizes();
  Status divide();
  int64_t valueBytes() const;
  void sortRows();
  void describe(const RondoValue &value, ValueRows &described);
  /// The symbols as one example sees them: its own lengths for the ragged ones.
  const int64_t *exampleDims(int64_t row);

  const RondoEntry &entry;
  const bool twin;
  const int64_t batch; // the batch symbol, or -1
  bool isTaken = false;
  CallShape shape;                  // of the call, rows in the caller's order
  std::vector<int64_t> filled;      // its dims with the segments chosen
  int64_t held = 0, dividedFor = 0; // bytes beside the call; the budget that was kept
  int64_t numRows = 1;
  bool sorted = true, padded = false;
  std::vector<int64_t> order;
  std::vector<std::vector<int64_t>> sortedLengths;
  std::vector<const int64_t *> lengthPointers;
  std::vector<int64_t> example; // dims of one
  std::vector<ValueRows> argumentRows, resultRows;
  int64_t arena = 0;
  int64_t workersOf = 0, numWorkers = 1; // threads that the workers were counted for
};

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_CALLPLAN_H
