// Order of rows, valid elements, bytes and workers of calls of one shape.
#include "Runtime/CallPlan.h"
#include "Runtime/Flops.h"
#include "Runtime/Segments.h"
#include "Runtime/Team.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

using namespace rondo;

/// The number of elements from dim `first` on.
static int64_t countFrom(const std::vector<int64_t> &sizes, size_t first) {
  int64_t count = 1;
  for (size_t i = first; i < sizes.size(); ++i)
    count *= sizes[i];
  return count;
}

/// Calls `visit(offset, count)` for every run of valid elements: those below `own` in each dim.
template <typename Visit>
static void forValid(const std::vector<int64_t> &sizes, const int64_t *own, size_t dim,
                     int64_t offset, Visit &visit) {
  if (dim + 1 >= sizes.size()) {
    visit(offset, sizes.empty() ? 1 : own[dim]);
    return;
  }
  int64_t inner = countFrom(sizes, dim + 1);
  for (int64_t i = 0; i < own[dim]; ++i)
    forValid(sizes, own, dim + 1, offset + i * inner, visit);
}

/// Calls `visit(offset, count)` for every run of the other elements.
template <typename Visit>
static void forPadding(const std::vector<int64_t> &sizes, const int64_t *own, size_t dim,
                       int64_t offset, Visit &visit) {
  if (dim >= sizes.size())
    return;
  int64_t inner = countFrom(sizes, dim + 1);
  for (int64_t i = 0; i < own[dim]; ++i)
    forPadding(sizes, own, dim + 1, offset + i * inner, visit);
  if (own[dim] < sizes[dim])
    visit(offset + own[dim] * inner, (sizes[dim] - own[dim]) * inner);
}

void ValueRows::clearPadding(int64_t row, char *data) const {
  auto clear = [&](int64_t offset, int64_t count) {
    std::memset(data + static_cast<size_t>(offset) * width, 0, static_cast<size_t>(count) * width);
  };
  if (isPadded)
    forPadding(sizes, own.data() + static_cast<size_t>(row) * sizes.size(), 0, 0, clear);
}

/// Whether all indices lie in [0, bound).
template <typename Index> static bool areIndices(const Index *data, int64_t count, int64_t bound) {
  std::make_unsigned_t<Index> largest = 0; // a negative index is larger than every bound
  for (int64_t i = 0; i < count; ++i)
    largest = std::max(largest, static_cast<std::make_unsigned_t<Index>>(data[i]));
  return count == 0 || (bound > 0 && largest <= static_cast<uint64_t>(bound - 1));
}

template <typename Index> Status ValueRows::checkAll(const Index *data) const {
  int64_t stride = rowBytes / static_cast<int64_t>(sizeof(int32_t));
  for (int64_t row = 0; row < rows; ++row) {
    int64_t bound = bounds[static_cast<size_t>(row)], bad = -1;
    const Index *rowData = data + row * stride;
    auto compare = [&](int64_t offset, int64_t count) {
      if (bad >= 0 || areIndices(rowData + offset, count, bound))
        return;
      for (bad = offset; rowData[bad] >= 0 && rowData[bad] < bound;)
        ++bad;
    };
    if (isPadded)
      forValid(sizes, own.data() + static_cast<size_t>(row) * sizes.size(), 0, 0, compare);
    else
      compare(0, stride);
    if (bad >= 0)
      return reportIndex(row, bad, rowData[bad]);
  }
  return {};
}

template Status ValueRows::checkAll(const int32_t *) const;
template Status ValueRows::checkAll(const int64_t *) const;

Status ValueRows::reportIndex(int64_t row, int64_t offset, int64_t index) const {
  std::vector<int64_t> position(sizes.size());
  int64_t rest = offset;
  for (size_t i = sizes.size(); i-- > 0; rest /= sizes[i])
    position[i] = rest % sizes[i];
  std::string at = position.empty() ? "" : " at position " + sizesText(position);
  return error("%s of example %lld is %lld%s, expected 0 to %lld", quote(value->name).c_str(),
               static_cast<long long>(row), static_cast<long long>(index), at.c_str(),
               static_cast<long long>(bounds[static_cast<size_t>(row)] - 1));
}

/// An entry that is in double precision whatever the program's is has no twin.
static bool isDouble(const RondoEntry &entry) {
  return entry.num_results > 0 && entry.results[0].element == RONDO_F64;
}

EntryCode::EntryCode(const RondoEntry &entry, bool twin, bool onDevice) {
  twin = twin && !isDouble(entry);
  if (onDevice) {
    code = twin ? entry.device_code_f64 : entry.device_code;
    arena = twin ? entry.device_arena_f64 : entry.device_arena;
    cacheBytes = twin ? entry.device_cache_bytes_f64 : entry.device_cache_bytes;
  } else {
    code = twin ? entry.code_f64 : entry.code;
    arena = twin ? entry.arena_f64 : entry.arena;
    cacheBytes = twin ? entry.cache_bytes_f64 : entry.cache_bytes;
  }
}

