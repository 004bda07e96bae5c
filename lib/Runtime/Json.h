// JSON as files use it: a strict reader (RFC 8259, unique names, bounded depth) and string escapes.
#ifndef RONDO_RUNTIME_JSON_H
#define RONDO_RUNTIME_JSON_H

#include "Runtime/Status.h"

#include <cstddef>
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

/// Parses all of `text`; white space may follow. A value takes some fifty times its text in memory,
/// so that files say how many they have at most.
Status parseJson(std::string_view text, Json &value, size_t mostValues = SIZE_MAX);

/// The members of one large object, of which only one at a time is in memory. That no name stands
/// twice is for the caller to see.
class JsonMembers {
public:
  /// `text` must outlive this; no member has more values in it than `mostValues`.
  JsonMembers(std::string_view text, size_t mostValues) : text(text), mostValues(mostValues) {}
  /// Takes the next member; false in `there` where there is none and the text is at its end.
  Status next(bool &there, std::string &name, Json &value);

private:
  std::string_view text;
  size_t mostValues;
  size_t at = 0;
  bool isBegun = false;
};

/// `text` in quotes, with JSON's escapes; bytes that are not UTF-8 become U+FFFD.
std::string jsonString(std::string_view text);
/// The number, exact for doubles; null when it is not finite, which JSON cannot say.
std::string jsonNumber(double value);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_JSON_H
