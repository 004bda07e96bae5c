// rondo-precision: compiles the whole program in another precision.
#include "Program/ConvertPrecision.h"
#include "Program/Passes.h"
#include "Rondo/Rondo.h"
#include "mlir/IR/AttrTypeSubElements.h"

namespace rondo {
#define GEN_PASS_DEF_PRECISION
#include "Program/Passes.h.inc"
} // namespace rondo

using namespace mlir;

namespace {

/// A constant array of singles as doubles.
Attribute widen(DenseElementsAttr attr) {
  Type f64 = Float64Type::get(attr.getContext());
  return attr.mapValues(
      f64, [](const APFloat &value) { return APFloat(value.convertToDouble()).bitcastToAPInt(); });
}

AttrTypeReplacer makeReplacer(MLIRContext *context) {
  AttrTypeReplacer replacer;
  Type f64 = Float64Type::get(context);
  replacer.addReplacement([f64](rondo::ArrayType type) -> std::pair<Type, WalkResult> {
    if (type.getElementType().isF32())
      type = type.withElementType(f64);
    return {type, WalkResult::skip()};
  });
  replacer.addReplacement([f64](Float32Type) -> Type { return f64; });
  replacer.addReplacement([f64](FloatAttr attr) -> std::pair<Attribute, WalkResult> {
    if (attr.getType().isF32())
      attr = FloatAttr::get(f64, attr.getValue().convertToDouble());
    return {attr, WalkResult::skip()};
  });
  replacer.addReplacement([](DenseElementsAttr attr) -> std::pair<Attribute, WalkResult> {
    return {attr.getElementType().isF32() ? widen(attr) : attr, WalkResult::skip()};
  });
  return replacer;
}

bool mentionsSingle(Operation *op) {
  auto isSingle = [](Type type) {
    auto array = dyn_cast<rondo::ArrayType>(type);
    return array && array.getElementType().isF32();
  };
  return llvm::any_of(op->getResultTypes(), isSingle) || isa<rondo::ParamOp>(op);
}

} // namespace

int64_t rondo::convertToDouble(Operation *root) {
  AttrTypeReplacer replacer = makeReplacer(root->getContext());
  int64_t converted = 0;
  root->walk([&](Operation *op) {
    if (mentionsSingle(op))
      ++converted;
    replacer.replaceElementsIn(op, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                               /*replaceTypes=*/true);
  });
  root->walk([](ConvertOp op) {
    if (op.getOperand().getType() != op.getType())
      return;
    op.replaceAllUsesWith(op.getOperand());
    op.erase();
  });
  return converted;
}

namespace {

struct PrecisionPass : rondo::impl::PrecisionBase<PrecisionPass> {
  using PrecisionBase::PrecisionBase;

  void runOnOperation() override {
    if (to == "f32")
      return;
    if (to != "f64") {
      getOperation().emitError() << "unknown precision '" << to << "', expected f32 or f64";
      return signalPassFailure();
    }
    numConverted += rondo::convertToDouble(getOperation());
  }
};

} // namespace
