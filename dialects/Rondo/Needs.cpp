// The attribute that says what a function needs of lengths.
#include "Rondo/Needs.h"

using namespace mlir;
using namespace rondo;

SmallVector<Need> rondo::getNeeds(func::FuncOp function) {
  SmallVector<Need> needs;
  auto list = function->getAttrOfType<ArrayAttr>(names::needs);
  if (!list)
    return needs;
  for (auto entry : list.getAsRange<DictionaryAttr>()) {
    Need &need = needs.emplace_back();
    need.least = entry.getAs<DimAttr>("least");
    need.message = entry.getAs<StringAttr>("message").getValue();
    if (auto place = entry.getAs<StringAttr>("place"))
      need.place = place.getValue();
    if (auto uses = entry.getAs<ArrayAttr>("uses"))
      for (auto use : uses.getAsRange<ArrayAttr>())
        need.uses.push_back(llvm::to_vector(use.getAsRange<DimAttr>()));
  }
  return needs;
}

DictionaryAttr rondo::needAttribute(DimAttr least, StringRef message, StringRef place,
                                    ArrayRef<SmallVector<DimAttr>> uses) {
  Builder builder(least.getContext());
  NamedAttrList entry;
  entry.set("least", least);
  entry.set("message", builder.getStringAttr(message));
  if (!place.empty())
    entry.set("place", builder.getStringAttr(place));
  SmallVector<Attribute> lists;
  for (const SmallVector<DimAttr> &use : uses)
    lists.push_back(builder.getArrayAttr(SmallVector<Attribute>(use.begin(), use.end())));
  if (!lists.empty())
    entry.set("uses", builder.getArrayAttr(lists));
  return entry.getDictionary(least.getContext());
}

/// The symbols of a dim alone: none has a negative coefficient.
static bool isNotNegative(DimAttr dim) {
  return dim.getConstant() >= 0 && llvm::all_of(dim.getTerms(), [](const DimTerm &term) {
           return term.coefficient > 0 &&
                  (term.symbol() || isNotNegative(cast<DimAttr>(term.atom)));
         });
}

bool rondo::isNeverNegative(func::FuncOp function, DimAttr dim) {
  if (isNotNegative(dim))
    return true;
  return llvm::any_of(getNeeds(function), [&](const Need &need) {
    return need.uses.empty() && isNotNegative(dim.subtract(need.least));
  });
}

/// True if there is a need that an example may lack.
static bool mayLack(func::FuncOp function) {
  return llvm::any_of(getNeeds(function), [](const Need &need) { return !need.uses.empty(); });
}

bool rondo::mayBeNegative(func::FuncOp function, DimAttr dim) {
  return !isNotNegative(dim) && mayLack(function) && !isNeverNegative(function, dim);
}

bool rondo::endsWithin(SliceOp slice) {
  auto function = slice->getParentOfType<func::FuncOp>();
  if (!mayLack(function))
    return true;
  DimAttr size = slice.getType().getDim(slice.getAxis());
  DimAttr end = slice.getOffset().add(size.add(-1).multiply(slice.getStep()).add(1));
  DimAttr whole = slice.getOperand().getType().getDim(slice.getAxis());
  return isNeverNegative(function, slice.getOffset()) &&
         isNeverNegative(function, whole.subtract(end));
}

bool rondo::isWithin(SliceOp slice) {
  DimAttr offset = slice.getOffset(), size = slice.getType().getDim(slice.getAxis());
  if (!endsWithin(slice))
    return false;
  if (offset.isConstant() && offset.getConstant() == 0)
    return true;
  auto function = slice->getParentOfType<func::FuncOp>();
  DimAttr end = offset.add(size.add(-1).multiply(slice.getStep()).add(1));
  DimAttr whole = slice.getOperand().getType().getDim(slice.getAxis());
  if (!isNeverNegative(function, offset) || !isNeverNegative(function, whole.subtract(end)))
    return false;
  return !mayLack(function) || isNeverNegative(function, size.add(-1));
}

/// True if the dim never falls where a ragged symbol rises: nothing is subtracted, or, as in
/// T - T floordiv 2, no more at any step than is added.
static bool risesWithLengths(func::FuncOp function, DimAttr dim) {
  llvm::SmallDenseMap<StringAttr, int64_t> slopes; // the least rise for one more position
  for (const DimTerm &term : dim.getTerms()) {
    if (StringAttr symbol = term.symbol()) {
      slopes[symbol] += term.coefficient;
      continue;
    }
    auto inner = cast<DimAttr>(term.atom);
    if (!isRagged(function, inner))
      continue;
    for (const DimTerm &part : inner.getTerms()) {
      if (!part.symbol() || part.coefficient < 0)
        return false;
      if (term.coefficient < 0)
        slopes[part.symbol()] +=
            term.coefficient *
            static_cast<int64_t>(llvm::divideCeil(part.coefficient, term.divisor));
    }
  }
  return llvm::all_of(slopes, [&](const auto &slope) {
    return slope.second >= 0 ||
           !isRagged(function, DimAttr::get(dim.getContext(), slope.first.getValue()));
  });
}

DimAttr rondo::storageDim(func::FuncOp function, DimAttr dim) {
  if (!isRagged(function, dim) || risesWithLengths(function, dim))
    return dim;
  DimAttr sum = DimAttr::get(dim.getContext(), dim.getConstant());
  for (const DimTerm &term : dim.getTerms()) {
    bool isSymbol = term.symbol() != nullptr;
    DimAttr inner = isSymbol ? DimAttr::get(dim.getContext(), term.symbol().getValue())
                             : cast<DimAttr>(term.atom);
    if (term.coefficient < 0 && isRagged(function, inner)) {
      if (isSymbol)
        continue;
      // Minus a floor is the ceiling of minus what is divided.
      DimAttr most = storageDim(function, inner.multiply(-1)).ceilDivide(term.divisor);
      sum = sum.add(most.multiply(-term.coefficient));
      continue;
    }
    DimAttr most = isSymbol ? inner : storageDim(function, inner).floorDivide(term.divisor);
    sum = sum.add(most.multiply(term.coefficient));
  }
  return sum;
}

LogicalResult rondo::verifyNeeds(Operation *op, Attribute attribute) {
  auto function = dyn_cast<func::FuncOp>(op);
  auto list = dyn_cast<ArrayAttr>(attribute);
  auto isDim = [&](Attribute element) {
    auto dim = dyn_cast_or_null<DimAttr>(element);
    return dim && function && llvm::all_of(dim.getSymbols(), [&](StringAttr symbol) {
             return lookupSymbol(function, symbol).has_value();
           });
  };
  auto isUse = [&](Attribute element) {
    auto dims = dyn_cast<ArrayAttr>(element);
    return dims && llvm::all_of(dims, isDim);
  };
  auto isNeed = [&](Attribute element) {
    auto entry = dyn_cast<DictionaryAttr>(element);
    if (!entry || !isDim(entry.get("least")) || !isa_and_present<StringAttr>(entry.get("message")))
      return false;
    Attribute place = entry.get("place"), uses = entry.get("uses");
    return (!place || isa<StringAttr>(place)) &&
           (!uses || (isa<ArrayAttr>(uses) && llvm::all_of(cast<ArrayAttr>(uses), isUse)));
  };
  if (!function || !list || !llvm::all_of(list, isNeed))
    return op->emitOpError("expected ")
           << names::needs << " to be a list of {least, message, place, uses} on a function, with "
           << "dims of its symbols";
  return success();
}
