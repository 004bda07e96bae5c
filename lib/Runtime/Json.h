// JSON as files use it: a strict reader (RFC 8259, unique names, bounded depth) and string escapes.
#ifndef RONDO_RUNTIME_JSON_H
#define RONDO_RUNTIME_JSON_H

#include "Runtime/Status.h"

#include <vector>

namespace rondo::inline runtime {

struct Json {
  enum Kind { Null, Bool, Integer, Number, String, List, Object };
  Kind kind = Null;
  bool boolean = false;
  int64_t integer = 0; // of an Integer: a number without fraction and exponent that fits
  double number = 0;   // of an Integer and a Number
  std::string string;
  std::vector<Json> list;         // of a List, and an Object's values in the file's order
  std::vector<std::string> names; // of an Object: the values' names

  const Json *find(std::string_view name) const;
};

/// Parses all of `text`; white space may follow.
Status parseJson(std::string_view text, Json &value);

/// `text` in quotes, with JSON's escapes; bytes that are not UTF-8 become U+FFFD.
std::string jsonString(std::string_view text);
/// The number, exact for doubles; null when it is not finite, which JSON cannot say.
std::string jsonNumber(double value);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_JSON_H
