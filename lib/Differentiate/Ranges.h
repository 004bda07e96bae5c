// What is known of a value's elements without running: bounds, and whether one may be infinite or
// NaN. Inputs and parameters are taken to be finite, as are sums and products of finite values.
#ifndef RONDO_DIFFERENTIATE_RANGES_H
#define RONDO_DIFFERENTIATE_RANGES_H

#include "Rondo/Rondo.h"
#include "llvm/ADT/DenseMap.h"
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

/// The ranges of the values that a reverse sweep meets, computed where they are asked for.
class Ranges {
public:
  Interval of(mlir::Value value);
  /// The range of `value` where `zero`, which it is computed from, is 0; with products of finite
  /// values infinite if they may overflow.
  Interval ofWithZero(mlir::Value value, mlir::Value zero, bool withOverflow);
  /// True if some elements of a cotangent may be 0 because a choice did not take them, rather than
  /// by their value: a choice is a select, an extremum, a slice or a position.
  bool isChosen(mlir::Value cotangent) { return isChosen(cotangent, 0); }
  /// Says what is known of an argument whose operand is not there yet.
  void assume(mlir::BlockArgument argument, Interval range, bool isChosen = false);
  /// Forgets an op that goes and all in it.
  void forget(mlir::Operation *op);

private:
  void compute(mlir::Value value);
  void computeScan(ScanOp scan);
  void computeArgument(mlir::BlockArgument argument);
  bool isChosen(mlir::Value cotangent, int depth);

  llvm::DenseMap<mlir::Value, Interval> known;
  llvm::DenseMap<mlir::Value, bool> chosen;
};

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_RANGES_H
