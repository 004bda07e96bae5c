// The elementwise family on scalars and vectors, constants and conversions.
#include "Lower/Emitter.h"
#include "Lower/Math.h"

using namespace mlir;
using namespace rondo;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

Value Emitter::constantElement(ConstantOp op, ArrayRef<Index> indices) {
  Type element = op.getType().getElementType();
  if (std::optional<double> splat = op.getSplat()) {
    // Large integers do not fit a double.
    if (auto number = dyn_cast<IntegerAttr>(op.getValue()))
      return code.integer(element, number.getValue().getSExtValue());
    return code.number(element, *splat);
  }
  // An array of numbers is a global of the module.
  auto module = op->getParentOfType<ModuleOp>();
  if (!module)
    module = code.builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  auto dense = cast<DenseElementsAttr>(op.getValue());
  if (element.isInteger(1)) {
    SmallVector<int8_t> bytes;
    for (bool bit : dense.getValues<bool>())
      bytes.push_back(bit);
    dense = DenseElementsAttr::get(dense.getType().clone(IntegerType::get(op.getContext(), 8)),
                                   ArrayRef(bytes));
  }
  int64_t count = dense.getNumElements();
  Value pointer = code.atEntry([&]() -> Value {
    Code::Key key{"global", dense.getAsOpaquePointer()};
    if (Value known = code.lookup(key))
      return known;
    std::string name;
    for (int64_t number = 0; name.empty() || module.lookupSymbol(name); ++number)
      name = "rondo.constant." + std::to_string(number);
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    auto type = LLVM::LLVMArrayType::get(dense.getElementType(), count);
    auto flat = dense.reshape(RankedTensorType::get({count}, dense.getElementType()));
    LLVM::GlobalOp::create(builder, op.getLoc(), type, /*isConstant=*/true, LLVM::Linkage::Internal,
                           name, flat, /*alignment=*/64);
    Value address = LLVM::AddressOfOp::create(code.builder, op.getLoc(), code.pointerType(), name);
    code.remember(key, address);
    return address;
  });
  return load(denseView(pointer, op.getType()), indices);
}

/// x / y rounded down, or the remainder with the sign of y; 0 where y is 0.
Value Emitter::integerDivision(Value x, Value y, bool remainder) {
  Type type = x.getType();
  Value zero = code.integer(type, 0), one = code.integer(type, 1), minus = code.integer(type, -1);
  auto is = [&](CmpIPredicate predicate, Value a, Value b) {
    return code.make<arith::CmpIOp>(predicate, a, b);
  };
  Value isZero = is(CmpIPredicate::eq, y, zero), isMinus = is(CmpIPredicate::eq, y, minus);
  // Neither 0 nor -1 (which overflows for the smallest number) reaches the division.
  Value divisor = code.select(code.make<arith::OrIOp>(isZero, isMinus), one, y);
  Value quotient = code.make<arith::DivSIOp>(x, divisor);
  Value rest = code.make<arith::SubIOp>(x, code.make<arith::MulIOp>(quotient, divisor));
  Value differ = is(CmpIPredicate::slt, code.make<arith::XOrIOp>(rest, divisor), zero);
  Value adjust = code.make<arith::AndIOp>(differ, is(CmpIPredicate::ne, rest, zero));
  if (remainder) {
    Value floored = code.select(adjust, code.make<arith::AddIOp>(rest, divisor), rest);
    return code.select(code.make<arith::OrIOp>(isZero, isMinus), zero, floored);
  }
  Value floored = code.select(adjust, code.make<arith::SubIOp>(quotient, one), quotient);
  floored = code.select(isMinus, code.make<arith::SubIOp>(zero, x), floored);
  return code.select(isZero, zero, floored);
}

