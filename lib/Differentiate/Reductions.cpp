// The reverse rules of contract and reduce.
#include "Differentiate/Differentiate.h"
#include "Differentiate/Term.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

/// The array repeated along `axes` of `type`, which a reduction took away.
static Value expand(OpBuilder &builder, Location loc, Value value, ArrayType type,
                    ArrayRef<int64_t> axes) {
  SmallVector<int64_t> kept;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (!llvm::is_contained(axes, axis))
      kept.push_back(axis);
  ArrayType result = type.withElementType(arrayType(value).getElementType());
  return BroadcastOp::create(builder, loc, result, value, kept);
}

/// For y = reduce(x) over one axis with cotangent c: c times the product of the others, as the
/// product of those before and those after, so that zeros do no harm.
static Value productAdjoint(OpBuilder &builder, Location loc, Value x, int64_t axis, Value c) {
  ArrayType type = arrayType(x);
  DimAttr dim = type.getDim(axis);
  Value one = ConstantOp::create(builder, loc, type.withErased(axis), 1.0);
  auto productsBefore = [&](bool reverse) -> Value {
    auto scan = ScanOp::create(builder, loc, dim, reverse, one, x, axis, Type(type), axis, {});
    Value product = scan.getCarryArguments()[0], factor = scan.getSliceArguments()[0];
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(scan.getBlock());
    Value next = MulOp::create(builder, loc, product.getType(), product, factor);
    YieldOp::create(builder, loc, ValueRange{next, product});
    return scan.getStackResults()[0];
  };
  Term before(builder, loc, productsBefore(false)), after(builder, loc, productsBefore(true));
  return Term(builder, loc, expand(builder, loc, c, type, axis)) * (before * after);
}

namespace {

/// Each operand's cotangent is a contraction of the other letters: with "a,b->c", a gets "c,b->a".
struct ContractAdjoint : Differentiable::ExternalModel<ContractAdjoint, ContractOp> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    auto contract = cast<ContractOp>(op);
    Value c = adjoints.of(contract.getResult());
    Spec spec = *Spec::parse(contract.getSpec());
    const std::string &left = spec.operands[0], &right = spec.operands[1];
    if (adjoints.wants(contract.getLhs()))
      adjoints.add(builder, contract.getLhs(),
                   ContractOp::create(builder, op->getLoc(), c, contract.getRhs(),
                                      Spec{{spec.result, right}, left}.str()));
    if (adjoints.wants(contract.getRhs()))
      adjoints.add(builder, contract.getRhs(),
                   ContractOp::create(builder, op->getLoc(), contract.getLhs(), c,
                                      Spec{{left, spec.result}, right}.str()));
    if (contract.getInit())
      adjoints.add(builder, contract.getInit(), c);
    return success();
  }
};

struct ReduceAdjoint : Differentiable::ExternalModel<ReduceAdjoint, ReduceOp> {
  LogicalResult vjp(Operation *op, OpBuilder &builder, Adjoints &adjoints) const {
    auto reduce = cast<ReduceOp>(op);
    if (!adjoints.wants(reduce.getOperand()))
      return success();
    Value cotangent = adjoints.of(reduce.getResult());
    if (reduce.getAxes().empty()) {
      adjoints.add(builder, reduce.getOperand(), cotangent);
      return success();
    }
    switch (reduce.getKind()) {
    case ReduceKind::Sum:
      cotangent =
          expand(builder, op->getLoc(), cotangent, reduce.getOperand().getType(), reduce.getAxes());
      break;
    case ReduceKind::Max:
    case ReduceKind::Min:
      cotangent = extremumAdjoint(reduce, builder, cotangent);
      break;
    case ReduceKind::Product:
      cotangent = productAdjoint(reduce, builder, cotangent);
      break;
    }
    adjoints.add(builder, reduce.getOperand(), cotangent);
    return success();
  }

private:
  /// Equal parts to all elements that attain the extremum, exact zeros to the others.
  static Value extremumAdjoint(ReduceOp reduce, OpBuilder &builder, Value cotangent) {
    Location loc = reduce.getLoc();
    ArrayType type = reduce.getOperand().getType();
    Term x(builder, loc, reduce.getOperand());
    Term y(builder, loc, expand(builder, loc, reduce.getResult(), type, reduce.getAxes()));
    Term attained = x == y;
    Value ones = ConvertOp::create(builder, loc, type, attained);
    Term count(builder, loc,
               ReduceOp::create(builder, loc, ReduceKind::Sum, ones, reduce.getAxes()));
    Term part = Term(builder, loc, cotangent) / count;
    Term parts(builder, loc, expand(builder, loc, part, type, reduce.getAxes()));
    return attained.choose(parts, parts.number(0));
  }

  /// One axis at a time: the product over several is a product of products.
  static Value productAdjoint(ReduceOp reduce, OpBuilder &builder, Value cotangent) {
    Location loc = reduce.getLoc();
    SmallVector<Value> partial{reduce.getOperand()};
    for (int64_t axis : llvm::reverse(reduce.getAxes().drop_front()))
      partial.push_back(ReduceOp::create(builder, loc, ReduceKind::Product, partial.back(), axis));
    for (auto [axis, value] : llvm::zip_equal(reduce.getAxes(), llvm::reverse(partial)))
      cotangent = ::productAdjoint(builder, loc, value, axis, cotangent);
    return cotangent;
  }
};

/// Its result is an index.
struct ArgmaxAdjoint : Differentiable::ExternalModel<ArgmaxAdjoint, ArgmaxOp> {
  LogicalResult vjp(Operation *, OpBuilder &, Adjoints &) const { return success(); }
};

} // namespace

void rondo::attachReductionAdjoints(MLIRContext *context) {
  ContractOp::attachInterface<ContractAdjoint>(*context);
  ReduceOp::attachInterface<ReduceAdjoint>(*context);
  ArgmaxOp::attachInterface<ArgmaxAdjoint>(*context);
}
