// `bench`: how long an entry point takes, and what share of the machine's peak that is.
//
// Times whole calls as the other commands make them, in this process: arguments found and checked,
// rows in order, arena reserved. Inputs are random, all examples of full length.
#include "Runtime/Commands.h"
#include "Runtime/Flops.h"
#include "Runtime/Json.h"
#include "Runtime/Memory.h"
#include "Runtime/Peak.h"
#include "Runtime/Progress.h"
#include "Runtime/Team.h"
#include "Runtime/TrainingStep.h"
#include "rondo/Philox.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sys/resource.h>

using namespace rondo;

namespace {
class Bench {
public:
  explicit Bench(Context &context) : flags(context.flags), session(context.program) {}
  Status run();

private:
  Status findEntries();
  Status prepare();
  Status takeDims(const RondoEntry &entry);
  Status makeInputs(const RondoEntry &entry, int64_t seed);
  Status once();
  Status measure();
  double flops() const;
  int64_t plannedBytes() const;
  int64_t workers() const;
  void print() const;

  const Flags &flags;
  Session session;
  std::string title;
  const RondoEntry *entry = nullptr; // of the forward pass or of the gradient
  bool trains = false;               // with the update of the parameters
  TrainingStep trainingStep;
  Feed feed;
  std::vector<int64_t> dims;
  std::vector<NamedArray> inputs;
  std::vector<Array> results;
  std::vector<double> times; // of every call, in seconds
  int64_t seed = 0, repetitions = 0, step = 0;
  double seconds = 1;
  Peak peak = {};
};
} // namespace

Status Bench::findEntries() {
  if (flags.has("--train")) {
    if (!flags.words.empty() || flags.has("--grad"))
      return error(
          "--train times a step of the train block, it takes no entry point and no --grad");
    const RondoTrain *train = nullptr;
    RONDO_TRY(findTrain(session.program, train));
    RONDO_TRY(trainingStep.find(session, *train));
    trains = true;
    entry = trainingStep.gradient;
    title = "a training step";
    return {};
  }
  if (flags.words.empty())
    return error("'bench' needs the name of an entry point, or --train");
  title = flags.words[0];
  RONDO_TRY(findEntry(session, title, entry));
  if (flags.has("--grad")) {
    entry = session.find(title + ".grad");
    if (!entry)
      return error("%s has no gradient: its result is no float scalar", quote(title).c_str());
    title += ".grad";
  }
  return {};
}

/// The value of every symbol, from --set; what is no symbol stays in the feed.
Status Bench::takeDims(const RondoEntry &entry) {
  std::string missing;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    auto found = feed.scalars.find(symbol.name);
    if (found == feed.scalars.end()) {
      dims.push_back(symbol.has_default ? symbol.default_value : 0);
      if (!symbol.has_default)
        missing += (missing.empty() ? "" : ", ") + std::string(symbol.name);
      continue;
    }
    if (!(found->second >= 0 && found->second < 0x1p40) ||
        found->second != std::floor(found->second))
      return error("%s is %g, expected a count", quote(symbol.name).c_str(), found->second);
    dims.push_back(static_cast<int64_t>(found->second));
    if (symbol.kind != RONDO_UNIFORM)
      feed.scalars.erase(found);
  }
  return missing.empty() ? Status()
                         : error("%s lacks the dims %s; give each with --set", quote(title).c_str(),
                                 missing.c_str());
}

/// An array of full length for every input that no scalar gives: floats on (-1, 1), indices below
/// their bound, other ints 1.
Status Bench::makeInputs(const RondoEntry &entry, int64_t seed) {
  int64_t batch = batchSymbol(entry), rows = batch < 0 ? 1 : dims[static_cast<size_t>(batch)];
  inputs.reserve(static_cast<size_t>(entry.num_arguments + entry.num_symbols));
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    const RondoValue &value = entry.arguments[i];
    if (value.role != RONDO_INPUT || value.has_default || feed.scalars.count(value.name))
      continue;
    std::vector<int64_t> sizes = evaluateDims(value, dims.data());
    if (countElements(value.element, sizes) < 0)
      return error("%s would have sizes %s", quote(value.name).c_str(), sizesText(sizes).c_str());
    int64_t bound = value.is_index ? evaluateDim(value.index_bound, dims.data()) : 0;
    NamedArray &input = inputs.emplace_back();
    input.name = value.name;
    RONDO_TRY(input.array.allocate(value.element, sizes));
    if (value.is_index && bound < 1 && input.array.elements() > 0)
      return error("%s holds indices below %lld, of which there are none",
                   quote(value.name).c_str(), static_cast<long long>(bound));
    uint64_t key =
        foldKey(foldKey(static_cast<uint64_t>(seed), siteNumber("bench")), siteNumber(value.name));
    for (int64_t k = 0; k < input.array.elements(); ++k) {
      double draw = drawUniform(key, static_cast<uint64_t>(k));
      if (isFloat(value.element))
        input.array.set(k, 2 * draw - 1);
      else if (value.is_index)
        input.array.set(k, std::floor(draw * static_cast<double>(bound)));
      else
        input.array.set(k, value.element == RONDO_I1 ? draw < 0.5 : 1);
    }
  }
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    if (entry.symbols[s].kind != RONDO_RAGGED)
      continue;
    NamedArray &lengths = inputs.emplace_back();
    lengths.name = std::string("lengths.") + entry.symbols[s].name;
    RONDO_TRY(lengths.array.allocate(RONDO_I64, {rows}));
    lengths.array.fill(static_cast<double>(dims[static_cast<size_t>(s)]));
  }
  for (const NamedArray &input : inputs)
    feed.arrays[input.name] = &input.array;
  for (int64_t row = 0; row < rows; ++row)
    feed.ordinals.push_back(row);
  return {};
}

