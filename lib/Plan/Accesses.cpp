#include "Plan/Accesses.h"
#include "Plan/Runs.h"
#include "Plan/ScanCopies.h"
#include "Plan/Share.h"
#include "Rondo/Spec.h"
#include "Schedule/Positions.h"

using namespace mlir;
using namespace rondo;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

static Place wholePlace(Storage storage, ArrayRef<DimAttr> dims) {
  Place place{storage, SmallVector<DimAttr, 4>(dims), {}, {}};
  llvm::append_range(place.axes, llvm::seq<int64_t>(0, dims.size()));
  return place;
}

static Place placeAt(OpResult value, const Storage &storage);

/// The place of a carry before or after a step.
static Place placeOfCarry(ScanOp scan, int64_t number, bool isAfter) {
  CarryStorage kept = carryStorageOf(scan, number);
  if (kept.kind == CarryStorage::InPlace) {
    auto result = cast<OpResult>(scan->getResult(number));
    return placeAt(result, storageOf(scan, number));
  }
  bool isPair = kept.kind == CarryStorage::Pair;
  DimAttr one = DimAttr::get(scan.getContext(), int64_t(1));
  ArrayType type = arrayType(scan.getCarryArguments()[number])
                       .withInserted(0, isPair ? one.add(one) : scan.getDim().add(one));
  Place place = wholePlace({Storage::Slot, kept.slot}, type.getDims());
  place.axes.erase(place.axes.begin());
  place.at.push_back({0,
                      {isPair ? (isAfter ? Mark::PairAfter : Mark::PairBefore)
                              : (isAfter ? Mark::After : Mark::Before),
                       scan}});
  return place;
}

/// The place of a carry that is no position of a step in particular.
static Place placeOfRows(ScanOp scan, int64_t number) {
  Place place = placeOfCarry(scan, number, false);
  llvm::erase_if(place.at, [&](auto &at) { return at.second.scan == scan; });
  return place;
}

/// Makes the place of a scan's stack that of what one step gives to it.
static void placeInStep(Place &place, ScanOp scan, int64_t stack) {
  int64_t axis = scan.getStackAxes()[stack];
  if (scan.isBySegments(scan.getStackResults()[stack].getType(), axis)) {
    place.axes[axis] = -1; // a share of the segment is no share of the whole
    return;
  }
  place.at.push_back({place.axes[axis], {Mark::At, scan}});
  place.axes.erase(place.axes.begin() + axis);
}

static Place placeAt(OpResult value, const Storage &storage) {
  Operation *op = value.getOwner();
  auto scan = dyn_cast<ScanOp>(op->getParentOp());
  switch (storage.kind) {
  case Storage::Slot:
  case Storage::Result:
  case Storage::Cache:
  case Storage::Local:
    return wholePlace(storage, arrayType(value).getDims());
  case Storage::Next:
    return placeOfCarry(scan, storage.number, true);
  case Storage::Stack: {
    OpResult stack = scan->getResult(scan.getNumCarries() + storage.number);
    Place place = placeAt(stack, storageOf(scan, stack.getResultNumber()));
    placeInStep(place, scan, storage.number);
    return place;
  }
  case Storage::Sum: {
    OpResult sum = scan->getResult(scan.getNumCarries() + scan.getNumStacks() + storage.number);
    return placeAt(sum, storageOf(scan, sum.getResultNumber()));
  }
  case Storage::Before:
  case Storage::After: {
    // A stack of the scan itself that is read from a carry's rows.
    auto own = cast<ScanOp>(op);
    Place place = placeOfRows(own, storage.number);
    int64_t stack = static_cast<int64_t>(value.getResultNumber()) - own.getNumCarries();
    place.axes.insert(place.axes.begin() + own.getStackAxes()[stack], -1);
    return place;
  }
  case Storage::Yield:
    return placeAt(op->getParentOp()->getResult(storage.number),
                   storageOf(op->getParentOp(), storage.number));
  case Storage::None:
    break;
  }
  llvm_unreachable("nobody reads it");
}

static Place placeOfRest(OpResult value, int64_t slot) {
  Place place = wholePlace({Storage::Slot, slot}, restType(value).getDims());
  if (restType(value) != value.getType())
    place.axes.erase(place.axes.begin()); // both arrays
  return place;
}

