// rondo-share: how the workers share each statement, and where they wait for one another.
#include "Plan/Share.h"
#include "Plan/Passes.h"
#include "Rondo/Cost.h"
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"
#include "Schedule/Positions.h"
#include <cmath>

namespace rondo {
#define GEN_PASS_DEF_SHARE
#include "Plan/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

std::string Share::str() const {
  std::string text = axis < 0 ? "worker 0" : "axis " + std::to_string(axis);
  return barrier ? "barrier, " + text : text;
}

std::optional<Share> Share::parse(StringRef text) {
  Share share;
  share.barrier = text.consume_front("barrier, ");
  if (text == "worker 0" ||
      (text.consume_front("axis ") && !text.getAsInteger(10, share.axis) && share.axis >= 0))
    return share;
  return std::nullopt;
}

Share rondo::shareOf(Operation *op, int64_t statement) {
  auto all = op->getAttrOfType<ArrayAttr>(names::share);
  return all ? *Share::parse(cast<StringAttr>(all[statement]).getValue()) : Share();
}

void rondo::setShares(Operation *op, ArrayRef<Share> all) {
  Builder builder(op->getContext());
  op->setAttr(names::share,
              builder.getArrayAttr(llvm::map_to_vector(all, [&](const Share &share) -> Attribute {
                return builder.getStringAttr(share.str());
              })));
}

int64_t rondo::shareQuantum(DimAttr dim) {
  if (!dim.isConstant())
    return 1;
  // Whole tiles of four vectors where that leaves several of them per worker.
  return dim.getConstant() >= 256 && dim.getConstant() % 64 == 0 ? 64 : 16;
}

bool rondo::canShare(DimAttr dim) { return !dim.isConstant() || dim.getConstant() >= 64; }

static bool fallsWithRows(func::FuncOp function, DimAttr dim) {
  auto sortedBy = function->getAttrOfType<StringAttr>(names::sortedBy);
  return llvm::all_of(dim.getTerms(), [&](const DimTerm &term) {
    if (!term.symbol())
      return term.coefficient > 0 && fallsWithRows(function, cast<DimAttr>(term.atom));
    if (lookupSymbol(function, term.symbol()) != SymbolKind::Ragged)
      return true;
    return term.coefficient > 0 && term.symbol() == sortedBy;
  });
}

bool rondo::takesRuns(ScanOp scan) {
  auto function = scan->getParentOfType<func::FuncOp>();
  bool hasBatch = llvm::any_of(getSymbols(function), [](SymbolAttr symbol) {
    return symbol.getKind() == SymbolKind::Batch;
  });
  bool isRagged = llvm::any_of(scan.getDim().getSymbols(), [&](StringAttr symbol) {
    return lookupSymbol(function, symbol) == SymbolKind::Ragged;
  });
  return hasBatch && isRagged && !fallsWithRows(function, scan.getDim());
}

namespace {

//===----------------------------------------------------------------------===//
// Who touches what
//===----------------------------------------------------------------------===//

/// What is known of the positions that an access touches along an axis.
struct Mark {
  /// All of them; this worker's; one that follows a scan: the present position of a slice or stack,
  /// or the row of a carry before or after the step, of all rows or of two by turns.
  enum Kind { All, Shared, At, Before, After, PairBefore, PairAfter } kind = All;
  Operation *scan = nullptr;
  bool isEarlier = false; // in an earlier step
  bool operator==(const Mark &) const = default;

