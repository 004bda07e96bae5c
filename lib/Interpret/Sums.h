// Sums of the interpreter: each keeps what its additions lose, so that the error of a sum of n
// terms does not grow like n. The interpreter is what compiled code is measured against; two orders
// of the same terms must agree to 1e-12 for a million of them too. Neumaier, "Rundungsfehleranalyse
// einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974.
#ifndef RONDO_INTERPRET_SUMS_H
#define RONDO_INTERPRET_SUMS_H

#include "Interpret/Jet.h"
#include <cmath>
#include <vector>

namespace rondo::interpreter {

/// What `x + y` loses when it is rounded to `sum`.
inline double lostBy(double x, double y, double sum) {
  return std::abs(x) >= std::abs(y) ? (x - sum) + y : (y - sum) + x;
}
template <typename S>
scalar::Jet<S> lostBy(const scalar::Jet<S> &x, const scalar::Jet<S> &y, const scalar::Jet<S> &sum) {
  return {lostBy(x.value, y.value, sum.value), lostBy(x.tangent, y.tangent, sum.tangent)};
}

/// The sum with what it lost; infinities and NaN stay, they lose nothing that is a number.
inline double completed(double sum, double lost) { return std::isfinite(sum) ? sum + lost : sum; }
template <typename S>
scalar::Jet<S> completed(const scalar::Jet<S> &sum, const scalar::Jet<S> &lost) {
  return {completed(sum.value, lost.value), completed(sum.tangent, lost.tangent)};
}

/// Adds to the elements of an array that another object owns; they are right after `finish`.
template <typename S> class Sums {
public:
  explicit Sums(size_t size) : lost(size, S(0.0)) {}

  void add(std::vector<S> &to, int64_t at, const S &term) {
    S sum = to[at] + term;
    lost[at] += lostBy(to[at], term, sum);
    to[at] = sum;
  }
  void finish(std::vector<S> &to) {
    for (size_t i = 0; i < lost.size(); ++i)
      to[i] = completed(to[i], lost[i]);
  }

private:
  std::vector<S> lost;
};

} // namespace rondo::interpreter

#endif // RONDO_INTERPRET_SUMS_H
