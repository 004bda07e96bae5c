// rondo-plan: gives every stored value its place.
#include "Plan/Arena.h"
#include "Plan/Carries.h"
#include "Plan/Passes.h"
#include "Plan/Rests.h"
#include "Schedule/Positions.h"

namespace rondo {
#define GEN_PASS_DEF_PLAN
#include "Plan/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

/// Plans one function.
class Planner {
public:
  explicit Planner(func::FuncOp function) : function(function) {}

  void run() {
    chooseOrder();
    function.walk([](ScanOp scan) { storeYields(scan); });
    findCached();
    number(function.getBody().front());
    block(function.getBody().front());
    Builder builder(function.getContext());
    function->setAttr(names::slots, builder.getArrayAttr(llvm::map_to_vector(
                                        slots, [](const SlotLife &slot) -> Attribute {
                                          return TypeAttr::get(slot.type);
                                        })));
    if (!cached.empty())
      function->setAttr(names::cached,
                        builder.getArrayAttr(llvm::map_to_vector(
                            cached, [](Type type) -> Attribute { return TypeAttr::get(type); })));
    function->setAttr(names::below,
                      builder.getArrayAttr(llvm::map_to_vector(
                          stackSlots(slots), [&](ArrayRef<int64_t> below) -> Attribute {
                            return builder.getDenseI64ArrayAttr(below);
                          })));
  }

  int64_t numSlots() const { return slots.size(); }

private:
  /// The ragged symbol that most scans run over.
  void chooseOrder() {
    bool hasBatch = false;
    llvm::MapVector<StringAttr, int64_t> votes;
    for (SymbolAttr symbol : getSymbols(function)) {
      hasBatch |= symbol.getKind() == SymbolKind::Batch;
      if (symbol.getKind() == SymbolKind::Ragged)
        votes[symbol.getName()] = 0;
    }
    if (!hasBatch || votes.empty())
      return;
    function.walk([&](ScanOp scan) {
      std::optional<Segments> segments = scan.getSegments();
      for (StringAttr symbol : (segments ? segments->whole : scan.getDim()).getSymbols())
        if (votes.count(symbol))
          ++votes[symbol];
    });
    auto *best = votes.begin();
    for (auto &vote : votes)
      if (vote.second > best->second)
        best = &vote;
    function->setAttr(names::sortedBy, best->first);
  }

