#include "Runtime/Memory.h"
#include "Runtime/Segments.h"

#include <algorithm>
#include <cmath>

using namespace rondo;

static std::optional<CallShape> shapeOf(const RondoEntry &entry, const Feed &feed) {
  CallShape shape;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    auto found = feed.scalars.find(entry.symbols[s].name);
    if (found == feed.scalars.end() && isChosen(entry.symbols[s])) {
      shape.dims.push_back(0);
      continue;
    }
    if (found == feed.scalars.end() || !(found->second >= 0 && found->second <= INT32_MAX))
      return std::nullopt;
    shape.dims.push_back(static_cast<int64_t>(found->second));
  }
  return shape;
}

static int64_t bytesOf(const Session &session, const RondoValue &value, const CallShape &shape) {
  auto bytes = static_cast<int64_t>(elementSize(session.elementOf(value)));
  for (int64_t size : evaluateDims(value, shape.dims.data()))
    bytes *= std::max<int64_t>(size, 0);
  return bytes;
}

static int64_t bytesOf(const Session &session, const RondoValue *values, int64_t count,
                       const CallShape &shape) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < count; ++i)
    bytes += bytesOf(session, values[i], shape);
  return bytes;
}

/// The copies that a call makes where rows are not in order, or indices are padded.
static int64_t copiedBytes(const Session &session, const RondoEntry &entry,
                           const CallShape &shape) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    const RondoValue &value = entry.arguments[i];
    bool isPadded = value.is_index && isRagged(entry, value);
    if (isBatched(entry, value) && (entry.sorted_by >= 0 || isPadded))
      bytes += bytesOf(session, value, shape);
  }
  for (int64_t i = 0; i < entry.num_results; ++i)
    if (isBatched(entry, entry.results[i]) && entry.sorted_by >= 0)
      bytes += bytesOf(session, entry.results[i], shape);
  return bytes;
}

static constexpr double mostBytes = 0x1p54;

static bool isTooLarge(const Session &session, const RondoValue &value, const CallShape &shape) {
  auto bytes = static_cast<double>(elementSize(session.elementOf(value)));
  for (int64_t size : evaluateDims(value, shape.dims.data()))
    bytes *= static_cast<double>(std::max<int64_t>(size, 0));
  return bytes > mostBytes;
}

/// Generated code computes the bytes of the arena without a look at overflow. They are polynomials
/// of a low degree, so that dims from small to large, twice as large each time, cannot jump from
/// what is counted to beyond what 64 bits hold.
static bool isArenaTooLarge(const Session &session, const RondoEntry &entry,
                            const CallShape &shape) {
  RondoArena arena = session.codeOf(entry).arena;
  for (int halvings = 31; halvings >= 0; --halvings) {
    std::vector<int64_t> dims = shape.dims;
    for (int64_t &dim : dims)
      dim = dim ? std::max<int64_t>(1, dim >> halvings) : 0;
    chooseSegments(entry, arena, unlimited, dims);
    int64_t bytes = arena ? arena(dims.data()) : 0;
    if (bytes < 0 || static_cast<double>(bytes) > mostBytes)
      return true;
  }
  return false;
}

Status rondo::checkDims(const Session &session, const RondoEntry &entry, const Feed &feed) {
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    const char *name = entry.symbols[s].name;
    auto found = feed.scalars.find(name);
    if (found == feed.scalars.end())
      continue;
    double value = found->second;
    if (!(value >= 0 && value <= INT32_MAX && value == std::floor(value)))
      return error("the dim %s of '%s' would be %g, an integer from 0 to %d is possible", name,
                   entry.name, value, INT32_MAX);
  }
  std::optional<CallShape> shape = shapeOf(entry, feed);
  if (!shape)
    return {};
  bool isLarge = isArenaTooLarge(session, entry, *shape);
  for (int64_t i = 0; i < entry.num_arguments; ++i)
    isLarge |= isTooLarge(session, entry.arguments[i], *shape);
  for (int64_t i = 0; i < entry.num_results; ++i)
    isLarge |= isTooLarge(session, entry.results[i], *shape);
  if (isLarge)
    return error("'%s' would take more than %g bytes at these sizes", entry.name, mostBytes);
  return {};
}

std::optional<CallMemory> rondo::memoryOf(const Session &session, const RondoEntry &entry,
                                          const Feed &feed, int64_t held) {
  std::optional<CallShape> shape = shapeOf(entry, feed);
  if (!shape)
    return std::nullopt;
  divideDims(session, entry, held, shape->dims);
  CallMemory memory;
  EntryCode code = session.codeOf(entry);
  memory.arena = code.arenaBytes(shape->dims.data());
  memory.cache = code.cacheBytes;
  memory.arguments = bytesOf(session, entry.arguments, entry.num_arguments, *shape);
  memory.results = bytesOf(session, entry.results, entry.num_results, *shape);
  memory.sortedCopies = copiedBytes(session, entry, *shape);
  return memory;
}

void rondo::divideDims(const Session &session, const RondoEntry &entry, int64_t held,
                       std::vector<int64_t> &dims) {
  CallShape shape{dims, {}};
  EntryCode code = session.codeOf(entry);
  int64_t fixed = held + code.cacheBytes +
                  bytesOf(session, entry.arguments, entry.num_arguments, shape) +
                  bytesOf(session, entry.results, entry.num_results, shape);
  int64_t budget = memoryBudget();
  chooseSegments(entry, code.arena, budget == unlimited ? unlimited : budget - fixed, dims);
}

int64_t rondo::heldBesideGradient(const Session &session, const RondoEntry &update) {
  // The update reads parameters and gradients, which the call counts.
  CallShape none;
  int64_t held = session.codeOf(update).cacheBytes +
                 bytesOf(session, update.results, update.num_results, none);
  for (int64_t i = 0; i < update.num_arguments; ++i)
    if (int32_t role = update.arguments[i].role; role != RONDO_PARAMETER && role != RONDO_GRADIENT)
      held += bytesOf(session, update.arguments[i], none);
  return held;
}

std::optional<int64_t> rondo::trainingMemory(const Session &session, const Feed &feed) {
  const RondoTrain *train = session.program.train;
  const RondoEntry *gradient = train ? session.find(train->gradient) : nullptr;
  const RondoEntry *update = train ? session.find(train->update) : nullptr;
  if (!gradient || !update)
    return std::nullopt;
  auto first = memoryOf(session, *gradient, feed, heldBesideGradient(session, *update));
  auto second = memoryOf(session, *update, feed);
  if (!first || !second)
    return std::nullopt;
  return std::max(first->arena, second->arena) + first->total() - first->arena +
         heldBesideGradient(session, *update);
}
