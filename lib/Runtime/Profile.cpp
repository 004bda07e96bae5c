// `profile`: the time of an entry point per group of the program and per line of the model.
//
// A program compiled with `rondoc --profile` adds the ticks of each of its parts to a table
// (RondoProfile). Here the calls of Workload.h are repeated and the table is read: what a loop
// takes beyond its own parts, and a call beyond all of them, is shown too, so that shares add up
// to 1.
#include "Runtime/Flops.h"
#include "Runtime/Json.h"
#include "Runtime/Progress.h"
#include "Runtime/Workload.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

using namespace rondo;

/// The counter that the program's code reads.
static int64_t readTicks() {
#if defined(__x86_64__)
  return static_cast<int64_t>(__builtin_ia32_rdtsc());
#else
  return static_cast<int64_t>(__builtin_readcyclecounter());
#endif
}

namespace {
struct Row {
  const RondoPart *part = nullptr;
  double ticks = 0; // without the parts inside
  double calls = 0;
  double flops = 0;
};

class Profiler {
public:
  explicit Profiler(Context &context) : flags(context.flags), load(context, "profile") {}
  Status run();

private:
  Status measure();
  void collect();
  double seconds(double ticks) const { return ticks * secondsPerTick / calls; }
  void printText() const;
  void printJson() const;

  const Flags &flags;
  Workload load;
  const RondoProfile *profile = nullptr;
  double calls = 0, total = 0, secondsPerTick = 0, rest = 0, overhead = 0;
  std::vector<Row> rows;  // the largest first
  std::vector<Row> lines; // `part` is one of the line
};
} // namespace

/// Ticks that one reading before and one after a part take.
static double pairTicks() {
  constexpr int count = 1 << 12;
  int64_t table[2] = {0, 0};
  int64_t start = readTicks();
  for (int i = 0; i < count; ++i) {
    volatile int64_t *place = table;
    int64_t before = readTicks();
    *place = *place + readTicks() - before;
    place[1] = place[1] + 1;
  }
  return static_cast<double>(readTicks() - start) / count;
}

Status Profiler::measure() {
  RONDO_TRY(load.prepare());
  RONDO_TRY(load.once());
  std::memset(profile->times, 0, static_cast<size_t>(profile->num_parts) * 2 * sizeof(int64_t));
  double start = now();
  int64_t ticks = readTicks();
  do {
    RONDO_TRY(load.once());
    calls += 1;
  } while (!load.isEnough(static_cast<size_t>(calls), now() - start));
  total = static_cast<double>(readTicks() - ticks);
  secondsPerTick = (now() - start) / total;
  return {};
}

/// Self times of the parts that ran, and their sums by line.
void Profiler::collect() {
  auto count = static_cast<size_t>(profile->num_parts);
  std::vector<Row> all(count);
  rest = total;
  double pairs = 0;
  for (size_t i = 0; i < count; ++i) {
    const RondoPart &part = profile->parts[i];
    auto ticks = static_cast<double>(profile->times[2 * i]);
    all[i].part = &part;
    all[i].ticks += ticks;
    all[i].calls = static_cast<double>(profile->times[2 * i + 1]) / calls;
    pairs += all[i].calls * calls;
    (part.parent < 0 ? rest : all[static_cast<size_t>(part.parent)].ticks) -= ticks;
    // The update of a training step takes other dims than the loss; only constants are the same.
    const RondoEntry *entry = load.session.find(part.entry);
    if (entry == load.entry || (entry && entry->num_symbols == 0))
      all[i].flops = evaluatePolynomial(part.flops, *entry, load.dims.data());
  }
  overhead = pairs * pairTicks();
  for (const Row &row : all) {
    if (row.calls == 0)
      continue;
    rows.push_back(row);
    auto line = std::find_if(lines.begin(), lines.end(), [&](const Row &other) {
      return other.part->line == row.part->line && !std::strcmp(other.part->file, row.part->file);
    });
    if (line == lines.end())
      line = lines.insert(line, {row.part, 0, 0, 0});
    line->ticks += row.ticks;
    line->flops += row.flops;
  }
  auto larger = [](const Row &a, const Row &b) { return a.ticks > b.ticks; };
  std::sort(rows.begin(), rows.end(), larger);
  std::sort(lines.begin(), lines.end(), larger);
}

static std::string placeText(const RondoPart &part, bool withColumn) {
  if (part.line == 0)
    return "unknown place";
  std::string text = std::string(part.file) + ":" + std::to_string(part.line);
  return withColumn ? text + ":" + std::to_string(part.column) : text;
}

