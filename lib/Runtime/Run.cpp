// `run`: any entry point on the arrays of an npz file.
#include "Runtime/Commands.h"
#include "Runtime/Npz.h"
#include "Runtime/Place.h"
#include "Runtime/Team.h"

using namespace rondo;

static Status run(Context &context) {
  if (context.flags.words.empty())
    return error("'run' needs the name of an entry point");
  RONDO_TRY(context.flags.need("-o"));
  RONDO_TRY(checkOutput(context.flags, "-o", {"--weights", "--inputs"}));
  Session session(context.program, context.device);
  const RondoEntry *entry = nullptr;
  RONDO_TRY(findEntry(session, context.flags.words[0], entry));
  if (context.program.num_parameters > 0 || context.flags.has("--weights"))
    RONDO_TRY(loadWeights(context, session));
  else
    RONDO_TRY(session.initialise(0));
  std::vector<NamedArray> inputs;
  Feed feed;
  RONDO_TRY(readInputs(context, session, *entry, inputs, feed));
  std::vector<Array> results;
  CallShape shape;
  RONDO_TRY(session.call(*entry, feed, results, shape));

  std::vector<TensorView> outputs;
  std::vector<size_t> shown;
  for (size_t i = 0; i < results.size(); ++i)
    if (int32_t role = entry->results[i].role; role == RONDO_RESULT || role == RONDO_LOSS)
      shown.push_back(i);
  for (size_t k = 0; k < shown.size(); ++k)
    outputs.push_back(
        {shown.size() == 1 ? "result" : "result." + std::to_string(k), &results[shown[k]]});
  // The lengths that say which part of a ragged result is valid.
  std::vector<Array> lengths(static_cast<size_t>(entry->num_symbols));
  for (size_t s = 0; s < lengths.size(); ++s) {
    bool used = false;
    for (size_t i : shown)
      for (int64_t d = 0; d < entry->results[i].rank; ++d)
        used |= usesSymbol(entry->results[i].dims[d], static_cast<int64_t>(s));
    if (!used || entry->symbols[s].kind != RONDO_RAGGED)
      continue;
    int64_t rows = static_cast<int64_t>(shape.lengths[s].size());
    RONDO_TRY(lengths[s].allocate(RONDO_I64, {rows}));
    for (int64_t row = 0; row < rows; ++row)
      lengths[s].data<int64_t>()[row] = shape.lengths[s][static_cast<size_t>(row)];
    outputs.push_back({std::string("lengths.") + entry->symbols[s].name, &lengths[s]});
  }
  return writeNpz(context.flags.text("-o"), outputs);
}

Command rondo::runCommand() {
  return {"run",
          "FN",
          "call an entry point",
          1,
          {{"--weights", "W", "safetensors file of the parameters"},
           {"--inputs", "F.npz", "an array per input by its name, a leading batch dim, lengths.T"},
           {"--set", "NAME=X", "a scalar for the whole batch; may be repeated"},
           {"--seed", "S", "seed of the random numbers (0)"},
           {"-o", "F.npz", "file to write: result, or result.0, result.1 ..., and lengths.T"},
           deviceFlag,
           threadsFlag,
           deterministicFlag},
          run};
}
