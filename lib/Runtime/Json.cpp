// The JSON reader: recursive descent with a depth limit.
#include "Runtime/Json.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

using namespace rondo;

const Json *Json::find(std::string_view name) const {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return &list[i];
  return nullptr;
}

/// The length of the UTF-8 sequence at `i`, or 0 when there is none.
static size_t utf8Length(std::string_view text, size_t i) {
  auto byte = [&](size_t k) -> unsigned {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0;
  };
  unsigned first = byte(i);
  if (first < 0x80)
    return 1;
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  for (size_t k = 1; k < length; ++k)
    if ((byte(i + k) & 0xC0) != 0x80)
      return 0;
  unsigned second = byte(i + 1);
  bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  bool outside = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

static void appendUtf8(std::string &text, uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

namespace {
class Parser {
public:
  Parser(std::string_view text, size_t at, size_t valuesLeft)
      : text(text), at(at), valuesLeft(valuesLeft) {}

  Status parseAll(Json &value) {
    RONDO_TRY(parseValue(value, 0));
    skipSpace();
    return at < text.size() ? fail("unexpected text after the value") : Status();
  }

  /// A member of an object, which starts with the first.
  Status parseMember(bool isFirst, bool &there, std::string &name, Json &value) {
    skipSpace();
    if (isFirst && !take('{'))
      return fail("expected an object");
    skipSpace();
    there = !take('}');
    if (!there) {
      skipSpace();
      return at < text.size() ? fail("unexpected text after the value") : Status();
    }
    if (!isFirst && !take(','))
      return fail("expected ',' or '}'");
    return parseNamed(name, value, 0);
  }
  size_t position() const { return at; }

private:
  Status fail(const char *what) const { return error("%s at byte %zu of the JSON", what, at); }
  void skipSpace() {
    while (at < text.size() &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
      ++at;
  }
  bool take(char c) {
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool takeWord(std::string_view word) {
    if (text.substr(at, word.size()) != word)
      return false;
    at += word.size();
    return true;
  }

  Status parseValue(Json &value, int depth) {
    if (depth > 32)
      return fail("too deep nesting");
    if (valuesLeft-- == 0)
      return fail("too many values");
    skipSpace();
    if (at >= text.size())
      return fail("unexpected end");
    switch (text[at]) {
    case '{':
      return parseObject(value, depth);
    case '[':
      return parseList(value, depth);
    case '"':
      value.kind = Json::String;
      return parseString(value.string);
    case 't':
    case 'f':
      value.kind = Json::Bool;
      value.boolean = text[at] == 't';
      return takeWord(value.boolean ? "true" : "false") ? Status() : fail("unknown word");
    case 'n':
      return takeWord("null") ? Status() : fail("unknown word");
    default:
      return parseNumber(value);
    }
  }

  Status parseNamed(std::string &name, Json &value, int depth) {
    skipSpace();
    if (at >= text.size() || text[at] != '"')
      return fail("expected a name");
    RONDO_TRY(parseString(name));
    skipSpace();
    if (!take(':'))
      return fail("expected ':'");
    return parseValue(value, depth + 1);
  }

  Status parseObject(Json &value, int depth) {
    value.kind = Json::Object;
    ++at;
    skipSpace();
    while (!take('}')) {
      if (!value.names.empty() && !take(','))
        return fail("expected ',' or '}'");
      value.names.emplace_back();
      value.list.emplace_back();
      RONDO_TRY(parseNamed(value.names.back(), value.list.back(), depth));
      skipSpace();
    }
    std::vector<std::string> names = value.names;
    std::sort(names.begin(), names.end());
    auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
      return error("the name %s stands twice in the JSON", quote(*twice).c_str());
    return {};
  }

  Status parseList(Json &value, int depth) {
    value.kind = Json::List;
    ++at;
    skipSpace();
    while (!take(']')) {
      if (!value.list.empty() && !take(','))
        return fail("expected ',' or ']'");
      value.list.emplace_back();
      RONDO_TRY(parseValue(value.list.back(), depth + 1));
      skipSpace();
    }
    return {};
  }

  bool parseHex(uint32_t &code) {
    code = 0;
    for (int i = 0; i < 4; ++i, ++at) {
      if (at >= text.size())
        return false;
      char c = text[at];
      int digit = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0)
        return false;
      code = code * 16 + static_cast<uint32_t>(digit);
    }
    return true;
  }

  Status parseEscape(std::string &out) {
    if (at >= text.size())
      return fail("unexpected end");
    char c = text[at++];
    static constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    if (size_t which = from.find(c); which != std::string_view::npos) {
      out += to[which];
      return {};
    }
    uint32_t code = 0, low = 0;
    if (c != 'u' || !parseHex(code))
      return fail("bad escape");
    if (code >= 0xDC00 && code < 0xE000)
      return fail("bad surrogate");
    if (code >= 0xD800 && code < 0xDC00) {
      if (!takeWord("\\u") || !parseHex(low) || low < 0xDC00 || low >= 0xE000)
        return fail("bad surrogate");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    appendUtf8(out, code);
    return {};
  }

  Status parseString(std::string &out) {
    ++at;
    while (at < text.size()) {
      unsigned char c = static_cast<unsigned char>(text[at]);
      if (c == '"') {
        ++at;
        return {};
      }
      if (c < 0x20)
        return fail("control character in a string");
      if (c == '\\') {
        ++at;
        RONDO_TRY(parseEscape(out));
        continue;
      }
      size_t length = utf8Length(text, at);
      if (!length)
        return fail("bad UTF-8");
      out += text.substr(at, length);
      at += length;
    }
    return fail("unexpected end of a string");
  }

  bool takeDigits() {
    size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
      ++at;
    return at > start;
  }

  Status parseNumber(Json &value) {
    size_t start = at;
    (void)take('-');
    if (!take('0') && !takeDigits())
      return fail("unexpected character");
    bool isInteger = true;
    if (take('.')) {
      isInteger = false;
      if (!takeDigits())
        return fail("bad number");
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
      isInteger = false;
      ++at;
      if (!take('+'))
        (void)take('-');
      if (!takeDigits())
        return fail("bad number");
    }
    std::string digits(text.substr(start, at - start));
    value.number = std::strtod(digits.c_str(), nullptr);
    value.kind = Json::Number;
    if (isInteger) {
      errno = 0;
      value.integer = std::strtoll(digits.c_str(), nullptr, 10);
      if (errno == 0)
        value.kind = Json::Integer;
    }
    return {};
  }

  std::string_view text;
  size_t at, valuesLeft;
};
} // namespace

Status rondo::parseJson(std::string_view text, Json &value, size_t mostValues) {
  return Parser(text, 0, mostValues).parseAll(value);
}

Status JsonMembers::next(bool &there, std::string &name, Json &value) {
  Parser parser(text, at, mostValues);
  name.clear();
  value = Json();
  RONDO_TRY(parser.parseMember(!isBegun, there, name, value));
  isBegun = true;
  at = parser.position();
  return {};
}

std::string rondo::jsonString(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size();) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    size_t length = utf8Length(text, i);
    if (c == '"' || c == '\\')
      out += {'\\', static_cast<char>(c)};
    else if (c < 0x20 || c == 0x7F)
      out += format("\\u%04x", c);
    else if (!length)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(i, length);
    i += length ? length : 1;
  }
  return out + "\"";
}

std::string rondo::jsonNumber(double value) {
  return std::isfinite(value) ? format("%.17g", value) : "null";
}
