// The exponential family: exp, expm1, log, tanh, sigmoid, erf. Sources of the methods and the
// errors are in README.md.
#include "mlir/Dialect/Math/IR/Math.h"
#include "Lower/MathFloat.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::math;

Float::Float(Code &code, Type type) : code(code), type(type) {
  isDouble = getElementTypeOrSelf(type).isF64();
  bits = code.builder.getIntegerType(isDouble ? 64 : 32);
  if (auto vector = dyn_cast<VectorType>(type))
    bits = vector.clone(bits);
  mantissa = isDouble ? 52 : 23;
  bias = isDouble ? 1023 : 127;
}

Value Float::atLeast(Value x, double low) {
  Value bound = number(low);
  return code.select(is(CmpFPredicate::OLT, x, bound), bound, x);
}

Value Float::atMost(Value x, double high) {
  Value bound = number(high);
  return code.select(is(CmpFPredicate::OGT, x, bound), bound, x);
}

Value Float::polynomial(Value x, ArrayRef<double> c) {
  Value sum = number(c.back());
  for (double coefficient : llvm::reverse(c.drop_back()))
    sum = code.fma(sum, x, number(coefficient));
  return sum;
}

Value Float::powerOfTwo(Value n) {
  return asFloat(shiftLeft(code.make<arith::AddIOp>(n, integer(bias)), mantissa));
}

Value Float::scale(Value x, Value n) {
  if (auto vector = dyn_cast<VectorType>(type); vector && code.scalesByInstruction) {
    // One instruction, which rounds a subnormal result once.
    Type narrow = vector.clone(code.builder.getI32Type());
    if (isDouble)
      n = code.make<arith::TruncIOp>(narrow, n);
    auto call = LLVM::CallIntrinsicOp::create(
        code.builder, code.loc, type, code.builder.getStringAttr("llvm.ldexp"), ValueRange{x, n});
    return call.getResult(0);
  }
  // Two factors, so that neither overflows; only the second product can round.
  Value half = code.make<arith::ShRSIOp>(n, integer(1));
  Value other = code.make<arith::SubIOp>(n, half);
  return code.mulf(code.mulf(x, powerOfTwo(half)), powerOfTwo(other));
}

Reduced rondo::math::reduceByLn2(Float &f, Value x) {
  Code &code = f.code;
  // Adding 1.5 * 2^mantissa rounds to an integer, which then stands in the low bits.
  Value magic = f.number(1.5 * std::ldexp(1.0, f.mantissa));
  Value shifted = code.fma(x, f.number(1.4426950408889634074), magic);
  Value n = f.sub(shifted, magic);
  Value integer = code.make<arith::SubIOp>(f.asBits(shifted), f.asBits(magic));
  // ln 2 in two parts; n times the first is exact.
  Value rest = code.fma(n, f.number(-0.693359375, -6.93147180369123816490e-01), x);
  rest = code.fma(n, f.number(2.12194440e-4, -1.90821492927058770002e-10), rest);
  return {integer, n, rest};
}

// Minimax polynomials, of relative error 2^-28 and 2^-58 for e^r.
Value rondo::math::expm1Quotient(Float &f, Value r) {
  if (!f.isDouble)
    return f.polynomial(r, {1.0, 0.49999993047077863, 0.166665204282752038, 0.0416684864896094772,
                            0.0083687355173307534, 0.00138092040063304344});
  return f.polynomial(r, {1.0, 0.500000000000000001, 0.166666666666666766, 0.0416666666666665195,
                          0.0083333333333216155, 0.00138888888889589882, 0.000198412698861856589,
                          0.0000248015871775907669, 2.75572441266528433e-6, 2.75573989614131514e-7,
                          2.51090735925830355e-8, 2.08763758639168455e-9});
}

Value rondo::math::expInRange(Float &f, Value x) {
  Reduced reduced = reduceByLn2(f, x);
  Value value = f.code.fma(expm1Quotient(f, reduced.rest), reduced.rest, f.number(1));
  return f.scale(value, reduced.integer);
}