Status Bench::prepare() {
  RONDO_TRY(findEntries());
  RONDO_TRY(flags.integer("--seed", INT64_MIN, INT64_MAX, seed));
  RONDO_TRY(flags.integer("--repeat", 1, 1 << 24, repetitions));
  RONDO_TRY(flags.number("--seconds", seconds));
  if (!(seconds >= 0 && seconds <= 1e6))
    return error("--seconds is %g, expected 0 to a million", seconds);
  RONDO_TRY(flags.settings(feed.scalars));
  RONDO_TRY(takeDims(*entry));
  RONDO_TRY(session.checkNames(*entry, feed));
  if (int64_t batch = batchSymbol(*entry);
      batch >= 0 &&
      (dims[static_cast<size_t>(batch)] < 1 || dims[static_cast<size_t>(batch)] > 1 << 24))
    return error("%s is %lld, expected 1 to %d examples", quote(entry->symbols[batch].name).c_str(),
                 static_cast<long long>(dims[static_cast<size_t>(batch)]), 1 << 24);
  RONDO_TRY(makeInputs(*entry, seed));
  feed.seed = seed;
  if (trains)
    trainingStep.gradientFeed = feed;
  if (flags.has("--weights")) {
    TensorFile file;
    RONDO_TRY(readSafetensors(flags.text("--weights"), file));
    return session.load(flags.text("--weights"), file, false);
  }
  return session.initialise(seed);
}

Status Bench::once() {
  if (trains) {
    double loss = 0;
    RONDO_TRY(trainingStep.run(session, seed, step++, loss));
    return std::isfinite(loss)
               ? Status()
               : error("the loss is %g at step %lld; --weights may give better ones", loss,
                       static_cast<long long>(step));
  }
  CallShape shape;
  return session.call(*entry, feed, results, shape);
}

/// One call that is not counted, then --repeat calls, or as many as fit into --seconds but three
/// at least. The peak is the better of before and after.
Status Bench::measure() {
  int32_t element = session.program.element;
  RONDO_TRY(once());
  Peak before = measurePeak(session.program.features, element);
  double start = now(), time = start;
  while (repetitions ? static_cast<int64_t>(times.size()) < repetitions
                     : times.size() < 3 || (time - start < seconds && times.size() < 1 << 24)) {
    RONDO_TRY(once());
    double end = now();
    times.push_back(end - time);
    time = end;
  }
  peak = measurePeak(session.program.features, element);
  peak.flopsPerSecond = std::max(peak.flopsPerSecond, before.flopsPerSecond);
  std::sort(times.begin(), times.end());
  return {};
}

double Bench::flops() const {
  double count = countFlops(*entry, dims.data());
  if (!trains)
    return count;
  double update = countFlops(*trainingStep.update, dims.data());
  return count > 0 && trainingStep.update->num_symbols == 0 ? count + update : count;
}

/// How many of the threads the entry runs on: as many as it is worth.
int64_t Bench::workers() const {
  int64_t count = threads().count;
  return threads().force ? (entry->work ? count : 1) : usefulWorkers(*entry, dims.data(), count);
}

/// What the plan says that this takes, -1 where it does not.
int64_t Bench::plannedBytes() const {
  Feed given;
  for (size_t s = 0; s < dims.size(); ++s)
    given.scalars[entry->symbols[s].name] = static_cast<double>(dims[s]);
  if (trains)
    return trainingMemory(session, given).value_or(-1);
  std::optional<CallMemory> memory = memoryOf(session, *entry, given);
  return memory ? memory->total() : -1;
}

/// The most memory that the process has had.
static int64_t residentBytes() {
  struct rusage usage = {};
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<int64_t>(usage.ru_maxrss) * 1024 : -1;
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
    std::string text = "{\"entry\": " + jsonString(title) + ", \"dims\": {";
    for (size_t s = 0; s < dims.size(); ++s)
      text += (s ? ", " : "") + jsonString(entry->symbols[s].name) + ": " + std::to_string(dims[s]);
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
  for (size_t s = 0; s < dims.size(); ++s)
    where += format("%s%s = %lld", s ? ", " : "", entry->symbols[s].name,
                    static_cast<long long>(dims[s]));
  std::printf("%s%s%s: best %s, median %s of %zu calls on %lld worker%s\n", title.c_str(),
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
  RONDO_TRY(prepare());
  RONDO_TRY(measure());
  print();
  return {};
}

static Status run(Context &context) { return Bench(context).run(); }

Command rondo::benchCommand() {
  return {"bench",
          "FN",
          "time an entry point, its gradient or a training step",
          1,
          {{"--set", "T=N", "a dim's value or a scalar; all dims are needed; may be repeated"},
           {"--grad", nullptr, "time the gradient instead"},
           {"--train", nullptr, "time a step of the train block, the update included"},
           {"--weights", "W", "safetensors file of the parameters (initial ones)"},
           {"--seconds", "S", "time to repeat for (1)"},
           {"--repeat", "N", "number of calls instead"},
           {"--seed", "S", "seed of the inputs and of the initial parameters (0)"},
           {"--json", nullptr, "print JSON"},
           threadsFlag,
           deterministicFlag},
          run};
}
