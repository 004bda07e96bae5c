// The functions that rondo-ulp measures: their references, and the errors that lib/Lower/README.md
// states.
#ifndef RONDO_TEST_LOWER_ULP_FUNCTIONS_H
#define RONDO_TEST_LOWER_ULP_FUNCTIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <vector>

namespace rondo::ulp {

struct Row {
  llvm::StringLiteral name;                           // of the op
  double (*single)(double x, double y);               // the reference for f32
  long double (*twice)(long double x, long double y); // the reference for f64
  /// In units in the last place. Without fused multiply-add they are a quarter larger.
  double singleBound, twiceBound;
  bool isBinary = false;
};

llvm::ArrayRef<Row> functions();

/// The error of `got` against `exact` in units in the last place of the exact result, rounded to 24
/// resp. 53 digits; infinite where one is NaN, of the wrong sign (zeros too) or past a limit.
double error(float got, double exact);
double error(double got, long double exact);

/// Doubles that are dense where functions change: every exponent, neighbours of powers of two, of
/// multiples of pi/2 and of ln 2, and random ones.
std::vector<double> samples(int64_t perExponent);
/// What pow is tried on, pair by pair: integers, halves, special values, everything near 1.
std::vector<double> bases(), exponents();

} // namespace rondo::ulp

#endif // RONDO_TEST_LOWER_ULP_FUNCTIONS_H