Value rondo::math::abs(Code &code, Value x) { return code.make<mlir::math::AbsFOp>(x); }
Value rondo::math::sqrt(Code &code, Value x) { return code.make<mlir::math::SqrtOp>(x); }

/// x rounded down or up, where no instruction does it: to the nearest first, by adding 2^mantissa.
static Value roundedBy(Code &code, Value x, bool isDown) {
  Float f(code, x.getType());
  Value big = f.number(std::ldexp(1.0, f.mantissa)), size = abs(code, x);
  Value nearest = f.sub(f.add(size, big), big);
  nearest = code.make<mlir::math::CopySignOp>(nearest, x);
  Value isPast = f.is(isDown ? CmpFPredicate::OGT : CmpFPredicate::OLT, nearest, x);
  Value value = code.select(isPast, f.add(nearest, f.number(isDown ? -1 : 1)), nearest);
  // 1 - 1 loses the sign of -0.
  value = code.make<mlir::math::CopySignOp>(value, x);
  return code.select(f.is(CmpFPredicate::OLT, size, big), value, x);
}

Value rondo::math::floor(Code &code, Value x) {
  if (!code.roundsByInstruction)
    return roundedBy(code, x, /*isDown=*/true);
  return code.make<mlir::math::FloorOp>(x);
}

Value rondo::math::ceil(Code &code, Value x) {
  if (!code.roundsByInstruction)
    return roundedBy(code, x, /*isDown=*/false);
  return code.make<mlir::math::CeilOp>(x);
}

Value rondo::math::rsqrt(Code &code, Value x) {
  return code.make<arith::DivFOp>(code.number(x.getType(), 1), sqrt(code, x));
}

Value rondo::math::exp(Code &code, Value x) {
  Float f(code, x.getType());
  // Beyond these the result is infinite or 0 anyway.
  x = f.atMost(x, f.isDouble ? 709.9 : 88.9);
  return expInRange(f, f.atLeast(x, f.isDouble ? -746.0 : -104.0));
}

Value rondo::math::expm1(Code &code, Value x) {
  Float f(code, x.getType());
  // From where on the result is e^x, and up to where it is -1, to the last digit.
  double large = f.isDouble ? 40 : 20;
  Value within = f.atLeast(f.atMost(x, f.isDouble ? 709.9 : 88.9), -large);
  Reduced reduced = reduceByLn2(f, within);
  Value quotient = expm1Quotient(f, reduced.rest);
  Value whole = f.scale(code.fma(quotient, reduced.rest, f.number(1)), reduced.integer);
  // (e^r - 1) 2^n + (2^n - 1): the digits of a small e^r - 1 are not lost in e^r.
  Value power = f.powerOfTwo(reduced.integer);
  Value part = code.fma(code.mulf(quotient, reduced.rest), power, f.sub(power, f.number(1)));
  Value value = code.select(f.is(CmpFPredicate::OGT, within, f.number(large)), whole, part);
  return code.make<mlir::math::CopySignOp>(value, x); // expm1(-0) is -0
}

Value rondo::math::sigmoid(Code &code, Value x) {
  Float f(code, x.getType());
  // With t = e^-|x| <= 1 the numerator is 1 or t: small results keep their digits.
  Value t = expInRange(f, f.atLeast(f.neg(abs(code, x)), f.isDouble ? -746.0 : -104.0));
  Value one = f.number(1);
  Value numerator = code.select(f.is(CmpFPredicate::OLT, x, f.number(0)), t, one);
  return f.div(numerator, code.addf(one, t));
}

/// x p(z) / q(z) with z = x^2, for an odd function that is +-1 where z is above `limit`: there the
/// quotient, with z clamped, is at least as large.
static Value saturatingQuotient(Float &f, Value x, double limit, ArrayRef<double> p,
                                ArrayRef<double> q) {
  Code &code = f.code;
  Value z = f.atMost(code.mulf(x, x), limit);
  Value value = f.div(code.mulf(x, f.polynomial(z, p)), f.polynomial(z, q));
  return f.atLeast(f.atMost(value, 1), -1);
}

