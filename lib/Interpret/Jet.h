// Scalars of the interpreter: double, and jets, which carry one directional derivative along.
//
// Jets give `grad` a meaning that owes nothing to lib/Differentiate: forward mode, one direction at
// a time, over the very ops of the region. A jet of jets has second derivatives. The conventions at
// kinks are those that the ops' descriptions state.
#ifndef RONDO_INTERPRET_JET_H
#define RONDO_INTERPRET_JET_H

#include "Rondo/Scalars.h"

namespace rondo::scalar {

//===----------------------------------------------------------------------===//
// Jets
//===----------------------------------------------------------------------===//

template <typename S> struct Jet {
  S value = S(0.0), tangent = S(0.0);
  Jet() = default;
  Jet(double number) : value(number) {}
  Jet(S value, S tangent) : value(value), tangent(tangent) {}
};

template <typename S> double primal(const Jet<S> &x) { return primal(x.value); }
template <typename S> bool isZero(const Jet<S> &x) { return isZero(x.value) && isZero(x.tangent); }

/// derivative * tangent, and zero for a zero tangent even where the derivative is not finite: what
/// does not depend on the direction has no derivative along it.
template <typename S> S along(const S &derivative, const S &tangent) {
  return isZero(tangent) ? S(0.0) : derivative * tangent;
}

template <typename S> Jet<S> operator+(const Jet<S> &x, const Jet<S> &y) {
  return {x.value + y.value, x.tangent + y.tangent};
}
template <typename S> Jet<S> operator-(const Jet<S> &x, const Jet<S> &y) {
  return {x.value - y.value, x.tangent - y.tangent};
}
template <typename S> Jet<S> operator*(const Jet<S> &x, const Jet<S> &y) {
  return {x.value * y.value, along(y.value, x.tangent) + along(x.value, y.tangent)};
}
template <typename S> Jet<S> operator/(const Jet<S> &x, const Jet<S> &y) {
  S quotient = x.value / y.value;
  return {quotient, along(S(1.0) / y.value, x.tangent) - along(quotient / y.value, y.tangent)};
}
template <typename S> Jet<S> &operator+=(Jet<S> &x, const Jet<S> &y) { return x = x + y; }
template <typename S> Jet<S> &operator*=(Jet<S> &x, const Jet<S> &y) { return x = x * y; }

template <typename S> Jet<S> neg(const Jet<S> &x) { return {neg(x.value), neg(x.tangent)}; }
template <typename S> Jet<S> absolute(const Jet<S> &x) {
  return {absolute(x.value), along(signOf(x.value), x.tangent)};
}
template <typename S> Jet<S> signOf(const Jet<S> &x) { return {signOf(x.value), S(0.0)}; }
template <typename S> Jet<S> exponential(const Jet<S> &x) {
  S e = exponential(x.value);
  return {e, along(e, x.tangent)};
}
template <typename S> Jet<S> logarithm(const Jet<S> &x) {
  return {logarithm(x.value), along(S(1.0) / x.value, x.tangent)};
}
template <typename S> Jet<S> logarithm1p(const Jet<S> &x) {
  return {logarithm1p(x.value), along(S(1.0) / (S(1.0) + x.value), x.tangent)};
}
template <typename S> Jet<S> exponentialMinus1(const Jet<S> &x) {
  return {exponentialMinus1(x.value), along(exponential(x.value), x.tangent)};
}
template <typename S> Jet<S> squareRoot(const Jet<S> &x) {
  S root = squareRoot(x.value);
  return {root, along(S(0.5) / root, x.tangent)};
}
template <typename S> Jet<S> reciprocalRoot(const Jet<S> &x) {
  S r = reciprocalRoot(x.value);
  return {r, along(S(-0.5) * r / x.value, x.tangent)};
}
template <typename S> Jet<S> hyperbolicTangent(const Jet<S> &x) {
  S t = hyperbolicTangent(x.value);
  return {t, along(S(1.0) - t * t, x.tangent)};
}
template <typename S> Jet<S> logistic(const Jet<S> &x) {
  S s = logistic(x.value);
  return {s, along(s * (S(1.0) - s), x.tangent)};
}
template <typename S> Jet<S> errorFunction(const Jet<S> &x) {
  // 2 / sqrt(pi) * exp(-x^2)
  S slope = S(1.1283791670955126) * exponential(neg(x.value * x.value));
  return {errorFunction(x.value), along(slope, x.tangent)};
}
template <typename S> Jet<S> cosine(const Jet<S> &x);
template <typename S> Jet<S> sine(const Jet<S> &x) {
  return {sine(x.value), along(cosine(x.value), x.tangent)};
}
template <typename S> Jet<S> cosine(const Jet<S> &x) {
  return {cosine(x.value), along(neg(sine(x.value)), x.tangent)};
}
template <typename S> Jet<S> floorOf(const Jet<S> &x) { return {floorOf(x.value), S(0.0)}; }
template <typename S> Jet<S> ceilOf(const Jet<S> &x) { return {ceilOf(x.value), S(0.0)}; }
template <typename S> Jet<S> detach(const Jet<S> &x) { return {detach(x.value), S(0.0)}; }
/// y * x^(y - 1), which is 0 where x and y are; x^y * log x, which is 0 where x is.
template <typename S> Jet<S> power(const Jet<S> &x, const Jet<S> &y) {
  S p = power(x.value, y.value), byBase(0.0), byExponent(0.0);
  bool zero = primal(x) == 0.0;
  if (!zero || primal(y) != 0.0)
    byBase = y.value * power(x.value, y.value - S(1.0));
  if (!zero)
    byExponent = p * logarithm(x.value);
  return {p, along(byBase, x.tangent) + along(byExponent, y.tangent)};
}
/// At a tie each has half of the derivative.
template <typename S>
S halfAtTie(const S &kept, const S &other, const S &keptTangent, const S &otherTangent) {
  return primal(kept) == primal(other) ? S(0.5) * (keptTangent + otherTangent) : keptTangent;
}
template <typename S> Jet<S> smaller(const Jet<S> &x, const Jet<S> &y) {
  bool second = primal(y) < primal(x);
  return {smaller(x.value, y.value),
          second ? y.tangent : halfAtTie(x.value, y.value, x.tangent, y.tangent)};
}
template <typename S> Jet<S> larger(const Jet<S> &x, const Jet<S> &y) {
  bool second = primal(y) > primal(x);
  return {larger(x.value, y.value),
          second ? y.tangent : halfAtTie(x.value, y.value, x.tangent, y.tangent)};
}

} // namespace rondo::scalar

namespace rondo::interpreter {
using namespace scalar;
} // namespace rondo::interpreter

#endif // RONDO_INTERPRET_JET_H
