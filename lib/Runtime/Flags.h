// Command-line flags of the produced program: declared in a table, parsed strictly, documented by
// the same table.
#ifndef RONDO_RUNTIME_FLAGS_H
#define RONDO_RUNTIME_FLAGS_H

#include "Runtime/Status.h"

#include <map>
#include <vector>

namespace rondo::inline runtime {

struct Flag {
  const char *name;  // "--steps", "-o"
  const char *value; // what stands for the value in the help; null for a switch
  const char *help;
};

class Flags {
public:
  /// Parses `--flag value`, `--flag=value` and at most `maxWords` words; `command` is for messages.
  Status parse(const std::string &command, const std::vector<std::string> &arguments,
               const std::vector<Flag> &flags, size_t maxWords);

  bool has(std::string_view name) const { return values.find(name) != values.end(); }
  std::string text(std::string_view name, const std::string &otherwise = "") const;
  /// All values of a flag that may be repeated.
  const std::vector<std::string> &all(std::string_view name) const;
  /// Leaves `value` alone when the flag is absent.
  Status integer(std::string_view name, int64_t low, int64_t high, int64_t &value) const;
  Status number(std::string_view name, double &value) const;
  /// A number of bytes, as parseSize reads it.
  Status size(std::string_view name, int64_t &bytes) const;
  /// All `--set key=number`.
  Status settings(std::map<std::string, double, std::less<>> &settings) const;
  /// Refuses the flag's absence.
  Status need(std::string_view name) const;

  std::vector<std::string> words;

private:
  std::string command;
  std::map<std::string, std::vector<std::string>, std::less<>> values;
};

/// All of `text` as a number; false when it is none.
bool parseInteger(const std::string &text, int64_t &value);
bool parseNumber(const std::string &text, double &value);
/// All of `text` as a number of bytes above 0: 4096, 64K, 1.5G (powers of 1024).
bool parseSize(const std::string &text, int64_t &bytes);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_FLAGS_H
