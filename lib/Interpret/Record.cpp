// rondo-record: see Passes.td.
#include "Check/Check.h"
#include "Interpret/Passes.h"
#include "rondo/Interpret.h"

namespace rondo {
#define GEN_PASS_DEF_RECORD
#include "Interpret/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// The numbers of an array, padding included.
static DenseElementsAttr toAttr(Builder &builder, const HostArray &array) {
  if (array.isFloat())
    return DenseElementsAttr::get(RankedTensorType::get(array.shape, builder.getF64Type()),
                                  ArrayRef<double>(array.floats));
  if (array.kind == ArrayKind::Bool) {
    SmallVector<bool> bits = llvm::map_to_vector(array.ints, [](int64_t i) { return i == 1; });
    return DenseElementsAttr::get(RankedTensorType::get(array.shape, builder.getI1Type()),
                                  ArrayRef<bool>(bits));
  }
  return DenseElementsAttr::get(RankedTensorType::get(array.shape, builder.getI64Type()),
                                ArrayRef<int64_t>(array.ints));
}

namespace {

struct Record : rondo::impl::RecordBase<Record> {
  using RecordBase::RecordBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      StringRef attribute = function->hasAttr(rondo::names::gradientOf) ? check::names::expectGrad
                                                                        : check::names::expect;
      if (!check::isTest(function) || function->hasAttr(attribute))
        continue;
      FailureOr<check::TestCall> call = check::getTestCall(function);
      if (failed(call))
        return signalPassFailure();
      FailureOr<std::vector<HostArray>> results =
          interpret(function, call->arguments, call->bindings);
      if (failed(results))
        return signalPassFailure();
      Builder builder(function);
      SmallVector<Attribute> list;
      for (auto [number, result] : llvm::enumerate(*results)) {
        NamedAttrList entry;
        entry.set("actual", builder.getI64IntegerAttr(number));
        entry.set("value", toAttr(builder, result));
        if (result.isFloat()) {
          entry.set("tolerance", builder.getF64FloatAttr(tolerance));
          entry.set("floor", builder.getF64FloatAttr(floor));
        }
        list.push_back(entry.getDictionary(builder.getContext()));
      }
      function->setAttr(attribute, builder.getArrayAttr(list));
    }
  }
};

} // namespace
