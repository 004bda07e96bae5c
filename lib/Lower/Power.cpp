// pow, with the special cases of IEEE 754.
//
// e^(y log |x|): single precision computes that in double precision, double precision carries the
// logarithm and the product as unevaluated sums of two doubles (Dekker 1971), of some 105 bits.
#include "Lower/MathFloat.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::math;

namespace {

/// high + low with |low| at most half a unit in the last place of high.
struct Pair {
  Value high, low;
};

Pair fastTwoSum(Float &f, Value a, Value b) {
  Value sum = f.add(a, b);
  return {sum, f.sub(b, f.sub(sum, a))};
}

Pair twoSum(Float &f, Value a, Value b) {
  Value sum = f.add(a, b), part = f.sub(sum, a);
  return {sum, f.add(f.sub(a, f.sub(sum, part)), f.sub(b, part))};
}

/// a b exactly; no fused operation is assumed, so halves of 26 and 27 bits are multiplied.
Pair twoProduct(Float &f, Value a, Value b) {
  auto split = [&](Value x) -> Pair {
    Value high = f.asFloat(f.logicalAnd(f.asBits(x), f.integer(~0x7FFFFFFLL)));
    return {high, f.sub(x, high)};
  };
  Pair x = split(a), y = split(b);
  Value product = f.mul(a, b);
  Value error = f.sub(f.mul(x.high, y.high), product);
  error = f.add(f.add(error, f.mul(x.high, y.low)), f.mul(x.low, y.high));
  return {product, f.add(error, f.mul(x.low, y.low))};
}

Pair multiply(Float &f, Pair a, Pair b) {
  Pair product = twoProduct(f, a.high, b.high);
  Value rest = f.add(f.mul(a.high, b.low), f.mul(a.low, b.high));
  return fastTwoSum(f, product.high, f.add(product.low, rest));
}

Pair add(Float &f, Pair a, Pair b) {
  Pair sum = twoSum(f, a.high, b.high);
  return fastTwoSum(f, sum.high, f.add(sum.low, f.add(a.low, b.low)));
}

/// log x for positive finite x.
Pair logPair(Float &f, Value x) {
  Code &code = f.code;
  Value isTiny = f.is(CmpFPredicate::OLT, x, f.number(0x1p-1022));
  Parts parts = partsOf(f, code.select(isTiny, f.mul(x, f.number(0x1p54)), x));
  Value e = code.make<arith::SIToFPOp>(f.type, parts.exponent);
  e = f.sub(e, code.select(isTiny, f.number(54), f.number(0)));
  // s = (m - 1) / (m + 1), with the division's remainder.
  Value one = f.number(1);
  Value top = f.sub(parts.m, one);
  Pair bottom = fastTwoSum(f, one, parts.m);
  // m may exceed 1: then the error is 1 - (sum - m), which is as exact.
  Value other = f.sub(one, f.sub(bottom.high, parts.m));
  bottom.low = code.select(f.is(CmpFPredicate::OGT, parts.m, one), other, bottom.low);
  Value inverse = f.div(one, bottom.high);
  Value quotient = f.mul(top, inverse);
  Pair back = twoProduct(f, quotient, bottom.high);
  Value rest = f.sub(f.sub(f.sub(top, back.high), back.low), f.mul(quotient, bottom.low));
  Pair s = fastTwoSum(f, quotient, f.mul(rest, inverse));
  // log m = 2 s + s^3 (2/3 + s^2 (2/5 + ...)).
  Pair square = multiply(f, s, s);
  SmallVector<double> c;
  for (int k = 2; k <= 12; ++k)
    c.push_back(2.0 / (2 * k + 1));
  Value tail = f.mul(square.high, f.polynomial(square.high, c));
  Pair factor = fastTwoSum(f, f.number(2.0 / 3.0), tail);
  factor.low = f.add(factor.low, f.number(3.700743415417188e-17));
  Pair value = multiply(f, multiply(f, square, s), factor);
  Value two = f.number(2);
  value = add(f, {f.mul(s.high, two), f.mul(s.low, two)}, value);
  // e times the first part of ln 2 is exact.
  Value high = f.mul(e, f.number(6.93147180369123816490e-01));
  Pair ln2 = fastTwoSum(f, high, f.mul(e, f.number(1.90821492927058770002e-10)));
  return add(f, ln2, value);
}

/// e^(x.high + x.low).
Value expPair(Float &f, Pair x) {
  Code &code = f.code;
  Value high = f.atLeast(f.atMost(x.high, 709.9), -746);
  // Where the result is 0 or infinite the low part may be anything.
  Value inside = f.is(CmpFPredicate::OEQ, high, x.high);
  Value low = code.select(inside, x.low, f.number(0));
  Reduced reduced = reduceByLn2(f, high);
  Value first = f.sub(high, f.mul(reduced.number, f.number(6.93147180369123816490e-01)));
  Value second = f.mul(reduced.number, f.number(1.90821492927058770002e-10));
  Value rest = f.sub(first, second);
  low = f.add(low, f.sub(f.sub(first, rest), second));
  Value grown = code.mulf(expm1Quotient(f, rest), rest);
  Value value = f.add(f.number(1), f.add(grown, code.fma(grown, low, low)));
  return f.scale(value, reduced.integer);
}

/// |x|^y in double precision; what the special cases override is arbitrary.
Value magnitude(Float &f, Value x, Value y, bool isExact) {
  Code &code = f.code;
  if (!isExact)
    return exp(code, code.mulf(y, log(code, x)));
  Pair l = logPair(f, x);
  auto isNot = [&](double special) { return f.is(CmpFPredicate::UNE, x, f.number(special)); };
  // log 0 and log of infinity and NaN.
  l.high = code.select(isNot(0), l.high, f.number(-HUGE_VAL));
  l.high = code.select(isNot(HUGE_VAL), l.high, f.number(HUGE_VAL));
  l.high = code.select(f.is(CmpFPredicate::UNO, x, x), x, l.high);
  Value product = f.mul(y, l.high);
  Pair exact = twoProduct(f, y, l.high);
  Value low = code.fma(y, l.low, exact.low);
  // The pair must be normalised; infinite products are.
  Pair sum = fastTwoSum(f, product, low);
  Value inside = f.is(CmpFPredicate::OLT, abs(code, product), f.number(1000));
  return expPair(f, {code.select(inside, sum.high, product), sum.low});
}

} // namespace

