// Checkpoints as safetensors: counters stand in the metadata, states under a prefix.
#include "Runtime/Checkpoint.h"
#include "Runtime/File.h"
#include "Runtime/Flags.h"

using namespace rondo;

// The number of the form below. Before it had one, a checkpoint did not say what its run was.
static constexpr std::string_view formKey = "rondo.checkpoint", form = "2";
static constexpr std::string_view settingPrefix = "setting.", scalarPrefix = "scalar.",
                                  identityPrefix = "run.";
static constexpr const char *startAnew = "use --weights to start anew from its parameters";

std::map<std::string, std::string> rondo::identityOf(const RondoProgram &program) {
  std::map<std::string, std::string> identity = {{"precision", elementName(program.element)}};
  for (int64_t i = 0; i < program.num_configuration; ++i) {
    const RondoOption &option = program.configuration[i];
    identity[std::string("-D ") + option.key] =
        option.text ? option.text : format("%.17g", option.number);
  }
  if (program.train) {
    identity["minimize"] = program.train->loss;
    identity["data"] = program.train->source;
  }
  return identity;
}

/// Of the file of this program: another build may round differently, or be another model.
static std::string buildOf() {
  std::string bytes;
  if (readFile("/proc/self/exe", bytes).failed())
    return "unknown";
  return format("%016llx", static_cast<unsigned long long>(hashBytes(bytes)));
}

uint64_t rondo::checkpointBytes(const Session &session) {
  uint64_t bytes = 1024;
  for (int64_t i = 0; i < session.program.num_parameters; ++i)
    bytes += session.parameters[static_cast<size_t>(i)].bytes() + 100;
  for (const auto &[name, state] : session.states)
    bytes += state.bytes() + 100;
  return bytes;
}

Status rondo::saveCheckpoint(const std::string &path, const Session &session,
                             const Training &training) {
  static const std::string build = buildOf();
  std::vector<TensorView> tensors;
  for (int64_t i = 0; i < session.program.num_parameters; ++i)
    tensors.push_back({session.program.parameters[i].path, &session.parameters[i]});
  for (const auto &[name, state] : session.states)
    tensors.push_back({std::string(statePrefix) + name, &state});
  std::map<std::string, std::string> metadata = {
      {std::string(formKey), std::string(form)},
      {"rondo.model", session.program.model},
      {"rondo.version", session.program.version},
      {"rondo.build", build},
      {"step", std::to_string(training.step)},
      {"seed", std::to_string(training.seed)},
      {"batch", std::to_string(training.batch)},
      {"window", std::to_string(training.window)},
      {"memory_budget", std::to_string(training.memoryBudget)}};
  for (const auto &[name, value] : training.settings)
    metadata[std::string(settingPrefix) + name] = format("%.17g", value);
  for (const auto &[name, value] : training.scalars)
    metadata[std::string(scalarPrefix) + name] = format("%.17g", value);
  for (const auto &[name, value] : training.identity)
    metadata[std::string(identityPrefix) + name] = value;
  return writeSafetensors(path, tensors, metadata);
}

