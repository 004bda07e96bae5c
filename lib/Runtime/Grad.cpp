// `grad`: the gradient of an entry's batch mean by every parameter.
#include "Runtime/Commands.h"
#include "Runtime/Losses.h"
#include "Runtime/Place.h"
#include "Runtime/Segments.h"
#include "Runtime/Team.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace rondo;

static Status run(Context &context) {
  if (context.flags.words.empty())
    return error("'grad' needs the name of an entry point");
  RONDO_TRY(context.flags.need("-o"));
  RONDO_TRY(checkOutput(context.flags, "-o", {"--weights", "--inputs"}));
  Session session(context.program, context.device);
  const RondoEntry *entry = nullptr;
  std::string name = context.flags.words[0];
  RONDO_TRY(findEntry(session, name, entry));
  entry = session.gradientOf(*entry);
  if (!entry)
    return error("%s has no gradient: its result is no float scalar", quote(name).c_str());
  RONDO_TRY(loadWeights(context, session));
  std::vector<NamedArray> inputs;
  Feed feed;
  RONDO_TRY(readInputs(context, session, *entry, inputs, feed));
  std::vector<Array> results;
  CallShape shape;
  RONDO_TRY(session.call(*entry, feed, results, shape));
  std::vector<TensorView> gradients;
  double loss = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    if (entry->results[i].role == RONDO_GRADIENT)
      gradients.push_back({entry->results[i].name, &results[i]});
    else if (entry->results[i].role == RONDO_LOSS)
      loss = results[i].get(0);
  }
  if (std::isnan(loss)) {
    std::string why = explainLoss(session, name, feed);
    return error("the loss is nan%s%s", why.empty() ? "" : ": ", why.c_str());
  }
  for (const TensorView &gradient : gradients)
    if (std::string fault = findNan(gradient.name, *gradient.array); !fault.empty())
      return error("the loss is %s, but its gradient by %s", numberText(loss).c_str(),
                   fault.c_str());
  // Every parameter has a gradient; it is 0 for one that the entry does not use.
  std::vector<Array> zeros(session.parameters.size());
  for (size_t p = 0; p < zeros.size(); ++p) {
    std::string_view path = context.program.parameters[p].path;
    if (std::any_of(gradients.begin(), gradients.end(),
                    [&](const TensorView &gradient) { return gradient.name == path; }))
      continue;
    RONDO_TRY(zeros[p].allocate(session.parameters[p].element(), session.parameters[p].sizes()));
    zeros[p].fill(0);
    gradients.push_back({std::string(path), &zeros[p]});
  }
  RONDO_TRY(
      writeSafetensors(context.flags.text("-o"), gradients,
                       {{"rondo.model", context.program.model}, {"loss", format("%.17g", loss)}}));
  std::printf("%s %.9g\n", name.c_str(), loss);
  return {};
}

Command rondo::gradCommand() {
  return {"grad",
          "FN",
          "differentiate an entry point's mean over the batch by every parameter",
          1,
          {{"--weights", "W", "safetensors file of the parameters"},
           {"--inputs", "F.npz", "an array per input by its name, a leading batch dim, lengths.T"},
           {"--set", "NAME=X", "a scalar for the whole batch; may be repeated"},
           {"--seed", "S", "seed of the random numbers (0)"},
           {"-o", "G", "safetensors file to write: a gradient by each parameter's path"},
           deviceFlag,
           threadsFlag,
           deterministicFlag,
           memoryBudgetFlag},
          run};
}
