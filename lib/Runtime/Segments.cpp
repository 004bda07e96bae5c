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
  if (!parseSize(flags.text("--memory-budget"), bytes))
    return error("--memory-budget is %s, expected a size such as 800M or 2G",
                 quote(flags.text("--memory-budget")).c_str());
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

bool rondo::chooseSegments(const RondoEntry &entry, RondoArena arena, int64_t limit,
                           std::vector<int64_t> &dims) {
  std::vector<size_t> free;
  int64_t longest = 1;
  for (size_t s = 0; s < dims.size(); ++s)
    if (entry.symbols[s].kind == RONDO_SEGMENT && dims[s] < 1) {
      free.push_back(s);
      longest = std::max(longest, evaluateDim(entry.symbols[s].of, dims.data()));
    }
  std::vector<int64_t> least;
  int64_t leastBytes = unlimited;
  for (int64_t count = 1; count <= longest;) {
    int64_t size = divideUp(longest, count);
    for (size_t s : free)
      dims[s] =
          std::max<int64_t>(divideUp(evaluateDim(entry.symbols[s].of, dims.data()), count), 1);
    countSegments(entry, dims);
    int64_t bytes = arena ? arena(dims.data()) : 0;
    if (bytes <= limit || free.empty())
      return bytes <= limit;
    if (bytes < leastBytes) {
      leastBytes = bytes;
      least = dims;
    }
    // On to the next count with shorter segments.
    count = size > 1 ? std::max(count + 1, divideUp(longest, size - 1)) : longest + 1;
  }
  dims = least;
  return false;
}
