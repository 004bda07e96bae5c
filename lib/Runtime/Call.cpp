// Checks, row order, arena and padding of one call.
#include "Runtime/Call.h"
#include "Runtime/Flops.h"
#include "Runtime/Team.h"

#include <algorithm>
#include <cstring>
#include <numeric>

using namespace rondo;

static int64_t rowsOf(const RondoEntry &entry, const CallShape &shape) {
  int64_t batch = batchSymbol(entry);
  return batch < 0 ? 1 : shape.dims[batch];
}

/// The symbols as one example sees them: its own lengths for the ragged ones.
static std::vector<int64_t> exampleDims(const RondoEntry &entry, const CallShape &shape,
                                        int64_t row) {
  std::vector<int64_t> dims = shape.dims;
  for (int64_t s = 0; s < entry.num_symbols; ++s)
    if (entry.symbols[s].kind == RONDO_RAGGED)
      dims[s] = shape.lengths[s][row];
  return dims;
}

static bool hasPadding(const RondoEntry &entry, const CallShape &shape) {
  for (int64_t s = 0; s < entry.num_symbols; ++s)
    for (int64_t length : shape.lengths[s])
      if (length != shape.dims[s])
        return true;
  return false;
}

int64_t EntryCaller::arenaBytes(const CallShape &shape) const {
  RondoArena function = twin ? entry.arena_f64 : entry.arena;
  return function ? function(shape.dims.data()) : 0;
}

Status EntryCaller::checkShape(const CallShape &shape) const {
  int64_t rows = rowsOf(entry, shape);
  if (rows < 1)
    return error("'%s' is given no examples", entry.name);
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    if (shape.dims[s] < 0)
      return error("the dim %s of '%s' is %lld", symbol.name, entry.name,
                   static_cast<long long>(shape.dims[s]));
    if (symbol.kind != RONDO_RAGGED)
      continue;
    if (static_cast<int64_t>(shape.lengths[s].size()) != rows)
      return error("'%s' is given %zu lengths of %s for %lld examples", entry.name,
                   shape.lengths[s].size(), symbol.name, static_cast<long long>(rows));
    for (int64_t row = 0; row < rows; ++row)
      if (int64_t length = shape.lengths[s][row]; length < 0 || length > shape.dims[s])
        return error("lengths.%s of example %lld is %lld, expected 0 to %lld", symbol.name,
                     static_cast<long long>(row), static_cast<long long>(length),
                     static_cast<long long>(shape.dims[s]));
  }
  // A dim such as T - 1 must not be negative for any example.
  auto checkValue = [&](const RondoValue &value, const std::vector<int64_t> &dims,
                        int64_t row) -> Status {
    for (int64_t i = 0; i < value.rank; ++i)
      if (int64_t size = evaluateDim(value.dims[i], dims.data()); size < 0)
        return error("dim %lld of %s, %s, would be %lld in example %lld", static_cast<long long>(i),
                     quote(value.name).c_str(), dimText(entry, value.dims[i]).c_str(),
                     static_cast<long long>(size), static_cast<long long>(row));
    return {};
  };
  for (int64_t row = 0; row < rows; ++row) {
    std::vector<int64_t> dims = exampleDims(entry, shape, row);
    for (int64_t i = 0; i < entry.num_arguments; ++i)
      RONDO_TRY(checkValue(entry.arguments[i], dims, row));
    for (int64_t i = 0; i < entry.num_results; ++i)
      RONDO_TRY(checkValue(entry.results[i], dims, row));
  }
  return {};
}

/// Calls `visit(offset, position)` for every element of one example that is valid (`wantValid`) or
/// padding; `sizes` are the padded sizes and `own` the example's own, batch dim left out.
template <typename Visit>
static void forElements(const std::vector<int64_t> &sizes, const std::vector<int64_t> &own,
                        bool wantValid, Visit visit) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  std::vector<int64_t> position(sizes.size(), 0);
  for (int64_t offset = 0; offset < count; ++offset) {
    bool valid = true;
    for (size_t i = 0; i < sizes.size(); ++i)
      valid &= position[i] < own[i];
    if (valid == wantValid)
      visit(offset, position);
    for (size_t i = sizes.size(); i-- > 0;) {
      if (++position[i] < sizes[i])
        break;
      position[i] = 0;
    }
  }
}