static std::string timeText(double seconds) {
  return seconds < 1e-3 ? format("%.2f us", seconds * 1e6) : format("%.3f ms", seconds * 1e3);
}

void Profiler::printText() const {
  std::string where;
  for (size_t s = 0; s < load.dims.size(); ++s)
    where += format("%s%s = %lld", s ? ", " : " at ", load.entry->symbols[s].name,
                    static_cast<long long>(load.dims[s]));
  std::printf("%s%s: %.0f calls, %s each, of which taking the times is about %.1f %%\n\n",
              load.title.c_str(), where.c_str(), calls, timeText(seconds(total)).c_str(),
              100 * overhead / total);
  auto rate = [&](const Row &row) {
    return row.flops > 0 ? format("%.4g", row.flops / seconds(std::max(row.ticks, 1.0)) * 1e-9)
                         : std::string("");
  };
  size_t width = 4;
  for (const Row &row : rows)
    width = std::max(width, placeText(*row.part, true).size());
  auto pad = [&](std::string text) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
  };
  std::printf(" share        time   calls  GFLOP/s  %s  entry: part\n", pad("line").c_str());
  double few = 0;
  size_t numFew = 0;
  for (const Row &row : rows) {
    if (row.ticks < 5e-4 * total) {
      few += row.ticks;
      ++numFew;
      continue;
    }
    std::printf("%5.1f %%  %10s  %6.0f  %7s  %s  %s: %s\n", 100 * row.ticks / total,
                timeText(seconds(row.ticks)).c_str(), row.calls, rate(row).c_str(),
                pad(placeText(*row.part, true)).c_str(), row.part->entry, row.part->what);
  }
  if (numFew)
    std::printf("%5.1f %%  %10s  %zu more\n", 100 * few / total, timeText(seconds(few)).c_str(),
                numFew);
  std::printf("%5.1f %%  %10s  outside of all parts: arguments, checks, results\n",
              100 * rest / total, timeText(seconds(rest)).c_str());
  std::printf("\n share        time  GFLOP/s  line\n");
  for (const Row &row : lines)
    std::printf("%5.1f %%  %10s  %7s  %s\n", 100 * row.ticks / total,
                timeText(seconds(row.ticks)).c_str(), rate(row).c_str(),
                placeText(*row.part, false).c_str());
}

void Profiler::printJson() const {
  std::string text = "{\"entry\": " + jsonString(load.title) + ", \"calls\": " + jsonNumber(calls) +
                     ", \"seconds\": " + jsonNumber(seconds(total)) +
                     ", \"timing_share\": " + jsonNumber(overhead / total) +
                     ", \"outside_share\": " + jsonNumber(rest / total) + ", \"parts\": [";
  for (const Row &row : rows) {
    text += &row == rows.data() ? "" : ", ";
    text += "{\"entry\": " + jsonString(row.part->entry) +
            ", \"what\": " + jsonString(row.part->what) +
            ", \"file\": " + jsonString(row.part->file) +
            ", \"line\": " + std::to_string(row.part->line) +
            ", \"column\": " + std::to_string(row.part->column) +
            ", \"share\": " + jsonNumber(row.ticks / total) +
            ", \"seconds\": " + jsonNumber(seconds(row.ticks)) +
            ", \"calls\": " + jsonNumber(row.calls) + ", \"flops\": " + jsonNumber(row.flops) + "}";
  }
  text += "], \"lines\": [";
  for (const Row &row : lines) {
    text += &row == lines.data() ? "" : ", ";
    text += "{\"file\": " + jsonString(row.part->file) +
            ", \"line\": " + std::to_string(row.part->line) +
            ", \"share\": " + jsonNumber(row.ticks / total) + "}";
  }
  std::printf("%s]}\n", text.c_str());
}

Status Profiler::run() {
  if (!hasHostCode(load.session.program))
    return error("'profile' times the parts of code for the cpu, for which %s was not compiled",
                 load.session.program.model);
  profile = load.session.program.profile;
  if (!profile)
    return error("%s was compiled without the times of its parts; compile it with 'rondoc "
                 "--profile'",
                 load.session.program.model);
  RONDO_TRY(measure());
  collect();
  (flags.has("--json") ? printJson() : printText());
  return {};
}

static Status run(Context &context) { return Profiler(context).run(); }

Command rondo::profileCommand() {
  std::vector<Flag> flags = Workload::flagList();
  flags.push_back({"--json", nullptr, "print JSON"});
  return {"profile", "FN",  "time the parts of an entry point, its gradient or a training step",
          1,         flags, run};
}
