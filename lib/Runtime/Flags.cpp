// Parsing of flags and numbers.
#include "Runtime/Flags.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>

using namespace rondo;

bool rondo::parseInteger(const std::string &text, int64_t &value) {
  if (text.empty() || text[0] == ' ')
    return false;
  char *end = nullptr;
  errno = 0;
  long long parsed = std::strtoll(text.c_str(), &end, 10);
  if (errno != 0 || end != text.c_str() + text.size())
    return false;
  value = parsed;
  return true;
}

bool rondo::parseNumber(const std::string &text, double &value) {
  if (text.empty() || text[0] == ' ')
    return false;
  char *end = nullptr;
  double parsed = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !std::isfinite(parsed))
    return false;
  value = parsed;
  return true;
}

Status Flags::parse(const std::string &name, const std::vector<std::string> &arguments,
                    const std::vector<Flag> &flags, size_t maxWords) {
  command = name;
  bool onlyWords = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string &argument = arguments[i];
    if (onlyWords || argument.size() < 2 || argument[0] != '-') {
      if (words.size() == maxWords)
        return error("unexpected argument %s of '%s'", quote(argument).c_str(), command.c_str());
      words.push_back(argument);
      continue;
    }
    if (argument == "--") {
      onlyWords = true;
      continue;
    }
    size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
    std::string key = argument.substr(0, equals);
    const Flag *found = nullptr;
    for (const Flag &flag : flags)
      if (key == flag.name)
        found = &flag;
    if (!found)
      return error("unknown flag %s of '%s', see '%s --help'", quote(key).c_str(), command.c_str(),
                   command.c_str());
    std::string value;
    if (!found->value) {
      if (equals != std::string::npos)
        return error("the flag %s takes no value", key.c_str());
    } else if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      return error("the flag %s wants a value: %s", key.c_str(), found->value);
    }
    if (values.count(key) && key != "--set" && key != "--lengths")
      return error("the flag %s is given twice", key.c_str());
    values[key].push_back(value);
  }
  return {};
}

std::string Flags::text(std::string_view name, const std::string &otherwise) const {
  auto found = values.find(name);
  return found == values.end() ? otherwise : found->second.back();
}

const std::vector<std::string> &Flags::all(std::string_view name) const {
  static const std::vector<std::string> none;
  auto found = values.find(name);
  return found == values.end() ? none : found->second;
}

Status Flags::integer(std::string_view name, int64_t low, int64_t high, int64_t &value) const {
  if (!has(name))
    return {};
  int64_t parsed = 0;
  if (parseInteger(text(name), parsed) && parsed >= low && parsed <= high) {
    value = parsed;
    return {};
  }
  std::string flag(name), given = quote(text(name));
  if (high == INT64_MAX && low == INT64_MIN)
    return error("%s is %s, expected a whole number", flag.c_str(), given.c_str());
  if (high == INT64_MAX)
    return error("%s is %s, expected a whole number, at least %lld", flag.c_str(), given.c_str(),
                 static_cast<long long>(low));
  return error("%s is %s, expected a whole number from %lld to %lld", flag.c_str(), given.c_str(),
               static_cast<long long>(low), static_cast<long long>(high));
}

Status Flags::number(std::string_view name, double &value) const {
  if (!has(name) || parseNumber(text(name), value))
    return {};
  return error("%s is %s, expected a number", std::string(name).c_str(), quote(text(name)).c_str());
}

Status Flags::size(std::string_view name, int64_t &bytes) const {
  if (!has(name) || parseSize(text(name), bytes))
    return {};
  return error("%s is %s, expected a size such as 800M or 2G", std::string(name).c_str(),
               quote(text(name)).c_str());
}

Status Flags::settings(std::map<std::string, double, std::less<>> &settings) const {
  auto found = values.find("--set");
  if (found == values.end())
    return {};
  for (const std::string &setting : found->second) {
    size_t equals = setting.find('=');
    double value = 0;
    if (equals == std::string::npos || equals == 0 ||
        !parseNumber(setting.substr(equals + 1), value))
      return error("--set is given %s, expected NAME=NUMBER", quote(setting).c_str());
    if (!settings.emplace(setting.substr(0, equals), value).second)
      return error("--set gives %s twice", quote(setting.substr(0, equals)).c_str());
  }
  return {};
}

Status Flags::need(std::string_view name) const {
  return has(name) ? Status()
                   : error("'%s' needs %s, see '%s --help'", command.c_str(),
                           std::string(name).c_str(), command.c_str());
}

bool rondo::parseSize(const std::string &text, int64_t &bytes) {
  static constexpr std::string_view units = "KMGT";
  std::string digits = text;
  double factor = 1;
  if (!digits.empty())
    if (size_t unit = units.find(digits.back()); unit != std::string_view::npos) {
      factor = std::ldexp(1.0, static_cast<int>(10 * (unit + 1)));
      digits.pop_back();
    }
  double value = 0;
  if (!parseNumber(digits, value) || !(value * factor >= 1 && value * factor < 0x1p62))
    return false;
  bytes = static_cast<int64_t>(value * factor);
  return true;
}
