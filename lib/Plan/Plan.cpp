// rondo-plan: gives every stored value its place.
#include "Plan/Carries.h"
#include "Plan/Passes.h"
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
    block(function.getBody().front());
    Builder builder(function.getContext());
    function->setAttr(names::slots,
                      builder.getArrayAttr(llvm::map_to_vector(
                          slots, [](ArrayType type) { return Attribute(TypeAttr::get(type)); })));
  }

  int64_t numSlots() const { return slots.size(); }
  int64_t numShared = 0;

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
      for (StringAttr symbol : scan.getDim().getSymbols())
        if (votes.count(symbol))
          ++votes[symbol];
    });
    auto *best = votes.begin();
    for (auto &vote : votes)
      if (vote.second > best->second)
        best = &vote;
    function->setAttr(names::sortedBy, best->first);
  }

  void block(Block &block) {
    DenseMap<Operation *, SmallVector<int64_t>> expiring;
    for (Operation &op : block.without_terminator()) {
      if (isLazy(&op))
        continue;
      auto scan = dyn_cast<ScanOp>(op);
      SmallVector<SmallVector<Storage>> all;
      if (scan)
        all = scanResults(scan, block, expiring);
      else
        for (OpResult result : op.getResults())
          all.push_back(places(result, block));
      for (auto [result, places] : llvm::zip_equal(op.getResults(), all))
        if (places.front().kind == Storage::Slot)
          expire(places.front().number, lastUse(result, block), &op, expiring);
      setStorage(&op, all);
      if (scan)
        this->block(*scan.getBlock());
      for (int64_t number : expiring.lookup(&op))
        free[keyOf(slots[number])].push_back(number);
    }
    // What the block did not give back is free for the ops after it.
    for (auto &[number, key] : taken)
      if (!llvm::is_contained(free[key], number) && owner[number] == &block)
        free[key].push_back(number);
  }

  /// Frees a slot after `last`, or after `op` itself where that is null.
  static void expire(int64_t slot, Operation *last, Operation *op,
                     DenseMap<Operation *, SmallVector<int64_t>> &expiring) {
    if (last != op->getBlock()->getTerminator())
      expiring[last ? last : op].push_back(slot);
  }

  /// Where a scan's results go, and how it keeps its carries.
  SmallVector<SmallVector<Storage>>
  scanResults(ScanOp scan, Block &block, DenseMap<Operation *, SmallVector<int64_t>> &expiring) {
    storeYields(scan);
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
      if (!histories.empty()) {
        DimAttr one = DimAttr::get(scan.getContext(), int64_t(1));
        storage = {CarryStorage::History,
                   takeSlot(arrayType(argument).withInserted(0, scan.getDim().add(one)), block)};
        Operation *last = scan;
        for (OpResult result : histories)
          if (Operation *use = lastUse(result, block); use && last->isBeforeInBlock(use))
            last = use;
        expire(storage.slot, last, scan, expiring);
      } else if (!isHeld && !canUpdateInPlace(scan, carry)) {
        DimAttr two = DimAttr::get(scan.getContext(), int64_t(2));
        storage = {CarryStorage::Pair, takeSlot(arrayType(argument).withInserted(0, two), block)};
        expire(storage.slot, scan, scan, expiring);
      }
      carries.push_back(storage);
      if (storage.kind != CarryStorage::InPlace && scan.getCarryResults()[carry].use_empty())
        all[carry].assign(1, {Storage::None});
    }
    setCarryStorage(scan, carries);
    for (OpResult result : scan->getResults())
      if (SmallVector<Storage> &places = all[result.getResultNumber()]; places.empty())
        places.push_back({Storage::Slot, takeSlot(arrayType(result), block)});
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
    return {{Storage::Slot, takeSlot(arrayType(value), block)}};
  }

  int64_t takeSlot(ArrayType type, Block &block) {
    std::string key = keyOf(type);
    auto &available = free[key];
    int64_t number = slots.size();
    if (!available.empty()) {
      number = available.pop_back_val();
      ++numShared;
    } else {
      slots.push_back(type);
    }
    taken[number] = key;
    owner[number] = &block;
    return number;
  }

  /// Slots of one key have one size.
  static std::string keyOf(ArrayType type) {
    SmallVector<std::string> symbolic;
    int64_t constant =
        type.getElementType().isInteger(1) ? 1 : type.getElementType().getIntOrFloatBitWidth() / 8;
    for (DimAttr dim : type.getDims()) {
      if (dim.isConstant())
        constant *= dim.getConstant();
      else
        symbolic.push_back(dim.str());
    }
    llvm::sort(symbolic);
    return std::to_string(constant) + " " + llvm::join(symbolic, ",");
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
  SmallVector<ArrayType> slots;
  std::map<std::string, SmallVector<int64_t>> free;
  std::map<int64_t, std::string> taken;
  std::map<int64_t, Block *> owner;
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
      numShared += planner.numShared;
    }
  }
};

} // namespace
