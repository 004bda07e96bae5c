// Windows of a text.
#include "Runtime/Data.h"
#include "Runtime/File.h"
#include "rondo/Philox.h"

using namespace rondo;

/// Uniform in [0, bound).
static int64_t drawBelow(uint64_t key, int64_t bound) {
  __extension__ typedef unsigned __int128 Wide;
  PhiloxBlock bits = drawBits(key, 0);
  uint64_t word = bits[0] | (static_cast<uint64_t>(bits[1]) << 32);
  return static_cast<int64_t>((static_cast<Wide>(word) * static_cast<uint64_t>(bound)) >> 64);
}

Status TextData::open(const std::string &path, const RondoTrain &train, int64_t window) {
  if (std::string_view(train.source) != "text")
    return error("the data source %s is not supported by this version, only text is",
                 quote(train.source).c_str());
  double heldOut = 0.1, option = static_cast<double>(length);
  for (int64_t i = 0; i < train.num_source_options; ++i) {
    const RondoOption &given = train.source_options[i];
    std::string_view key = given.key;
    if (given.text)
      return error("the option %s of the text source is no number", quote(key).c_str());
    if (key == "window")
      option = given.number;
    else if (key == "held_out")
      heldOut = given.number;
    else
      return error("the text source has no option %s", quote(key).c_str());
  }
  if (!(option >= 1 && option < 0x1p31))
    return error("the option window of the text source is %g, expected a count", option);
  if (!(heldOut >= 0 && heldOut < 1))
    return error("the option held_out of the text source is %g, expected 0 to 1", heldOut);
  length = window > 0 ? window : static_cast<int64_t>(option);
  RONDO_TRY(readFile(path, text));
  trainSize = size() - static_cast<int64_t>(static_cast<double>(size()) * heldOut);
  if (size() < length + 1)
    return error("%s has %lld bytes, a window of %lld needs %lld", quote(path).c_str(),
                 static_cast<long long>(size()), static_cast<long long>(length),
                 static_cast<long long>(length) + 1);
  return {};
}

uint64_t TextData::hash() const { return hashBytes(text); }

Status TextData::cut() {
  int64_t rows = static_cast<int64_t>(ordinals.size());
  RONDO_TRY(tokens.allocate(RONDO_I32, {rows, length}));
  RONDO_TRY(targets.allocate(RONDO_I32, {rows, length}));
  for (int64_t row = 0; row < rows; ++row) {
    const char *from = text.data() + ordinals[static_cast<size_t>(row)];
    for (int64_t t = 0; t < length; ++t) {
      tokens.data<int32_t>()[row * length + t] = static_cast<unsigned char>(from[t]);
      targets.data<int32_t>()[row * length + t] = static_cast<unsigned char>(from[t + 1]);
    }
  }
  return {};
}

Status TextData::sample(int64_t seed, int64_t step, int64_t rows) {
  if (trainSize < length + 1)
    return error("the training part of the data has %lld bytes, a window of %lld needs %lld",
                 static_cast<long long>(trainSize), static_cast<long long>(length),
                 static_cast<long long>(length) + 1);
  uint64_t key = foldKey(foldKey(static_cast<uint64_t>(seed), siteNumber("data")),
                         static_cast<uint64_t>(step));
  ordinals.clear();
  for (int64_t row = 0; row < rows; ++row)
    ordinals.push_back(drawBelow(foldKey(key, static_cast<uint64_t>(row)), trainSize - length));
  return cut();
}

int64_t TextData::consecutiveWindows(bool all) const {
  return (size() - (all ? 0 : trainSize) - 1) / length;
}

Status TextData::consecutive(bool all, int64_t first, int64_t rows) {
  ordinals.clear();
  for (int64_t row = 0; row < rows; ++row)
    ordinals.push_back((all ? 0 : trainSize) + (first + row) * length);
  return cut();
}

Status TextData::feed(const RondoEntry &entry, Feed &feed) const {
  for (int64_t i = 0; i < entry.num_arguments; ++i) {
    const RondoValue &value = entry.arguments[i];
    if (value.role != RONDO_INPUT)
      continue;
    std::string_view name = value.name;
    if (name == "tokens")
      feed.arrays["tokens"] = &tokens;
    else if (name == "targets")
      feed.arrays["targets"] = &targets;
    else if (!value.has_default && feed.scalars.find(name) == feed.scalars.end())
      return error("'%s' has the input %s, the text source gives tokens and targets", entry.name,
                   quote(name).c_str());
  }
  feed.ordinals = ordinals;
  return {};
}