Value rondo::math::tanh(Code &code, Value x) {
  Float f(code, x.getType());
  if (!f.isDouble)
    return saturatingQuotient(f, x, 81.0,
                              {1.0, 0.133828310149652355, 0.00349763011638443378,
                               0.0000206387390034899069, 1.33884564897241031e-8},
                              {1.0, 0.467161523159873147, 0.0258850122073880041,
                               0.000328880278321527108, 7.79192997743975664e-7});
  // tanh |x| = e / (e + 2) with e = exp(2 |x|) - 1, exact near 0; it is 1 from 20 on.
  Value magnitude = f.atMost(abs(code, x), 20);
  Reduced reduced = reduceByLn2(f, code.addf(magnitude, magnitude));
  Value part = code.mulf(expm1Quotient(f, reduced.rest), reduced.rest);
  Value power = f.powerOfTwo(reduced.integer);
  Value e = code.fma(part, power, f.sub(power, f.number(1)));
  Value value = f.div(e, code.addf(e, f.number(2)));
  return code.make<mlir::math::CopySignOp>(value, x);
}

Parts rondo::math::partsOf(Float &f, Value y) {
  Code &code = f.code;
  Value root = f.integer(f.isDouble ? 0x3FE6A09E667F3BCD : 0x3F3504F3);
  Value offset = code.make<arith::SubIOp>(f.asBits(y), root);
  Value exponent = code.make<arith::ShRSIOp>(offset, f.integer(f.mantissa));
  Value m = f.asFloat(code.make<arith::SubIOp>(f.asBits(y), f.shiftLeft(exponent, f.mantissa)));
  return {exponent, m};
}

/// log(1 + u) + exponent ln 2 for 1 + u in [sqrt(1/2), sqrt(2)].
static Value logOf(Float &f, Value u, Value exponent) {
  Code &code = f.code;
  Value z = code.mulf(u, u);
  Value low = f.number(-2.12194440e-4, 1.90821492927058770002e-10);
  Value high = f.number(0.693359375, 6.93147180369123816490e-01);
  if (!f.isDouble) {
    Value p = f.polynomial(u, {3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1,
                               1.4249322787e-1, -1.2420140846e-1, 1.1676998740e-1, -1.1514610310e-1,
                               7.0376836292e-2});
    Value tail = code.fma(exponent, low, code.mulf(code.mulf(u, z), p));
    tail = code.fma(z, f.number(-0.5), tail);
    return code.fma(exponent, high, code.addf(u, tail));
  }
  // 2 artanh s with s = u / (2 + u): u^2/2 is split off, since 2 s = u - s u.
  Value s = f.div(u, code.addf(u, f.number(2)));
  Value t = code.mulf(s, s), half = code.mulf(f.number(0.5), z);
  Value r = code.mulf(t, f.polynomial(t, {6.666666666666735130e-01, 3.999999999940941908e-01,
                                          2.857142874366239149e-01, 2.222219843214978396e-01,
                                          1.818357216161805012e-01, 1.531383769920937332e-01,
                                          1.479819860511658591e-01}));
  Value tail = code.fma(s, code.addf(half, r), code.mulf(exponent, low));
  return code.fma(exponent, high, f.sub(u, f.sub(half, tail)));
}

Value rondo::math::log(Code &code, Value x) {
  Float f(code, x.getType());
  // Subnormal numbers are scaled into the normal range first.
  Value isTiny = f.is(CmpFPredicate::OLT, x, f.number(0x1p-126, 0x1p-1022));
  Value y = code.select(isTiny, code.mulf(x, f.number(0x1p25, 0x1p54)), x);
  Parts parts = partsOf(f, y);
  Value exponent = code.make<arith::SIToFPOp>(f.type, parts.exponent);
  exponent = f.sub(exponent, code.select(isTiny, f.number(25, 54), f.number(0)));
  Value value = logOf(f, f.sub(parts.m, f.number(1)), exponent);
  Value zero = f.number(0);
  value = code.select(f.is(CmpFPredicate::OEQ, x, f.number(HUGE_VAL)), x, value);
  value = code.select(f.is(CmpFPredicate::OEQ, x, zero), f.number(-HUGE_VAL), value);
  return code.select(f.is(CmpFPredicate::ULT, x, zero), f.number(NAN), value);
}

