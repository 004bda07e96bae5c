#include "Tile/HeadSpace.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

//===----------------------------------------------------------------------===//
// Surroundings
//===----------------------------------------------------------------------===//

bool Surroundings::isBatch(DimAttr dim) const {
  StringAttr symbol = dim.getSymbol();
  return symbol && lookupSymbol(function, symbol) == SymbolKind::Batch;
}

bool Surroundings::mayVectorise(ArrayRef<DimAttr> dims, int64_t axis) const {
  if (axis < rowAxes)
    return false;
  return !isBatch(dims[axis]) || llvm::none_of(dims, [&](DimAttr dim) { return isRagged(dim); });
}

SmallVector<int64_t> Surroundings::loopOrder(ArrayRef<DimAttr> dims) const {
  SmallVector<int64_t> order;
  for (bool first : {true, false})
    for (auto [axis, dim] : llvm::enumerate(dims))
      if (isBatch(dim) == first)
        order.push_back(static_cast<int64_t>(axis));
  return order;
}

void rondo::forComputed(ArrayRef<Value> roots, Views &views,
                        llvm::function_ref<void(Operation *)> visit) {
  SmallVector<Value> stack(roots);
  llvm::DenseSet<Operation *> seen;
  while (!stack.empty()) {
    Operation *op = stack.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    visit(op);
    for (Value operand : op->getOperands())
      if (!views.has(operand))
        stack.push_back(operand);
  }
}

int64_t Surroundings::laneCount(ArrayRef<Value> roots) const {
  int64_t bits = 0;
  auto consider = [&](Type type) {
    if (isa<FloatType>(type))
      bits = std::max(bits, machine.bitsOf(type));
  };
  forComputed(roots, views, [&](Operation *op) {
    for (Type type : op->getResultTypes())
      consider(cast<ArrayType>(type).getElementType());
    for (Value operand : op->getOperands())
      consider(arrayType(operand).getElementType());
  });
  for (Value root : roots)
    consider(arrayType(root).getElementType());
  return machine.lanes(bits ? bits : 64);
}

//===----------------------------------------------------------------------===//
// Heads
//===----------------------------------------------------------------------===//

SmallVector<Value> rondo::rootsOf(Operation *statement) {
  if (auto group = dyn_cast<GroupOp>(statement))
    return llvm::to_vector_of<Value>(group.getBlock()->getTerminator()->getOperands());
  return llvm::to_vector_of<Value>(statement->getResults());
}

FailureOr<Operation *> rondo::findHead(Operation *statement, Views &views) {
  Operation *head = nullptr;
  SmallVector<Value> stack = rootsOf(statement);
  llvm::DenseSet<Operation *> seen;
  while (!stack.empty()) {
    Value value = stack.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || (op != statement && views.has(value)) || !seen.insert(op).second)
      continue;
    if (!isHead(op)) {
      llvm::append_range(stack, op->getOperands());
      continue;
    }
    if (head)
      return op->emitOpError("is a second head of one group");
    head = op;
  }
  return head;
}

static void readContraction(HeadSpace &space, ContractOp contract) {
  Spec spec = *Spec::parse(contract.getSpec());
  std::string all = spec.result;
  for (auto [text, operand] : llvm::zip(spec.operands, contract->getOperands()))
    for (auto [letter, dim] : llvm::zip_equal(text, arrayType(operand).getDims()))
      if (Spec::axis(all, letter) < 0) {
        all += letter;
        space.letterDims.push_back(dim);
      }
  for (const std::string &text : spec.operands)
    space.letters.push_back(
        llvm::map_to_vector(text, [&](char letter) { return Spec::axis(all, letter); }));
}

static void readReduction(HeadSpace &space, ReduceOp reduce) {
  space.kind = reduce.getKind();
  SmallVector<int64_t> own;
  int64_t next = 0;
  for (auto [axis, dim] : llvm::enumerate(reduce.getOperand().getType().getDims())) {
    if (!llvm::is_contained(reduce.getAxes(), static_cast<int64_t>(axis))) {
      own.push_back(next++);
      continue;
    }
    own.push_back(static_cast<int64_t>(space.letterDims.size()));
    space.letterDims.push_back(dim);
  }
  space.letters.push_back(own);
}

FailureOr<HeadSpace> rondo::headSpaceOf(Operation *head, Operation *statement, Views &views) {
  HeadSpace space;
  space.head = head;
  space.roots = rootsOf(statement);
  space.element = arrayType(head->getResult(0)).getElementType();
  ArrayRef<DimAttr> stored = arrayType(space.roots.front()).getDims();
  space.numStored = static_cast<int64_t>(stored.size());
  space.dims.assign(stored.begin(), stored.end());
  ArrayRef<DimAttr> parallel = arrayType(head->getResult(0)).getDims();
  space.numParallel = static_cast<int64_t>(parallel.size());
  space.letterDims.assign(parallel.begin(), parallel.end());
  if (auto contract = dyn_cast<ContractOp>(head))
    readContraction(space, contract);
  else
    readReduction(space, cast<ReduceOp>(head));
  for (DimAttr dim : ArrayRef(space.letterDims).drop_front(space.numParallel)) {
    space.summed.push_back(static_cast<int64_t>(space.dims.size()));
    space.dims.push_back(dim);
  }

  auto isComputed = [&](Operation *op) { return !views.has(op->getResult(0)); };
  for (Value root : space.roots) {
    auto found = demandsOf(root, head->getResult(0), isComputed);
    if (!found)
      return head->emitOpError("is read at positions that its group does not store");
    for (const Positions &at : *found)
      if (!llvm::is_contained(space.demands, at))
        space.demands.push_back(at);
  }
  if (space.demands.empty())
    return head->emitOpError("heads a group that does not read it");
  return space;
}

int64_t HeadSpace::innermost(int64_t operand) const {
  for (int64_t letter : llvm::reverse(letters[operand]))
    if (!letterDims[letter].isConstant() || letterDims[letter].getConstant() > 1)
      return letter;
  return -1;
}

bool HeadSpace::isStoredOnce(int64_t letter, int64_t &axis) const {
  if (letter < 0 || letter >= numParallel)
    return false;
  axis = demands.front()[letter].axis;
  return axis >= 0 && llvm::all_of(demands, [&](const Positions &at) {
           return at[letter].axis == axis &&
                  llvm::count_if(at, [&](const Position &p) { return p.axis == axis; }) == 1;
         });
}

bool HeadSpace::dependsOn(int64_t operand, int64_t axis) const {
  return llvm::any_of(letters[operand], [&](int64_t letter) {
    return letter < numParallel &&
           llvm::any_of(demands, [&](const Positions &at) { return at[letter].axis == axis; });
  });
}
