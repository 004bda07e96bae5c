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
  Status time(size_t count, double &seconds);
  Status chooseGroup();
  Status measure();
  Peak findPeak() const;
  double flops() const;
  int64_t plannedBytes() const;
  int64_t workers() const;
  void print() const;

  const Flags &flags;
  Workload load;
  size_t group = 1, calls = 0; // calls that are timed together, and all that were
  std::vector<double> times;   // of a call, in seconds
  Peak peak = {};
};
} // namespace

/// The time of one of `count` calls, begun one after the other.
Status Bench::time(size_t count, double &seconds) {
  double start = now();
  for (size_t i = 0; i < count; ++i)
    RONDO_TRY(load.once());
  RONDO_TRY(load.settle());
  seconds = (now() - start) / static_cast<double>(count);
  return {};
}

/// How many calls are timed together: on a device, so many that waiting for it does not show.
Status Bench::chooseGroup() {
  double alone = 0;
  RONDO_TRY(time(1, alone)); // the first one makes things ready
  if (!load.session.device || alone > 0.1)
    return {};
  RONDO_TRY(time(1, alone)); // and the second one the graph
  RONDO_TRY(time(1, alone));
  group = static_cast<size_t>(std::clamp(2e-3 / std::max(alone, 1e-9), 1.0, 100.0));
  return {};
}

/// Some calls that are not counted, then --repeat calls, or as many as fit into --seconds but three
/// at least.
Status Bench::measure() {
  RONDO_TRY(chooseGroup());
  Peak before = findPeak();
  double start = now();
  while (!load.isEnough(calls, now() - start)) {
    size_t count = load.callsLeft(calls, group);
    double seconds = 0;
    RONDO_TRY(time(count, seconds));
    times.push_back(seconds);
    calls += count;
  }
  peak = findPeak();
  peak.flopsPerSecond = std::max(peak.flopsPerSecond, before.flopsPerSecond);
  std::sort(times.begin(), times.end());
  return {};
}

/// Of all threads, measured; of a device by its data sheet, or 0 where that is not known.
Peak Bench::findPeak() const {
  const Session &session = load.session;
  if (session.device)
    return {"fused multiply-adds", session.device->peakFlops(session.program.element)};
  Peak found = measurePeak(session.program.features, session.program.element);
  found.flopsPerSecond *= static_cast<double>(threads().count);
  return found;
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
  double most = peak.flopsPerSecond;
  double rate = work / std::max(best, 1e-9), share = rate / most;
  const Device *device = load.session.device;
  if (flags.has("--json")) {
    std::string text = "{\"entry\": " + jsonString(load.title) + ", \"dims\": {";
    for (size_t s = 0; s < load.dims.size(); ++s)
      text += (s ? ", " : "") + jsonString(load.entry->symbols[s].name) + ": " +
              std::to_string(load.dims[s]);
    text += "}, \"repetitions\": " + std::to_string(calls) +
            ", \"device\": " + jsonString(device ? device->name() : "cpu") +
            ", \"best_seconds\": " + jsonNumber(best) +
            ", \"median_seconds\": " + jsonNumber(median) +
            ", \"threads\": " + std::to_string(threads().count) +
            ", \"workers\": " + std::to_string(workers()) +
            ", \"peak_flops_per_second\": " + jsonNumber(most) +
            ", \"instructions\": " + jsonString(peak.name) +
            ", \"planned_bytes\": " + std::to_string(plannedBytes()) +
            ", \"resident_bytes\": " + std::to_string(residentBytes());
    if (work > 0)
      text += ", \"flops\": " + jsonNumber(work) + ", \"flops_per_second\": " + jsonNumber(rate);
    if (work > 0 && most > 0)
      text += ", \"share_of_peak\": " + jsonNumber(share);
    std::printf("%s}\n", text.c_str());
    return;
  }
  std::string where;
  for (size_t s = 0; s < load.dims.size(); ++s)
    where += format("%s%s = %lld", s ? ", " : "", load.entry->symbols[s].name,
                    static_cast<long long>(load.dims[s]));
  std::string place = device ? device->name()
                             : format("%lld worker%s", static_cast<long long>(workers()),
                                      workers() == 1 ? "" : "s");
  std::printf("%s%s%s: best %s, median %s of %zu calls on %s\n", load.title.c_str(),
              where.empty() ? "" : " at ", where.c_str(), timeText(best).c_str(),
              timeText(median).c_str(), calls, place.c_str());
  std::string line;
  if (work > 0)
    line = format("%.6g operations, %.4g GFLOP/s", work, rate * 1e-9);
  if (most > 0) {
    line += line.empty() ? "peak" : ", peak";
    line += device ? format(" with %s %.4g GFLOP/s", peak.name, most * 1e-9)
                   : format(" of %lld thread%s with %s %.4g GFLOP/s",
                            static_cast<long long>(threads().count),
                            threads().count == 1 ? "" : "s", peak.name, most * 1e-9);
    if (work > 0)
      line += format(", share %.3f", share);
  }
  if (!line.empty())
    std::printf("%s\n", line.c_str());
  std::printf("memory %.4g MB by the plan, %.4g MB of the process at most\n",
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
