// Checks, row order, arena and padding of one call.
#include "Runtime/Call.h"
#include "Runtime/Team.h"

#include <cstring>

using namespace rondo;

EntryCaller::EntryCaller(const RondoEntry &entry, bool twin, Buffer *arena)
    : entry(entry), twin(twin), arena(arena ? arena : &ownArena), plan(entry, twin),
      arguments(static_cast<size_t>(entry.num_arguments)),
      results(static_cast<size_t>(entry.num_results)), argumentCopies(arguments.size()),
      resultCopies(results.size()) {}

int64_t EntryCaller::arenaBytes(const CallShape &shape) const {
  RondoArena function = twin ? entry.arena_f64 : entry.arena;
  return function ? function(shape.dims.data()) : 0;
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
  if (!permutes && !clears && isAligned(given))
    return {};
  if (!argumentCopies[number].reserve(static_cast<size_t>(rows.bytes())))
    return noMemory(*rows.value);
  char *copy = static_cast<char *>(argumentCopies[number].data());
  arguments[number] = copy;
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
  if (isAligned(given) && (plan.isSorted() || !rows.isBatched))
    return {};
  if (!resultCopies[number].reserve(static_cast<size_t>(rows.bytes())))
    return noMemory(*rows.value);
  results[number] = resultCopies[number].data();
  return {};
}

/// Puts the rows of a result where the caller wants them.
void EntryCaller::returnResult(size_t number, void *target) const {
  const ValueRows &rows = plan.results()[number];
  const char *source = static_cast<const char *>(results[number]);
  bool copies = source != target;
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
  if (int64_t bytes = plan.arenaBytes(); bytes < 0 || !arena->reserve(static_cast<size_t>(bytes)))
    return error("no memory for the %lld bytes of work space that '%s' needs at these sizes",
                 static_cast<long long>(bytes), entry.name);
  return {};
}

Status EntryCaller::run(int64_t version) {
  RondoFailure failure = {-1, -1};
  RondoCall call = {arena->data(), arguments.data(), results.data(),
                    plan.dims(),   plan.lengths(),   &failure,
                    nullptr,       cache.data(),     version != 0 && version == cachedVersion,
                    nullptr};
  cachedVersion = version;
  runTeam(twin ? entry.code_f64 : entry.code, call, plan.workers());
  if (failure.check < 0)
    return {};
  const char *why =
      failure.check < entry.num_checks ? entry.checks[failure.check] : "a check without a message";
  if (batchSymbol(entry) < 0 || failure.row < 0 || failure.row >= plan.rows())
    return error("'%s' stopped: %s", entry.name, why);
  return error("'%s' stopped in example %lld: %s", entry.name,
               static_cast<long long>(plan.rowAt(failure.row)), why);
}

Status EntryCaller::call(const CallShape &shape, const void *const *givenArguments,
                         void *const *givenResults, int64_t version) {
  if (!exists())
    return error("'%s' was not compiled in double precision", entry.name);
  RONDO_TRY(plan.take(shape));
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
