// Evaluates the polynomials of the descriptor: "2232832*B*T + 3*B - 1", "B*((T + 1) floordiv 2)".
#include "Runtime/Flops.h"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace rondo;

namespace {
/// sum ::= ['-'] product { ('+' | '-') product }
/// product ::= atom { ('*' | 'floordiv' | 'ceildiv') atom }
/// atom ::= integer | symbol | '(' sum ')'
class Evaluator {
public:
  Evaluator(const RondoEntry &entry, const char *text, const int64_t *dims)
      : entry(entry), dims(dims), rest(text) {}

  /// The value of the whole text, or NaN where it is no polynomial in the entry's symbols.
  double evaluate() {
    double value = sum();
    skip();
    return rest.empty() ? value : NAN;
  }

private:
  void skip() {
    while (!rest.empty() && rest.front() == ' ')
      rest.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip();
    if (!rest.starts_with(token))
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  double sum() {
    double value = take("-") ? -product() : product();
    for (;;)
      if (take("+"))
        value += product();
      else if (take("-"))
        value -= product();
      else
        return value;
  }
  double product() {
    double value = atom();
    for (;;)
      if (take("*"))
        value *= atom();
      else if (take("floordiv"))
        value = std::floor(value / atom());
      else if (take("ceildiv"))
        value = std::ceil(value / atom());
      else
        return value;
  }
  double atom() {
    if (take("(")) {
      double value = sum();
      return take(")") ? value : NAN;
    }
    size_t size = 0;
    while (size < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[size])) || rest[size] == '_'))
      ++size;
    std::string word(rest.substr(0, size));
    rest.remove_prefix(size);
    char *end = nullptr;
    double number = std::strtod(word.c_str(), &end);
    if (!word.empty() && !*end)
      return number;
    for (int64_t s = 0; s < entry.num_symbols; ++s)
      if (word == entry.symbols[s].name)
        return static_cast<double>(dims[s]);
    return NAN;
  }

  const RondoEntry &entry;
  const int64_t *dims;
  std::string_view rest;
};
} // namespace

double rondo::evaluatePolynomial(const char *text, const RondoEntry &entry, const int64_t *dims) {
  double value = text ? Evaluator(entry, text, dims).evaluate() : 0;
  return value > 0 ? value : 0;
}

double rondo::countFlops(const RondoEntry &entry, const int64_t *dims) {
  return evaluatePolynomial(entry.flops, entry, dims);
}

/// Giving a call to the other workers and taking it back costs as much as a few barriers.
static constexpr double handovers = 4;

int64_t rondo::usefulWorkers(const RondoEntry &entry, const int64_t *dims, int64_t most) {
  if (!entry.work || !entry.barriers || most <= 1)
    return 1;
  double work = Evaluator(entry, entry.work, dims).evaluate();
  double pieces = Evaluator(entry, entry.barriers, dims).evaluate() + handovers;
  double count = std::floor(work / pieces / leastWork);
  return count >= static_cast<double>(most) ? most : count > 1 ? static_cast<int64_t>(count) : 1;
}
