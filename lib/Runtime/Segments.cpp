#include "Runtime/Segments.h"
#include "Runtime/Dims.h"

#include <algorithm>

using namespace rondo;

static int64_t budget = unlimited;

void rondo::setMemoryBudget(int64_t bytes) { budget = bytes; }
int64_t rondo::memoryBudget() { return budget; }

const Flag rondo::memoryBudgetFlag = {
    "--memory-budget", "SIZE",
    "memory that a gradient may take, as info counts it: 800M, 2G; what does not fit is computed "
    "again (for programs compiled with --memory-budget)"};

Status rondo::useMemoryBudget(const Flags &flags, const RondoProgram &program) {
  setMemoryBudget(program.memory_budget > 0 ? program.memory_budget : unlimited);
  if (!flags.has("--memory-budget"))
    return {};
  if (program.memory_budget == 0)
    return error("--memory-budget: this program keeps all that a gradient reads; compile it with "
                 "rondoc --memory-budget");
  int64_t bytes = 0;
  RONDO_TRY(flags.size("--memory-budget", bytes));
  setMemoryBudget(bytes);
  return {};
}

static int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

void rondo::countSegments(const RondoEntry &entry, std::vector<int64_t> &dims) {
  for (size_t s = 0; s < dims.size(); ++s) {
    if (entry.symbols[s].kind != RONDO_SEGMENTS)
      continue;
    auto segment = static_cast<size_t>(entry.symbols[s].of.terms[0].symbol);
    int64_t whole = std::max<int64_t>(evaluateDim(entry.symbols[segment].of, dims.data()), 0);
    dims[s] = divideUp(whole, std::max<int64_t>(dims[segment], 1));
  }
}

/// The symbols of segments, all of which get as many.
static std::vector<size_t> freeSegments(const RondoEntry &entry, const std::vector<int64_t> &dims) {
  std::vector<size_t> free;
  for (size_t s = 0; s < dims.size(); ++s)
    if (entry.symbols[s].kind == RONDO_SEGMENT && dims[s] < 1)
      free.push_back(s);
  return free;
}

/// Where segments cost nothing, they are as long as a cache takes: whole tiles of rows, too.
static int64_t limitForCache(const RondoEntry &entry, RondoArena arena, int64_t limit,
                             std::vector<int64_t> dims) {
  for (size_t s : freeSegments(entry, dims))
    dims[s] = 1;
  countSegments(entry, dims);
  return entry.segment_bytes > 0 ? std::min(limit, arena(dims.data()) + entry.segment_bytes)
                                 : limit;
}

bool rondo::chooseSegments(const RondoEntry &entry, RondoArena arena, int64_t limit,
                           std::vector<int64_t> &dims) {
  constexpr int64_t rows = 24; // whole tiles of 2, 3, 4, 6, 8 and 12
  std::vector<size_t> free = freeSegments(entry, dims);
  countSegments(entry, dims);
  if (free.empty() || !arena)
    return !arena || arena(dims.data()) <= limit;
  int64_t longest = 1;
  for (size_t s : free)
    longest = std::max(longest, evaluateDim(entry.symbols[s].of, dims.data()));
  int64_t wanted = limitForCache(entry, arena, limit, dims), leastBytes = unlimited;
  std::vector<int64_t> least;
  for (int64_t count = 1; count <= longest;) {
    int64_t size = divideUp(longest, count);
    for (size_t s : free) {
      int64_t own = divideUp(evaluateDim(entry.symbols[s].of, dims.data()), count);
      dims[s] = std::max<int64_t>(count > 1 && own > rows ? own - own % rows : own, 1);
    }
    countSegments(entry, dims);
    int64_t bytes = arena(dims.data());
    if (bytes <= wanted)
      return true;
    if (bytes < leastBytes) {
      leastBytes = bytes;
      least = dims;
    }
    // On to the next count with shorter segments.
    count = size > 1 ? std::max(count + 1, divideUp(longest, size - 1)) : longest + 1;
  }
  dims = least;
  return leastBytes <= limit;
}
