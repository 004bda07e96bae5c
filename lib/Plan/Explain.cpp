// rondo-explain-plan: remarks about where things are kept.
#include "Plan/Passes.h"
#include "Plan/Storage.h"
#include "Rondo/Remark.h"
#include "Rondo/TypicalSizes.h"

namespace rondo {
#define GEN_PASS_DEF_EXPLAINPLAN
#include "Plan/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

static const char *wordsFor(CarryStorage::Kind kind, bool isHeld) {
  switch (kind) {
  case CarryStorage::InPlace:
    return isHeld ? "is in one place: no step changes it"
                  : "is updated in place: a step reads it only where it writes it";
  case CarryStorage::Pair:
    return "is in two places by turns: a step still reads it where it has written it";
  case CarryStorage::History:
    return "is kept for all steps: what comes after the loop reads them";
  }
  llvm_unreachable("all kinds are listed");
}

static void explain(ScanOp scan) {
  for (int64_t number = 0; number < scan.getNumCarries(); ++number) {
    Value carry = scan.getCarryArguments()[number];
    bool isHeld = scan.getYieldedCarries()[number] == carry;
    decided(scan, "plan") << wordsFor(scan) << ": carry " << number << ", "
                          << wordsFor(arrayType(carry)) << ", "
                          << wordsFor(carryStorageOf(scan, number).kind, isHeld);
  }
}

static void explainCached(GroupOp group) {
  for (OpResult result : group->getResults())
    if (storageOf(group, result.getResultNumber()).kind == Storage::Cache)
      decided(group, "plan") << wordsFor(arrayType(result))
                             << " is kept from call to call: it follows from parameters alone";
}

/// The bytes from the bottom of the arena to the end of its topmost slot where all dims are alike;
/// each slot begins at the end of the highest of those below it.
static DimPolynomial arenaBytes(ArrayRef<ArrayType> slots, ArrayRef<SmallVector<int64_t>> below) {
  SmallVector<std::optional<DimPolynomial>> ends(slots.size());
  auto endOf = [&](auto &&self, int64_t slot) -> const DimPolynomial & {
    if (!ends[slot]) {
      DimPolynomial begin;
      for (int64_t other : below[slot])
        if (const DimPolynomial &end = self(self, other); typicalValue(end) > typicalValue(begin))
          begin = end;
      auto bits = static_cast<int64_t>(slots[slot].getElementType().getIntOrFloatBitWidth());
      ends[slot] = begin + DimPolynomial::elements(slots[slot]) * DimPolynomial((bits + 7) / 8);
    }
    return *ends[slot];
  };
  DimPolynomial top;
  for (size_t slot = 0; slot < slots.size(); ++slot)
    if (const DimPolynomial &end = endOf(endOf, slot); typicalValue(end) > typicalValue(top))
      top = end;
  return top;
}

static void explain(func::FuncOp function) {
  auto all = function->getAttrOfType<ArrayAttr>(names::slots);
  if (!all)
    return;
  auto slots = llvm::map_to_vector(
      all, [](Attribute slot) { return cast<ArrayType>(cast<TypeAttr>(slot).getValue()); });
  DimPolynomial sum;
  for (ArrayType slot : slots) {
    auto bits = static_cast<int64_t>(slot.getElementType().getIntOrFloatBitWidth());
    sum += DimPolynomial::elements(slot) * DimPolynomial((bits + 7) / 8);
  }
  if (!slots.empty())
    decided(function, "plan") << slots.size()
                              << (slots.size() == 1 ? " array takes " : " arrays take ")
                              << arenaBytes(slots, slotsBelow(function)).str()
                              << " bytes of work space"
                              << " where dims are alike, " << sum.str()
                              << " if none shared bytes with a later one";
  if (auto symbol = function->getAttrOfType<StringAttr>(names::sortedBy))
    decided(function, "plan") << "examples are sorted by " << symbol.getValue()
                              << ": those that a step is for are the first ones";
  function->walk<WalkOrder::PreOrder>([](Operation *op) {
    if (auto scan = dyn_cast<ScanOp>(op))
      explain(scan);
    else if (auto group = dyn_cast<GroupOp>(op))
      explainCached(group);
  });
}

namespace {
struct ExplainPlanPass : rondo::impl::ExplainPlanBase<ExplainPlanPass> {
  void runOnOperation() override {
    if (wantsRemarks(&getContext()))
      for (auto function : getOperation().getOps<func::FuncOp>())
        explain(function);
    markAllAnalysesPreserved();
  }
};
} // namespace
