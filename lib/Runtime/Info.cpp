// `info`: what the program is.
#include "Runtime/Commands.h"
#include "Runtime/Json.h"
#include "Runtime/Memory.h"
#include "Runtime/Place.h"
#include "Runtime/Segments.h"

#include <cstdio>
#include <set>

using namespace rondo;

static std::string signature(const RondoEntry &entry) {
  std::string text, results;
  for (int64_t i = 0; i < entry.num_arguments; ++i)
    if (int32_t role = entry.arguments[i].role; role == RONDO_INPUT || role == RONDO_SETTING)
      text += (text.empty() ? "" : ", ") + std::string(entry.arguments[i].name) + ": " +
              valueText(entry, entry.arguments[i]);
  int shown = 0;
  for (int64_t i = 0; i < entry.num_results; ++i)
    if (int32_t role = entry.results[i].role; role == RONDO_RESULT || role == RONDO_LOSS)
      results += (shown++ ? ", " : "") + valueText(entry, entry.results[i]);
  return "(" + text + ") -> " + (shown == 1 ? results : "(" + results + ")");
}

/// "cpu, cuda (12 kernels as PTX for compute capability 8.0, machine code for 8.0 and 9.0)".
static std::string targetsText(const RondoProgram &program) {
  std::string text = hasHostCode(program) ? "cpu" : "";
  if (!hasDeviceCode(program))
    return text;
  const RondoDeviceCode &code = *program.device;
  text += format("%scuda (%s%lld kernels", text.empty() ? "" : ", ", code.ptx ? "" : "emulated, ",
                 static_cast<long long>(code.num_kernels));
  if (code.ptx)
    text += " as PTX for compute capability " + capabilityText(code.capability);
  for (int64_t i = 0; i < code.num_cubins; ++i)
    text += (i ? " and " : ", machine code for ") + capabilityText(code.cubins[i].capability);
  return text + ")";
}

static std::string targetsJson(const RondoProgram &program) {
  std::string text = hasHostCode(program) ? "[\"cpu\"" : "[";
  if (!hasDeviceCode(program))
    return text + "]";
  const RondoDeviceCode &code = *program.device;
  text += (text.size() > 1 ? ", " : "") + std::string("\"cuda\"], \"kernels\": [");
  for (int64_t i = 0; i < code.num_kernels; ++i)
    text += (i ? ", " : "") + ("{\"name\": " + jsonString(code.kernels[i].name)) +
            ", \"cooperative\": " + (code.kernels[i].is_cooperative ? "true" : "false") + "}";
  text += std::string("], \"emulated\": ") + (code.ptx ? "false" : "true") +
          ", \"capability\": " + std::to_string(code.capability) + ", \"cubins\": [";
  for (int64_t i = 0; i < code.num_cubins; ++i)
    text += (i ? ", " : "") + std::to_string(code.cubins[i].capability);
  return text + "]";
}

/// What a person can name: entries and their gradients, and not what other commands call.
static bool isListed(const RondoProgram &program, const RondoEntry &entry) {
  return !entry.check_of &&
         !(program.train && program.train->update == std::string_view(entry.name));
}

static void printText(const Session &session, const Feed &feed, int64_t total) {
  const RondoProgram &program = session.program;
  std::printf("model %s, %s, compiled by rondo %s\n", program.model, elementName(program.element),
              program.version);
  std::printf("targets: %s\n", targetsText(program).c_str());
  std::printf("\nconfiguration\n");
  for (int64_t i = 0; i < program.num_configuration; ++i) {
    const RondoOption &option = program.configuration[i];
    std::printf("  %s = %s\n", option.key,
                option.text ? option.text : format("%g", option.number).c_str());
  }
  std::printf("\nparameters: %lld in %lld arrays\n", static_cast<long long>(total),
              static_cast<long long>(program.num_parameters));
  for (int64_t i = 0; i < program.num_parameters; ++i) {
    const RondoParameter &parameter = program.parameters[i];
    std::vector<int64_t> sizes(parameter.sizes, parameter.sizes + parameter.rank);
    std::printf("  %s : %s%s\n", parameter.path, elementName(parameter.element),
                sizesText(sizes).c_str());
  }
  std::printf("\nentry points\n");
  for (int64_t i = 0; i < program.num_entries; ++i) {
    const RondoEntry &entry = program.entries[i];
    if (!isListed(program, entry))
      continue;
    std::printf("  %s%s\n", entry.name, signature(entry).c_str());
    if (auto memory = memoryOf(session, entry, feed)) {
      std::printf("    memory %lld bytes: arena %lld, cache %lld, arguments %lld, results %lld\n",
                  static_cast<long long>(memory->total()), static_cast<long long>(memory->arena),
                  static_cast<long long>(memory->cache), static_cast<long long>(memory->arguments),
                  static_cast<long long>(memory->results));
      if (isGradient(entry) && memory->total() > memoryBudget())
        std::printf("    more than the memory budget: refused\n");
      if (memory->sortedCopies)
        std::printf("    and up to %lld bytes for examples of several lengths: sorted copies\n",
                    static_cast<long long>(memory->sortedCopies));
    }
    if (entry.flops && entry.flops_per_token > 0)
      std::printf("    %.6g FLOPs per token (%s)\n", entry.flops_per_token, entry.flops);
    else if (entry.flops)
      std::printf("    %s FLOPs\n", entry.flops);
  }
  if (auto bytes = trainingMemory(session, feed))
    std::printf("\na training step takes %lld bytes%s\n", static_cast<long long>(*bytes),
                *bytes > memoryBudget() ? ", more than the memory budget: refused" : "");
  if (program.train)
    std::printf("\ntraining: minimize %s, data %s, batch %lld, steps %lld\n", program.train->loss,
                program.train->source, static_cast<long long>(program.train->batch),
                static_cast<long long>(program.train->steps));
}

