// rondo-share: how the workers share each statement, and where they wait for one another.
#include "Plan/Share.h"
#include "Machine/TargetDescription.h"
#include "Plan/Accesses.h"
#include "Plan/Passes.h"
#include "Plan/Runs.h"
#include "Plan/ScanCopies.h"
#include "Plan/Storage.h"
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

int64_t rondo::shareQuantum(DimAttr dim) {
  if (!dim.isConstant())
    return 1;
  // Halves of a tile of four vectors: whole ones would leave 320 columns as 3 tiles and 2, vectors
  // would ask for more kinds of tiles at the end of a share.
  return dim.getConstant() >= 256 && dim.getConstant() % 32 == 0 ? 32 : 16;
}

int64_t rondo::sharedAxisOf(Operation *op, int64_t axis, int64_t rank) {
  auto group = dyn_cast<GroupOp>(op);
  bool isRow = !group || !group.getRows() || axis < static_cast<int64_t>(*group.getRows());
  return isRow ? axis : rank - 1;
}

bool rondo::canShare(DimAttr dim) { return !dim.isConstant() || dim.getConstant() >= 64; }

namespace {

//===----------------------------------------------------------------------===//
// One function
//===----------------------------------------------------------------------===//

class Sharer {
public:
  explicit Sharer(func::FuncOp function)
      : function(function), sharing(slotsSharing(function)),
        isDevice(TargetDescription::of(function).isDevice()) {}

  void run() {
    // Twice, so that the first statements of a loop see what the last ones do.
    for (int sweep = 0; sweep < (isDevice ? 0 : 2); ++sweep)
      function.walk<WalkOrder::PreOrder>([&](Operation *op) {
        for (const Statement &statement : statementsOf(op))
          choose(statement);
      });
    if (isDevice)
      function.walk([&](Operation *op) {
        for (const Statement &statement : statementsOf(op))
          shares[{statement.op, statement.number}].axis = threadsOrAlone(statement);
      });
    place(function.getBody().front());
    write();
  }

  int64_t numShared = 0, numBarriers = 0;

private:
  using Key = std::pair<Operation *, int64_t>;

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
      if (!canShare(dims[axis]) || !isSharedBy(head, axis) || !isInSteps(statement.op, axis))
        continue;
      SmallVector<Access> accesses = accessesOf(statement, axis);
      if (isInItsOwnWay(accesses))
        continue;
      double score = preference(dims, axis);
      bool isLast = axis + 1 == static_cast<int64_t>(dims.size());
      const char *reason = "it is the first long axis";
      for (const Access &access : accesses)
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
    for (const Access &access : accessesOf(statement, share.axis))
      notes[{access.storage.kind, access.storage.number}][{statement.op, statement.number}] = {
          sharedAxis(access), depthOf(statement), access.isWrite};
  }

  /// Whether workers would be in each other's way in the statement itself.
  bool isInItsOwnWay(ArrayRef<Access> accesses) const {
    return llvm::any_of(accesses, [&](const Access &a) {
      return a.isWrite &&
             llvm::any_of(accesses, [&](const Access &b) { return conflict(b, a, sharing); });
    });
  }

  /// Whether the loops of a head can run over a part of this axis.
  static bool isSharedBy(Operation *head, int64_t axis) {
    auto scatter = dyn_cast_or_null<ScatterOp>(head);
    if (!scatter)
      return true;
    Spec spec = *Spec::parse(scatter.getSpec());
    return Spec::axis(spec.result, spec.operands[0][axis]) >= 0;
  }

  /// Whether all steps of rows have a part of this axis.
  static bool isInSteps(Operation *op, int64_t axis) {
    auto group = dyn_cast<GroupOp>(op);
    if (!group || !group.getRows() || axis < static_cast<int64_t>(*group.getRows()))
      return true;
    ArrayRef<DimAttr> dims = arrayType(group.getResult(0)).getDims();
    return axis + 1 == static_cast<int64_t>(dims.size()) &&
           llvm::all_of(group.getBlock()->getOps<GroupOp>(), [&](GroupOp step) {
             return llvm::all_of(step.getResultTypes(), [&](Type type) {
               ArrayRef<DimAttr> own = cast<ArrayType>(type).getDims();
               return own.size() > *group.getRows() && own.back() == dims.back();
             });
           });
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

  //===--- devices ---===//

  /// All threads, but for what is a single element, where a barrier would cost more, and for
  /// checks, of which the first to fail is reported.
  static int64_t threadsOrAlone(const Statement &statement) {
    bool isOne = llvm::all_of(
        statement.dims, [](DimAttr dim) { return dim.isConstant() && dim.getConstant() == 1; });
    Operation *head = headOf(statement.op);
    return (isOne && !head) || isa<CheckOp>(statement.op) ? Share::alone : Share::threads;
  }

  //===--- barriers ---===//

  void place(const Statement &statement) {
    Share &share = shares[{statement.op, statement.number}];
    SmallVector<Access> accesses = accessesOf(statement, share.axis);
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
    for (const Statement &statement : copiesBefore(scan)) {
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
    for (const Statement &statement : copiesAfter(scan))
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
      else if (isa<CheckOp>(op) || (isStored(op) && !isStep(op)))
        count = 1;
      if (count == 0)
        return;
      SmallVector<Share> all(count);
      for (auto [number, share] : llvm::enumerate(all)) {
        auto it = shares.find({op, number});
        if (it == shares.end())
          continue;
        share = it->second;
        numShared += share.axis != Share::alone;
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
    if (share.axis == Share::threads)
      decided(op, "share") << what << " is computed by all threads, element by element" << wait;
    else if (share.axis < 0)
      missed(op, "share") << what << " is worker 0's: no axis of it is long" << wait;
    else
      decided(op, "share") << what << " is shared along " << type.getDim(share.axis).str() << ": "
                           << reasons[{op, 0}] << wait;
  }

  func::FuncOp function;
  Sharing sharing;
  bool isDevice;
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
