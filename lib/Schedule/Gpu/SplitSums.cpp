// rondo-split-sums: reductions over several axes of a device, one axis at a time.
#include "Rondo/Remark.h"
#include "Schedule/Passes.h"

namespace rondo {
#define GEN_PASS_DEF_SPLITSUMS
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {
struct SplitSumsPass : rondo::impl::SplitSumsBase<SplitSumsPass> {
  using SplitSumsBase::SplitSumsBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk([&](ReduceOp reduce) { split(reduce); });
  }

  /// The last axis first: its elements are neighbours, and lengths of examples belong to it.
  void split(ReduceOp reduce) {
    ArrayType type = reduce.getOperand().getType();
    SmallVector<int64_t> axes(reduce.getAxes());
    llvm::sort(axes);
    auto isLong = [&](int64_t axis) { return isLongAxis(type.getDim(axis)); };
    if (llvm::count_if(axes, isLong) < 2)
      return;
    decided(reduce, "split-sums") << wordsFor(reduce)
                                  << " is taken axis by axis, so that many threads share it";
    OpBuilder builder(reduce);
    Value partial = reduce.getOperand();
    while (!axes.empty()) {
      // Up to a long axis at a time; short ones go with it.
      SmallVector<int64_t> some;
      for (bool hasLong = false; !axes.empty() && !(hasLong && llvm::any_of(axes, isLong));) {
        hasLong |= isLong(axes.back());
        some.push_back(axes.pop_back_val());
      }
      llvm::sort(some);
      partial = ReduceOp::create(builder, reduce.getLoc(), reduce.getKind(), partial, some);
    }
    reduce.replaceAllUsesWith(partial);
    reduce.erase();
    ++numSplit;
  }

  static bool isLongAxis(DimAttr dim) { return !dim.isConstant() || dim.getConstant() >= 8; }
};
} // namespace
