#include "Schedule/Positions.h"
#include "Rondo/Needs.h"
#include "Rondo/Reshape.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

bool rondo::isLazy(Operation *op) {
  return isa<ConstantOp, IotaOp, LengthOp, BroadcastOp, TransposeOp, ReshapeOp, SliceOp,
             StopGradientOp, CheckOp>(op);
}

bool rondo::takesLong(Operation *op) { return op->hasTrait<TakesLong>() || isa<RandomOp>(op); }

bool rondo::isHead(Operation *op) { return isa<ContractOp, ReduceOp, ArgmaxOp, ScatterOp>(op); }

bool rondo::isBlocked(Operation *op) {
  auto contract = dyn_cast<ContractOp>(op);
  if (!contract)
    return false;
  Spec spec = *Spec::parse(contract.getSpec());
  int64_t symbolic = 0;
  for (auto [letter, dim] :
       llvm::zip_equal(spec.operands[0], contract.getLhs().getType().getDims()))
    if (Spec::axis(spec.result, letter) < 0 && !dim.isConstant())
      ++symbolic;
  return symbolic >= 2;
}

SmallVector<Block *> rondo::scheduledBlocks(func::FuncOp function) {
  SmallVector<Block *> blocks;
  function.walk([&](ScanOp scan) { blocks.push_back(scan.getBlock()); });
  if (!function.isExternal())
    blocks.push_back(&function.getBody().front());
  return blocks;
}

Positions rondo::identity(int64_t rank) {
  Positions positions;
  for (int64_t axis = 0; axis < rank; ++axis)
    positions.push_back({axis, 0});
  return positions;
}

static std::optional<Positions> throughReshape(ReshapeOp op, ArrayRef<Position> at) {
  ArrayRef<DimAttr> from = op.getOperand().getType().getDims(), to = op.getType().getDims();
  Positions inner(from.size());
  for (const ReshapePart &part : partsOf(op)) {
    if (part.isAxis()) {
      inner[part.from[0]] = at[part.to[0]];
      continue;
    }
    int64_t number = 0;
    for (int64_t axis : part.to) {
      if (at[axis].axis >= 0)
        return std::nullopt;
      number = number * to[axis].getConstant() + at[axis].offset;
    }
    for (int64_t axis : llvm::reverse(part.from)) {
      inner[axis] = {-1, number % from[axis].getConstant()};
      number /= from[axis].getConstant();
    }
  }
  return inner;
}

std::optional<Positions> rondo::operandPositions(OpOperand &operand, ArrayRef<Position> at) {
  Operation *op = operand.getOwner();
  Positions inner;
  if (op->hasTrait<Elementwise>())
    return Positions(at);
  if (isa<CheckOp>(op) && operand.getOperandNumber() == 0)
    return Positions(at);
  if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    for (int64_t axis : broadcast.getDims())
      inner.push_back(at[axis]);
    return inner;
  }
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    inner.resize(at.size());
    for (auto [to, from] : llvm::enumerate(transpose.getPermutation()))
      inner[from] = at[to];
    return inner;
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    inner.assign(at.begin(), at.end());
    Position &along = inner[slice.getAxis()];
    // An axis of size 1 has one position.
    DimAttr size = slice.getType().getDim(slice.getAxis());
    if (size.isConstant() && size.getConstant() == 1)
      along = {-1, 0};
    if (!slice.getOffset().isConstant() || (slice.getStep() != 1 && along.axis >= 0) ||
        !isWithin(slice))
      return std::nullopt;
    along.offset = along.offset * slice.getStep() + slice.getOffset().getConstant();
    return inner;
  }
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return throughReshape(reshape, at);
  return std::nullopt;
}

std::optional<SmallVector<Positions>>
rondo::demandsOf(Value root, Value head, llvm::function_ref<bool(Operation *)> enters) {
  SmallVector<Positions> demands;
  llvm::DenseMap<Value, SmallVector<Positions>> visited;
  auto visit = [&](auto &&self, Value value, const Positions &at) -> bool {
    if (value == head) {
      if (!llvm::is_contained(demands, at))
        demands.push_back(at);
      return true;
    }
    Operation *op = value.getDefiningOp();
    if (!op || !enters(op) || llvm::is_contained(visited[value], at))
      return true;
    visited[value].push_back(at);
    for (OpOperand &operand : op->getOpOperands()) {
      std::optional<Positions> inner = operandPositions(operand, at);
      if (inner) {
        if (!self(self, operand.get(), *inner))
          return false;
        continue;
      }
      // Not an axis per dim: fine as long as the head is not behind it.
      SmallVector<Value> stack{operand.get()};
      llvm::DenseSet<Value> seen;
      while (!stack.empty()) {
        Value next = stack.pop_back_val();
        if (next == head)
          return false;
        Operation *producer = next.getDefiningOp();
        if (producer && enters(producer) && seen.insert(next).second)
          llvm::append_range(stack, producer->getOperands());
      }
    }
    return true;
  };
  if (!visit(visit, root, identity(arrayType(root).getRank())))
    return std::nullopt;
  return demands;
}
