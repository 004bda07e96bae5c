// rondo-plan: gives every stored value its place.
#include "Plan/Passes.h"
#include "Plan/Storage.h"
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
    keepCarriesApart(block);
    DenseMap<Operation *, SmallVector<int64_t>> expiring;
    for (Operation &op : block.without_terminator()) {
      if (isLazy(&op))
        continue;
      SmallVector<Storage> all;
      for (OpResult result : op.getResults()) {
        Storage storage = place(result, block);
        if (storage.kind == Storage::Slot)
          if (Operation *last = lastUse(result, block); last != block.getTerminator())
            expiring[last ? last : &op].push_back(storage.number);
        all.push_back(storage);
      }
      setStorage(&op, all);
      for (Region &region : op.getRegions())
        if (isa<ScanOp>(op))
          this->block(region.front());
      for (int64_t number : expiring.lookup(&op))
        free[keyOf(slots[number])].push_back(number);
    }
    // What the block did not give back is free for the ops after it.
    for (auto &[number, key] : taken)
      if (!llvm::is_contained(free[key], number) && owner[number] == &block)
        free[key].push_back(number);
  }

  /// A carry's next value is stored before any carry is overwritten: what merely moves elements
  /// gets a group, that is, storage of its own.
  void keepCarriesApart(Block &block) {
    auto scan = dyn_cast<ScanOp>(block.getParentOp());
    if (!scan)
      return;
    Operation *yield = block.getTerminator();
    for (auto [number, argument] : llvm::enumerate(scan.getCarryArguments())) {
      Value value = yield->getOperand(number);
      Operation *producer = value.getDefiningOp();
      bool isStoredHere = producer && producer->getBlock() == &block && !isLazy(producer);
      if (value == argument || isStoredHere)
        continue;
      OpBuilder builder(yield);
      auto group = GroupOp::create(builder, scan.getLoc(), value.getType());
      Block *body = builder.createBlock(&group.getBody());
      builder.setInsertionPointToEnd(body);
      YieldOp::create(builder, scan.getLoc(), value);
      yield->setOperand(number, group.getResult(0));
    }
  }

  Storage place(OpResult value, Block &block) {
    Operation *terminator = block.getTerminator();
    auto scan = dyn_cast<ScanOp>(block.getParentOp());
    for (OpOperand &operand : terminator->getOpOperands()) {
      if (operand.get() != value)
        continue;
      int64_t number = operand.getOperandNumber();
      if (!scan)
        return {Storage::Result, number};
      number -= scan.getNumCarries();
      if (number >= 0 && number < scan.getNumStacks())
        return {Storage::Stack, number};
      number -= scan.getNumStacks();
      if (number >= 0 && value.hasOneUse() && !isa<ScanOp>(value.getOwner()))
        return {Storage::Sum, number};
    }
    return {Storage::Slot, takeSlot(arrayType(value), block)};
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