Status EntryCaller::checkIndices(const CallShape &shape, const RondoValue &value,
                                 const int32_t *data) const {
  bool batched = isBatched(entry, value);
  int64_t rows = batched ? rowsOf(entry, shape) : 1;
  int64_t stride = rowBytes(shape, value) / static_cast<int64_t>(sizeof(int32_t));
  Status status;
  for (int64_t row = 0; row < rows && !status.failed(); ++row) {
    std::vector<int64_t> dims = exampleDims(entry, shape, row);
    int64_t bound = evaluateDim(value.index_bound, dims.data());
    std::vector<int64_t> sizes = evaluateDims(value, shape.dims.data());
    std::vector<int64_t> own = evaluateDims(value, dims.data());
    if (batched) {
      sizes.erase(sizes.begin());
      own.erase(own.begin());
    }
    forElements(sizes, own, true, [&](int64_t offset, const std::vector<int64_t> &position) {
      int64_t index = data[row * stride + offset];
      if ((index < 0 || index >= bound) && !status.failed())
        status = error("%s of example %lld is %lld at position %s, expected 0 to %lld",
                       quote(value.name).c_str(), static_cast<long long>(row),
                       static_cast<long long>(index), sizesText(position).c_str(),
                       static_cast<long long>(bound - 1));
    });
  }
  return status;
}

void EntryCaller::sortRows(const CallShape &shape) {
  order.resize(static_cast<size_t>(rowsOf(entry, shape)));
  std::iota(order.begin(), order.end(), 0);
  isSorted = true;
  if (entry.sorted_by < 0)
    return;
  const std::vector<int64_t> &lengths = shape.lengths[entry.sorted_by];
  isSorted = std::is_sorted(lengths.begin(), lengths.end(), std::greater<>());
  if (!isSorted)
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b; // equal ones stay in order
    });
}

int64_t EntryCaller::rowBytes(const CallShape &shape, const RondoValue &value) const {
  int64_t bytes = static_cast<int64_t>(elementSize(elementOf(value)));
  for (int64_t i = isBatched(entry, value) ? 1 : 0; i < value.rank; ++i)
    bytes *= evaluateDim(value.dims[i], shape.dims.data());
  return bytes;
}

void EntryCaller::zeroPadding(const CallShape &shape, const RondoValue &value, char *data) const {
  if (!isBatched(entry, value) || !isRagged(entry, value))
    return;
  int64_t rows = rowsOf(entry, shape), stride = rowBytes(shape, value);
  size_t width = elementSize(elementOf(value));
  std::vector<int64_t> sizes = evaluateDims(value, shape.dims.data());
  sizes.erase(sizes.begin());
  for (int64_t row = 0; row < rows; ++row) {
    std::vector<int64_t> own = evaluateDims(value, exampleDims(entry, shape, row).data());
    own.erase(own.begin());
    if (own == sizes)
      continue;
    forElements(sizes, own, false, [&](int64_t offset, const std::vector<int64_t> &) {
      std::memset(data + row * stride + offset * static_cast<int64_t>(width), 0, width);
    });
  }
}

int64_t EntryCaller::workersFor(const CallShape &shape) {
  if (threads().force)
    return entry.work ? threads().count : 1;
  if (threads().count > 1 && (shape.dims != lastDims || lastDims.empty())) {
    lastDims = shape.dims;
    lastWorkers = usefulWorkers(entry, shape.dims.data(), threads().count);
  }
  return threads().count > 1 ? lastWorkers : 1;
}

