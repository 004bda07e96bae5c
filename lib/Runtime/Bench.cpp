// `bench`: how long an entry point takes, and what share of the machine's peak that is.
//
// Times the calls of Workload.h.
#include "Runtime/Flops.h"
#include "Runtime/Json.h"
#include "Runtime/Memory.h"
#include "Runtime/Peak.h"
#include "Runtime/Place.h"
#include "Runtime/Progress.h"
#include "Runtime/Team.h"
#include "Runtime/Workload.h"

#include <algorithm>
#include <cstdio>

using namespace rondo;

namespace {
class Bench {
public:
  explicit Bench(Context &context) : flags(context.flags), load(context, "bench") {}
  Status run();

private:
  Status measure();
  double flops() const;
  int64_t plannedBytes() const;
  int64_t workers() const;
  void print() const;

  const Flags &flags;
  Workload load;
  std::vector<double> times; // of every call, in seconds
  Peak peak = {};
};
} // namespace

/// One call that is not counted, then --repeat calls, or as many as fit into --seconds but three
/// at least. The peak is the better of before and after.
Status Bench::measure() {
  int32_t element = load.session.program.element;
  RONDO_TRY(load.once());
  Peak before = measurePeak(load.session.program.features, element);
  double start = now(), time = start;
  while (!load.isEnough(times.size(), time - start)) {
    RONDO_TRY(load.once());
    double end = now();
    times.push_back(end - time);
    time = end;
  }
  peak = measurePeak(load.session.program.features, element);
  peak.flopsPerSecond = std::max(peak.flopsPerSecond, before.flopsPerSecond);
  std::sort(times.begin(), times.end());
  return {};
}

double Bench::flops() const {
  double count = countFlops(*load.entry, load.dims.data());
  if (!load.trains)
    return count;
  double update = countFlops(*load.trainingStep.update, load.dims.data());
  return count > 0 && load.trainingStep.update->num_symbols == 0 ? count + update : count;
}

/// How many of the threads the entry runs on: as many as it is worth.
int64_t Bench::workers() const {
  int64_t count = threads().count;
  return threads().force ? (load.entry->work ? count : 1)
                         : usefulWorkers(*load.entry, load.dims.data(), count);
}

/// What the plan says that this takes, -1 where it does not.
int64_t Bench::plannedBytes() const {
  Feed given;
  for (size_t s = 0; s < load.dims.size(); ++s)
    given.scalars[load.entry->symbols[s].name] = static_cast<double>(load.dims[s]);
  if (load.trains)
    return trainingMemory(load.session, given).value_or(-1);
  std::optional<CallMemory> memory = memoryOf(load.session, *load.entry, given);
  return memory ? memory->total() : -1;
}

/// The most memory that the process has had. Not getrusage's figure: that one counts what the
/// parent had when it started the process.
static int64_t residentBytes() {
  std::FILE *file = std::fopen("/proc/self/status", "r");
  char line[256];
  long long kilobytes = -1;
  while (file && std::fgets(line, sizeof line, file) &&
         std::sscanf(line, "VmHWM: %lld", &kilobytes) != 1) {
  }
  if (file)
    std::fclose(file);
  return kilobytes < 0 ? -1 : kilobytes * 1024;
}

static std::string timeText(double seconds) {
  if (seconds < 1e-3)
    return format("%.3f us", seconds * 1e6);
  return seconds < 1 ? format("%.4f ms", seconds * 1e3) : format("%.4f s", seconds);
}

void Bench::print() const {
  double best = times.front(), median = times[times.size() / 2], work = flops();
  double most = peak.flopsPerSecond * static_cast<double>(threads().count);
  double rate = work / std::max(best, 1e-9), share = rate / most;
  if (flags.has("--json")) {
    std::string text = "{\"entry\": " + jsonString(load.title) + ", \"dims\": {";
    for (size_t s = 0; s < load.dims.size(); ++s)
      text += (s ? ", " : "") + jsonString(load.entry->symbols[s].name) + ": " +
              std::to_string(load.dims[s]);
    text += "}, \"repetitions\": " + std::to_string(times.size()) +
            ", \"best_seconds\": " + jsonNumber(best) +
            ", \"median_seconds\": " + jsonNumber(median) +
            ", \"threads\": " + std::to_string(threads().count) +
            ", \"workers\": " + std::to_string(workers()) +
            ", \"peak_flops_per_second\": " + jsonNumber(most) +
            ", \"instructions\": " + jsonString(peak.name) +
            ", \"planned_bytes\": " + std::to_string(plannedBytes()) +
            ", \"resident_bytes\": " + std::to_string(residentBytes());
    if (work > 0)
      text += ", \"flops\": " + jsonNumber(work) + ", \"flops_per_second\": " + jsonNumber(rate) +
              ", \"share_of_peak\": " + jsonNumber(share);
    std::printf("%s}\n", text.c_str());
    return;
  }
  std::string where;
  for (size_t s = 0; s < load.dims.size(); ++s)
    where += format("%s%s = %lld", s ? ", " : "", load.entry->symbols[s].name,
                    static_cast<long long>(load.dims[s]));
  std::printf("%s%s%s: best %s, median %s of %zu calls on %lld worker%s\n", load.title.c_str(),
              where.empty() ? "" : " at ", where.c_str(), timeText(best).c_str(),
              timeText(median).c_str(), times.size(), static_cast<long long>(workers()),
              workers() == 1 ? "" : "s");
  if (work > 0)
    std::printf("%.6g operations, %.4g GFLOP/s, ", work, rate * 1e-9);
  std::printf("peak of %lld thread%s with %s %.4g GFLOP/s", static_cast<long long>(threads().count),
              threads().count == 1 ? "" : "s", peak.name, most * 1e-9);
  if (work > 0)
    std::printf(", share %.3f", share);
  std::printf("\nmemory %.4g MB by the plan, %.4g MB of the process at most\n",
              static_cast<double>(plannedBytes()) * 1e-6,
              static_cast<double>(residentBytes()) * 1e-6);
}

Status Bench::run() {
  RONDO_TRY(load.prepare());
  RONDO_TRY(measure());
  print();
  return {};
}

static Status run(Context &context) { return Bench(context).run(); }

Command rondo::benchCommand() {
  std::vector<Flag> flags = Workload::flagList();
  flags.push_back(deviceFlag);
  flags.push_back({"--json", nullptr, "print JSON"});
  return {"bench", "FN", "time an entry point, its gradient or a training step", 1, flags, run};
}