  /// Whether two marks, the second in a present step, are of different positions for sure.
  static bool areApart(const Mark &earlier, const Mark &later) {
    if (!earlier.scan || earlier.scan != later.scan || later.isEarlier)
      return false;
    bool isAfter = earlier.kind == After || earlier.kind == PairAfter;
    bool isSameKind = earlier.kind == later.kind;
    bool isPair = earlier.kind == PairBefore || earlier.kind == PairAfter;
    if (!earlier.isEarlier)
      return !isSameKind;
    // The row before this step is one that came after an earlier one.
    return !isPair && (isSameKind || !isAfter);
  }
};
using Marks = SmallVector<Mark, 4>;

/// A slot of the arena or a result, or a part of one.
struct Place {
  Storage storage;
  SmallVector<DimAttr, 4> dims;
  /// Where a value's axes are, -1 where its positions are others; and the axes at which it is one
  /// position of a scan.
  SmallVector<int64_t, 4> axes;
  SmallVector<std::pair<int64_t, Mark>, 2> at;
};

struct Access {
  Storage storage;
  SmallVector<DimAttr, 4> dims;
  Marks marks;
  bool isWrite = false, isAlone = false; // by worker 0
  bool operator==(const Access &) const = default;
};

Place wholePlace(Storage storage, ArrayRef<DimAttr> dims) {
  Place place{storage, SmallVector<DimAttr, 4>(dims), {}, {}};
  llvm::append_range(place.axes, llvm::seq<int64_t>(0, dims.size()));
  return place;
}

Place placeAt(OpResult value, const Storage &storage);

/// The place of a carry before or after a step.
Place placeOfCarry(ScanOp scan, int64_t number, bool isAfter) {
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
Place placeOfRows(ScanOp scan, int64_t number) {
  Place place = placeOfCarry(scan, number, false);
  llvm::erase_if(place.at, [&](auto &at) { return at.second.scan == scan; });
  return place;
}

Place placeAt(OpResult value, const Storage &storage) {
  Operation *op = value.getOwner();
  auto scan = dyn_cast<ScanOp>(op->getParentOp());
  switch (storage.kind) {
  case Storage::Slot:
  case Storage::Result:
  case Storage::Cache:
    return wholePlace(storage, arrayType(value).getDims());
  case Storage::Next:
    return placeOfCarry(scan, storage.number, true);
  case Storage::Stack: {
    OpResult stack = scan->getResult(scan.getNumCarries() + storage.number);
    Place place = placeAt(stack, storageOf(scan, stack.getResultNumber()));
    int64_t axis = scan.getStackAxes()[storage.number];
    place.at.push_back({place.axes[axis], {Mark::At, scan}});
    place.axes.erase(place.axes.begin() + axis);
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
  case Storage::None:
    break;
  }
  llvm_unreachable("nobody reads it");
}

Access accessOf(const Place &place, const Marks &marks, bool isWrite, bool isAlone) {
  Access access{place.storage, place.dims, Marks(place.dims.size()), isWrite, isAlone};
  for (auto [axis, mark] : llvm::zip_equal(place.axes, marks))
    if (axis >= 0)
      access.marks[axis] = mark;
  for (auto [axis, mark] : place.at)
    if (axis >= 0)
      access.marks[axis] = mark;
  return access;
}

/// Which slots share bytes.
using Sharing = SmallVector<llvm::BitVector>;

/// Whether two accesses, `later` in a present step, may be of the same bytes by two workers.
bool conflict(const Access &earlier, const Access &later, const Sharing &sharing) {
  if (!(earlier.isWrite || later.isWrite) || (earlier.isAlone && later.isAlone))
    return false;
  if (!(earlier.storage == later.storage))
    return earlier.storage.kind == Storage::Slot && later.storage.kind == Storage::Slot &&
           sharing[earlier.storage.number].test(later.storage.number);
  if (earlier.dims != later.dims)
    return true;
  for (auto [a, b] : llvm::zip_equal(earlier.marks, later.marks))
    if ((a.kind == Mark::Shared && b.kind == Mark::Shared) || Mark::areApart(a, b))
      return false;
  return true;
}

/// What one statement does.
struct Statement {
  Operation *op;
  int64_t number = 0;
  ArrayRef<DimAttr> dims;
  SmallVector<Value> roots;    // what is computed
  SmallVector<Place> places;   // where it is stored
  std::optional<Place> source; // what is copied as it is
};

/// The accesses of a statement that is shared along an axis.
class Accesses {
public:
  Accesses(const Statement &statement, int64_t axis) : op(statement.op), isAlone(axis < 0) {
    Marks marks(statement.dims.size());
    if (axis >= 0)
      marks[axis] = {Mark::Shared, nullptr};
    for (Value root : statement.roots)
      read(root, marks);
    if (statement.source)
      add(accessOf(*statement.source, marks, /*isWrite=*/false, isAlone));
    for (const Place &place : statement.places)
      add(accessOf(place, marks, /*isWrite=*/true, isAlone));
  }

  SmallVector<Access> all;

  /// Whether workers would be in each other's way in the statement itself.
  bool areWithConflict(const Sharing &sharing) const {
    return llvm::any_of(all, [&](const Access &a) {
      return a.isWrite &&
             llvm::any_of(all, [&](const Access &b) { return conflict(b, a, sharing); });
    });
  }

private:
  static Place readPlace(OpResult value) {
    return placeAt(value, storageOf(value.getOwner(), value.getResultNumber()));
  }

  void add(Access access) {
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
      whole.insert(whole.begin() + scan.getSliceAxes()[number], Mark{Mark::At, scan, false});
      return read(scan.getSlices()[number], whole);
    }
    Operation *op = value.getDefiningOp();
    if (isStored(op) && op != this->op)
      return add(accessOf(readPlace(cast<OpResult>(value)), marks, false, isAlone));
    if (auto reshape = dyn_cast<ReshapeOp>(op))
      return read(reshape.getOperand(), throughReshape(reshape, marks));
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

  /// Constant dims are regrouped between the symbolic ones; equal ones at either end of such a run
  /// stay as they are.
  static Marks throughReshape(ReshapeOp op, const Marks &marks) {
    ArrayRef<DimAttr> from = op.getOperand().getType().getDims(), to = op.getType().getDims();
    Marks inner(from.size());
    size_t i = 0, j = 0;
    while (i < from.size() || j < to.size()) {
      SmallVector<size_t> left, right;
      for (; i < from.size() && from[i].isConstant(); ++i)
        if (from[i].getConstant() != 1)
          left.push_back(i);
      for (; j < to.size() && to[j].isConstant(); ++j)
        if (to[j].getConstant() != 1)
          right.push_back(j);
      for (auto [l, r] : llvm::zip(left, right)) {
        if (from[l] != to[r])
          break;
        inner[l] = marks[r];
      }
      for (auto [l, r] : llvm::zip(llvm::reverse(left), llvm::reverse(right))) {
        if (from[l] != to[r])
          break;
        inner[l] = marks[r];
      }
      if (i < from.size())
        inner[i++] = marks[j++];
    }
    return inner;
  }

  Operation *op;
  bool isAlone;
  llvm::DenseMap<Value, SmallVector<Marks, 1>> seen;
};

//===----------------------------------------------------------------------===//
// One function
//===----------------------------------------------------------------------===//

class Sharer {
public:
  explicit Sharer(func::FuncOp function) : function(function), sharing(slotsSharing(function)) {}

  void run() {
    // Twice, so that the first statements of a loop see what the last ones do.
    for (int sweep = 0; sweep < 2; ++sweep)
      function.walk<WalkOrder::PreOrder>([&](Operation *op) {
        for (const Statement &statement : statementsOf(op))
          choose(statement);
      });
    place(function.getBody().front());
    write();
  }

  int64_t numShared = 0, numBarriers = 0;

private:
  using Key = std::pair<Operation *, int64_t>;

  //===--- statements ---===//

  static bool isInPlace(Value value, Storage storage) {
    Operation *producer = value.getDefiningOp();
    return producer && isStored(producer) &&
           storageOf(producer, cast<OpResult>(value).getResultNumber()) == storage;
  }

  /// The statements of an op, a scan's copies included, without what stands in its body.
  std::vector<Statement> statementsOf(Operation *op) {
    std::vector<Statement> all;
    if (auto check = dyn_cast<CheckOp>(op)) {
      all.push_back({op, 0, dimsOf(check.getCondition()), {check.getCondition()}, {}, {}});
    } else if (auto scan = dyn_cast<ScanOp>(op)) {
      llvm::append_range(all, before(scan));
      llvm::append_range(all, after(scan));
    } else if (op == function) {
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
    } else if (isStored(op)) {
      Statement statement{op, 0, dimsOf(op->getResult(0)), op->getResults(), {}, {}};
      if (auto group = dyn_cast<GroupOp>(op))
        statement.roots = llvm::to_vector(group.getBlock()->getTerminator()->getOperands());
      for (OpResult result : op->getResults())
        for (const Storage &storage : placesOf(op, result.getResultNumber()))
          statement.places.push_back(placeAt(result, storage));
      all.push_back(std::move(statement));
    }
    return all;
  }

  static ArrayRef<DimAttr> dimsOf(Value value) { return arrayType(value).getDims(); }

  static std::vector<Statement> before(ScanOp scan) {
    std::vector<Statement> all;
    ScanCopies copies(scan);
    int64_t firstSum = scan.getNumCarries() + scan.getNumStacks();
    for (int64_t sum = 0; sum < scan.getNumSums(); ++sum) {
      OpResult result = scan->getResult(firstSum + sum);
      Place place = placeAt(result, storageOf(scan, result.getResultNumber()));
      all.push_back({scan, copies.fill(sum), dimsOf(result), {}, {place}, {}});
    }
    for (auto [number, start] : llvm::enumerate(scan.getStarts()))
      all.push_back(
          {scan, copies.start(number), dimsOf(start), {start}, {placeOfRows(scan, number)}, {}});
    return all;
  }

  static std::vector<Statement> after(ScanOp scan) {
    std::vector<Statement> all;
    ScanCopies copies(scan);
    for (OpResult result : scan.getCarryResults()) {
      int64_t number = result.getResultNumber();
      Storage storage = storageOf(scan, number);
      if (storage.kind != Storage::None &&
          carryStorageOf(scan, number).kind != CarryStorage::InPlace)
        all.push_back({scan,
                       copies.finish(number),
                       dimsOf(result),
                       {},
                       {placeAt(result, storage)},
                       placeOfRows(scan, number)});
    }
    return all;
  }

  //===--- along which axis ---===//

  static Operation *headOf(Operation *stored) {
    auto group = dyn_cast<GroupOp>(stored);
    if (!group)
      return isHead(stored) ? stored : nullptr;
    for (Operation &op : *group.getBlock())
      if (isHead(&op))
        return &op;
    return nullptr;
  }

  static constexpr int64_t longRow = 256; // from which a part of a row is several whole tiles

  /// Long constant columns of a contraction: each worker keeps its slice of the weights in its own
  /// cache, all have the same work whatever the lengths. Else what makes no barrier, for which the
  /// neighbours vote; else the first large axis.
  void choose(const Statement &statement) {
    Share &share = shares[{statement.op, statement.number}];
    share.axis = -1;
    if (isa<CheckOp>(statement.op))
      return;
    Operation *head = headOf(statement.op);
    bool isInLoop = depthOf(statement) > 0;
    ArrayRef<DimAttr> dims = statement.dims;
    double best = 0;
    for (int64_t axis = 0; axis < static_cast<int64_t>(dims.size()); ++axis) {
      if (!canShare(dims[axis]) || !isSharedBy(head, axis))
        continue;
      Accesses accesses(statement, axis);
      if (accesses.areWithConflict(sharing))
        continue;
      double score = preference(dims, axis);
      bool isLast = axis + 1 == static_cast<int64_t>(dims.size());
      const char *reason = "it is the first long axis";
      for (const Access &access : accesses.all)
        if (double sum = votes(statement, access)) {
          score += sum;
          reason = "so do those who write what it reads or read what it writes";
        }
      if (isa_and_nonnull<ContractOp>(head) && isLast && dims[axis].isConstant() &&
          (isInLoop || dims[axis].getConstant() >= longRow)) {
        score += isInLoop ? 1e3 : 6;
        reason = "each keeps its columns of the operand";
      }
      if (score > best) {
        best = score;
        share.axis = axis;
        reasons[{statement.op, statement.number}] = reason;
      }
    }
    for (const Access &access : Accesses(statement, share.axis).all)
      notes[{access.storage.kind, access.storage.number}][{statement.op, statement.number}] = {
          sharedAxis(access), depthOf(statement), access.isWrite};
  }

  /// Whether the loops of a head can run over a part of this axis.
  static bool isSharedBy(Operation *head, int64_t axis) {
    auto scatter = dyn_cast_or_null<ScatterOp>(head);
    if (!scatter)
      return true;
    Spec spec = *Spec::parse(scatter.getSpec());
    return Spec::axis(spec.result, spec.operands[0][axis]) >= 0;
  }

  static double preference(ArrayRef<DimAttr> dims, int64_t axis) {
    if (!dims[axis].isConstant())
      return 1.1 - 0.1 * static_cast<double>(axis);
    return 1 + 0.01 * static_cast<double>(axis);
  }

  static int64_t depthOf(const Statement &statement) {
    int64_t depth = 0;
    for (Operation *op = statement.op->getParentOp(); isa_and_nonnull<ScanOp>(op);
         op = op->getParentOp())
      ++depth;
    return depth;
  }

  static int64_t sharedAxis(const Access &access) {
    for (auto [axis, mark] : llvm::enumerate(access.marks))
      if (mark.kind == Mark::Shared)
        return axis;
    return -1;
  }

  /// Who writes what this reads, or reads what this writes, along the same axis of the storage
  /// needs no barrier; how often there would be one goes by the loops around both.
  double votes(const Statement &statement, const Access &access) {
    double sum = 0;
    int64_t axis = sharedAxis(access);
    for (auto &[other, note] : notes[{access.storage.kind, access.storage.number}])
      if (axis >= 0 && note.axis == axis && note.isWrite != access.isWrite &&
          other != Key(statement.op, statement.number))
        sum += 2 * std::pow(8, std::min(note.depth, depthOf(statement)));
    return sum;
  }

  //===--- barriers ---===//

  void place(const Statement &statement) {
    Share &share = shares[{statement.op, statement.number}];
    SmallVector<Access> accesses = Accesses(statement, share.axis).all;
    if (!share.barrier)
      for (const Access &earlier : pending)
        for (const Access &later : accesses)
          if (conflict(earlier, later, sharing)) {
            (isTrial ? trialFails : share.barrier) = true;
            changed |= share.barrier;
            break;
          }
    if (share.barrier)
      pending.clear();
    add(pending, accesses);
  }

  void place(Block &block) {
    for (Operation &op : block.without_terminator()) {
      if (auto scan = dyn_cast<ScanOp>(op)) {
        loop(scan);
        continue;
      }
      for (const Statement &statement : statementsOf(&op))
        place(statement);
    }
    if (block.getParentOp() == function)
      for (const Statement &statement : statementsOf(function))
        place(statement);
  }

  /// A loop's end flows into its start, until nothing changes.
  void loop(ScanOp scan) {
    for (const Statement &statement : before(scan)) {
      // Runs of rows of one length have a barrier before each, see FunctionLowering::scan.
      if (statement.number == ScanCopies(scan).start(0) && takesRuns(scan))
        pending.clear();
      place(statement);
    }
    if (takesRuns(scan) && scan.getNumCarries() == 0)
      pending.clear();
    SmallVector<Access> start = pending;
    // What flows around the loop has its barriers in the body. Where that is not enough for what
    // comes from before the loop, one barrier stands before it.
    SmallVector<Access> around;
    for (bool isStable = false; !isStable;) {
      bool outer = std::exchange(changed, false);
      SmallVector<Access> next = step(scan, around);
      isStable = !changed && next == around;
      around = std::move(next);
      changed |= outer;
    }
    Share &enter = shares[{scan, ScanCopies(scan).enter()}];
    if (!enter.barrier) {
      SmallVector<Access> entry = start;
      add(entry, around);
      bool outerTrial = std::exchange(isTrial, true);
      bool outerFails = std::exchange(trialFails, false);
      SmallVector<Access> end = step(scan, entry);
      isTrial = outerTrial;
      if (trialFails && !isTrial)
        enter.barrier = changed = true;
      else
        around = std::move(end);
      trialFails = outerFails || (isTrial && trialFails);
    }
    if (enter.barrier)
      start.clear();
    // With no step, what was pending before is pending still.
    add(start, around);
    for (Access &access : start)
      for (Mark &mark : access.marks)
        if (mark.scan == scan)
          mark = {};
    pending = std::move(start);
    for (const Statement &statement : after(scan))
      place(statement);
  }

  /// What is pending at the end of a step that begins with `entry`, as the next step sees it.
  SmallVector<Access> step(ScanOp scan, const SmallVector<Access> &entry) {
    pending = entry;
    place(*scan.getBlock());
    for (Access &access : pending)
      for (Mark &mark : access.marks)
        mark.isEarlier |= mark.scan == scan;
    SmallVector<Access> end;
    add(end, pending);
    return end;
  }

  static void add(SmallVector<Access> &all, ArrayRef<Access> more) {
    for (const Access &access : more)
      if (!llvm::is_contained(all, access))
        all.push_back(access);
  }

  //===--- results ---===//

  void write() {
    DimPolynomial barriers;
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      int64_t count = 0;
      if (auto scan = dyn_cast<ScanOp>(op))
        count = ScanCopies(scan).count();
      else if (op == function)
        count = function.getNumResults();
      else if (isa<CheckOp>(op) || isStored(op))
        count = 1;
      if (count == 0)
        return;
      SmallVector<Share> all(count);
      for (auto [number, share] : llvm::enumerate(all)) {
        auto it = shares.find({op, number});
        if (it == shares.end())
          continue;
        share = it->second;
        numShared += share.axis >= 0;
        if (!share.barrier)
          continue;
        ++numBarriers;
        DimPolynomial times(1);
        for (Operation *around = op->getParentOp(); isa_and_nonnull<ScanOp>(around);
             around = around->getParentOp())
          times *= DimPolynomial(cast<ScanOp>(around).getDim());
        barriers += times;
      }
      setShares(op, all);
      if (isa<GroupOp>(op))
        explain(op, all.front());
    });
    Builder builder(function);
    function->setAttr(names::work, builder.getStringAttr(workOf(function).flops.str()));
    function->setAttr(names::barriers, builder.getStringAttr(barriers.str()));
  }

  void explain(Operation *op, const Share &share) {
    Operation *head = headOf(op);
    ArrayType type = arrayType(op->getResult(0));
    std::string what = (head ? wordsFor(head) + ", " : "") + wordsFor(type);
    const char *wait = share.barrier ? "; after a barrier: they touch what others touched" : "";
    if (share.axis < 0)
      missed(op, "share") << what << " is worker 0's: no axis of it is long" << wait;
    else
      decided(op, "share") << what << " is shared along " << type.getDim(share.axis).str() << ": "
                           << reasons[{op, 0}] << wait;
  }

  func::FuncOp function;
  Sharing sharing;
  std::map<Key, const char *> reasons;
  std::map<Key, Share> shares;
  /// What each statement does to each storage.
  struct Note {
    int64_t axis = -1, depth = 0;
    bool isWrite = false;
  };
  std::map<std::pair<int, int64_t>, llvm::MapVector<Key, Note>> notes;
  SmallVector<Access> pending;
  bool changed = false;
  /// No barrier is set, only seen to be missing.
  bool isTrial = false, trialFails = false;
};

struct SharePass : rondo::impl::ShareBase<SharePass> {
  using ShareBase::ShareBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      Sharer sharer(function);
      sharer.run();
      numShared += sharer.numShared;
      numBarriers += sharer.numBarriers;
    }
  }
};

} // namespace