bool rondo::hasHostCode(const RondoProgram &program) {
  return std::any_of(program.entries, program.entries + program.num_entries,
                     [](const RondoEntry &entry) { return entry.code != nullptr; });
}

bool rondo::hasDeviceCode(const RondoProgram &program) { return program.device != nullptr; }

CallPlan::CallPlan(const RondoEntry &entry, bool twin, bool onDevice)
    : code(entry, twin, onDevice), entry(entry), twin(twin), batch(batchSymbol(entry)),
      sortedLengths(static_cast<size_t>(entry.num_symbols)),
      lengthPointers(static_cast<size_t>(entry.num_symbols), nullptr),
      argumentRows(static_cast<size_t>(entry.num_arguments)),
      resultRows(static_cast<size_t>(entry.num_results)) {}

const int64_t *CallPlan::exampleDims(int64_t row) {
  example = filled;
  for (size_t s = 0; s < example.size(); ++s)
    if (entry.symbols[s].kind == RONDO_RAGGED)
      example[s] = shape.lengths[s][static_cast<size_t>(row)];
  countSegments(entry, example);
  return example.data();
}

Status CallPlan::checkShape(const CallShape &shape) {
  numRows = batch < 0 ? 1 : shape.dims[static_cast<size_t>(batch)];
  if (numRows < 1)
    return error("'%s' is given no examples", entry.name);
  for (size_t s = 0; s < static_cast<size_t>(entry.num_symbols); ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    if (shape.dims[s] < 0)
      return error("the dim %s of '%s' is %lld", symbol.name, entry.name,
                   static_cast<long long>(shape.dims[s]));
    if (symbol.kind != RONDO_RAGGED)
      continue;
    if (static_cast<int64_t>(shape.lengths[s].size()) != numRows)
      return error("'%s' is given %zu lengths of %s for %lld examples", entry.name,
                   shape.lengths[s].size(), symbol.name, static_cast<long long>(numRows));
    for (int64_t row = 0; row < numRows; ++row) {
      int64_t length = shape.lengths[s][static_cast<size_t>(row)];
      if (length < 0 || length > shape.dims[s])
        return error("lengths.%s of example %lld is %lld, expected 0 to %lld", symbol.name,
                     static_cast<long long>(row), static_cast<long long>(length),
                     static_cast<long long>(shape.dims[s]));
      padded |= length != shape.dims[s];
    }
  }
  return {};
}

/// Refuses an example that lacks what the code would read.
Status CallPlan::checkNeeds() {
  for (int64_t n = 0; n < entry.num_needs; ++n) {
    const RondoNeed &need = entry.needs[n];
    for (int64_t row = 0; row < (padded ? numRows : 1); ++row) {
      const int64_t *dims = exampleDims(row);
      if (evaluateDim(need.least, dims) >= 0)
        continue;
      auto isUsed = [&](const RondoUse &use) {
        return std::all_of(use.dims, use.dims + use.num_dims,
                           [&](const RondoDim &dim) { return evaluateDim(dim, dims) > 0; });
      };
      if (need.num_uses && std::none_of(need.uses, need.uses + need.num_uses, isUsed))
        continue;
      std::string values = symbolsText(entry, need.least, dims);
      return error("'%s' stopped%s: %s%s%s%s%s%s", entry.name,
                   batch < 0 ? "" : format(" in example %lld", static_cast<long long>(row)).c_str(),
                   need.message, values.empty() ? "" : ", where ", values.c_str(),
                   *need.place ? " (" : "", need.place, *need.place ? ")" : "");
    }
  }
  return {};
}

/// A dim such as T - 1 must not be negative for any example.
Status CallPlan::checkSizes() {
  for (int64_t row = 0; row < (padded ? numRows : 1); ++row) {
    const int64_t *dims = exampleDims(row);
    for (int64_t v = 0; v < entry.num_arguments + entry.num_results; ++v) {
      const RondoValue &value =
          v < entry.num_arguments ? entry.arguments[v] : entry.results[v - entry.num_arguments];
      for (int64_t i = 0; i < value.rank; ++i)
        if (int64_t size = evaluateDim(value.dims[i], dims); size < 0)
          return error("dim %lld of %s, %s, would be %lld in example %lld",
                       static_cast<long long>(i), quote(value.name).c_str(),
                       dimText(entry, value.dims[i]).c_str(), static_cast<long long>(size),
                       static_cast<long long>(row));
    }
  }
  return {};
}

