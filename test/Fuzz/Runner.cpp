// The other side of Elsewhere.cpp: makes the calls that rondo-fuzz asks for, with the program that
// it is linked with. It knows nothing of LLVM.
#include "Runner.h"
#include "Runtime/Call.h"
#include "Runtime/Team.h"

#include <cstring>
#include <string>
#include <vector>

using namespace rondo;
using namespace rondo::fuzz;

extern "C" const RondoProgram rondo_program;

/// Reads the rest of a call and makes it; false where the other side is gone.
static bool serve(int64_t number) {
  const RondoEntry &entry = rondo_program.entries[number];
  int64_t workers = 1, stale = 0;
  if (!get(stdin, workers) || !get(stdin, stale))
    return false;
  CallShape shape;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    int64_t dim = 0, count = 0;
    if (!get(stdin, dim) || !get(stdin, count))
      return false;
    std::vector<int64_t> lengths(static_cast<size_t>(count));
    for (int64_t &length : lengths)
      if (!get(stdin, length))
        return false;
    shape.dims.push_back(dim);
    shape.lengths.push_back(std::move(lengths));
  }
  std::vector<Array> arguments(static_cast<size_t>(entry.num_arguments));
  std::vector<Array> results(static_cast<size_t>(entry.num_results));
  std::vector<const void *> in;
  std::vector<void *> out;
  Status status;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const RondoValue &value = entry.arguments[i];
    status = arguments[i].allocate(value.element, evaluateDims(value, shape.dims.data()));
    if (status.failed() ||
        !get(stdin, arguments[i].raw(), static_cast<int64_t>(arguments[i].bytes())))
      return false;
    in.push_back(arguments[i].raw());
  }
  for (size_t i = 0; i < results.size(); ++i) {
    const RondoValue &value = entry.results[i];
    status = results[i].allocate(value.element, evaluateDims(value, shape.dims.data()));
    if (status.failed())
      return false;
    std::memset(results[i].raw(), static_cast<int>(stale), results[i].bytes());
    out.push_back(results[i].raw());
  }
  setThreads({workers, /*force=*/true});
  Arena arena;
  EntryCaller callable(entry, /*twin=*/false, &arena);
  if (int64_t bytes = callable.arenaBytes(shape); bytes > 0) {
    if (!arena.onHost.reserve(static_cast<size_t>(bytes)))
      return false;
    std::memset(arena.onHost.data(), static_cast<int>(stale), arena.onHost.capacity());
  }
  status = callable.call(shape, in.data(), out.data());
  std::string message = status.failed() ? status.message() : "";
  bool isSaid = put(stdout, message.data(), static_cast<int64_t>(message.size()));
  if (!status.failed())
    for (const Array &result : results)
      isSaid = isSaid && put(stdout, result.raw(), static_cast<int64_t>(result.bytes()));
  return isSaid && std::fflush(stdout) == 0;
}

int main() {
  int64_t entry = 0;
  while (get(stdin, entry) && entry >= 0 && entry < rondo_program.num_entries)
    if (!serve(entry))
      return 1;
  return 0;
}
