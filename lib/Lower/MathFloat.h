// What the expansions of Math.h share: bit-level helpers of a float type, and the parts that exp
// and log consist of.
#ifndef RONDO_LOWER_MATHFLOAT_H
#define RONDO_LOWER_MATHFLOAT_H

#include "Lower/Math.h"

namespace rondo::math {

using mlir::arith::CmpFPredicate;

/// The parameters of a float format, and bit-level helpers of its type (scalar or vector).
struct Float {
  Float(Code &code, Type type);

  Value number(double value) { return code.number(type, value); }
  Value number(double single, double twice) { return number(isDouble ? twice : single); }
  Value integer(int64_t value) { return code.integer(bits, value); }
  Value asBits(Value x) { return code.make<mlir::arith::BitcastOp>(bits, x); }
  Value asFloat(Value i) { return code.make<mlir::arith::BitcastOp>(type, i); }
  Value shiftLeft(Value i, int64_t by) { return code.make<mlir::arith::ShLIOp>(i, integer(by)); }
  Value is(CmpFPredicate predicate, Value a, Value b) {
    return code.make<mlir::arith::CmpFOp>(predicate, a, b);
  }
  Value logicalAnd(Value a, Value b) { return code.make<mlir::arith::AndIOp>(a, b); }
  /// Sums and products that are never contracted into one rounding, for error-free steps.
  Value add(Value a, Value b) { return code.make<mlir::arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return code.make<mlir::arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return code.make<mlir::arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return code.make<mlir::arith::DivFOp>(a, b); }
  Value neg(Value a) { return code.make<mlir::arith::NegFOp>(a); }
  /// x, but at least `low` resp. at most `high`; NaN stays.
  Value atLeast(Value x, double low);
  Value atMost(Value x, double high);
  /// c[0] + c[1] x + c[2] x^2 ..., by Horner's rule.
  Value polynomial(Value x, mlir::ArrayRef<double> c);
  /// 2^n for integers n (in an integer type) within the normal range.
  Value powerOfTwo(Value n);
  /// x 2^n with one rounding, for |n| below twice the format's largest exponent.
  Value scale(Value x, Value n);

  Code &code;
  Type type, bits;
  bool isDouble;
  int64_t mantissa, bias;
};

/// x = n ln 2 + r with |r| <= ln 2 / 2, for |x| < 2^20 or so. `n` comes as an integer and a float.
struct Reduced {
  Value integer, number, rest;
};
Reduced reduceByLn2(Float &f, Value x);

/// (e^r - 1) / r for |r| <= ln 2 / 2; exactly 1 at 0.
Value expm1Quotient(Float &f, Value r);

/// e^x for x in the range where the clamps of exp would change nothing.
Value expInRange(Float &f, Value x);

/// y = m 2^exponent with sqrt(1/2) <= m < sqrt(2), for positive, normal, finite y.
struct Parts {
  Value exponent, m; // the exponent in an integer type
};
Parts partsOf(Float &f, Value y);

} // namespace rondo::math

#endif // RONDO_LOWER_MATHFLOAT_H