void CallPlan::sortRows() {
  order.resize(static_cast<size_t>(numRows));
  std::iota(order.begin(), order.end(), 0);
  sorted = true;
  if (entry.sorted_by >= 0) {
    const std::vector<int64_t> &lengths = shape.lengths[static_cast<size_t>(entry.sorted_by)];
    sorted = std::is_sorted(lengths.begin(), lengths.end(), std::greater<>());
    if (!sorted)
      std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b; // equal ones in order
      });
  }
  for (size_t s = 0; s < sortedLengths.size(); ++s) {
    if (entry.symbols[s].kind != RONDO_RAGGED)
      continue;
    sortedLengths[s].clear();
    for (int64_t row : order)
      sortedLengths[s].push_back(shape.lengths[s][static_cast<size_t>(row)]);
    lengthPointers[s] = sortedLengths[s].data();
  }
}

std::vector<int64_t> CallPlan::callerSizes(const RondoValue &value) {
  if (!isTrimmed(value))
    return evaluateDims(value, dims());
  std::vector<int64_t> sizes(static_cast<size_t>(value.rank));
  for (int64_t row = 0; row < numRows; ++row)
    for (int64_t i = 0; i < value.rank; ++i)
      sizes[static_cast<size_t>(i)] =
          std::max(sizes[static_cast<size_t>(i)], evaluateDim(value.dims[i], exampleDims(row)));
  return sizes;
}

void CallPlan::describe(const RondoValue &value, ValueRows &described) {
  described.value = &value;
  described.width = elementSize(elementIn(value, twin));
  described.isBatched = rondo::isBatched(entry, value);
  described.isRagged = rondo::isRagged(entry, value);
  described.isPadded = (padded || isTrimmed(value)) && described.isBatched && described.isRagged;
  described.rows = described.isBatched ? numRows : 1;
  int64_t first = described.isBatched ? 1 : 0;
  described.sizes.clear();
  for (int64_t i = first; i < value.rank; ++i)
    described.sizes.push_back(evaluateDim(value.storage[i], dims()));
  described.roomBytes = described.width * roomFor(described.sizes, described.rows);
  described.rowBytes = static_cast<int64_t>(described.width) * countFrom(described.sizes, 0);
  described.own.clear();
  described.bounds.clear();
  for (int64_t row = 0; row < described.rows; ++row) {
    if (!described.isPadded && !value.is_index)
      break;
    const int64_t *own = exampleDims(row);
    if (value.is_index)
      described.bounds.push_back(evaluateDim(value.index_bound, own));
    for (int64_t i = first; i < value.rank && described.isPadded; ++i)
      described.own.push_back(std::min(evaluateDim(value.dims[i], own),
                                       described.sizes[static_cast<size_t>(i - first)]));
  }
}

int64_t CallPlan::valueBytes() const {
  int64_t bytes = 0;
  for (const std::vector<ValueRows> *values : {&argumentRows, &resultRows})
    for (const ValueRows &rows : *values)
      bytes += rows.bytes();
  return bytes;
}

int64_t CallPlan::allBytes() const { return arena + code.cacheBytes + valueBytes(); }

/// Chooses the segments, and with them the work space.
Status CallPlan::divide() {
  dividedFor = memoryBudget();
  int64_t fixed = held + code.cacheBytes + valueBytes();
  int64_t limit = dividedFor == unlimited ? unlimited : dividedFor - fixed;
  chooseSegments(entry, code.arena, limit, filled);
  arena = code.arenaBytes(dims());
  if (!isGradient(entry) || dividedFor == unlimited || arena <= limit)
    return {};
  int64_t least = fixed + arena;
  return error("the memory budget is %lld bytes, but '%s' takes at least %lld at these sizes",
               static_cast<long long>(dividedFor), entry.name, static_cast<long long>(least));
}

Status CallPlan::take(const CallShape &given) {
  if (isTaken && given.dims == shape.dims && given.lengths == shape.lengths &&
      dividedFor == memoryBudget())
    return {};
  isTaken = padded = false;
  workersOf = 0;
  RONDO_TRY(checkShape(given));
  shape = given;
  filled = given.dims;
  RONDO_TRY(checkNeeds());
  RONDO_TRY(checkSizes());
  sortRows();
  for (size_t i = 0; i < argumentRows.size(); ++i)
    describe(entry.arguments[i], argumentRows[i]);
  for (size_t i = 0; i < resultRows.size(); ++i)
    describe(entry.results[i], resultRows[i]);
  RONDO_TRY(divide());
  isTaken = true;
  return {};
}

int64_t CallPlan::workers() {
  Threads available = threads();
  if (available.force)
    return entry.work ? available.count : 1;
  if (workersOf != available.count) {
    workersOf = available.count;
    numWorkers = usefulWorkers(entry, dims(), available.count);
  }
  return numWorkers;
}
