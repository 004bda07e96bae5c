#include "Lower/Math.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using arith::CmpFPredicate;

namespace {

/// The parameters of a float format, and bit-level helpers of its type.
struct Float {
  Float(Code &code, Type type) : code(code), type(type) {
    isDouble = getElementTypeOrSelf(type).isF64();
    bits = code.builder.getIntegerType(isDouble ? 64 : 32);
    if (auto vector = dyn_cast<VectorType>(type))
      bits = vector.clone(bits);
    mantissa = isDouble ? 52 : 23;
    bias = isDouble ? 1023 : 127;
  }

  Value number(double value) { return code.number(type, value); }
  Value integer(int64_t value) { return code.integer(bits, value); }
  Value asBits(Value x) { return code.make<arith::BitcastOp>(bits, x); }
  Value asFloat(Value i) { return code.make<arith::BitcastOp>(type, i); }
  Value shiftLeft(Value i, int64_t by) { return code.make<arith::ShLIOp>(i, integer(by)); }
  Value is(CmpFPredicate predicate, Value a, Value b) {
    return code.make<arith::CmpFOp>(predicate, a, b);
  }
  /// c[0] + c[1] x + c[2] x^2 ..., by Horner's rule.
  Value polynomial(Value x, ArrayRef<double> c) {
    Value sum = number(c.back());
    for (double coefficient : llvm::reverse(c.drop_back()))
      sum = code.fma(sum, x, number(coefficient));
    return sum;
  }
  /// 2^n for integers n (in an integer type) within the normal range.
  Value powerOfTwo(Value n) {
    return asFloat(shiftLeft(code.make<arith::AddIOp>(n, integer(bias)), mantissa));
  }

  Code &code;
  Type type, bits;
  bool isDouble;
  int64_t mantissa, bias;
};

/// x = n ln 2 + r with |r| <= ln 2 / 2, for |x| < 2^20 or so. `n` comes as an integer and a float.
struct Reduced {
  Value integer, number, rest;
};

Reduced reduceByLn2(Float &f, Value x) {
  Code &code = f.code;
  // Adding 1.5 * 2^mantissa rounds to an integer, which then stands in the low bits.
  Value magic = f.number(1.5 * std::ldexp(1.0, f.mantissa));
  Value shifted = code.fma(x, f.number(1.4426950408889634074), magic);
  Value n = code.make<arith::SubFOp>(shifted, magic);
  Value integer = code.make<arith::SubIOp>(f.asBits(shifted), f.asBits(magic));
  double high = f.isDouble ? 6.93147180369123816490e-01 : 0.693359375;
  double low = f.isDouble ? 1.90821492927058770002e-10 : -2.12194440e-4;
  Value rest = code.fma(n, f.number(-high), x);
  return {integer, n, code.fma(n, f.number(-low), rest)};
}

/// (e^r - 1) / r for |r| <= ln 2 / 2, by Taylor's series.
Value expm1Quotient(Float &f, Value r) {
  SmallVector<double> c;
  double factorial = 1;
  for (int k = 1; k <= (f.isDouble ? 14 : 8); ++k) {
    factorial *= k;
    c.push_back(1 / factorial);
  }
  return f.polynomial(r, c);
}

} // namespace

Value rondo::math::abs(Code &code, Value x) { return code.make<mlir::math::AbsFOp>(x); }
Value rondo::math::sqrt(Code &code, Value x) { return code.make<mlir::math::SqrtOp>(x); }
Value rondo::math::floor(Code &code, Value x) { return code.make<mlir::math::FloorOp>(x); }
Value rondo::math::ceil(Code &code, Value x) { return code.make<mlir::math::CeilOp>(x); }

