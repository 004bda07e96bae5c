// Messages and their formatting.
#include "Runtime/Status.h"

#include <cstdarg>
#include <cstdio>

using namespace rondo;

static std::string formatList(const char *pattern, va_list list) {
  va_list again;
  va_copy(again, list);
  int size = std::vsnprintf(nullptr, 0, pattern, list);
  std::string text(size < 0 ? 0 : static_cast<size_t>(size), '\0');
  if (size > 0)
    std::vsnprintf(text.data(), text.size() + 1, pattern, again);
  va_end(again);
  return text;
}

std::string rondo::format(const char *pattern, ...) {
  va_list list;
  va_start(list, pattern);
  std::string text = formatList(pattern, list);
  va_end(list);
  return text;
}

Status rondo::error(const char *pattern, ...) {
  va_list list;
  va_start(list, pattern);
  std::string text = formatList(pattern, list);
  va_end(list);
  return Status::failure(std::move(text));
}

static std::string &nameOfProgram() {
  static std::string name = "rondo";
  return name;
}
void rondo::setProgramName(const std::string &name) { nameOfProgram() = name; }
const std::string &rondo::programName() { return nameOfProgram(); }

void rondo::say(const char *kind, const std::string &text) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: %s: %s\n", programName().c_str(), kind, text.c_str());
}

std::string rondo::quote(std::string_view name) {
  constexpr size_t limit = 120;
  std::string text = "'";
  for (char c : name.substr(0, limit)) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F)
      text += format("\\x%02x", byte);
    else
      text += c;
  }
  if (name.size() > limit)
    text += "...";
  return text + "'";
}
