#include "Differentiate/Interval.h"
#include <algorithm>
#include <cmath>

using namespace rondo;

static constexpr double unbounded = Interval::unbounded;
/// A larger float32 may overflow: this is the most that one holds, less some room for rounding.
static constexpr double largest = 1e38;

Interval Interval::number(double x) {
  if (std::isnan(x))
    return top();
  if (x == unbounded)
    return {largest, x, false, true};
  if (x == -unbounded)
    return {x, -largest, true};
  return {x, x};
}

bool Interval::operator==(const Interval &other) const {
  return low == other.low && high == other.high && mayBeMinusInfinite == other.mayBeMinusInfinite &&
         mayBeInfinite == other.mayBeInfinite && mayBeNaN == other.mayBeNaN &&
         apart == other.apart && mayOverflow == other.mayOverflow;
}

bool interval::mayBeAnyInfinite(const Interval &x) {
  return x.mayBeInfinite || x.mayBeMinusInfinite;
}

/// A range whose bounds are too large for a float may be infinite at that end.
static Interval checked(Interval x) {
  if (x.high > largest) {
    x.mayBeInfinite |= x.high != unbounded;
    x.high = unbounded;
  }
  if (x.low < -largest) {
    x.mayBeMinusInfinite |= x.low != -unbounded;
    x.low = -unbounded;
  }
  x.low = std::min(x.low, largest);
  x.high = std::max(x.high, -largest);
  return x;
}

Interval interval::join(const Interval &x, const Interval &y) {
  Interval result{std::min(x.low, y.low), std::max(x.high, y.high),
                  x.mayBeMinusInfinite || y.mayBeMinusInfinite, x.mayBeInfinite || y.mayBeInfinite,
                  x.mayBeNaN || y.mayBeNaN};
  auto apart = [](const Interval &range) {
    return range.low > 0 ? range.low : range.high <= 0 ? unbounded : range.apart;
  };
  double least = std::min(apart(x), apart(y));
  if (result.low >= 0 && least != unbounded)
    result.apart = least;
  return result;
}

Interval interval::negated(const Interval &x) {
  return {-x.high, -x.low, x.mayBeInfinite, x.mayBeMinusInfinite, x.mayBeNaN};
}

Interval interval::sum(const Interval &x, const Interval &y) {
  return checked({x.low + y.low, x.high + y.high, x.mayBeMinusInfinite || y.mayBeMinusInfinite,
                  x.mayBeInfinite || y.mayBeInfinite,
                  x.mayBeNaN || y.mayBeNaN || (x.mayBeInfinite && y.mayBeMinusInfinite) ||
                      (x.mayBeMinusInfinite && y.mayBeInfinite)});
}

Interval interval::product(const Interval &x, const Interval &y) {
  Interval result{unbounded, -unbounded};
  bool isInfinite = mayBeAnyInfinite(x) || mayBeAnyInfinite(y);
  for (double a : {x.low, x.high})
    for (double b : {y.low, y.high}) {
      double corner = a == 0 || b == 0 ? 0 : a * b;
      result.mayOverflow |= std::isinf(a) && std::isinf(b);
      result.low = std::min(result.low, corner);
      result.high = std::max(result.high, corner);
    }
  result.mayBeInfinite = isInfinite && result.high > 0;
  result.mayBeMinusInfinite = isInfinite && result.low < 0;
  result.mayBeNaN = x.mayBeNaN || y.mayBeNaN || (mayBeAnyInfinite(x) && y.contains(0)) ||
                    (mayBeAnyInfinite(y) && x.contains(0));
  return checked(result);
}

Interval interval::square(const Interval &x) {
  Interval result = product(x, x);
  result.low = x.contains(0) ? 0 : std::max(result.low, 0.0);
  result.mayBeMinusInfinite = false;
  result.mayBeNaN = x.mayBeNaN;
  return result;
}

Interval interval::reciprocal(const Interval &x) {
  if (x.contains(0)) {
    Interval result = Interval::top();
    result.mayBeNaN = x.mayBeNaN;
    if (x.low == 0)
      result.low = 0;
    return result;
  }
  return checked({1 / x.high, 1 / x.low, false, false, x.mayBeNaN});
}

/// f is increasing; where x is infinite or has no bound, its limits hold.
static Interval increasing(const Interval &x, double (*f)(double)) {
  return checked({f(x.low), f(x.high), false, false, x.mayBeNaN});
}

Interval interval::exponential(const Interval &x) {
  Interval result = increasing(x, [](double v) { return std::exp(v); });
  // Without an upper bound, exp overflows.
  result.mayBeInfinite |= result.high == unbounded;
  return result;
}

Interval interval::logarithm(const Interval &x) {
  Interval result = increasing(x, [](double v) { return std::log(std::max(v, 0.0)); });
  result.mayBeMinusInfinite = x.low <= 0;
  result.mayBeInfinite = x.mayBeInfinite;
  result.mayBeNaN |= x.low < 0;
  return result;
}

Interval interval::root(const Interval &x) {
  Interval result = increasing(x, [](double v) { return std::sqrt(std::max(v, 0.0)); });
  result.mayBeInfinite = x.mayBeInfinite;
  result.mayBeNaN |= x.low < 0;
  return result;
}

Interval interval::within(const Interval &x, double low, double high) {
  return {low, high, false, false, x.mayBeNaN};
}

Interval interval::larger(const Interval &x, const Interval &y) {
  return {std::max(x.low, y.low), std::max(x.high, y.high),
          x.mayBeMinusInfinite && y.mayBeMinusInfinite, x.mayBeInfinite || y.mayBeInfinite,
          x.mayBeNaN || y.mayBeNaN};
}

Interval interval::power(const Interval &x, const Interval &y) {
  Interval result = Interval::top();
  if (x.low >= 0) {
    result.low = 0;
    result.mayBeMinusInfinite = false;
    result.mayBeNaN = x.mayBeNaN || y.mayBeNaN || mayBeAnyInfinite(x) || mayBeAnyInfinite(y);
  }
  return result;
}

Interval interval::total(Interval x) {
  x.mayBeNaN |= x.mayBeInfinite && x.mayBeMinusInfinite;
  x.low = x.low >= 0 ? 0 : -unbounded;
  x.high = x.high <= 0 ? 0 : unbounded;
  x.mayOverflow = false;
  return x;
}