Value rondo::math::exp(Code &code, Value x) {
  Float f(code, x.getType());
  // Beyond these the result is infinite or 0 anyway; comparisons keep NaN.
  Value high = f.number(f.isDouble ? 709.9 : 88.9), low = f.number(f.isDouble ? -746.0 : -104.0);
  x = code.select(f.is(CmpFPredicate::OGT, x, high), high, x);
  x = code.select(f.is(CmpFPredicate::OLT, x, low), low, x);
  Reduced reduced = reduceByLn2(f, x);
  Value value = code.fma(expm1Quotient(f, reduced.rest), reduced.rest, f.number(1));
  // Two factors, so that neither overflows and subnormal results are rounded once.
  Value half = code.make<arith::ShRSIOp>(reduced.integer, f.integer(1));
  Value other = code.make<arith::SubIOp>(reduced.integer, half);
  return code.mulf(code.mulf(value, f.powerOfTwo(half)), f.powerOfTwo(other));
}

Value rondo::math::tanh(Code &code, Value x) {
  Float f(code, x.getType());
  // tanh |x| = e / (e + 2) with e = exp(2 |x|) - 1, exact near 0; it is 1 from 20 (10) on.
  Value magnitude = abs(code, x);
  Value limit = f.number(f.isDouble ? 20 : 10);
  magnitude = code.select(f.is(CmpFPredicate::OGT, magnitude, limit), limit, magnitude);
  Reduced reduced = reduceByLn2(f, code.addf(magnitude, magnitude));
  Value part = code.mulf(expm1Quotient(f, reduced.rest), reduced.rest);
  Value scale = f.powerOfTwo(reduced.integer);
  Value e = code.fma(part, scale, code.make<arith::SubFOp>(scale, f.number(1)));
  Value value = code.make<arith::DivFOp>(e, code.addf(e, f.number(2)));
  return code.make<mlir::math::CopySignOp>(value, x);
}

Value rondo::math::sigmoid(Code &code, Value x) {
  Float f(code, x.getType());
  Value e = exp(code, code.make<arith::NegFOp>(x));
  return code.make<arith::DivFOp>(f.number(1), code.addf(f.number(1), e));
}

Value rondo::math::log(Code &code, Value x) {
  Float f(code, x.getType());
  // Subnormal numbers are scaled into the normal range first.
  double tiny = f.isDouble ? 0x1p-1022 : 0x1p-126, scale = f.isDouble ? 0x1p54 : 0x1p25;
  Value isTiny = f.is(CmpFPredicate::OLT, x, f.number(tiny));
  Value y = code.select(isTiny, code.mulf(x, f.number(scale)), x);
  // y = m 2^e with sqrt(1/2) <= m < sqrt(2).
  int64_t root = f.isDouble ? 0x3FE6A09E667F3BCD : 0x3F3504F3;
  Value offset = code.make<arith::SubIOp>(f.asBits(y), f.integer(root));
  Value e = code.make<arith::ShRSIOp>(offset, f.integer(f.mantissa));
  Value m = f.asFloat(code.make<arith::SubIOp>(f.asBits(y), f.shiftLeft(e, f.mantissa)));
  Value exponent = code.make<arith::SIToFPOp>(f.type, e);
  exponent = code.make<arith::SubFOp>(
      exponent, code.select(isTiny, f.number(f.isDouble ? 54 : 25), f.number(0)));
  // log m = 2 artanh s, s = (m - 1) / (m + 1), |s| < 0.1716.
  Value fraction = code.make<arith::SubFOp>(m, f.number(1));
  Value s = code.make<arith::DivFOp>(fraction, code.addf(fraction, f.number(2)));
  Value z = code.mulf(s, s);
  SmallVector<double> c;
  for (int k = 1; k <= (f.isDouble ? 11 : 5); ++k)
    c.push_back(2.0 / (2 * k + 1));
  // 2 s = (m - 1) - s (m - 1), so log m = (m - 1) - s ((m - 1) - z q).
  Value q = code.mulf(z, f.polynomial(z, c));
  Value correction = code.mulf(s, code.make<arith::SubFOp>(fraction, q));
  double high = f.isDouble ? 6.93147180369123816490e-01 : 0.693359375;
  double low = f.isDouble ? 1.90821492927058770002e-10 : -2.12194440e-4;
  Value small = code.make<arith::SubFOp>(code.mulf(exponent, f.number(low)), correction);
  Value value = code.fma(exponent, f.number(high), code.addf(fraction, small));
  Value infinity = f.number(HUGE_VAL), zero = f.number(0);
  value = code.select(f.is(CmpFPredicate::OEQ, x, infinity), x, value);
  value = code.select(f.is(CmpFPredicate::OEQ, x, zero), f.number(-HUGE_VAL), value);
  return code.select(f.is(CmpFPredicate::ULT, x, zero), f.number(NAN), value);
}

