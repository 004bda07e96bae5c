// What is known of a value's elements without running: bounds, and whether one may be infinite or
// NaN. Inputs and parameters are taken to be finite, as are sums and products of finite values.
#ifndef RONDO_DIFFERENTIATE_RANGES_H
#define RONDO_DIFFERENTIATE_RANGES_H

#include "Differentiate/Interval.h"
#include "Rondo/Rondo.h"
#include "llvm/ADT/DenseMap.h"

namespace rondo {

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