  /// The groups that compute something of the parameters alone, moved before all other ops: the
  /// call after finds it as it is unless the parameters have changed.
  void findCached() {
    llvm::DenseSet<Value> known;
    for (BlockArgument argument : function.getArguments())
      if (auto role = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), names::role);
          role && role.getValue() == "parameter")
        known.insert(argument);
    if (known.empty())
      return;
    Block &block = function.getBody().front();
    auto isConstantSize = [](Type type) {
      return llvm::all_of(cast<ArrayType>(type).getDims(),
                          [](DimAttr dim) { return dim.isConstant(); });
    };
    auto dependsOnMore = [&](Operation *op) {
      return op
          ->walk([&](Operation *inner) {
            bool isFixed = !isa<LengthOp, CheckOp, ScanOp>(inner) &&
                           llvm::all_of(inner->getResultTypes(), isConstantSize) &&
                           llvm::all_of(inner->getOperands(), [&](Value operand) {
                             return known.contains(operand) ||
                                    op->isProperAncestor(operand.getParentBlock()->getParentOp()) ||
                                    operand.getParentBlock()->getParentOp() == op;
                           });
            return isFixed ? WalkResult::advance() : WalkResult::interrupt();
          })
          .wasInterrupted();
    };
    SmallVector<Operation *> ops;
    for (Operation &op : block.without_terminator()) {
      if (!(isa<GroupOp>(op) || isLazy(&op)) || dependsOnMore(&op) ||
          llvm::any_of(op.getResults(), [&](OpResult result) { return isWanted(result, block); }))
        continue;
      known.insert(op.result_begin(), op.result_end());
      ops.push_back(&op);
      if (isa<GroupOp>(op))
        isCached.insert(&op);
    }
    for (Operation *op : llvm::reverse(ops))
      op->moveBefore(&block, block.begin());
  }

  /// Numbers the ops in order, those of bodies within the op around.
  void number(Block &block) {
    for (Operation &op : block) {
      begins[&op] = next++;
      if (auto scan = dyn_cast<ScanOp>(op))
        number(*scan.getBlock());
      ends[&op] = next++;
    }
  }

  void block(Block &block) {
    for (Operation &op : block.without_terminator()) {
      if (isLazy(&op))
        continue;
      SmallVector<SmallVector<Storage>> all;
      auto scan = dyn_cast<ScanOp>(op);
      if (scan)
        all = scanResults(scan, block);
      else
        for (OpResult result : op.getResults())
          all.push_back(places(result, block));
      setStorage(&op, all);
      setRests(&op, llvm::map_to_vector(op.getResults(), [&](OpResult result) {
        return needsRest(result) ? takeSlot(restType(result), &op, {}) : -1;
      }));
      if (scan)
        this->block(*scan.getBlock());
      if (auto group = dyn_cast<GroupOp>(op); group && group.getRows())
        steps(group);
    }
  }

  /// What only steps of the same rows read is kept for a few rows, if it is known how long they
  /// are.
  void steps(GroupOp rows) {
    ValueRange yielded = rows.getBlock()->getTerminator()->getOperands();
    for (GroupOp step : rows.getBlock()->getOps<GroupOp>()) {
      SmallVector<SmallVector<Storage>> all;
      for (OpResult result : step->getResults()) {
        auto type = arrayType(result);
        bool isShort = llvm::all_of(type.getDims().drop_front(*rows.getRows()),
                                    [](DimAttr dim) { return dim.isConstant(); });
        int64_t number = llvm::find(yielded, result) - yielded.begin();
        if (number < static_cast<int64_t>(yielded.size()))
          all.push_back({{Storage::Yield, number}});
        else if (isShort)
          all.push_back({{Storage::Local, numLocals++}});
        else
          all.push_back({{Storage::Slot, takeSlot(type, rows, {})}});
      }
      setStorage(step, all);
    }
  }

  /// A slot for some results of an op: until they are read for the last time.
  int64_t takeSlot(ArrayType type, Operation *op, ArrayRef<OpResult> results) {
    int64_t end = ends[op];
    for (OpResult result : results)
      if (Operation *last = lastUse(result, *op->getBlock()))
        end = std::max(end, ends[last]);
    slots.push_back({type, begins[op], end});
    return static_cast<int64_t>(slots.size()) - 1;
  }

  /// Where a scan's results go, and how it keeps its carries.
  SmallVector<SmallVector<Storage>> scanResults(ScanOp scan, Block &block) {
    SmallVector<SmallVector<Storage>> all(scan.getNumResults());
    for (OpResult result : scan->getResults())
      if (isWanted(result, block))
        all[result.getResultNumber()] = wantedPlaces(result, block);

    SmallVector<CarryStorage> carries;
    for (int64_t carry = 0; carry < scan.getNumCarries(); ++carry) {
      Value argument = scan.getCarryArguments()[carry], next = scan.getYieldedCarries()[carry];
      // Stacks of the carry before or after the steps are its history.
      SmallVector<OpResult> histories;
      bool isHeld = argument == next;
      for (auto [number, stacked] : llvm::enumerate(scan.getYieldedStacks())) {
        auto result = cast<OpResult>(scan.getStackResults()[number]);
        SmallVector<Storage> &places = all[result.getResultNumber()];
        if (isHeld || !places.empty() || (stacked != argument && stacked != next))
          continue;
        places.push_back({stacked == argument ? Storage::Before : Storage::After, carry});
        histories.push_back(result);
      }
      CarryStorage storage;
      auto rows = [&](DimAttr count) { return arrayType(argument).withInserted(0, count); };
      auto constant = [&](int64_t value) { return DimAttr::get(scan.getContext(), value); };
      if (!histories.empty())
        storage = {CarryStorage::History,
                   takeSlot(rows(scan.getDim().add(constant(1))), scan, histories)};
      else if (!isHeld && !canUpdateInPlace(scan, carry))
        storage = {CarryStorage::Pair, takeSlot(rows(constant(2)), scan, {})};
      carries.push_back(storage);
      if (storage.kind != CarryStorage::InPlace && scan.getCarryResults()[carry].use_empty())
        all[carry].assign(1, {Storage::None});
    }
    setCarryStorage(scan, carries);
    for (OpResult result : scan->getResults())
      if (SmallVector<Storage> &places = all[result.getResultNumber()]; places.empty())
        places.push_back({Storage::Slot, takeSlot(arrayType(result), scan, {result})});
    return all;
  }

  /// Whether the block yields a value that is stored where it is wanted.
  static bool isWanted(OpResult value, Block &block) {
    return isStorable(value) && llvm::is_contained(block.getTerminator()->getOperands(), value);
  }

  static SmallVector<Storage> wantedPlaces(OpResult value, Block &block) {
    auto scan = dyn_cast<ScanOp>(block.getParentOp());
    SmallVector<Storage> places;
    for (OpOperand &operand : block.getTerminator()->getOpOperands()) {
      if (operand.get() != value)
        continue;
      int64_t number = operand.getOperandNumber();
      if (!scan)
        return {{Storage::Result, number}};
      if (number < scan.getNumCarries()) {
        places.push_back({Storage::Next, number});
        continue;
      }
      Storage::Kind ofResult = storageOf(scan, number).kind;
      number -= scan.getNumCarries();
      if (number >= scan.getNumStacks())
        places.push_back({Storage::Sum, number - scan.getNumStacks()});
      else if (ofResult != Storage::Before && ofResult != Storage::After)
        places.push_back({Storage::Stack, number});
    }
    return places;
  }

  SmallVector<Storage> places(OpResult value, Block &block) {
    if (isWanted(value, block))
      return wantedPlaces(value, block);
    if (isCached.contains(value.getOwner())) {
      cached.push_back(value.getType());
      return {{Storage::Cache, static_cast<int64_t>(cached.size()) - 1}};
    }
    return {{Storage::Slot, takeSlot(arrayType(value), value.getOwner(), {value})}};
  }

  /// The last op of the block that reads a value, through ops that are computed where they are
  /// used; null if none does.
  Operation *lastUse(Value value, Block &block) {
    Operation *last = nullptr;
    SmallVector<Value> stack{value};
    llvm::DenseSet<Value> seen;
    while (!stack.empty()) {
      Value next = stack.pop_back_val();
      if (!seen.insert(next).second)
        continue;
      for (Operation *user : next.getUsers()) {
        Operation *here = block.findAncestorOpInBlock(*user);
        if (here == user && isLazy(user) && !isa<CheckOp>(user)) {
          llvm::append_range(stack, user->getResults());
          continue;
        }
        if (here == user && isa<CheckOp>(user))
          llvm::append_range(stack, user->getResults());
        if (!last || last->isBeforeInBlock(here))
          last = here;
      }
    }
    return last;
  }

  func::FuncOp function;
  SmallVector<SlotLife> slots;
  llvm::DenseSet<Operation *> isCached;
  SmallVector<Type> cached;
  llvm::DenseMap<Operation *, int64_t> begins, ends;
  int64_t next = 0, numLocals = 0;
};

struct PlanPass : rondo::impl::PlanBase<PlanPass> {
  using PlanBase::PlanBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      Planner planner(function);
      planner.run();
      numSlots += planner.numSlots();
    }
  }
};

} // namespace