/// The slot of what additions to a place have lost, if it has one.
static std::optional<Place> restAt(OpResult value, const Storage &storage) {
  Operation *op = value.getOwner();
  if (int64_t slot = restOf(op, value.getResultNumber()); slot >= 0)
    return placeOfRest(value, slot);
  auto scan = dyn_cast<ScanOp>(op->getParentOp());
  if (storage.kind == Storage::Sum)
    return restAt(scan->getResult(scan.getNumCarries() + scan.getNumStacks() + storage.number), {});
  if (storage.kind != Storage::Stack)
    return std::nullopt;
  std::optional<Place> place = restAt(scan->getResult(scan.getNumCarries() + storage.number), {});
  if (place)
    placeInStep(*place, scan, storage.number);
  return place;
}

static Access accessOf(const Place &place, const Marks &marks, bool isWrite, bool isAlone) {
  Access access{place.storage, place.dims, Marks(place.dims.size()), isWrite, isAlone};
  for (auto [axis, mark] : llvm::zip_equal(place.axes, marks))
    if (axis >= 0)
      access.marks[axis] = mark;
  for (auto [axis, mark] : place.at)
    if (axis >= 0)
      access.marks[axis] = mark;
  return access;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

static bool isInPlace(Value value, Storage storage) {
  Operation *producer = value.getDefiningOp();
  return producer && isStored(producer) &&
         storageOf(producer, cast<OpResult>(value).getResultNumber()) == storage;
}

static ArrayRef<DimAttr> dimsOf(Value value) { return arrayType(value).getDims(); }

/// All places of a result, and of what additions to it lose.
static SmallVector<Place> placesAt(OpResult value) {
  SmallVector<Place> places;
  for (const Storage &storage : placesOf(value.getOwner(), value.getResultNumber())) {
    places.push_back(placeAt(value, storage));
    if (std::optional<Place> rest = restAt(value, storage))
      places.push_back(*rest);
  }
  return places;
}

std::vector<Statement> rondo::copiesBefore(ScanOp scan) {
  std::vector<Statement> all;
  ScanCopies copies(scan);
  int64_t firstSum = scan.getNumCarries() + scan.getNumStacks();
  for (int64_t sum = 0; sum < scan.getNumSums(); ++sum) {
    OpResult result = scan->getResult(firstSum + sum);
    all.push_back({scan, copies.fill(sum), dimsOf(result), {}, placesAt(result), {}});
  }
  for (auto [number, stack] : llvm::enumerate(bareStacks(scan))) {
    OpResult result = scan->getResult(scan.getNumCarries() + stack);
    all.push_back({scan, copies.fillBare(number), dimsOf(result), {}, placesAt(result), {}});
  }
  for (auto [number, start] : llvm::enumerate(scan.getStarts()))
    all.push_back(
        {scan, copies.start(number), dimsOf(start), {start}, {placeOfRows(scan, number)}, {}});
  return all;
}

std::vector<Statement> rondo::copiesAfter(ScanOp scan) {
  std::vector<Statement> all;
  ScanCopies copies(scan);
  for (OpResult result : scan.getCarryResults()) {
    int64_t number = result.getResultNumber();
    Storage storage = storageOf(scan, number);
    if (storage.kind != Storage::None && carryStorageOf(scan, number).kind != CarryStorage::InPlace)
      all.push_back({scan,
                     copies.finish(number),
                     dimsOf(result),
                     {},
                     {placeAt(result, storage)},
                     placeOfRows(scan, number)});
  }
  return all;
}

/// Adds what an op computes and where it is stored; of rows, what their steps do.
static void addStored(Statement &statement, Operation *op) {
  auto group = dyn_cast<GroupOp>(op);
  if (group && group.getRows())
    for (GroupOp step : group.getBlock()->getOps<GroupOp>())
      addStored(statement, step);
  else if (group)
    llvm::append_range(statement.roots, group.getBlock()->getTerminator()->getOperands());
  else
    llvm::append_range(statement.roots, op->getResults());
  for (OpResult result : op->getResults())
    llvm::append_range(statement.places, placesAt(result));
}

std::vector<Statement> rondo::statementsOf(Operation *op) {
  std::vector<Statement> all;
  if (auto check = dyn_cast<CheckOp>(op)) {
    all.push_back({op, 0, dimsOf(check.getCondition()), {check.getCondition()}, {}, {}});
  } else if (auto scan = dyn_cast<ScanOp>(op)) {
    llvm::append_range(all, copiesBefore(scan));
    llvm::append_range(all, copiesAfter(scan));
  } else if (auto function = dyn_cast<func::FuncOp>(op)) {
    Operation *end = function.getBody().front().getTerminator();
    for (OpOperand &operand : end->getOpOperands()) {
      Storage wanted{Storage::Result, operand.getOperandNumber()};
      if (!isInPlace(operand.get(), wanted))
        all.push_back({op,
                       wanted.number,
                       dimsOf(operand.get()),
                       {operand.get()},
                       {wholePlace(wanted, dimsOf(operand.get()))},
                       {}});
    }
  } else if (isStored(op) && !isStep(op)) {
    Statement statement{op, 0, dimsOf(op->getResult(0)), {}, {}, {}};
    addStored(statement, op);
    all.push_back(std::move(statement));
  }
  return all;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// Whether two marks, the second in a present step, are of different positions for sure.
static bool areApart(const Mark &earlier, const Mark &later) {
  if (!earlier.scan || earlier.scan != later.scan || later.isEarlier)
    return false;
  bool isAfter = earlier.kind == Mark::After || earlier.kind == Mark::PairAfter;
  bool isSameKind = earlier.kind == later.kind;
  bool isPair = earlier.kind == Mark::PairBefore || earlier.kind == Mark::PairAfter;
  if (!earlier.isEarlier)
    return !isSameKind;
  // The row before this step is one that came after an earlier one.
  return !isPair && (isSameKind || !isAfter);
}

/// Whether an access is of the very element that the thread stores, numbered along all axes.
static bool isOfElement(const Access &access) {
  int64_t next = 0;
  for (const Mark &mark : access.marks)
    if (mark.kind == Mark::Element) {
      if (mark.axis != next++)
        return false;
    } else if (mark.kind == Mark::All) {
      return false;
    }
  return next == access.rank;
}

/// Whether both are of the element that their thread stores, numbered along the same axes.
static bool areOfOneThread(const Access &a, const Access &b) {
  return isOfElement(a) && isOfElement(b) && a.rank == b.rank &&
         llvm::all_of(llvm::zip_equal(a.marks, b.marks), [](auto marks) {
           return (std::get<0>(marks).kind == Mark::Element) ==
                  (std::get<1>(marks).kind == Mark::Element);
         });
}

bool rondo::conflict(const Access &earlier, const Access &later, const Sharing &sharing) {
  if (!(earlier.isWrite || later.isWrite) || (earlier.isAlone && later.isAlone))
    return false;
  if (!(earlier.storage == later.storage))
    return earlier.storage.kind == Storage::Slot && later.storage.kind == Storage::Slot &&
           sharing[earlier.storage.number].test(later.storage.number);
  if (earlier.dims != later.dims)
    return true;
  if (areOfOneThread(earlier, later))
    return false;
  for (auto [a, b] : llvm::zip_equal(earlier.marks, later.marks))
    if ((a.kind == Mark::Shared && b.kind == Mark::Shared) || areApart(a, b))
      return false;
  return true;
}

namespace {

/// Collects the accesses of a statement that is shared along an axis.
class Accesses {
public:
  Accesses(const Statement &statement, int64_t axis)
      : op(statement.op), isAlone(axis == Share::alone),
        isByElement(axis == Share::threads && areNumbered(statement)) {
    auto marks = [&](size_t rank) {
      Marks marks(rank);
      if (isByElement)
        for (auto [number, mark] : llvm::enumerate(marks))
          mark = {Mark::Element, nullptr, false, static_cast<int64_t>(number)};
      if (axis >= 0)
        marks[sharedAxisOf(statement.op, axis, static_cast<int64_t>(rank))] = {Mark::Shared,
                                                                               nullptr};
      return marks;
    };
    rank = isByElement ? static_cast<int64_t>(statement.dims.size()) : -1;
    for (Value root : statement.roots)
      read(root, marks(dimsOf(root).size()));
    if (statement.source)
      add(accessOf(*statement.source, marks(statement.dims.size()), /*isWrite=*/false, isAlone));
    for (const Place &place : statement.places)
      add(accessOf(place, marks(place.axes.size()), /*isWrite=*/true, isAlone));
  }

  SmallVector<Access> all;

private:
  static Place readPlace(OpResult value) {
    return placeAt(value, storageOf(value.getOwner(), value.getResultNumber()));
  }

  /// Whether a scan's copy is from or to the row of a carry where the example's own steps end, so
  /// that it goes example by example: FunctionLowering::forLengths.
  static bool goesByLengths(ScanOp scan, int64_t number) {
    ScanCopies copies(scan);
    return isRagged(scan->getParentOfType<func::FuncOp>(), scan.getDim()) &&
           llvm::any_of(llvm::seq<int64_t>(0, scan.getNumCarries()), [&](int64_t carry) {
             int64_t byLengths = scan.getReverse() ? copies.start(carry) : copies.finish(carry);
             return number == byLengths &&
                    carryStorageOf(scan, carry).kind != CarryStorage::InPlace;
           });
  }

  /// Whether the statement is elementwise, so that threads number its elements along all axes.
  /// (What is joined of parts may be numbered along the other axes, Emitter::unrolledAxes.) Runs of
  /// rows of one length number from their first row on, copies by lengths each row from its start.
  static bool areNumbered(const Statement &statement) {
    if (auto scan = dyn_cast<ScanOp>(statement.op);
        scan && (takesRuns(scan) || goesByLengths(scan, statement.number)))
      return false;
    for (auto scan = statement.op->getParentOfType<ScanOp>(); scan;
         scan = scan->getParentOfType<ScanOp>())
      if (takesRuns(scan))
        return false;
    if (auto group = dyn_cast<GroupOp>(statement.op); group && group.getRows())
      return false;
    SmallVector<Value> stack(statement.roots);
    llvm::DenseSet<Operation *> seen;
    while (!stack.empty()) {
      Operation *op = stack.pop_back_val().getDefiningOp();
      if (!op || (isStored(op) && op != statement.op) || !seen.insert(op).second)
        continue;
      if (isHead(op) || isa<PadOp, ConcatOp, ScanOp>(op))
        return false;
      llvm::append_range(stack, op->getOperands());
    }
    return true;
  }

  void add(Access access) {
    access.rank = rank;
    if (!llvm::is_contained(all, access))
      all.push_back(std::move(access));
  }

  void read(Value value, const Marks &marks) {
    if (llvm::is_contained(seen[value], marks))
      return;
    seen[value].push_back(marks);
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      auto scan = dyn_cast<ScanOp>(argument.getOwner()->getParentOp());
      int64_t number = static_cast<int64_t>(argument.getArgNumber()) - 1;
      if (!scan || number < 0)
        return; // an argument of the function, or the position
      if (number < scan.getNumCarries())
        return add(accessOf(placeOfCarry(scan, number, false), marks, false, isAlone));
      number -= scan.getNumCarries();
      Marks whole(marks);
      Value array = scan.getSlices()[number];
      int64_t axis = scan.getSliceAxes()[number];
      if (scan.isBySegments(array.getType(), axis))
        whole[axis] = {};
      else
        whole.insert(whole.begin() + axis, Mark{Mark::At, scan, false});
      return read(array, whole);
    }
    Operation *op = value.getDefiningOp();
    if (isStored(op) && op != this->op)
      return add(accessOf(readPlace(cast<OpResult>(value)), marks, false, isAlone));
    auto roles = dyn_cast<DimRoles>(op);
    SmallVector<SmallVector<DimUse>> uses;
    if (roles)
      uses = roles.getDimRoles();
    for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
      if (isa<CheckOp>(op) && number > 0)
        break; // the condition is the check's affair
      Marks inner(arrayType(operand).getRank());
      for (size_t axis = 0; axis < inner.size() && number < uses.size(); ++axis) {
        DimUse use = uses[number][axis];
        if (use.role == DimRole::Parallel && use.resultAxis >= 0 &&
            arrayType(operand).getDim(axis) == arrayType(value).getDim(use.resultAxis))
          inner[axis] = marks[use.resultAxis];
      }
      read(operand, inner);
    }
  }

  Operation *op;
  bool isAlone, isByElement;
  int64_t rank = -1;
  llvm::DenseMap<Value, SmallVector<Marks, 1>> seen;
};

} // namespace

SmallVector<Access> rondo::accessesOf(const Statement &statement, int64_t axis) {
  return Accesses(statement, axis).all;
}