Value Emitter::convert(Value value, Type to) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == to)
    return value;
  Type type = to;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(to);
  Value zero = code.number(value.getType(), 0);
  if (to.isInteger(1)) {
    if (isa<FloatType>(from))
      return code.make<arith::CmpFOp>(CmpFPredicate::UNE, value, zero);
    return code.make<arith::CmpIOp>(CmpIPredicate::ne, value, zero);
  }
  if (from.isInteger(1))
    return isa<FloatType>(to) ? code.make<arith::UIToFPOp>(type, value)
                              : code.make<arith::ExtUIOp>(type, value);
  if (isa<FloatType>(from) && isa<FloatType>(to))
    return from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth()
               ? code.make<arith::ExtFOp>(type, value)
               : code.make<arith::TruncFOp>(type, value);
  if (isa<FloatType>(to))
    return code.make<arith::SIToFPOp>(type, value);
  if (isa<FloatType>(from)) {
    auto call = LLVM::CallIntrinsicOp::create(code.builder, code.loc, type,
                                              code.builder.getStringAttr("llvm.fptosi.sat"),
                                              ValueRange{value});
    return call.getResult(0);
  }
  return from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth()
             ? code.make<arith::ExtSIOp>(type, value)
             : code.make<arith::TruncIOp>(type, value);
}

Value Emitter::elementwise(Operation *op, ArrayRef<Index> indices) {
  if (auto select = dyn_cast<SelectOp>(op)) {
    Value condition = emit(select.getCondition(), indices);
    if (std::optional<int64_t> known = Code::constant(condition))
      return emit(*known ? select.getIfTrue() : select.getIfFalse(), indices);
  }
  SmallVector<Value> operands;
  bool isVector = false;
  for (Value operand : op->getOperands()) {
    operands.push_back(emit(operand, indices));
    isVector |= isa<VectorType>(operands.back().getType());
  }
  if (isVector)
    for (Value &operand : operands)
      operand = spread(operand);
  return arithmetic(op, operands);
}

static CmpFPredicate floatPredicate(Comparison kind) {
  switch (kind) {
  case Comparison::Equal:
    return CmpFPredicate::OEQ;
  case Comparison::NotEqual:
    return CmpFPredicate::UNE;
  case Comparison::Less:
    return CmpFPredicate::OLT;
  case Comparison::LessEqual:
    return CmpFPredicate::OLE;
  case Comparison::Greater:
    return CmpFPredicate::OGT;
  case Comparison::GreaterEqual:
    return CmpFPredicate::OGE;
  }
  llvm_unreachable("all comparisons are listed");
}

static CmpIPredicate integerPredicate(Comparison kind, bool isBool) {
  switch (kind) {
  case Comparison::Equal:
    return CmpIPredicate::eq;
  case Comparison::NotEqual:
    return CmpIPredicate::ne;
  case Comparison::Less:
    return isBool ? CmpIPredicate::ult : CmpIPredicate::slt;
  case Comparison::LessEqual:
    return isBool ? CmpIPredicate::ule : CmpIPredicate::sle;
  case Comparison::Greater:
    return isBool ? CmpIPredicate::ugt : CmpIPredicate::sgt;
  case Comparison::GreaterEqual:
    return isBool ? CmpIPredicate::uge : CmpIPredicate::sge;
  }
  llvm_unreachable("all comparisons are listed");
}

