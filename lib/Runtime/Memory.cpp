#include "Runtime/Memory.h"

#include <algorithm>

using namespace rondo;

static std::optional<CallShape> shapeOf(const RondoEntry &entry, const Feed &feed) {
  CallShape shape;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    auto found = feed.scalars.find(entry.symbols[s].name);
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

std::optional<CallMemory> rondo::memoryOf(const Session &session, const RondoEntry &entry,
                                          const Feed &feed) {
  std::optional<CallShape> shape = shapeOf(entry, feed);
  if (!shape)
    return std::nullopt;
  CallMemory memory;
  EntryCaller caller(entry, session.twin);
  memory.arena = caller.arenaBytes(*shape);
  memory.cache = caller.cacheBytes();
  for (int64_t i = 0; i < entry.num_arguments; ++i)
    memory.arguments += bytesOf(session, entry.arguments[i], *shape);
  for (int64_t i = 0; i < entry.num_results; ++i)
    memory.results += bytesOf(session, entry.results[i], *shape);
  return memory;
}

std::optional<int64_t> rondo::trainingMemory(const Session &session, const Feed &feed) {
  const RondoTrain *train = session.program.train;
  const RondoEntry *gradient = train ? session.find(train->gradient) : nullptr;
  const RondoEntry *update = train ? session.find(train->update) : nullptr;
  if (!gradient || !update)
    return std::nullopt;
  auto first = memoryOf(session, *gradient, feed), second = memoryOf(session, *update, feed);
  if (!first || !second)
    return std::nullopt;
  // The update reads the gradients, which the first call wrote, and the parameters; both read the
  // latter.
  int64_t inputs = 0;
  for (int64_t i = 0; i < gradient->num_arguments; ++i)
    if (gradient->arguments[i].role != RONDO_PARAMETER)
      inputs += bytesOf(session, gradient->arguments[i], *shapeOf(*gradient, feed));
  return std::max(first->arena, second->arena) + first->cache + second->cache + inputs +
         second->arguments + second->results;
}
