// `generate`: text (or ids) from the entry point `generate`.
#include "Runtime/Commands.h"
#include "Runtime/Place.h"
#include "Runtime/Team.h"

#include <cstdio>

using namespace rondo;

/// "1 2 3" or "1,2,3".
static bool parseIds(const std::string &text, std::vector<int64_t> &ids) {
  std::string word;
  for (char c : text + " ") {
    if (c != ' ' && c != ',') {
      word += c;
      continue;
    }
    if (word.empty())
      continue;
    int64_t id = 0;
    if (!parseInteger(word, id))
      return false;
    ids.push_back(id);
    word.clear();
  }
  return true;
}

static Status run(Context &context) {
  const Flags &flags = context.flags;
  Session session(context.program, context.device);
  const RondoEntry *entry = nullptr;
  RONDO_TRY(findEntry(session, "generate", entry));
  const RondoValue *prompt = nullptr;
  for (int64_t i = 0; i < entry->num_arguments; ++i)
    if (entry->arguments[i].role == RONDO_INPUT && entry->arguments[i].is_index)
      prompt = &entry->arguments[i];
  if (!prompt || prompt->rank != 2)
    return error("'generate' takes no prompt of type idx<D>[P]");
  bool asText = prompt->index_bound.num_terms == 0 && prompt->index_bound.constant == 256 &&
                !flags.has("--ids");
  std::string text = flags.text("--prompt", asText ? "\n" : "0");
  std::vector<int64_t> ids;
  if (asText)
    for (char c : text)
      ids.push_back(static_cast<unsigned char>(c));
  else if (!parseIds(text, ids))
    return error("--prompt is %s, expected ids such as '1 2 3'", quote(text).c_str());
  if (ids.empty())
    return error("--prompt is %s, expected at least one token", quote(text).c_str());
  Array tokens;
  RONDO_TRY(tokens.allocate(RONDO_I64, {1, static_cast<int64_t>(ids.size())}));
  for (size_t i = 0; i < ids.size(); ++i)
    tokens.data<int64_t>()[i] = ids[i];

  Feed feed;
  RONDO_TRY(flags.settings(feed.scalars));
  RONDO_TRY(flags.integer("--seed", INT64_MIN, INT64_MAX, feed.seed));
  RONDO_TRY(checkOnce(flags, feed, "-n", "n"));
  RONDO_TRY(checkOnce(flags, feed, "--temperature", "temperature"));
  feed.arrays[prompt->name] = &tokens;
  int64_t number = 200;
  RONDO_TRY(flags.integer("-n", 0, 1 << 28, number));
  feed.scalars.emplace("n", static_cast<double>(number));
  double temperature = 1;
  RONDO_TRY(flags.number("--temperature", temperature));
  if (flags.has("--temperature"))
    feed.scalars.emplace("temperature", temperature);
  if (auto given = feed.scalars.find("temperature");
      given != feed.scalars.end() && given->second < 0)
    return error("the temperature is %g, expected at least 0", given->second);
  RONDO_TRY(session.checkNames(*entry, feed));
  RONDO_TRY(loadWeights(context, session));
  RONDO_TRY(checkNumbers(flags.text("--weights"), session));
  std::vector<Array> results;
  CallShape shape;
  RONDO_TRY(session.call(*entry, feed, results, shape));
  if (results.empty() || isFloat(results[0].element()))
    return error("'generate' gives no ids");
  std::string out = asText ? text : "";
  for (int64_t i = 0; i < results[0].elements(); ++i) {
    int64_t id = static_cast<int64_t>(results[0].get(i));
    if (asText)
      out += static_cast<char>(id);
    else
      out += (i ? " " : "") + std::to_string(id);
  }
  if (out.empty() || out.back() != '\n')
    out += '\n';
  std::fwrite(out.data(), 1, out.size(), stdout);
  return {};
}

Command rondo::generateCommand() {
  return {"generate",
          "",
          "continue a prompt",
          0,
          {{"--weights", "W", "safetensors file of the parameters"},
           {"--prompt", "P", "what to continue: text, or ids (a newline, or 0)"},
           {"-n", "N", "how much to generate (200)"},
           {"--temperature", "X", "of the sampling (the model's default)"},
           {"--seed", "S", "seed of the random numbers (0)"},
           {"--set", "NAME=X", "another scalar argument; may be repeated"},
           {"--ids", nullptr, "take and print ids, not text"},
           deviceFlag,
           threadsFlag,
           deterministicFlag},
          run};
}
