// rondo-barriers: where the workers wait for one another. It follows from how they share the
// statements: a barrier stands before a statement that touches an element which another worker may
// have written, or writes one which another may have touched, since the last barrier.
#include "Plan/Barriers.h"
#include "Plan/Passes.h"
#include "Plan/Runs.h"
#include "Plan/ScanCopies.h"
#include "Plan/Share.h"
#include "Plan/Storage.h"
#include "Rondo/DimPolynomial.h"
#include "Rondo/Spec.h"
#include "Schedule/Positions.h"

namespace rondo {
#define GEN_PASS_DEF_BARRIERS
#include "Plan/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

int64_t rondo::numStatements(Operation *op) {
  if (auto scan = dyn_cast<ScanOp>(op))
    return ScanCopies(scan).count();
  if (auto function = dyn_cast<func::FuncOp>(op))
    return function.getNumResults();
  return isa<CheckOp>(op) || (isStored(op) && !isStep(op)) ? 1 : 0;
}

Operation *rondo::headOf(Operation *stored) {
  auto group = dyn_cast<GroupOp>(stored);
  if (!group)
    return isHead(stored) ? stored : nullptr;
  for (Operation &op : *group.getBlock())
    if (isHead(&op))
      return &op;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// What can be shared
//===----------------------------------------------------------------------===//

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

std::optional<StringRef> rondo::whyNotShared(const Statement &statement, int64_t axis,
                                             const Sharing &sharing) {
  if (axis >= static_cast<int64_t>(statement.dims.size()))
    return StringRef("what it stores has no such axis");
  if (!isSharedBy(headOf(statement.op), axis))
    return StringRef("the positions along it are the index's, which only one worker goes through");
  if (!isInSteps(statement.op, axis))
    return StringRef("not all of its steps have the axis");
  SmallVector<Access> accesses = accessesOf(statement, axis);
  bool isInItsOwnWay = llvm::any_of(accesses, [&](const Access &a) {
    return a.isWrite &&
           llvm::any_of(accesses, [&](const Access &b) { return conflict(b, a, sharing); });
  });
  if (isInItsOwnWay)
    return StringRef("a worker would read what another one writes");
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

namespace {

class Barriers {
public:
  explicit Barriers(func::FuncOp function) : function(function), sharing(slotsSharing(function)) {}

  int64_t run() {
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      for (int64_t number = 0; number < numStatements(op); ++number)
        shares[{op, number}] = shareOf(op, number);
    });
    place(function.getBody().front());
    return write();
  }

private:
  using Key = std::pair<Operation *, int64_t>;

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

  int64_t write() {
    int64_t count = 0;
    DimPolynomial barriers;
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      SmallVector<Share> all;
      for (int64_t number = 0; number < numStatements(op); ++number) {
        all.push_back(shares[{op, number}]);
        if (!all.back().barrier)
          continue;
        ++count;
        DimPolynomial times(1);
        for (Operation *around = op->getParentOp(); isa_and_nonnull<ScanOp>(around);
             around = around->getParentOp())
          times *= DimPolynomial(cast<ScanOp>(around).getDim());
        barriers += times;
      }
      if (!all.empty())
        setShares(op, all);
    });
    function->setAttr(names::barriers, StringAttr::get(function.getContext(), barriers.str()));
    return count;
  }

  func::FuncOp function;
  Sharing sharing;
  std::map<Key, Share> shares;
  SmallVector<Access> pending;
  bool changed = false;
  /// No barrier is set, only seen to be missing.
  bool isTrial = false, trialFails = false;
};

} // namespace

int64_t rondo::placeBarriers(func::FuncOp function) { return Barriers(function).run(); }

/// Whether the shares of a function's statements are such as workers can have; else an error.
static LogicalResult verifyShares(func::FuncOp function, bool areThreads) {
  Sharing sharing = slotsSharing(function);
  WalkResult result = function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (const Statement &statement : statementsOf(op)) {
      int64_t axis = shareOf(op, statement.number).axis;
      if (axis == Share::alone)
        continue;
      if ((axis == Share::threads) != areThreads) {
        op->emitOpError("cannot be shared by ")
            << (areThreads ? "workers: a device has threads" : "threads: a processor has workers");
        return WalkResult::interrupt();
      }
      std::optional<StringRef> why;
      if (!areThreads)
        why = whyNotShared(statement, axis, sharing);
      if (why) {
        op->emitOpError("cannot be shared along axis ") << axis << ": " << *why;
        return WalkResult::interrupt();
      }
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

namespace {
struct BarriersPass : rondo::impl::BarriersBase<BarriersPass> {
  using BarriersBase::BarriersBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      // A function without shares is worker 0's as a whole.
      if (function.isExternal() || !function->hasAttr(names::share))
        continue;
      if (failed(verifyShares(function, threads)))
        return signalPassFailure();
      placeBarriers(function);
    }
  }
};
} // namespace