/// Every op rounds its own result: no product goes unrounded into a sum that reads it. A product
/// may have other readers, by this group, a copy of the op or a maximum that is then subtracted,
/// and what cancels has to be the same number for all (x * c - max(x * c) is 0 at the largest).
/// Only the products of a sum along an axis, of a contraction or a reduction, and those inside exp,
/// log and the like, are fused with the additions.
Value Emitter::arithmetic(Operation *op, ArrayRef<Value> v) {
  Type type = v[0].getType();
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(type));
  auto zero = [&] { return code.number(type, 0); };
  auto one = [&] { return code.number(type, 1); };
  auto is = [&](CmpFPredicate floats, CmpIPredicate integers, Value a, Value b) -> Value {
    return isFloat ? code.make<arith::CmpFOp>(floats, a, b)
                   : code.make<arith::CmpIOp>(integers, a, b);
  };
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](NegOp) -> Value {
        return isFloat ? code.make<arith::NegFOp>(v[0]) : code.make<arith::SubIOp>(zero(), v[0]);
      })
      .Case([&](AbsOp) -> Value {
        if (isFloat)
          return math::abs(code, v[0]);
        return code.make<arith::MaxSIOp>(v[0], code.make<arith::SubIOp>(zero(), v[0]));
      })
      .Case([&](SignOp) -> Value {
        Value above = is(CmpFPredicate::OGT, CmpIPredicate::sgt, v[0], zero());
        Value below = is(CmpFPredicate::OLT, CmpIPredicate::slt, v[0], zero());
        // NaN and 0 are their own sign.
        Value rest = code.select(below, code.number(type, -1), isFloat ? v[0] : zero());
        return code.select(above, one(), rest);
      })
      .Case([&](ExpOp) { return math::exp(code, v[0]); })
      .Case([&](LogOp) { return math::log(code, v[0]); })
      .Case([&](Log1pOp) { return math::log1p(code, v[0]); })
      .Case([&](Expm1Op) { return math::expm1(code, v[0]); })
      .Case([&](SqrtOp) { return math::sqrt(code, v[0]); })
      .Case([&](RsqrtOp) { return math::rsqrt(code, v[0]); })
      .Case([&](TanhOp) { return math::tanh(code, v[0]); })
      .Case([&](SigmoidOp) { return math::sigmoid(code, v[0]); })
      .Case([&](ErfOp) { return math::erf(code, v[0]); })
      .Case([&](SinOp) { return math::sin(code, v[0]); })
      .Case([&](CosOp) { return math::cos(code, v[0]); })
      .Case([&](PowOp) { return math::pow(code, v[0], v[1]); })
      .Case([&](FloorOp) { return math::floor(code, v[0]); })
      .Case([&](CeilOp) { return math::ceil(code, v[0]); })
      .Case([&](NotOp) { return code.make<arith::XOrIOp>(v[0], code.integer(type, -1)); })
      .Case([&](StopGradientOp) { return v[0]; })
      .Case([&](AddOp) -> Value {
        return isFloat ? code.make<arith::AddFOp>(v[0], v[1])
                       : code.make<arith::AddIOp>(v[0], v[1]);
      })
      .Case([&](SubOp) -> Value {
        return isFloat ? code.make<arith::SubFOp>(v[0], v[1])
                       : code.make<arith::SubIOp>(v[0], v[1]);
      })
      .Case([&](MulOp) -> Value {
        return isFloat ? code.make<arith::MulFOp>(v[0], v[1])
                       : code.make<arith::MulIOp>(v[0], v[1]);
      })
      .Case([&](DivOp) -> Value {
        return isFloat ? code.make<arith::DivFOp>(v[0], v[1])
                       : integerDivision(v[0], v[1], /*remainder=*/false);
      })
      .Case([&](RemOp) -> Value {
        if (!isFloat)
          return integerDivision(v[0], v[1], /*remainder=*/true);
        Value whole = math::floor(code, code.make<arith::DivFOp>(v[0], v[1]));
        return code.make<arith::SubFOp>(v[0], code.make<arith::MulFOp>(v[1], whole));
      })
      .Case([&](MinOp) -> Value {
        return isFloat ? code.make<arith::MinimumFOp>(v[0], v[1])
                       : code.make<arith::MinSIOp>(v[0], v[1]);
      })
      .Case([&](MaxOp) -> Value {
        return isFloat ? code.make<arith::MaximumFOp>(v[0], v[1])
                       : code.make<arith::MaxSIOp>(v[0], v[1]);
      })
      .Case([&](AndOp) { return code.make<arith::AndIOp>(v[0], v[1]); })
      .Case([&](OrOp) { return code.make<arith::OrIOp>(v[0], v[1]); })
      .Case([&](CompareOp compare) -> Value {
        if (isFloat)
          return code.make<arith::CmpFOp>(floatPredicate(compare.getKind()), v[0], v[1]);
        bool isBool = getElementTypeOrSelf(type).isInteger(1);
        return code.builder.createOrFold<arith::CmpIOp>(
            code.loc, integerPredicate(compare.getKind(), isBool), v[0], v[1]);
      })
      .Case([&](SelectOp) { return code.make<arith::SelectOp>(v[0], v[1], v[2]); })
      .Case(
          [&](ConvertOp convertOp) { return convert(v[0], convertOp.getType().getElementType()); });
}
