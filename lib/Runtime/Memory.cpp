#include "Runtime/Memory.h"
#include "Runtime/Segments.h"

#include <algorithm>

using namespace rondo;

static std::optional<CallShape> shapeOf(const RondoEntry &entry, const Feed &feed) {
  CallShape shape;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    auto found = feed.scalars.find(entry.symbols[s].name);
    if (found == feed.scalars.end() && isChosen(entry.symbols[s])) {
      shape.dims.push_back(0);
      continue;
    }
    if (found == feed.scalars.end() || !(found->second >= 0 && found->second < 0x1p40))
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

std::optional<CallMemory> rondo::memoryOf(const Session &session, const RondoEntry &entry,
                                          const Feed &feed, int64_t held) {
  std::optional<CallShape> shape = shapeOf(entry, feed);
  if (!shape)
    return std::nullopt;
  divideDims(session, entry, held, shape->dims);
  CallMemory memory;
  EntryCaller caller(entry, session.twin);
  memory.arena = caller.arenaBytes(*shape);
  memory.cache = caller.cacheBytes();
  memory.arguments = bytesOf(session, entry.arguments, entry.num_arguments, *shape);
  memory.results = bytesOf(session, entry.results, entry.num_results, *shape);
  return memory;
}

void rondo::divideDims(const Session &session, const RondoEntry &entry, int64_t held,
                       std::vector<int64_t> &dims) {
  CallShape shape{dims, {}};
  int64_t fixed = held + EntryCaller(entry, session.twin).cacheBytes() +
                  bytesOf(session, entry.arguments, entry.num_arguments, shape) +
                  bytesOf(session, entry.results, entry.num_results, shape);
  int64_t budget = memoryBudget();
  chooseSegments(entry, session.twin ? entry.arena_f64 : entry.arena,
                 budget == unlimited ? unlimited : budget - fixed, dims);
}

int64_t rondo::heldBesideGradient(const Session &session, const RondoEntry &update) {
  // The update reads parameters and gradients, which the call counts.
  CallShape none;
  int64_t held = EntryCaller(update, session.twin).cacheBytes() +
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
