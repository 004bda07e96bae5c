// What a plan must hold to: a printed plan that was edited by hand is refused here, and not found
// out by wrong numbers.
#include "Plan/BareStacks.h"
#include "Plan/Plan.h"
#include "Plan/ScanCopies.h"

using namespace mlir;
using namespace rondo;

namespace {

/// The list of an attribute of ours: one element of type `AttrT` for each of `count` things.
template <typename AttrT>
LogicalResult verifyList(Operation *op, NamedAttribute attribute, int64_t count, StringRef things) {
  auto list = dyn_cast<ArrayAttr>(attribute.getValue());
  if (!list || static_cast<int64_t>(list.size()) != count ||
      !llvm::all_of(list, [](Attribute one) { return isa<AttrT>(one); }))
    return op->emitOpError("expected ")
           << attribute.getName() << " to have one element of its kind "
           << "for each of the " << count << " " << things;
  return success();
}

/// The types that an attribute of the function lists; none where it has no such attribute.
SmallVector<ArrayType> listedTypes(func::FuncOp function, StringRef name) {
  SmallVector<ArrayType> types;
  if (auto list = function->getAttrOfType<ArrayAttr>(name))
    for (Type type : list.getAsValueRange<TypeAttr>())
      types.push_back(cast<ArrayType>(type));
  return types;
}

InFlightDiagnostic refuse(Operation *op, const Storage &place) {
  std::string text;
  llvm::raw_string_ostream(text) << place;
  return op->emitOpError("cannot be stored in ") << text << ": ";
}

/// What stands at `number` of a list, if the list is as long.
template <typename Range> Type typeAt(Range &&types, int64_t number) {
  return number < static_cast<int64_t>(types.size()) ? Type(types[number]) : Type();
}

LogicalResult sameType(Operation *op, const Storage &place, Type wanted, Type own) {
  if (!wanted)
    return refuse(op, place) << "there is none of this number";
  if (wanted != own)
    return refuse(op, place) << "it holds " << wanted << ", and the result is " << own;
  return success();
}

/// The body around yields `result` as its operand `number`, of the `count` that begin at `first`.
LogicalResult isYielded(const Storage &place, OpResult result, int64_t first, int64_t count) {
  Operation *op = result.getOwner();
  if (place.number >= count)
    return refuse(op, place) << "there is none of this number";
  if (op->getBlock()->getTerminator()->getOperand(first + place.number) != result)
    return refuse(op, place) << "another value is yielded there";
  return success();
}

LogicalResult verifyPlace(const Storage &place, OpResult result) {
  Operation *op = result.getOwner();
  auto function = op->getParentOfType<func::FuncOp>();
  auto loop = dyn_cast<ScanOp>(op->getParentOp()), scan = dyn_cast<ScanOp>(op);
  auto rows = dyn_cast<GroupOp>(op->getParentOp());
  switch (place.kind) {
  case Storage::Slot:
    return sameType(op, place, typeAt(listedTypes(function, names::slots), place.number),
                    result.getType());
  case Storage::Cache:
    if (scan || op->getParentOp() != function)
      return refuse(op, place) << "only groups outside of loops are kept from call to call";
    return sameType(op, place, typeAt(listedTypes(function, names::cached), place.number),
                    result.getType());
  case Storage::Result:
    if (op->getParentOp() != function)
      return refuse(op, place) << "it is in a loop";
    return isYielded(place, result, 0, function.getNumResults());
  case Storage::Next:
  case Storage::Stack:
  case Storage::Sum:
    if (!loop)
      return refuse(op, place) << "it is in no loop";
    return place.kind == Storage::Next ? isYielded(place, result, 0, loop.getNumCarries())
           : place.kind == Storage::Stack
               ? isYielded(place, result, loop.getNumCarries(), loop.getNumStacks())
               : isYielded(place, result, loop.getNumCarries() + loop.getNumStacks(),
                           loop.getNumSums());
  case Storage::Before:
  case Storage::After: {
    int64_t stack = scan ? result.getResultNumber() - scan.getNumCarries() : -1;
    if (stack < 0 || stack >= scan.getNumStacks())
      return refuse(op, place) << "it is no stack of a scan";
    if (place.number >= scan.getNumCarries() || !scan->hasAttr(names::carries) ||
        carryStorageOf(scan, place.number).kind != CarryStorage::History)
      return refuse(op, place) << "the scan has no carry of this number with a history";
    Value carried = place.kind == Storage::Before ? Value(scan.getCarryArguments()[place.number])
                                                  : scan.getYieldedCarries()[place.number];
    if (scan.getYieldedStacks()[stack] != carried)
      return refuse(op, place) << "the scan stacks another value";
    return success();
  }
  case Storage::None:
    if (!result.use_empty())
      return refuse(op, place) << "it is read";
    return success();
  case Storage::Yield:
    if (!rows)
      return refuse(op, place) << "it is no step of rows";
    return isYielded(place, result, 0, rows.getNumResults());
  case Storage::Local:
    if (!rows)
      return refuse(op, place) << "it is no step of rows";
    return success();
  }
  llvm_unreachable("a kind of place");
}

LogicalResult verifyStorage(Operation *op, NamedAttribute attribute) {
  if (!isa<GroupOp, ScanOp>(op) && op->getNumResults() == 0)
    return op->emitOpError("has nothing that could be stored");
  if (failed(verifyList<StorageAttr>(op, attribute, op->getNumResults(), "results")))
    return failure();
  for (OpResult result : op->getResults())
    for (const Storage &place : placesOf(op, result.getResultNumber()))
      if (failed(verifyPlace(place, result)))
        return failure();
  return success();
}

LogicalResult verifyRests(Operation *op, NamedAttribute attribute) {
  auto list = dyn_cast<DenseI64ArrayAttr>(attribute.getValue());
  if (!isa<GroupOp, ScanOp>(op) || !list ||
      list.size() != static_cast<int64_t>(op->getNumResults()))
    return op->emitOpError("expected ")
           << attribute.getName() << " to have a slot, or -1, for each result of a group or scan";
  SmallVector<ArrayType> slots = listedTypes(op->getParentOfType<func::FuncOp>(), names::slots);
  for (OpResult result : op->getResults()) {
    int64_t slot = list[result.getResultNumber()];
    if (slot >= 0 && typeAt(slots, slot) != restType(result))
      return op->emitOpError("keeps the rest of result ")
             << result.getResultNumber() << " in a slot of its own: expected slot " << slot
             << " to be " << restType(result);
  }
  return success();
}

LogicalResult verifyCarries(Operation *op, NamedAttribute attribute) {
  auto scan = dyn_cast<ScanOp>(op);
  if (!scan)
    return op->emitOpError("has no carries");
  if (failed(verifyList<CarryAttr>(op, attribute, scan.getNumCarries(), "carries")))
    return failure();
  SmallVector<ArrayType> slots = listedTypes(op->getParentOfType<func::FuncOp>(), names::slots);
  for (int64_t carry = 0; carry < scan.getNumCarries(); ++carry) {
    CarryStorage storage = carryStorageOf(scan, carry);
    if (storage.kind == CarryStorage::InPlace)
      continue;
    DimAttr rows = storage.kind == CarryStorage::Pair ? DimAttr::get(op->getContext(), int64_t(2))
                                                      : scan.getDim().add(1);
    ArrayType wanted = arrayType(scan.getCarryArguments()[carry]).withInserted(0, rows);
    if (typeAt(slots, storage.slot) != wanted)
      return op->emitOpError("keeps carry ") << carry << " in a slot of its rows: expected slot "
                                             << storage.slot << " to be " << wanted;
  }
  return success();
}

LogicalResult verifyShare(Operation *op, NamedAttribute attribute) {
  int64_t count = 1;
  auto scan = dyn_cast<ScanOp>(op);
  auto function = dyn_cast<func::FuncOp>(op);
  if (scan && !isStored(op))
    return op->emitOpError("has shares of its copies, and no storage");
  if (scan)
    count = ScanCopies(scan).count();
  else if (function)
    count = function.getNumResults();
  if (failed(verifyList<ShareAttr>(op, attribute, count, "statements")))
    return failure();
  for (Attribute one : cast<ArrayAttr>(attribute.getValue())) {
    Share share = cast<ShareAttr>(one).getShare();
    if (scan || function || share.axis < 0)
      continue;
    if (op->getNumResults() == 0 || share.axis >= arrayType(op->getResult(0)).getRank())
      return op->emitOpError("cannot be shared along axis ")
             << share.axis << ": what it stores has no such axis";
  }
  return success();
}

/// Slots lie above those below them, and none lies above itself.
LogicalResult verifyBelow(func::FuncOp function, NamedAttribute attribute) {
  auto count = static_cast<int64_t>(listedTypes(function, names::slots).size());
  if (failed(verifyList<DenseI64ArrayAttr>(function, attribute, count, "slots")))
    return failure();
  auto below = cast<ArrayAttr>(attribute.getValue()).getAsRange<DenseI64ArrayAttr>();
  SmallVector<ArrayRef<int64_t>> slots;
  for (DenseI64ArrayAttr list : below)
    slots.push_back(list.asArrayRef());
  enum State { New, Open, Done };
  SmallVector<State> states(count, New);
  auto holds = [&](auto &&self, int64_t slot) -> bool {
    if (slot < 0 || slot >= count || states[slot] == Open)
      return false;
    if (states[slot] == Done)
      return true;
    states[slot] = Open;
    bool all = llvm::all_of(slots[slot], [&](int64_t other) { return self(self, other); });
    states[slot] = Done;
    return all;
  };
  for (int64_t slot = 0; slot < count; ++slot)
    if (!holds(holds, slot))
      return function.emitOpError("expected each slot of ")
             << attribute.getName() << " to lie above other slots, and not above itself";
  return success();
}

LogicalResult verifyTypes(func::FuncOp function, NamedAttribute attribute, bool areConstant) {
  auto list = dyn_cast<ArrayAttr>(attribute.getValue());
  bool holds = list && llvm::all_of(list, [&](Attribute one) {
                 auto type = dyn_cast<TypeAttr>(one);
                 auto array = type ? dyn_cast<ArrayType>(type.getValue()) : ArrayType();
                 return array && (!areConstant || llvm::all_of(array.getDims(), [](DimAttr dim) {
                          return dim.isConstant();
                        }));
               });
  if (!holds)
    return function.emitOpError("expected ") << attribute.getName() << " to list types of arrays"
                                             << (areConstant ? " of constant dims" : "");
  return success();
}

} // namespace

LogicalResult PlanDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName();
  auto function = dyn_cast<func::FuncOp>(op);
  if (name == names::share)
    return verifyShare(op, attribute);
  if (name == names::storage)
    return verifyStorage(op, attribute);
  if (name == names::rests)
    return verifyRests(op, attribute);
  if (name == names::carries)
    return verifyCarries(op, attribute);
  if (!function)
    return op->emitOpError("has an attribute of a function, ") << name;
  if (name == names::slots || name == names::cached)
    return verifyTypes(function, attribute, name == names::cached);
  if (name == names::below)
    return verifyBelow(function, attribute);
  if (name == names::sortedBy) {
    auto symbol = dyn_cast<StringAttr>(attribute.getValue());
    if (!symbol || lookupSymbol(function, symbol) != SymbolKind::Ragged)
      return op->emitOpError("expected rows to be sorted by a ragged symbol of the function");
    return success();
  }
  return op->emitOpError("has an attribute that the plan does not know, ") << name;
}
