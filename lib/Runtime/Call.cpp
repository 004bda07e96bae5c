// Checks, row order, arena and padding of one call.
#include "Runtime/Call.h"
#include "Runtime/Progress.h"
#include "Runtime/Team.h"

#include <cstring>
#include <utility>

using namespace rondo;

EntryCaller::EntryCaller(const RondoEntry &entry, bool twin, Arena *arena, Device *device)
    : entry(entry), twin(twin), device(device), arena(arena ? arena : &ownArena),
      plan(entry, twin, device != nullptr), arguments(static_cast<size_t>(entry.num_arguments)),
      results(static_cast<size_t>(entry.num_results)), argumentCopies(arguments.size()),
      resultCopies(results.size()), argumentData(arguments.size()), resultData(results.size()) {
  if (device)
    onDevice = std::make_unique<DeviceCall>(entry, plan, *device, this->arena->onDevice);
}

static bool isAligned(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer) % 64 == 0;
}

static Status noMemory(const RondoValue &value) {
  return error("no memory for a sorted copy of %s", quote(value.name).c_str());
}

/// What the code reads: the array as given, or a copy of it where rows are out of order or memory
/// is not aligned. The padding of indices is cleared, so that code which reads it stays in range.
Status EntryCaller::takeArgument(size_t number, const void *given) {
  const ValueRows &rows = plan.arguments()[number];
  bool isIndex = rows.value->is_index;
  if (isIndex && rows.value->role == RONDO_INPUT)
    RONDO_TRY(rows.checkIndices(static_cast<const int32_t *>(given)));
  bool clears = isIndex && rows.isPadded, permutes = rows.isBatched && !plan.isSorted();
  arguments[number] = const_cast<void *>(given);
  if (!permutes && !clears && isAligned(given) && rows.bytes() > 0)
    return {};
  if (!argumentCopies[number].reserve(rows.roomBytes))
    return noMemory(*rows.value);
  char *copy = static_cast<char *>(argumentCopies[number].data());
  arguments[number] = copy;
  if (rows.bytes() == 0) { // of which nothing need be there
    std::memset(copy, 0, rows.roomBytes);
    return {};
  }
  if (!permutes)
    std::memcpy(copy, given, static_cast<size_t>(rows.bytes()));
  for (int64_t k = 0; k < rows.rows && (permutes || clears); ++k) {
    char *to = copy + k * rows.rowBytes;
    int64_t from = plan.rowAt(k);
    if (permutes)
      std::memcpy(to, static_cast<const char *>(given) + from * rows.rowBytes,
                  static_cast<size_t>(rows.rowBytes));
    if (clears)
      rows.clearPadding(from, to);
  }
  return {};
}

/// Where the code writes, likewise.
Status EntryCaller::takeResult(size_t number, void *given) {
  const ValueRows &rows = plan.results()[number];
  results[number] = given;
  if (isAligned(given) && (plan.isSorted() || !rows.isBatched) && rows.bytes() > 0)
    return {};
  if (!resultCopies[number].reserve(rows.roomBytes))
    return noMemory(*rows.value);
  results[number] = resultCopies[number].data();
  return {};
}

/// Puts the rows of a result where the caller wants them.
void EntryCaller::returnResult(size_t number, void *target) const {
  const ValueRows &rows = plan.results()[number];
  const char *source = static_cast<const char *>(results[number]);
  bool copies = source != target && rows.rowBytes > 0;
  for (int64_t k = 0; k < rows.rows && (copies || rows.isPadded); ++k) {
    int64_t row = rows.isBatched ? plan.rowAt(k) : 0;
    char *to = static_cast<char *>(target) + row * rows.rowBytes;
    if (copies)
      std::memcpy(to, source + k * rows.rowBytes, static_cast<size_t>(rows.rowBytes));
    rows.clearPadding(row, to);
  }
}

Status EntryCaller::reserve() {
  if (!cache.reserve(static_cast<size_t>(cacheBytes())))
    return error("no memory for the %lld bytes that '%s' keeps from call to call",
                 static_cast<long long>(cacheBytes()), entry.name);
  if (int64_t bytes = plan.arenaBytes();
      bytes < 0 || !arena->onHost.reserve(static_cast<size_t>(bytes)))
    return error("no memory for the %lld bytes of work space that '%s' needs at these sizes",
                 static_cast<long long>(bytes), entry.name);
  return {};
}

/// Whether the cache was filled from these parameters; it will be.
bool EntryCaller::takeVersion(int64_t version) {
  return std::exchange(cachedVersion, version) == version && version != 0;
}

