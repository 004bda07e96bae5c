// Builders, verifiers and folds of contract, reduce and argmax.
#include "Rondo/Rondo.h"
#include "Rondo/Spec.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace rondo;

void ContractOp::build(OpBuilder &builder, OperationState &state, Value lhs, Value rhs,
                       StringRef text, Value init) {
  std::optional<Spec> spec = Spec::parse(text);
  assert(spec && spec->operands.size() == 2 && "a contraction's spec names two operands");
  SmallVector<DimAttr> dims;
  for (char letter : spec->result) {
    int64_t axis = Spec::axis(spec->operands[0], letter);
    dims.push_back(axis >= 0 ? arrayType(lhs).getDim(axis)
                             : arrayType(rhs).getDim(Spec::axis(spec->operands[1], letter)));
  }
  build(builder, state, ArrayType::get(dims, arrayType(lhs).getElementType()), lhs, rhs,
        builder.getStringAttr(text), init);
}

LogicalResult ContractOp::verify() {
  std::optional<Spec> spec = Spec::parse(getSpec());
  if (!spec || spec->operands.size() != 2)
    return emitOpError("expected a spec \"lhs,rhs->result\", found \"") << getSpec() << '"';
  const std::string &left = spec->operands[0], &right = spec->operands[1];
  llvm::SmallDenseMap<char, DimAttr> known;
  auto bind = [&](StringRef letters, ArrayType type, StringRef what) -> LogicalResult {
    if (static_cast<int64_t>(letters.size()) != type.getRank())
      return emitOpError() << what << " has rank " << type.getRank() << " but the spec gives it "
                           << letters.size() << " letters";
    for (auto [letter, dim] : llvm::zip_equal(letters, type.getDims())) {
      auto [it, isNew] = known.try_emplace(letter, dim);
      if (!isNew && it->second != dim)
        return emitOpError() << "letter '" << letter << "' is dim " << it->second.str()
                             << " and in " << what << " dim " << dim.str();
      int uses = (Spec::axis(left, letter) >= 0) + (Spec::axis(right, letter) >= 0) +
                 (Spec::axis(spec->result, letter) >= 0);
      if (uses < 2)
        return emitOpError() << "letter '" << letter << "' occurs in only one array";
    }
    return success();
  };
  if (failed(bind(left, getLhs().getType(), "lhs")) ||
      failed(bind(right, getRhs().getType(), "rhs")) ||
      failed(bind(spec->result, getType(), "result")))
    return failure();
  Type element = getType().getElementType();
  if (getLhs().getType().getElementType() != element ||
      getRhs().getType().getElementType() != element)
    return emitOpError("expected equal element types");
  if (getInit() && getInit().getType() != getType())
    return emitOpError("expected init to have the result's type");
  return success();
}

/// A contraction onto zero needs no init.
struct DropZeroInit : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    auto init = op.getInit() ? op.getInit().getDefiningOp<ConstantOp>() : ConstantOp();
    if (!init || init.getSplat() != 0.0)
      return rewriter.notifyMatchFailure(op, "init is not the constant zero");
    rewriter.modifyOpInPlace(op, [&] { op.getInitMutable().clear(); });
    return success();
  }
};

void ContractOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<DropZeroInit>(context);
}

void ReduceOp::build(OpBuilder &builder, OperationState &state, ReduceKind kind, Value operand,
                     ArrayRef<int64_t> axes) {
  ArrayType type = arrayType(operand);
  SmallVector<DimAttr> dims;
  for (auto [i, dim] : llvm::enumerate(type.getDims()))
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      dims.push_back(dim);
  build(builder, state, type.withDims(dims), kind, operand, axes);
}

LogicalResult ReduceOp::verify() {
  ArrayType from = getOperand().getType();
  SmallVector<DimAttr> dims(from.getDims());
  int64_t last = from.getRank();
  for (int64_t axis : llvm::reverse(getAxes())) {
    if (axis < 0 || axis >= last)
      return emitOpError("expected rising axes of the operand");
    dims.erase(dims.begin() + axis);
    last = axis;
  }
  if (getType() != from.withDims(dims))
    return emitOpError("expected the result type ") << from.withDims(dims);
  return success();
}

OpFoldResult ReduceOp::fold(FoldAdaptor) {
  return getAxes().empty() ? OpFoldResult(getOperand()) : OpFoldResult();
}

LogicalResult ArgmaxOp::verify() {
  ArrayType from = getOperand().getType();
  if (getAxis() < 0 || getAxis() >= static_cast<int64_t>(from.getRank()))
    return emitOpError("expected an axis of the operand, found ") << getAxis();
  if (getType().getDims() != from.withErased(getAxis()).getDims())
    return emitOpError("expected the operand's dims without axis ") << getAxis();
  return success();
}