Value rondo::math::pow(Code &code, Value x, Value y) {
  Float f(code, x.getType());
  Value zero = f.number(0), one = f.number(1);
  Value size = abs(code, x), value;
  if (f.isDouble) {
    value = magnitude(f, size, y, /*isExact=*/true);
  } else {
    Type doubles = code.builder.getF64Type();
    if (auto vector = dyn_cast<VectorType>(f.type))
      doubles = vector.clone(doubles);
    Float d(code, doubles);
    Value wide = code.make<arith::ExtFOp>(doubles, size);
    value = magnitude(d, wide, code.make<arith::ExtFOp>(doubles, y), /*isExact=*/false);
    value = code.make<arith::TruncFOp>(f.type, value);
  }
  // +-1 to an infinite power is 1.
  Value isUnit = f.is(CmpFPredicate::OEQ, size, one);
  Value isNumber = f.is(CmpFPredicate::ORD, y, y);
  value = code.select(f.logicalAnd(isUnit, isNumber), one, value);
  // A negative base: minus for odd integers, NaN for what is no integer.
  Value isInteger = f.is(CmpFPredicate::OEQ, floor(code, y), y);
  Value half = f.mul(y, f.number(0.5));
  Value isOdd = f.logicalAnd(isInteger, f.is(CmpFPredicate::UNE, floor(code, half), half));
  Value signedValue = code.make<mlir::math::CopySignOp>(value, x);
  value = code.select(isOdd, signedValue, value);
  Value isNegative = f.logicalAnd(f.is(CmpFPredicate::OLT, x, zero),
                                  f.is(CmpFPredicate::OGT, x, f.number(-HUGE_VAL)));
  Value isFraction = f.is(CmpFPredicate::UNE, floor(code, y), y);
  value = code.select(f.logicalAnd(isNegative, isFraction), f.number(NAN), value);
  // 1 to any power and any power 0 are 1, NaN or not.
  value = code.select(f.is(CmpFPredicate::OEQ, x, one), one, value);
  return code.select(f.is(CmpFPredicate::OEQ, y, zero), one, value);
}