Status EntryCaller::checkFailure(const RondoFailure &failure,
                                 const std::vector<int64_t> &order) const {
  if (failure.check < 0)
    return {};
  const char *why =
      failure.check < entry.num_checks ? entry.checks[failure.check] : "a check without a message";
  if (batchSymbol(entry) < 0 || failure.row < 0)
    return error("'%s' stopped: %s", entry.name, why);
  auto row = static_cast<size_t>(failure.row);
  return error("'%s' stopped in example %lld: %s", entry.name,
               static_cast<long long>(row < order.size() ? order[row] : failure.row), why);
}

Status EntryCaller::run(int64_t version) {
  RondoFailure failure = {-1, -1};
  RondoCall call = {arena->onHost.data(), arguments.data(), results.data(), plan.dims(),
                    plan.lengths(),       &failure,         nullptr,        cache.data(),
                    takeVersion(version), nullptr};
  int64_t most = plan.workers();
  if (threads().force || most <= 1) {
    runTeam(plan.code.code, call, most);
  } else {
    int64_t workers = plan.pace.workers(most);
    double start = now(), waited = runTeam(plan.code.code, call, workers);
    plan.pace.took(now() - start, waited);
  }
  return checkFailure(failure, rowOrder());
}

Status EntryCaller::checkExists() const {
  if (exists())
    return {};
  return device && EntryCode(entry, false, true).code == nullptr
             ? error("'%s' was not compiled for a device", entry.name)
         : !device && !twin ? error("'%s' was compiled for a device only", entry.name)
                            : error("'%s' was not compiled in double precision", entry.name);
}

Status EntryCaller::call(const CallShape &shape, const void *const *givenArguments,
                         void *const *givenResults, int64_t version) {
  RONDO_TRY(checkExists());
  RONDO_TRY(plan.take(shape));
  if (device)
    return callOnDevice(shape, givenArguments, givenResults, version);
  for (size_t i = 0; i < arguments.size(); ++i)
    RONDO_TRY(takeArgument(i, givenArguments[i]));
  for (size_t i = 0; i < results.size(); ++i)
    RONDO_TRY(takeResult(i, givenResults[i]));
  RONDO_TRY(reserve());
  RONDO_TRY(run(version));
  for (size_t i = 0; i < results.size(); ++i)
    returnResult(i, givenResults[i]);
  return {};
}

/// Copies all arguments to the device and all results back.
Status EntryCaller::callOnDevice(const CallShape &shape, const void *const *givenArguments,
                                 void *const *givenResults, int64_t version) {
  std::vector<Array> given(arguments.size()), made(results.size());
  std::vector<const Array *> argumentArrays;
  std::vector<Array *> resultArrays;
  for (size_t i = 0; i < given.size(); ++i) {
    const RondoValue &value = entry.arguments[i];
    RONDO_TRY(given[i].allocate(elementIn(value, twin), evaluateDims(value, plan.dims())));
    std::memcpy(given[i].raw(), givenArguments[i], given[i].bytes());
    argumentArrays.push_back(&given[i]);
  }
  for (size_t i = 0; i < made.size(); ++i) {
    const RondoValue &value = entry.results[i];
    RONDO_TRY(
        made[i].allocateOn(*device, elementIn(value, twin), evaluateDims(value, plan.dims())));
    resultArrays.push_back(&made[i]);
  }
  RONDO_TRY(start(shape, argumentArrays.data(), resultArrays.data(), version));
  RONDO_TRY(finish(resultArrays.data()));
  for (size_t i = 0; i < made.size(); ++i)
    std::memcpy(givenResults[i], std::as_const(made[i]).raw(), made[i].bytes());
  return {};
}

Status EntryCaller::start(const CallShape &shape, const Array *const *givenArguments,
                          Array *const *givenResults, int64_t version) {
  if (device) {
    RONDO_TRY(checkExists());
    RONDO_TRY(plan.take(shape));
    Status status = onDevice->start(givenArguments, givenResults, takeVersion(version));
    if (status.failed())
      cachedVersion = 0;
    return status;
  }
  for (size_t i = 0; i < arguments.size(); ++i)
    argumentData[i] = givenArguments[i]->raw();
  for (size_t i = 0; i < results.size(); ++i)
    resultData[i] = givenResults[i]->raw();
  return call(shape, argumentData.data(), resultData.data(), version);
}

Status EntryCaller::finish(Array *const *givenResults) {
  RondoFailure failure = {-1, -1};
  if (device)
    RONDO_TRY(onDevice->finish(givenResults, failure));
  return checkFailure(failure, rowOrder());
}