static void printJson(const Session &session, const Feed &feed, int64_t total) {
  const RondoProgram &program = session.program;
  std::string out = "{\"model\": " + jsonString(program.model) +
                    ", \"compiler\": " + jsonString(program.version) + ", \"precision\": \"" +
                    elementName(program.element) + "\", \"configuration\": {";
  for (int64_t i = 0; i < program.num_configuration; ++i) {
    const RondoOption &option = program.configuration[i];
    out += (i ? ", " : "") + jsonString(option.key) + ": " +
           (option.text ? jsonString(option.text) : jsonNumber(option.number));
  }
  out += "}, \"targets\": " + targetsJson(program) +
         ", \"parameter_count\": " + std::to_string(total) + ", \"parameters\": [";
  for (int64_t i = 0; i < program.num_parameters; ++i) {
    const RondoParameter &parameter = program.parameters[i];
    std::vector<int64_t> sizes(parameter.sizes, parameter.sizes + parameter.rank);
    out += (i ? ", " : "") + ("{\"path\": " + jsonString(parameter.path)) + ", \"element\": \"" +
           elementName(parameter.element) + "\", \"sizes\": " + sizesText(sizes) + "}";
  }
  out += "], \"entries\": [";
  bool first = true;
  for (int64_t i = 0; i < program.num_entries; ++i) {
    const RondoEntry &entry = program.entries[i];
    if (!isListed(program, entry))
      continue;
    out += (first ? "" : ", ") + ("{\"name\": " + jsonString(entry.name)) +
           ", \"signature\": " + jsonString(signature(entry));
    if (auto memory = memoryOf(session, entry, feed))
      out += ", \"arena_bytes\": " + std::to_string(memory->arena) +
             ", \"memory_bytes\": " + std::to_string(memory->total()) +
             ", \"sorted_copies_bytes\": " + std::to_string(memory->sortedCopies);
    if (entry.flops)
      out += ", \"flops\": " + jsonString(entry.flops);
    if (entry.flops && entry.flops_per_token > 0)
      out += ", \"flops_per_token\": " + jsonNumber(entry.flops_per_token);
    out += "}";
    first = false;
  }
  out += "]";
  if (auto bytes = trainingMemory(session, feed))
    out += ", \"training_memory_bytes\": " + std::to_string(*bytes);
  if (program.train)
    out += ", \"train\": {\"minimize\": " + jsonString(program.train->loss) +
           ", \"data\": " + jsonString(program.train->source) +
           ", \"batch\": " + std::to_string(program.train->batch) +
           ", \"steps\": " + std::to_string(program.train->steps) + "}";
  std::printf("%s}\n", out.c_str());
}

static Status checkDimNames(const RondoProgram &program, const Feed &feed) {
  std::set<std::string, std::less<>> known;
  for (int64_t i = 0; i < program.num_entries; ++i)
    for (int64_t s = 0; s < program.entries[i].num_symbols; ++s)
      known.insert(program.entries[i].symbols[s].name);
  std::string names;
  for (const std::string &name : known)
    names += (names.empty() ? "" : ", ") + name;
  for (const auto &[name, value] : feed.scalars)
    if (known.find(name) == known.end())
      return error("no entry point has the dim %s, there %s", quote(name).c_str(),
                   names.empty() ? "are none" : ("are " + names).c_str());
  return {};
}

static Status run(Context &context) {
  Feed feed;
  RONDO_TRY(context.flags.settings(feed.scalars));
  RONDO_TRY(checkDimNames(context.program, feed));
  Session session(context.program);
  for (int64_t i = 0; i < context.program.num_entries; ++i)
    RONDO_TRY(checkDims(session, context.program.entries[i], feed));
  int64_t total = 0;
  for (int64_t i = 0; i < context.program.num_parameters; ++i) {
    const RondoParameter &parameter = context.program.parameters[i];
    total += countElements(parameter.element, {parameter.sizes, parameter.sizes + parameter.rank});
  }
  (context.flags.has("--json") ? printJson : printText)(session, feed, total);
  return {};
}

Command rondo::infoCommand() {
  return {"info",
          "",
          "print the configuration, the parameters and the entry points",
          0,
          {{"--json", nullptr, "print JSON"},
           {"--set", "B=N",
            "a dim's value; with all dims given, the memory that calls take is printed too"},
           memoryBudgetFlag},
          run};
}