Value rondo::math::log1p(Code &code, Value x) {
  Float f(code, x.getType());
  Value one = f.number(1);
  Value sum = f.add(x, one);
  Parts parts = partsOf(f, sum);
  // 1 + u = (1 + x) 2^-e: u = x 2^-e + (2^-e - 1) has the digits of x that the sum has lost. Where
  // the sum has lost nothing that counts, 2^-e might be subnormal.
  Value isLarge = f.is(CmpFPredicate::OGT, x, f.number(0x1p60));
  Value e = code.select(isLarge, f.integer(0), parts.exponent);
  Value factor = f.powerOfTwo(code.make<arith::SubIOp>(f.integer(0), e));
  Value u = f.add(f.mul(x, factor), f.sub(factor, one));
  u = code.select(isLarge, f.sub(parts.m, one), u);
  Value value = logOf(f, u, code.make<arith::SIToFPOp>(f.type, parts.exponent));
  Value zero = f.number(0), minusOne = f.number(-1);
  // log1p(-0) is -0.
  value = code.select(f.is(CmpFPredicate::OEQ, x, zero), x, value);
  value = code.select(f.is(CmpFPredicate::OEQ, x, f.number(HUGE_VAL)), x, value);
  value = code.select(f.is(CmpFPredicate::OEQ, x, minusOne), f.number(-HUGE_VAL), value);
  return code.select(f.is(CmpFPredicate::ULT, x, minusOne), f.number(NAN), value);
}

Value rondo::math::erf(Code &code, Value x) {
  Float f(code, x.getType());
  if (!f.isDouble)
    return saturatingQuotient(
        f, x, 16.0,
        {1.12837914013029692, 0.193584396356177503, 0.0531063391653595214, 0.00388467100936250247,
         0.000284538749407401516, 1.98586802238240885e-6},
        {1.0, 0.504892271089561225, 0.115365655965989268, 0.0152102039430030168,
         0.00118577095201571472, 0.0000374089741247891153});
  // |x| p(z) / q(z) below 1, else 1 - e^-z r(|x|) / s(|x|), with one division for both.
  Value magnitude = f.atMost(abs(code, x), 6);
  Value z = code.mulf(magnitude, magnitude);
  Value isSmall = f.is(CmpFPredicate::OLT, magnitude, f.number(1));
  Value p =
      f.polynomial(z, {1.12837916709551257, 0.143490885870476757, 0.0454815331941059509,
                       0.00187682960747064957, 0.000196862584308414483, 7.68149790028984672e-8});
  Value q = f.polynomial(z, {1.0, 0.46049881994881872, 0.0938065659770889159, 0.0106917940730880476,
                             0.000692367669972447163, 0.00002080433919154286});
  Value r =
      f.polynomial(magnitude, {0.999999962131913427, 1.33187946529134443, 0.880800782698308639,
                               0.334332598490065285, 0.0724911435511017721, 0.00727928042183647618,
                               1.30653846533573055e-8});
  Value s =
      f.polynomial(magnitude, {1.0, 2.4602582159882292, 2.6569070848195431, 1.62431845050445493,
                               0.599184833330909743, 0.128473678806092599, 0.0129029971675922136});
  Value large = code.mulf(expInRange(f, f.neg(z)), r);
  Value numerator = code.select(isSmall, code.mulf(magnitude, p), large);
  Value quotient = f.div(numerator, code.select(isSmall, q, s));
  Value value = code.select(isSmall, quotient, f.sub(f.number(1), quotient));
  return code.make<mlir::math::CopySignOp>(value, x);
}