Value rondo::math::log1p(Code &code, Value x) {
  Float f(code, x.getType());
  // log(u) x / (u - 1) with u = 1 + x rounded: the rounding of u cancels.
  Value one = f.number(1);
  Value u = code.make<arith::AddFOp>(one, x), d = code.make<arith::SubFOp>(u, one);
  Value exact = f.is(CmpFPredicate::OEQ, d, f.number(0));
  Value quotient = code.make<arith::DivFOp>(x, code.select(exact, one, d));
  Value value = code.select(exact, x, code.mulf(log(code, u), quotient));
  Value infinite = f.is(CmpFPredicate::OEQ, u, f.number(HUGE_VAL));
  Value pole = f.is(CmpFPredicate::OEQ, x, f.number(-1));
  value = code.select(infinite, u, value);
  return code.select(pole, f.number(-HUGE_VAL), value);
}

Value rondo::math::cosTurn(Code &code, Value u) {
  Float f(code, u.getType());
  // v = u - 1/2 in [-1/2, 1/2]: cos(2 pi u) = -cos(2 pi v); with w = |v|, and
  // cos(2 pi w) = sin(2 pi (1/4 - w)), |1/4 - w| <= 1/4, all exact up to the polynomial.
  Value v = code.make<arith::SubFOp>(u, f.number(0.5));
  Value turn = code.make<arith::SubFOp>(abs(code, v), f.number(0.25)); // -sin(2 pi turn') sign in
  Value angle = code.mulf(turn, f.number(6.283185307179586476925286766559));
  Value z = code.mulf(angle, angle);
  SmallVector<double> c;
  double term = 1;
  for (int k = 0; k <= (f.isDouble ? 11 : 6); ++k) {
    c.push_back(term);
    term /= -((2 * k + 2) * (2 * k + 3.0));
  }
  return code.mulf(angle, f.polynomial(z, c));
}

Value rondo::math::libm(Code &code, StringRef name, ValueRange operands) {
  Type type = operands[0].getType(), scalar = getElementTypeOrSelf(type);
  // The mark keeps the name apart from a model's own function of that name; LLVM drops it.
  std::string symbol = ("\01" + name + (scalar.isF32() ? "f" : "")).str();
  auto module = code.builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(symbol);
  if (!function) {
    OpBuilder::InsertionGuard guard(code.builder);
    code.builder.setInsertionPointToStart(module.getBody());
    SmallVector<Type> arguments(operands.size(), scalar);
    function = LLVM::LLVMFuncOp::create(code.builder, code.loc, symbol,
                                        LLVM::LLVMFunctionType::get(scalar, arguments));
  }
  auto call = [&](ValueRange lane) -> Value {
    return LLVM::CallOp::create(code.builder, code.loc, function, lane).getResult();
  };
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return call(operands);
  Value result = code.number(type, 0);
  for (int64_t lane = 0; lane < vector.getDimSize(0); ++lane) {
    SmallVector<Value> values;
    for (Value operand : operands)
      values.push_back(code.make<vector::ExtractOp>(operand, lane));
    result = code.make<vector::InsertOp>(call(values), result, lane);
  }
  return result;
}
