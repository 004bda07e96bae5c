// sin and cos for every argument, without a loss of digits at large ones.
//
// Both precisions reduce the angle in double precision: by Cody and Waite's three parts of pi/2 up
// to 2^20, and by Payne and Hanek's method beyond, in 32-bit limbs. The latter stands behind a
// branch that is taken if any lane needs it, in a function of its own, and is vector code too.
#include "Lower/MathFloat.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::math;

namespace {

/// x = quarters pi/2 + high + low with |high| <= pi/4 or a little more.
struct Angle {
  Value quarters, high, low;
};

/// The digits of 2/pi in words of 32 bits, after two words of zeros.
constexpr int64_t twoOverPi[] = {
    0x00000000, 0x00000000, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599,
    0x3C439041, 0xFE5163AB, 0xDEBBC561, 0xB7246E3A, 0x424DD2E0, 0x06492EEA, 0x09D1921C,
    0xFE1DEB1C, 0xB129A73E, 0xE88235F5, 0x2EBB4484, 0xE99C7026, 0xB45F7E41, 0x3991D639,
    0x835339F4, 0x9C845F8B, 0xBDF9283B, 0x1FF897FF, 0xDE05980F, 0xEF2F118B, 0x5A0A6D1F,
    0x6D367ECF, 0x27CB09B7, 0x4F463F66, 0x9E5FEA2D, 0x7527BAC7, 0xEBE5F17B, 0x3D0739F7,
    0x8A5292EA, 0x6BFB5FB1, 0x1F8D5D08, 0x56033046, 0xFC7B6BAB, 0xF0CFBC20};

Value wordAt(Code &code, Value index) {
  auto module = code.builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  StringRef name = "rondo.two_over_pi";
  if (!module.lookupSymbol(name)) {
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    int64_t count = std::size(twoOverPi);
    auto type = LLVM::LLVMArrayType::get(code.i64Type(), count);
    auto words = DenseElementsAttr::get(RankedTensorType::get({count}, code.i64Type()),
                                        ArrayRef<int64_t>(twoOverPi));
    LLVM::GlobalOp::create(builder, code.loc, type, /*isConstant=*/true, LLVM::Linkage::Internal,
                           name, words, /*alignment=*/64);
  }
  Value table = code.make<LLVM::AddressOfOp>(code.pointerType(), name);
  if (isa<VectorType>(index.getType()))
    return code.gather(index.getType(), code.addresses(table, code.i64Type(), index), {});
  return code.load(code.i64Type(), code.address(table, code.i64Type(), index));
}

/// a + b exactly, as a sum and its error, for |a| >= |b| or a = 0.
std::pair<Value, Value> fastTwoSum(Float &f, Value a, Value b) {
  Value sum = f.add(a, b);
  return {sum, f.sub(b, f.sub(sum, a))};
}

/// For |x| <= 2^20: pi/2 in three parts of 33 bits and a rest, so that products are exact.
Angle reduceSmall(Float &f, Value x) {
  Code &code = f.code;
  Value magic = f.number(0x1.8p52);
  Value shifted = code.fma(x, f.number(0x1.45f306dc9c883p-1), magic);
  Value n = f.sub(shifted, magic);
  Value quarters = f.asBits(shifted);
  Value first = f.sub(x, f.mul(n, f.number(0x1.921fb544p+0)));
  Value second = f.mul(n, f.number(0x1.0b4611a6p-34));
  Value high = f.sub(first, second);
  // Knuth's error of the difference; neither operand need be the larger.
  Value part = f.sub(first, high);
  Value error = f.sub(f.sub(first, f.add(high, part)), f.sub(second, part));
  Value low = code.fma(n, f.number(-0x1.3198a2e037073p-69), error);
  auto [sum, rest] = fastTwoSum(f, high, low);
  return {quarters, sum, rest};
}

/// For finite |x| >= 2^20. x = m 2^(E - 52) with an integer m; of 2/pi the words matter that give
/// neither multiples of 4 nor digits too small: x 2/pi mod 4 comes as 128 bits, 126 of them behind
/// the point.
Angle reduceLarge(Float &f, Value x) {
  Code &code = f.code;
  auto shiftRight = [&](Value a, int64_t by) {
    return code.make<arith::ShRUIOp>(a, f.integer(by));
  };
  auto add = [&](Value a, Value b) { return code.make<arith::AddIOp>(a, b); };
  auto mul = [&](Value a, Value b) { return code.make<arith::MulIOp>(a, b); };
  Value wordMask = f.integer(0xFFFFFFFF);
  auto lowWord = [&](Value a) { return f.logicalAnd(a, wordMask); };

  Value bits = f.asBits(abs(code, x));
  Value place = add(shiftRight(bits, 52), f.integer(10 - 1023)); // E + 10
  Value m =
      code.make<arith::OrIOp>(f.logicalAnd(bits, f.integer((1LL << 52) - 1)), f.integer(1LL << 52));
  Value m0 = lowWord(m), m1 = shiftRight(m, 32);
  Value index = shiftRight(place, 5), shift = f.logicalAnd(place, f.integer(31));
  // Lanes that are small or not finite read something.
  index = code.make<arith::MaxSIOp>(
      code.make<arith::MinSIOp>(index, f.integer(std::size(twoOverPi) - 7)), f.integer(0));
  SmallVector<Value> v;
  Value word = wordAt(code, index);
  for (int64_t i = 0; i < 6; ++i) {
    Value next = wordAt(code, add(index, f.integer(i + 1)));
    Value both = code.make<arith::OrIOp>(f.shiftLeft(word, 32), next);
    v.push_back(lowWord(shiftRight(code.make<arith::ShLIOp>(both, shift), 32)));
    word = next;
  }
  // m v, in limbs of 32 bits from the last to the first.
  SmallVector<Value> low0, low1;
  for (Value each : v) {
    low0.push_back(mul(m0, each));
    low1.push_back(mul(m1, each));
  }
  SmallVector<Value, 4> limb(4);
  Value carry = f.integer(0);
  for (int64_t p = 3; p >= 0; --p) {
    Value sum = add(lowWord(low0[p]), add(shiftRight(low0[p + 1], 32), lowWord(low1[p + 1])));
    sum = add(sum, shiftRight(low1[p + 2], 32));
    sum = add(sum, carry);
    limb[p] = lowWord(sum);
    carry = shiftRight(sum, 32);
  }
  // The nearest quarter, and the signed rest; of a negative one the complement is taken.
  Value quarters = shiftRight(add(limb[0], f.integer(1LL << 29)), 30);
  Value top = code.make<arith::SubIOp>(limb[0], f.shiftLeft(quarters, 30));
  Value sign = code.make<arith::ShRSIOp>(top, f.integer(63));
  Value flip = lowWord(sign);
  auto part = [&](Value a, Value mask, double unit) {
    Value flipped = code.make<arith::XOrIOp>(a, mask);
    return f.mul(code.make<arith::SIToFPOp>(f.type, flipped), f.number(unit));
  };
  Value high = part(top, sign, 0x1p-30);
  Value rest = f.add(part(limb[2], flip, 0x1p-94), part(limb[3], flip, 0x1p-126));
  auto [sum, error] = fastTwoSum(f, high, part(limb[1], flip, 0x1p-62));
  auto [fraction, tail] = fastTwoSum(f, sum, f.add(error, rest));
  // Times pi/2, whose first part has 33 bits; the fraction is split to make products exact.
  Value head = f.asFloat(f.logicalAnd(f.asBits(fraction), f.integer(~0x1FFFFFFFLL)));
  Value foot = f.sub(fraction, head);
  Value exact = f.mul(head, f.number(0x1.921fb4p+0));
  Value small = f.add(f.mul(foot, f.number(0x1.921fb54442d18p+0)),
                      f.mul(head, f.number(0x1.4442d18469899p-24)));
  small = code.fma(tail, f.number(0x1.921fb54442d18p+0), small);
  auto [angle, angleTail] = fastTwoSum(f, exact, small);
  // The signs of the complement and of x.
  Value isNegative = f.is(CmpFPredicate::OLT, x, f.number(0));
  Value minus = code.make<arith::XOrIOp>(
      code.make<arith::CmpIOp>(arith::CmpIPredicate::slt, top, f.integer(0)), isNegative);
  angle = code.select(minus, f.neg(angle), angle);
  angleTail = code.select(minus, f.neg(angleTail), angleTail);
  quarters = code.select(isNegative, code.make<arith::SubIOp>(f.integer(0), quarters), quarters);
  return {quarters, angle, angleTail};
}

/// reduceLarge as a function of its own for each type: it is long, hardly ever called, and would
/// otherwise stand behind every sine of every unrolled tile.
LLVM::LLVMFuncOp functionOfLarge(Float &f) {
  Code &code = f.code;
  auto vector = dyn_cast<VectorType>(f.type);
  std::string name = "rondo.large_angle" + (vector ? std::to_string(vector.getDimSize(0)) : "");
  auto module = code.builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  MLIRContext *context = code.builder.getContext();
  auto result = LLVM::LLVMStructType::getLiteral(context, {f.bits, f.type, f.type});
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto function = LLVM::LLVMFuncOp::create(builder, code.loc, name,
                                           LLVM::LLVMFunctionType::get(result, {f.type}),
                                           LLVM::Linkage::Internal, /*dsoLocal=*/true);
  function.setNoInline(true);
  function.setPassthroughAttr(builder.getStrArrayAttr({"cold"}));
  Block *entry = function.addEntryBlock(builder);
  Code inner(code.loc, entry);
  Float own(inner, f.type);
  Angle angle = reduceLarge(own, entry->getArgument(0));
  Value all = inner.make<LLVM::PoisonOp>(result);
  SmallVector<Value> parts{angle.quarters, angle.high, angle.low};
  for (auto [place, value] : llvm::enumerate(parts))
    all = inner.make<LLVM::InsertValueOp>(all, value, static_cast<int64_t>(place));
  LLVM::ReturnOp::create(inner.builder, code.loc, all);
  return function;
}

Angle reduce(Float &f, Value x) {
  Code &code = f.code;
  Angle angle = reduceSmall(f, x);
  Value magnitude = abs(code, x);
  Value isLarge = f.logicalAnd(f.is(CmpFPredicate::OGE, magnitude, f.number(0x1p20)),
                               f.is(CmpFPredicate::OLT, magnitude, f.number(HUGE_VAL)));
  Value any = isLarge;
  if (isa<VectorType>(isLarge.getType()))
    any = code.make<vector::ReductionOp>(vector::CombiningKind::OR, isLarge);
  SmallVector<Value> small{angle.quarters, angle.high, angle.low};
  SmallVector<Type> types{f.bits, f.type, f.type};
  auto op = scf::IfOp::create(code.builder, code.loc, types, any, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(code.builder);
    code.builder.setInsertionPointToEnd(op.elseBlock());
    scf::YieldOp::create(code.builder, code.loc, small);
    code.builder.setInsertionPointToEnd(op.thenBlock());
    code.pushScope();
    auto call = LLVM::CallOp::create(code.builder, code.loc, functionOfLarge(f), x);
    SmallVector<Value> merged;
    for (auto [place, value] : llvm::enumerate(small))
      merged.push_back(code.select(
          isLarge, code.make<LLVM::ExtractValueOp>(call.getResult(), static_cast<int64_t>(place)),
          value));
    code.popScope();
    scf::YieldOp::create(code.builder, code.loc, merged);
  }
  return {op.getResult(0), op.getResult(1), op.getResult(2)};
}

/// sin and cos of y + low for |y| <= pi/4; the polynomials are fdlibm's resp. Cephes'.
std::pair<Value, Value> sinAndCos(Float &f, Value y, Value low) {
  Code &code = f.code;
  Value z = code.mulf(y, y), half = code.mulf(z, f.number(0.5)), one = f.number(1);
  if (!f.isDouble) {
    Value s = f.polynomial(z, {-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4});
    Value c = f.polynomial(z, {4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5});
    Value sine = code.fma(code.mulf(z, y), s, y);
    Value cosine = code.fma(code.mulf(z, z), c, f.sub(one, half));
    return {sine, cosine};
  }
  Value s = f.polynomial(z, {8.33333333332248946124e-03, -1.98412698298579493134e-04,
                             2.75573137070700676789e-06, -2.50507602534068634195e-08,
                             1.58969099521155010221e-10});
  Value cube = code.mulf(z, y);
  Value inner = code.fma(z, f.sub(code.mulf(low, f.number(0.5)), code.mulf(cube, s)), f.neg(low));
  Value sine = f.sub(y, code.fma(cube, f.number(1.66666666666666324348e-01), inner));
  Value c = f.polynomial(z, {4.16666666666666019037e-02, -1.38888888888741095749e-03,
                             2.48015872894767294178e-05, -2.75573143513906633035e-07,
                             2.08757232129817482790e-09, -1.13596475577881948265e-11});
  Value whole = f.sub(one, half);
  Value rest = f.sub(f.sub(one, whole), half);
  Value tail = f.sub(code.mulf(z, code.mulf(z, c)), code.mulf(y, low));
  return {sine, f.add(whole, f.add(rest, tail))};
}

/// sin(x + quarter pi/2).
Value sineAt(Code &code, Value x, int64_t quarter) {
  Float f(code, x.getType());
  Value wide = x;
  Type doubles = code.builder.getF64Type();
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    doubles = vector.clone(doubles);
  if (!f.isDouble)
    wide = code.make<arith::ExtFOp>(doubles, x);
  Float d(code, doubles);
  Angle angle = reduce(d, wide);
  Value n = code.make<arith::AddIOp>(angle.quarters, d.integer(quarter));
  Value y = angle.high;
  if (!f.isDouble) {
    y = code.make<arith::TruncFOp>(f.type, y);
    n = code.make<arith::TruncIOp>(f.bits, n);
  }
  auto [sine, cosine] = sinAndCos(f, y, angle.low);
  auto bit = [&](int64_t mask) {
    return code.make<arith::CmpIOp>(arith::CmpIPredicate::ne, f.logicalAnd(n, f.integer(mask)),
                                    f.integer(0));
  };
  Value value = code.select(bit(1), cosine, sine);
  value = code.select(bit(2), f.neg(value), value);
  if (quarter != 0)
    return value;
  // The reduction turns -0 into 0.
  return code.select(f.is(CmpFPredicate::OEQ, x, f.number(0)), x, value);
}

} // namespace

Value rondo::math::sin(Code &code, Value x) { return sineAt(code, x, 0); }
Value rondo::math::cos(Code &code, Value x) { return sineAt(code, x, 1); }

Value rondo::math::cosTurn(Code &code, Value u) {
  Float f(code, u.getType());
  // v = u - 1/2 in [-1/2, 1/2]: cos(2 pi u) = -cos(2 pi v); with w = |v|, and
  // cos(2 pi w) = sin(2 pi (1/4 - w)), |1/4 - w| <= 1/4, all exact up to the polynomial.
  Value v = f.sub(u, f.number(0.5));
  Value turn = f.sub(abs(code, v), f.number(0.25)); // -sin(2 pi turn') sign in
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