Status rondo::readCheckpoint(const std::string &path, Session &session, TensorFile &file,
                             Training &training) {
  const RondoProgram &program = session.program;
  RONDO_TRY(session.read(path, true, file));
  std::string name = quote(path);
  if (file.metadata.find("step") == file.metadata.end())
    return error("%s holds weights but no checkpoint: it lacks the metadata 'step'; start from it "
                 "with --weights",
                 name.c_str());
  auto found = file.metadata.find(std::string(formKey));
  if (found == file.metadata.end() || found->second != form)
    return error("%s is a checkpoint of %s version of rondo and does not say all that its run was; "
                 "%s",
                 name.c_str(), found == file.metadata.end() ? "an older" : "another", startAnew);
  if (std::string model = file.metadata["rondo.model"]; model != program.model)
    return error("%s is a checkpoint of the model %s, this program is %s", name.c_str(),
                 quote(model).c_str(), program.model);
  auto count = [&](const char *key, int64_t low, int64_t &value) -> Status {
    std::string text = file.metadata[key];
    if (!parseInteger(text, value) || value < low)
      return error("the metadata '%s' of %s is %s, expected a count", key, name.c_str(),
                   quote(text).c_str());
    return {};
  };
  RONDO_TRY(count("step", 0, training.step));
  RONDO_TRY(count("seed", INT64_MIN, training.seed));
  RONDO_TRY(count("batch", 1, training.batch));
  RONDO_TRY(count("window", 1, training.window));
  RONDO_TRY(count("memory_budget", INT64_MIN, training.memoryBudget));
  if (training.batch > 1 << 24 || training.window > INT32_MAX)
    return error("the batch or window of %s is too large", name.c_str());
  for (const auto &[key, text] : file.metadata) {
    bool isSetting = key.starts_with(settingPrefix), isScalar = key.starts_with(scalarPrefix);
    if (key.starts_with(identityPrefix))
      training.identity[key.substr(identityPrefix.size())] = text;
    if (!isSetting && !isScalar)
      continue;
    double value = 0;
    if (!parseNumber(text, value))
      return error("the metadata %s of %s is %s, expected a number", quote(key).c_str(),
                   name.c_str(), quote(text).c_str());
    if (isSetting)
      training.settings[key.substr(settingPrefix.size())] = value;
    else
      training.scalars[key.substr(scalarPrefix.size())] = value;
  }
  return {};
}

/// "lr, momentum", or "none".
static std::string namesOf(const std::map<std::string, double, std::less<>> &values) {
  std::string names;
  for (const auto &[name, value] : values)
    names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

Status rondo::checkSame(const std::string &path, const Training &checkpoint, const Training &now) {
  std::string name = quote(path);
  if (std::string before = namesOf(checkpoint.settings), here = namesOf(now.settings);
      before != here)
    return error("the optimizer of %s has the settings %s, that of this program has %s; %s",
                 name.c_str(), before.c_str(), here.c_str(), startAnew);
  std::map<std::string, std::string> all = checkpoint.identity;
  all.insert(now.identity.begin(), now.identity.end());
  auto valueOf = [](const Training &training, const std::string &key) {
    auto found = training.identity.find(key);
    return found == training.identity.end() ? std::string("nothing") : found->second;
  };
  for (const auto &[key, value] : all) {
    std::string before = valueOf(checkpoint, key), here = valueOf(now, key);
    if (before != here)
      return error("%s was trained with %s = %s, here it is %s; %s", name.c_str(), key.c_str(),
                   quote(before).c_str(), quote(here).c_str(), startAnew);
  }
  return {};
}

void rondo::sayChanges(const std::string &path, const RondoProgram &program, const TensorFile &file,
                       const Training &checkpoint, const Training &now) {
  std::string name = quote(path);
  auto text = [&](const char *key) {
    auto found = file.metadata.find(key);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  if (std::string version = text("rondo.version"); version != program.version)
    say("note", format("%s was trained by a program of rondo %s, this one is of %s: the numbers "
                       "may differ",
                       name.c_str(), quote(version).c_str(), program.version));
  else if (text("rondo.build") != buildOf())
    say("note", format("%s was trained by another build of %s: the numbers may differ, and the "
                       "settings are those of the checkpoint",
                       name.c_str(), program.model));
  if (checkpoint.memoryBudget != now.memoryBudget)
    say("note", format("%s was trained with another memory budget: sums may round differently",
                       name.c_str()));
  auto changed = [&](const std::string &what, double before, double here) {
    if (before != here)
      say("note", format("%s is %.9g from step %lld on, it was %.9g", what.c_str(), here,
                         static_cast<long long>(now.step) + 1, before));
  };
  changed("the batch", static_cast<double>(checkpoint.batch), static_cast<double>(now.batch));
  changed("the window", static_cast<double>(checkpoint.window), static_cast<double>(now.window));
  for (const auto &[key, value] : checkpoint.settings)
    if (auto found = now.settings.find(key); found != now.settings.end())
      changed(key, value, found->second);
  for (const auto &[key, value] : checkpoint.scalars)
    if (auto found = now.scalars.find(key); found != now.scalars.end())
      changed(key, value, found->second);
}
