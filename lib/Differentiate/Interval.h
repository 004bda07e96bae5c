// Interval arithmetic: what is known of a result's elements from what is known of the operands'. It
// bounds from outside; where nothing is known, the result may be anything.
#ifndef RONDO_DIFFERENTIATE_INTERVAL_H
#define RONDO_DIFFERENTIATE_INTERVAL_H

#include <limits>

namespace rondo {

/// All elements lie in [low, high], where an infinite bound is none, and where that of the other
/// flags admits are infinite or NaN.
struct Interval {
  static constexpr double unbounded = std::numeric_limits<double>::infinity();
  double low = -unbounded, high = unbounded;
  bool mayBeMinusInfinite = false, mayBeInfinite = false, mayBeNaN = false;
  /// Elements that are above 0 are at least this; only where low is 0.
  double apart = 0;
  /// A product of two values without bounds, which counts where it is multiplied with a choice's 0.
  bool mayOverflow = false;

  /// Nothing is known.
  static Interval top() { return {-unbounded, unbounded, true, true, true}; }
  static Interval number(double x);
  bool isFinite() const { return !mayBeMinusInfinite && !mayBeInfinite && !mayBeNaN; }
  bool contains(double x) const { return low <= x && x <= high; }
  bool operator==(const Interval &other) const;
};

namespace interval {

bool mayBeAnyInfinite(const Interval &x);
Interval join(const Interval &x, const Interval &y);
Interval negated(const Interval &x);
Interval sum(const Interval &x, const Interval &y);
Interval product(const Interval &x, const Interval &y);
Interval square(const Interval &x);
Interval reciprocal(const Interval &x);
Interval exponential(const Interval &x);
Interval logarithm(const Interval &x);
Interval root(const Interval &x);
Interval within(const Interval &x, double low, double high);
Interval larger(const Interval &x, const Interval &y);
Interval power(const Interval &x, const Interval &y);
/// Any number of elements of the range, added; a sum of finite values is finite.
Interval total(Interval x);

} // namespace interval

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_INTERVAL_H
