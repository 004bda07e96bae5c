// `eval`: the loss on data that training does not see.
#include "Runtime/Commands.h"
#include "Runtime/Data.h"
#include "Runtime/Json.h"
#include "Runtime/Losses.h"
#include "Runtime/Place.h"
#include "Runtime/PreparedCall.h"
#include "Runtime/Team.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace rondo;

/// Random numbers are drawn as in training, dropout's too: the language cannot say otherwise yet.
static void sayWhetherItDraws(const RondoEntry &entry) {
  for (int64_t i = 0; i < entry.num_arguments; ++i)
    if (entry.arguments[i].role == RONDO_SEED) {
      std::fprintf(stderr,
                   "note: '%s' draws random numbers, such as those of dropout, and does so here "
                   "as in training; the loss is for one draw, by --seed\n",
                   entry.name);
      return;
    }
}

static Status run(Context &context) {
  const Flags &flags = context.flags;
  const RondoTrain *train = nullptr;
  RONDO_TRY(findTrain(context.program, train));
  RONDO_TRY(flags.need("--data"));
  int64_t batch = train->batch, window = 0, limit = INT64_MAX;
  RONDO_TRY(flags.integer("--batch", 1, 1 << 24, batch));
  RONDO_TRY(flags.integer("--window", 1, INT32_MAX, window));
  RONDO_TRY(flags.integer("--examples", 1, INT64_MAX, limit));
  Session session(context.program, context.device);
  RONDO_TRY(loadWeights(context, session));
  RONDO_TRY(checkNumbers(flags.text("--weights"), session));
  const RondoEntry *entry = nullptr;
  RONDO_TRY(findEntry(session, train->loss, entry));
  TextData data;
  RONDO_TRY(data.open(flags.text("--data"), *train, window));
  bool all = flags.has("--all");
  int64_t examples = std::min(limit, data.consecutiveWindows(all));
  if (examples < 1)
    return error("the held-out part of %s is shorter than a window of %lld, use --all or a smaller "
                 "--window",
                 quote(flags.text("--data")).c_str(), static_cast<long long>(data.window()));
  Feed feed;
  RONDO_TRY(flags.settings(feed.scalars));
  RONDO_TRY(flags.integer("--seed", INT64_MIN, INT64_MAX, feed.seed));
  RONDO_TRY(session.checkNames(*entry, feed));
  sayWhetherItDraws(*entry);
  double sum = 0, weight = 0;
  PreparedCall call;
  for (int64_t first = 0; first < examples; first += batch) {
    RONDO_TRY(data.consecutive(all, first, std::min(batch, examples - first)));
    RONDO_TRY(data.feed(*entry, feed));
    if (!call.isPrepared())
      RONDO_TRY(call.prepare(session, *entry, feed));
    RONDO_TRY(call.run());
    RONDO_TRY(addLosses(*entry, call.results, sum, weight));
    if (std::isnan(sum) || std::isnan(weight))
      return error("%s", lossFault(*entry, call.results, feed.ordinals).c_str());
  }
  if (weight == 0)
    return error("the weights of all %lld examples are 0, so there is no loss",
                 static_cast<long long>(examples));
  double loss = sum / weight;
  long long tokens = static_cast<long long>(examples) * data.window();
  if (flags.has("--json"))
    std::printf("{\"loss\": %s, \"perplexity\": %s, \"examples\": %lld, \"tokens\": %lld}\n",
                jsonNumber(loss).c_str(), jsonNumber(std::exp(loss)).c_str(),
                static_cast<long long>(examples), tokens);
  else
    std::printf("loss %.4f perplexity %.4f examples %lld tokens %lld\n", loss, std::exp(loss),
                static_cast<long long>(examples), tokens);
  return {};
}

Command rondo::evalCommand() {
  return {"eval",
          "",
          "measure the loss on the held-out part of the data",
          0,
          {{"--data", "F", "text file"},
           {"--weights", "W", "safetensors file of the parameters"},
           {"--batch", "B", "examples per call (as in the train block)"},
           {"--window", "T", "length of an example (as in the train block)"},
           {"--examples", "N", "at most so many examples"},
           {"--all", nullptr, "the whole file, not only its held-out end"},
           {"--set", "NAME=X", "a scalar for every example; may be repeated"},
           {"--seed", "S", "seed of the random numbers (0)"},
           {"--json", nullptr, "print JSON"},
           deviceFlag,
           threadsFlag,
           deterministicFlag},
          run};
}
