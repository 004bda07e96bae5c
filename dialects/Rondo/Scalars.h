// The elementwise ops in double precision. The interpreter computes elements with them, and the
// front end configured numbers. The rows are templates, since the interpreter also computes with
// what carries a derivative along, for which it has the same functions (Interpret/Jet.h).
#ifndef RONDO_DIALECTS_SCALARS_H
#define RONDO_DIALECTS_SCALARS_H

#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace rondo::scalar {

inline double primal(double x) { return x; }
inline bool isZero(double x) { return x == 0.0; }
inline double neg(double x) { return -x; }
inline double absolute(double x) { return std::fabs(x); }
inline double signOf(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
inline double exponential(double x) { return std::exp(x); }
inline double logarithm(double x) { return std::log(x); }
inline double logarithm1p(double x) { return std::log1p(x); }
inline double exponentialMinus1(double x) { return std::expm1(x); }
inline double squareRoot(double x) { return std::sqrt(x); }
inline double reciprocalRoot(double x) { return 1.0 / std::sqrt(x); }
inline double hyperbolicTangent(double x) { return std::tanh(x); }
inline double logistic(double x) {
  if (x >= 0)
    return 1.0 / (1.0 + std::exp(-x));
  double e = std::exp(x);
  return e / (1.0 + e);
}
inline double errorFunction(double x) { return std::erf(x); }
inline double sine(double x) { return std::sin(x); }
inline double cosine(double x) { return std::cos(x); }
inline double floorOf(double x) { return std::floor(x); }
inline double ceilOf(double x) { return std::ceil(x); }
inline double detach(double x) { return x; }
inline double power(double x, double y) { return std::pow(x, y); }
inline double smaller(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? std::numeric_limits<double>::quiet_NaN()
                                        : (y < x ? y : x);
}
inline double larger(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? std::numeric_limits<double>::quiet_NaN()
                                        : (y > x ? y : x);
}

/// Integers wrap around.
inline int64_t wrapAdd(int64_t x, int64_t y) {
  return static_cast<int64_t>(static_cast<uint64_t>(x) + static_cast<uint64_t>(y));
}
inline int64_t wrapMul(int64_t x, int64_t y) {
  return static_cast<int64_t>(static_cast<uint64_t>(x) * static_cast<uint64_t>(y));
}

/// An op applies one of these functions to an element (or to a pair of elements). An op without
/// integers or booleans among its element types has no function for them.
template <typename S> struct Row {
  llvm::StringLiteral name;
  S (*onFloats)(const S &x, const S &y);
  int64_t (*onInts)(int64_t x, int64_t y);
};

inline int64_t floorDivide(int64_t x, int64_t y) {
  if (y == 0)
    return 0;
  if (y == -1)
    return wrapMul(x, -1);
  int64_t quotient = x / y;
  return (x % y != 0 && (x < 0) != (y < 0)) ? quotient - 1 : quotient;
}

inline int64_t floorRemainder(int64_t x, int64_t y) {
  if (y == 0 || y == -1)
    return 0;
  int64_t rest = x % y;
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

#define FLOATS(expression) [](const S &x, const S &y) -> S { return expression; }
#define INTS(expression) [](int64_t x, int64_t y) -> int64_t { return expression; }

template <typename S>
inline const Row<S> rows[] = {
    {"neg", FLOATS(neg(x)), INTS(wrapMul(x, -1))},
    {"abs", FLOATS(absolute(x)), INTS(x < 0 ? wrapMul(x, -1) : x)},
    {"sign", FLOATS(signOf(x)), INTS((x > 0) - (x < 0))},
    {"exp", FLOATS(exponential(x)), nullptr},
    {"log", FLOATS(logarithm(x)), nullptr},
    {"log1p", FLOATS(logarithm1p(x)), nullptr},
    {"expm1", FLOATS(exponentialMinus1(x)), nullptr},
    {"sqrt", FLOATS(squareRoot(x)), nullptr},
    {"rsqrt", FLOATS(reciprocalRoot(x)), nullptr},
    {"tanh", FLOATS(hyperbolicTangent(x)), nullptr},
    {"sigmoid", FLOATS(logistic(x)), nullptr},
    {"erf", FLOATS(errorFunction(x)), nullptr},
    {"sin", FLOATS(sine(x)), nullptr},
    {"cos", FLOATS(cosine(x)), nullptr},
    {"floor", FLOATS(floorOf(x)), nullptr},
    {"ceil", FLOATS(ceilOf(x)), nullptr},
    {"not", nullptr, INTS(x == 0)},
    {"stop_gradient", FLOATS(detach(x)), INTS(x)},
    {"add", FLOATS(x + y), INTS(wrapAdd(x, y))},
    {"sub", FLOATS(x - y), INTS(wrapAdd(x, wrapMul(y, -1)))},
    {"mul", FLOATS(x * y), INTS(wrapMul(x, y))},
    {"div", FLOATS(x / y), INTS(floorDivide(x, y))},
    {"rem", FLOATS(x - y * floorOf(x / y)), INTS(floorRemainder(x, y))},
    {"pow", FLOATS(power(x, y)), nullptr},
    {"min", FLOATS(smaller(x, y)), INTS(std::min(x, y))},
    {"max", FLOATS(larger(x, y)), INTS(std::max(x, y))},
    {"and", nullptr, INTS(x && y)},
    {"or", nullptr, INTS(x || y)},
};

#undef FLOATS
#undef INTS

/// The row of an op, by its mnemonic; null where an op has a rule of its own.
template <typename S> const Row<S> *rowOf(llvm::StringRef mnemonic) {
  for (const Row<S> &row : rows<S>)
    if (row.name == mnemonic)
      return &row;
  return nullptr;
}

} // namespace rondo::scalar

namespace rondo {
/// The mnemonics of the functions of one number that the language calls by them.
std::vector<llvm::StringRef> functionNames();
} // namespace rondo

#endif // RONDO_DIALECTS_SCALARS_H
