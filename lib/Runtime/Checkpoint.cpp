// Checkpoints as safetensors: counters stand in the metadata, states under a prefix.
#include "Runtime/Checkpoint.h"
#include "Runtime/Flags.h"

using namespace rondo;

static constexpr std::string_view settingPrefix = "setting.";

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
  std::vector<TensorView> tensors;
  for (int64_t i = 0; i < session.program.num_parameters; ++i)
    tensors.push_back({session.program.parameters[i].path, &session.parameters[i]});
  for (const auto &[name, state] : session.states)
    tensors.push_back({std::string(statePrefix) + name, &state});
  std::map<std::string, std::string> metadata = {{"rondo.model", session.program.model},
                                                 {"step", std::to_string(training.step)},
                                                 {"seed", std::to_string(training.seed)},
                                                 {"batch", std::to_string(training.batch)},
                                                 {"window", std::to_string(training.window)},
                                                 {"data_size", std::to_string(training.dataSize)}};
  for (const auto &[name, value] : training.settings)
    metadata[std::string(settingPrefix) + name] = format("%.17g", value);
  return writeSafetensors(path, tensors, metadata);
}

Status rondo::loadCheckpoint(const std::string &path, Session &session, Training &training) {
  TensorFile file;
  RONDO_TRY(readSafetensors(path, file));
  auto count = [&](const char *key, int64_t low, int64_t &value) -> Status {
    auto found = file.metadata.find(key);
    if (found == file.metadata.end())
      return error("%s holds weights but no checkpoint: it lacks the metadata '%s'; start from it "
                   "with --weights",
                   quote(path).c_str(), key);
    if (!parseInteger(found->second, value) || value < low)
      return error("the metadata '%s' of %s is %s, expected a count", key, quote(path).c_str(),
                   quote(found->second).c_str());
    return {};
  };
  RONDO_TRY(count("step", 0, training.step));
  RONDO_TRY(count("seed", INT64_MIN, training.seed));
  RONDO_TRY(count("batch", 1, training.batch));
  RONDO_TRY(count("window", 1, training.window));
  RONDO_TRY(count("data_size", 0, training.dataSize));
  if (training.batch > 1 << 24 || training.window > INT32_MAX)
    return error("the batch or window of %s is too large", quote(path).c_str());
  for (const auto &[key, text] : file.metadata) {
    if (!key.starts_with(settingPrefix))
      continue;
    double value = 0;
    if (!parseNumber(text, value))
      return error("the metadata %s of %s is %s, expected a number", quote(key).c_str(),
                   quote(path).c_str(), quote(text).c_str());
    training.settings[key.substr(settingPrefix.size())] = value;
  }
  return session.load(path, file, true);
}
