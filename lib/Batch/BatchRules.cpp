// Batch rules of the elementwise family, of sources, reductions, check and of ops with a region.
#include "Batch/BatchRule.h"
#include "Rondo/Elementwise.h"

using namespace mlir;
using namespace rondo;

int64_t rondo::batchAxis(ArrayType type, DimAttr behind) {
  return behind && type.getRank() > 0 && type.getDim(0) == behind ? 1 : 0;
}

Value rondo::moveAxis(OpBuilder &builder, Location loc, Value value, int64_t from, int64_t to) {
  if (from == to)
    return value;
  ArrayType type = arrayType(value);
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  permutation.erase(permutation.begin() + from);
  permutation.insert(permutation.begin() + to, from);
  auto dims = llvm::map_to_vector(permutation, [&](int64_t axis) { return type.getDim(axis); });
  return TransposeOp::create(builder, loc, type.withDims(dims), value, permutation);
}

Value rondo::addAxis(OpBuilder &builder, Location loc, Value value, int64_t axis, DimAttr dim) {
  ArrayType type = arrayType(value);
  SmallVector<int64_t> dims;
  for (int64_t i = 0; i < type.getRank(); ++i)
    dims.push_back(i + (i >= axis));
  return BroadcastOp::create(builder, loc, type.withInserted(axis, dim), value, dims);
}

namespace {

/// Operands that lack the dim are repeated, since broadcasting is an op of its own.
struct ElementwiseRule {
  static BatchResult apply(Operation *op, const BatchCall &call) {
    SmallVector<Value> operands;
    for (size_t i = 0; i < op->getNumOperands(); ++i)
      operands.push_back(call.at(i, call.resultAxis()));
    Operation *copy = op->clone();
    copy->setOperands(operands);
    copy->getResult(0).setType(call.resultType());
    call.builder.insert(copy);
    return SmallVector<Value>(copy->getResults());
  }
};

struct ConstantRule {
  static BatchResult apply(ConstantOp op, const BatchCall &call) {
    if (isa<DenseElementsAttr>(op.getValue())) {
      Value same = call.builder.clone(*op)->getResult(0);
      return SmallVector<Value>{
          addAxis(call.builder, op.getLoc(), same, call.resultAxis(), call.dim)};
    }
    return SmallVector<Value>{
        ConstantOp::create(call.builder, op.getLoc(), call.resultType(), op.getValue())};
  }
};

struct IotaRule {
  static BatchResult apply(IotaOp op, const BatchCall &call) {
    int64_t axis = op.getAxis();
    return SmallVector<Value>{IotaOp::create(call.builder, op.getLoc(), call.resultType(),
                                             axis + (axis >= call.resultAxis()))};
  }
};

/// A ragged dim's length becomes one number per example.
struct LengthRule {
  static BatchResult apply(LengthOp op, const BatchCall &call) {
    return SmallVector<Value>{
        LengthOp::create(call.builder, op.getLoc(), call.resultType(), op.getDimAttr())};
  }
};

struct ReduceRule {
  static BatchResult apply(ReduceOp op, const BatchCall &call) {
    auto [value, at] = call.with(0);
    SmallVector<int64_t> axes;
    int64_t resultAt = at;
    for (int64_t axis : op.getAxes()) {
      axes.push_back(axis + (axis >= at));
      resultAt -= axis < at;
    }
    return call.result(ReduceOp::create(call.builder, op.getLoc(), op.getKind(), value, axes),
                       resultAt);
  }
};

struct ArgmaxRule {
  static BatchResult apply(ArgmaxOp op, const BatchCall &call) {
    auto [value, at] = call.with(0);
    int64_t axis = op.getAxis(), resultAt = at - (axis < at);
    return call.result(ArgmaxOp::create(call.builder, op.getLoc(),
                                        op.getType().withInserted(resultAt, call.dim), value,
                                        axis + (axis >= at)),
                       resultAt);
  }
};

/// A condition gets the dim where it has it, or where an example's lengths bound it.
struct CheckRule {
  static BatchResult apply(CheckOp op, const BatchCall &call) {
    Value condition = call.operands[1];
    if (call.has(1) || !call.has(0))
      condition = call.at(1, batchAxis(call.oldType(1), call.behind));
    Value operand = call.at(0, call.resultAxis());
    return SmallVector<Value>{
        CheckOp::create(call.builder, op.getLoc(), operand, condition, op.getMessageAttr())};
  }
};

/// Ops with a region: what the region reads from outside is the same for all.
struct RegionRule {
  static BatchResult apply(Operation *op, const BatchCall &call) {
    // Called without an operand that has the dim, the op depends on the example by its lengths.
    bool lengthsVary = llvm::all_of(call.axes, [](int64_t axis) { return axis < 0; });
    BatchMapper mapper(call.builder, call.dim, call.behind, lengthsVary);
    for (auto [from, to, axis] : llvm::zip_equal(op->getOperands(), call.operands, call.axes))
      mapper.map(from, to, axis);
    mapper.analyse(op);
    if (failed(mapper.batch(op)))
      return failure();
    return llvm::map_to_vector(op->getResults(), [&](Value result) {
      return mapper.materialise(result, batchAxis(arrayType(result), call.behind));
    });
  }
};

} // namespace

void rondo::registerBatchRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RondoDialect *) {
    forEachElementwise([&]<typename Op>() { attachBatchRule<ElementwiseRule, Op>(*context); });
    attachBatchRule<ConstantRule, ConstantOp>(*context);
    attachBatchRule<IotaRule, IotaOp>(*context);
    attachBatchRule<LengthRule, LengthOp>(*context);
    attachBatchRule<ReduceRule, ReduceOp>(*context);
    attachBatchRule<ArgmaxRule, ArgmaxOp>(*context);
    attachBatchRule<CheckRule, CheckOp>(*context);
    attachBatchRule<RegionRule, ScanOp, GradOp, GroupOp>(*context);
    attachMovementBatchRules(*context);
    attachLetterBatchRules(*context);
  });
}
