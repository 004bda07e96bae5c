// What `bench` and `profile` call.
#include "Runtime/Workload.h"
#include "Runtime/Memory.h"
#include "Runtime/Segments.h"
#include "Runtime/Team.h"
#include "rondo/Philox.h"

#include <cmath>

using namespace rondo;

Status Workload::findEntries() {
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
    return error("'%s' needs the name of an entry point, or --train", command);
  title = flags.words[0];
  RONDO_TRY(findEntry(session, title, entry));
  if (flags.has("--grad")) {
    entry = session.gradientOf(*entry);
    if (!entry)
      return error("%s has no gradient: its result is no float scalar", quote(title).c_str());
    title = entry->name;
  }
  return {};
}

/// The value of every symbol, from --set; what is no symbol stays in the feed.
Status Workload::takeDims(const RondoEntry &entry) {
  std::string missing;
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    auto found = feed.scalars.find(symbol.name);
    if (isChosen(symbol)) {
      dims.push_back(0);
      continue;
    }
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
Status Workload::makeInputs(const RondoEntry &entry, int64_t seed) {
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

Status Workload::prepare() {
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
  divideDims(session, *entry, trains ? heldBesideGradient(session, *trainingStep.update) : 0, dims);
  feed.seed = seed;
  if (trains)
    trainingStep.gradientFeed = feed;
  if (flags.has("--weights")) {
    TensorFile file;
    RONDO_TRY(session.read(flags.text("--weights"), false, file));
    RONDO_TRY(session.load(flags.text("--weights"), file, false));
  } else {
    RONDO_TRY(session.initialise(seed));
  }
  return trains ? Status() : call.prepare(session, *entry, feed);
}

/// The losses that are known by now, or all.
Status Workload::takeLosses(bool all) {
  std::optional<double> loss;
  do {
    RONDO_TRY(trainingStep.takeLoss(all || trainingStep.isFull(), loss));
    finished += loss.has_value();
    if (loss && !std::isfinite(*loss))
      return error("the loss is %g at step %lld; --weights may give better ones", *loss,
                   static_cast<long long>(finished));
  } while (loss);
  return {};
}

Status Workload::once() {
  if (trains) {
    RONDO_TRY(trainingStep.start(session, seed, step++));
    return takeLosses(false);
  }
  // A gradient is followed by an update: it never finds weights packed by the call before.
  if (flags.has("--grad"))
    session.parametersChanged();
  return call.start();
}

Status Workload::settle() { return trains ? takeLosses(true) : call.finish(); }

bool Workload::isEnough(size_t calls, double elapsed) const {
  if (repetitions)
    return static_cast<int64_t>(calls) >= repetitions;
  return calls >= 3 && (elapsed >= seconds || calls >= 1 << 24);
}

std::vector<Flag> Workload::flagList() {
  return {{"--set", "T=N", "a dim's value or a scalar; all dims are needed; may be repeated"},
          {"--grad", nullptr, "the gradient instead, with new weights in every call"},
          {"--train", nullptr, "a step of the train block instead, the update included"},
          {"--weights", "W", "safetensors file of the parameters (initial ones)"},
          {"--seconds", "S", "time to repeat for (1)"},
          {"--repeat", "N", "number of calls instead"},
          {"--seed", "S", "seed of the inputs and of the initial parameters (0)"},
          threadsFlag,
          deterministicFlag,
          memoryBudgetFlag};
}
