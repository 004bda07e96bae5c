#include "Plan/Carries.h"
#include "Plan/Runs.h"
#include "Schedule/Positions.h"

using namespace mlir;
using namespace rondo;

bool rondo::isStorable(Value value) {
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return false;
  auto scan = dyn_cast<ScanOp>(result.getOwner());
  if (!scan)
    return isa<GroupOp>(result.getOwner());
  int64_t stack = static_cast<int64_t>(result.getResultNumber()) - scan.getNumCarries();
  return stack < 0 || stack >= scan.getNumStacks() ||
         !llvm::is_contained(scan.getCarryArguments(), scan.getYieldedStacks()[stack]);
}

/// What a group yields as this result.
static Value yieldedBy(Value result) {
  Operation *yield = result.getDefiningOp<GroupOp>().getBlock()->getTerminator();
  return yield->getOperand(cast<OpResult>(result).getResultNumber());
}

/// Whether rows read what one of their steps gives to others as well.
static bool isReadWithin(Value value) {
  auto group = value.getDefiningOp<GroupOp>();
  return group && group.getRows() && !yieldedBy(value).hasOneUse();
}

/// Whether what is stored of a value of `block` can be added to what is there, part by part: a
/// group does so, and a scan for what groups stack, if nobody reads either.
static bool mayAdd(Value value, Block &block) {
  auto result = dyn_cast<OpResult>(value);
  if (!result || !result.hasOneUse() || result.getParentBlock() != &block || !isStorable(result))
    return false;
  auto scan = dyn_cast<ScanOp>(result.getOwner());
  if (!scan)
    return !isReadWithin(value);
  int64_t stack = static_cast<int64_t>(result.getResultNumber()) - scan.getNumCarries();
  return stack >= 0 && stack < scan.getNumStacks() &&
         mayAdd(scan.getYieldedStacks()[stack], *scan.getBlock());
}

void rondo::storeYields(ScanOp scan) {
  Operation *yield = scan.getYield();
  llvm::DenseSet<Value> taken;
  for (OpOperand &operand : yield->getOpOperands()) {
    Value value = operand.get();
    int64_t number = operand.getOperandNumber(), stack = number - scan.getNumCarries();
    bool isCarry = stack < 0, isStack = !isCarry && stack < scan.getNumStacks();
    // A carry that stays as it is; a stack of what another is before each step.
    auto carry = llvm::find(scan.getCarryArguments(), value) - scan.getCarryArguments().begin();
    bool isHeld = carry < scan.getNumCarries() && scan.getYieldedCarries()[carry] == value;
    if (isCarry && isHeld && carry == number)
      continue;
    if (isStack && carry < scan.getNumCarries() && !isHeld)
      continue;
    bool isAdded = !isCarry && (!isStack || isAddedByRuns(scan, stack));
    // A scan stores its results in one place each.
    if (isAdded ? mayAdd(value, *scan.getBlock())
                : isStorable(value) && value.getParentBlock() == scan.getBlock() &&
                      (!isa<ScanOp>(value.getDefiningOp()) || taken.insert(value).second))
      continue;
    OpBuilder builder(yield);
    auto group = GroupOp::create(builder, scan.getLoc(), value.getType());
    Block *body = builder.createBlock(&group.getBody());
    builder.setInsertionPointToEnd(body);
    YieldOp::create(builder, scan.getLoc(), value);
    operand.set(group.getResult(0));
  }
}

namespace {

/// Looks for reads of a carry while a group runs that overwrites it.
class Reads {
public:
  Reads(GroupOp group, Value carry) : group(group), carry(carry) {}

  /// Whether a value at these positions of what the group stores is computed without reading the
  /// carry at any others.
  bool areInPlace(Value value, const Positions &at) {
    if (value == carry)
      return at == identity(arrayType(carry).getRank());
    Operation *op = value.getDefiningOp();
    if (!op || !isComputedHere(op) || llvm::is_contained(visited[value], at))
      return true;
    visited[value].push_back(at);
    for (OpOperand &operand : op->getOpOperands()) {
      std::optional<Positions> inner = operandPositions(operand, at);
      // What a contraction adds to, and what a scatter adds to, is read once, element by element.
      if (isa<ContractOp>(op) && operand.getOperandNumber() == 2)
        inner = at;
      if (isa<ScatterOp>(op) && operand.getOperandNumber() == 0)
        inner = at;
      if (inner ? !areInPlace(operand.get(), *inner) : isRead(operand.get()))
        return false;
    }
    return true;
  }

  bool isRead(Value value) {
    SmallVector<Value> stack{value};
    llvm::DenseSet<Value> seen;
    while (!stack.empty()) {
      Value next = stack.pop_back_val();
      if (next == carry)
        return true;
      Operation *op = next.getDefiningOp();
      if (op && isComputedHere(op) && seen.insert(next).second)
        llvm::append_range(stack, op->getOperands());
    }
    return false;
  }

private:
  /// In the group, or wherever it is read.
  bool isComputedHere(Operation *op) {
    return op->getParentOp() == group || (isLazy(op) && op->getParentOp()->isProperAncestor(group));
  }

  GroupOp group;
  Value carry;
  llvm::DenseMap<Value, SmallVector<Positions>> visited;
};

} // namespace

bool rondo::canUpdateInPlace(ScanOp scan, int64_t carry) {
  Value argument = scan.getCarryArguments()[carry], next = scan.getYieldedCarries()[carry];
  auto group = next.getDefiningOp<GroupOp>();
  Block &block = *scan.getBlock();
  if (!group || group->getBlock() != &block)
    return false;
  SmallVector<Value> stack{argument};
  llvm::DenseSet<Value> seen;
  while (!stack.empty()) {
    Value value = stack.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (Operation *user : value.getUsers()) {
      Operation *here = block.findAncestorOpInBlock(*user);
      if (here == user && isLazy(user))
        llvm::append_range(stack, user->getResults());
      if ((here != user || !isLazy(user) || isa<CheckOp>(user)) && group->isBeforeInBlock(here))
        return false;
    }
  }
  // Of rows, what their steps read: those after the one that stores the next carry nothing of it.
  SmallVector<GroupOp> steps{group};
  Operation *storing = group;
  if (group.getRows()) {
    steps = llvm::to_vector(group.getBlock()->getOps<GroupOp>());
    storing = yieldedBy(next).getDefiningOp();
  }
  return llvm::all_of(steps, [&](GroupOp step) {
    Reads reads(step, argument);
    return llvm::all_of(step.getBlock()->getTerminator()->getOperands(), [&](Value root) {
      return step != storing && storing->isBeforeInBlock(step)
                 ? !reads.isRead(root)
                 : reads.areInPlace(root, identity(arrayType(root).getRank()));
    });
  });
}
