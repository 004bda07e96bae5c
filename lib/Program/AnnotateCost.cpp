// rondo-annotate-cost: see Passes.td.
#include "Program/Passes.h"
#include "Rondo/Cost.h"

namespace rondo {
#define GEN_PASS_DEF_ANNOTATECOST
#include "Program/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

struct AnnotateCost : rondo::impl::AnnotateCostBase<AnnotateCost> {
  /// The length that an example has for the figure per token.
  static constexpr int64_t length = 128;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      auto kind = function->getAttrOfType<StringAttr>(names::kind);
      bool hasTokens = llvm::any_of(getSymbols(function), [](SymbolAttr symbol) {
        return symbol.getKind() != SymbolKind::Batch;
      });
      if (!kind || kind.getValue() != "entry")
        continue;
      DimPolynomial flops = workOf(function).flops;
      Builder builder(function);
      function->setAttr("rondo.flops", builder.getStringAttr(flops.str()));
      if (!hasTokens)
        continue;
      double perExample = flops.evaluate([&](StringAttr symbol) {
        std::optional<SymbolKind> kind = lookupSymbol(function, symbol);
        bool isOne = kind == SymbolKind::Batch || kind == SymbolKind::Segments;
        return isOne ? int64_t(1) : length;
      });
      function->setAttr("rondo.flops_per_token",
                        builder.getF64FloatAttr(perExample / static_cast<double>(length)));
    }
  }
};

} // namespace
