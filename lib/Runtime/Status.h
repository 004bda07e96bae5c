// How the runtime says that something went wrong: a value that is either success or one line for
// the user, lower case and without a full stop. No exceptions, so that the compiler's JIT, which is
// built without them, can link the same code.
#ifndef RONDO_RUNTIME_STATUS_H
#define RONDO_RUNTIME_STATUS_H

#include <cstdint>
#include <string>
#include <string_view>

namespace rondo::inline runtime {

class [[nodiscard]] Status {
public:
  Status() = default;
  bool failed() const { return isError; }
  const std::string &message() const { return text; }

  static Status failure(std::string text) {
    Status status;
    status.isError = true;
    status.text = std::move(text);
    return status;
  }

private:
  bool isError = false;
  std::string text;
};

/// printf into a string.
std::string format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/// A failure with a printf-formatted message.
Status error(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/// What a message to the user starts with.
void setProgramName(const std::string &name);
const std::string &programName();
/// Tells the user one line on stderr, "NAME: warning: ...", that ends nothing.
void say(const char *kind, const std::string &text);

/// A name from outside (a file, a flag) made fit for a message: quoted, unprintable bytes escaped,
/// cut when long.
std::string quote(std::string_view name);

} // namespace rondo::inline runtime

/// Hands a failure on to the caller.
#define RONDO_TRY(expression)                                                                      \
  do {                                                                                             \
    if (::rondo::Status status_ = (expression); status_.failed())                                  \
      return status_;                                                                              \
  } while (false)

#endif // RONDO_RUNTIME_STATUS_H