Status EntryCaller::runSorted(const CallShape &shape, void *const *arguments, void *const *results,
                              int64_t version) {
  if (!cache.reserve(static_cast<size_t>(cacheBytes())))
    return error("no memory for the %lld bytes that '%s' keeps from call to call",
                 static_cast<long long>(cacheBytes()), entry.name);
  int64_t bytes = arenaBytes(shape);
  if (bytes < 0 || !arena->reserve(static_cast<size_t>(bytes)))
    return error("no memory for the %lld bytes of work space that '%s' needs at these sizes",
                 static_cast<long long>(bytes), entry.name);
  sortedLengths.assign(static_cast<size_t>(entry.num_symbols), {});
  std::vector<const int64_t *> lengths(static_cast<size_t>(entry.num_symbols), nullptr);
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    if (entry.symbols[s].kind != RONDO_RAGGED)
      continue;
    for (int64_t row : order)
      sortedLengths[s].push_back(shape.lengths[s][row]);
    lengths[s] = sortedLengths[s].data();
  }
  RondoFailure failure = {-1, -1};
  RondoCall call = {arena->data(),     arguments,      results,
                    shape.dims.data(), lengths.data(), &failure,
                    nullptr,           cache.data(),   version != 0 && version == cachedVersion};
  cachedVersion = version;
  runTeam(twin ? entry.code_f64 : entry.code, call, workersFor(shape));
  if (failure.check < 0)
    return {};
  const char *why =
      failure.check < entry.num_checks ? entry.checks[failure.check] : "a check without a message";
  if (batchSymbol(entry) < 0 || failure.row < 0 ||
      failure.row >= static_cast<int64_t>(order.size()))
    return error("'%s' stopped: %s", entry.name, why);
  return error("'%s' stopped in example %lld: %s", entry.name,
               static_cast<long long>(order[failure.row]), why);
}

static bool isAligned(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer) % 64 == 0;
}

Status EntryCaller::call(const CallShape &shape, const void *const *arguments, void *const *results,
                         int64_t version) {
  if (!exists())
    return error("'%s' was not compiled in double precision", entry.name);
  RONDO_TRY(checkShape(shape));
  for (int64_t i = 0; i < entry.num_arguments; ++i)
    if (entry.arguments[i].is_index && entry.arguments[i].role == RONDO_INPUT)
      RONDO_TRY(
          checkIndices(shape, entry.arguments[i], static_cast<const int32_t *>(arguments[i])));
  sortRows(shape);
  CallShape sorted = shape;
  for (std::vector<int64_t> &lengths : sorted.lengths)
    for (size_t k = 0; k < lengths.size(); ++k)
      lengths[k] = shape.lengths[&lengths - sorted.lengths.data()][order[k]];

  int64_t rows = rowsOf(entry, shape), numArguments = entry.num_arguments;
  bool padded = hasPadding(entry, shape);
  scratch.resize(static_cast<size_t>(numArguments + entry.num_results));
  std::vector<void *> in, out;
  for (int64_t i = 0; i < numArguments + entry.num_results; ++i) {
    bool isArgument = i < numArguments;
    const RondoValue &value = isArgument ? entry.arguments[i] : entry.results[i - numArguments];
    const void *given = isArgument ? arguments[i] : results[i - numArguments];
    bool batched = isBatched(entry, value);
    int64_t stride = rowBytes(shape, value), bytes = batched ? rows * stride : stride;
    // The padding of index inputs is cleared, so that code which reads it stays in range.
    bool clears = isArgument && padded && value.is_index && isRagged(entry, value);
    bool copies = (batched && !isSorted) || clears || !isAligned(given);
    std::vector<void *> &list = isArgument ? in : out;
    if (!copies) {
      list.push_back(const_cast<void *>(given));
      continue;
    }
    if (!scratch[i].reserve(static_cast<size_t>(bytes)))
      return error("no memory for a sorted copy of %s", quote(value.name).c_str());
    char *copy = static_cast<char *>(scratch[i].data());
    list.push_back(copy);
    if (!isArgument)
      continue;
    if (!batched)
      std::memcpy(copy, given, static_cast<size_t>(bytes));
    else
      for (int64_t k = 0; k < rows; ++k)
        std::memcpy(copy + k * stride, static_cast<const char *>(given) + order[k] * stride,
                    static_cast<size_t>(stride));
    if (clears)
      zeroPadding(sorted, value, copy);
  }
  RONDO_TRY(runSorted(shape, in.data(), out.data(), version));
  for (int64_t i = 0; i < entry.num_results; ++i) {
    const RondoValue &value = entry.results[i];
    char *target = static_cast<char *>(results[i]);
    const char *source = static_cast<const char *>(out[i]);
    int64_t stride = rowBytes(shape, value);
    if (source != target) {
      if (!isBatched(entry, value))
        std::memcpy(target, source, static_cast<size_t>(stride));
      else
        for (int64_t k = 0; k < rows; ++k)
          std::memcpy(target + order[k] * stride, source + k * stride, static_cast<size_t>(stride));
    }
    if (padded)
      zeroPadding(shape, value, target);
  }
  return {};
}
