// What a head reads and where, and which form, tile and order its loops take.
#include "Lower/Reduction.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

LogicalResult Reduction::analyse() {
  ArrayRef<DimAttr> stored = arrayType(roots.front()).getDims();
  numStored = stored.size();
  dims.assign(stored.begin(), stored.end());
  ArrayRef<DimAttr> parallel = arrayType(head->getResult(0)).getDims();
  numParallel = parallel.size();
  letterDims.assign(parallel.begin(), parallel.end());

  if (auto contract = dyn_cast<ContractOp>(head)) {
    Spec spec = *Spec::parse(contract.getSpec());
    std::string all = spec.result;
    for (auto [text, operand] : llvm::zip(spec.operands, contract->getOperands()))
      for (auto [letter, dim] : llvm::zip_equal(text, arrayType(operand).getDims()))
        if (Spec::axis(all, letter) < 0) {
          all += letter;
          letterDims.push_back(dim);
        }
    for (const std::string &text : spec.operands)
      letters.push_back(
          llvm::map_to_vector(text, [&](char letter) { return Spec::axis(all, letter); }));
  } else {
    auto reduce = cast<ReduceOp>(head);
    kind = reduce.getKind();
    SmallVector<int64_t> own;
    int64_t next = 0;
    for (auto [axis, dim] : llvm::enumerate(reduce.getOperand().getType().getDims())) {
      if (!llvm::is_contained(reduce.getAxes(), static_cast<int64_t>(axis))) {
        own.push_back(next++);
        continue;
      }
      own.push_back(letterDims.size());
      letterDims.push_back(dim);
    }
    letters.push_back(own);
  }
  for (size_t letter = numParallel; letter < letterDims.size(); ++letter) {
    summed.push_back(dims.size());
    dims.push_back(letterDims[letter]);
  }
  space.resize(dims.size());

  auto isComputed = [&](Operation *op) { return !e.viewOf(op->getResult(0)).has_value(); };
  for (Value root : roots) {
    auto found = demandsOf(root, head->getResult(0), isComputed);
    if (!found)
      return head->emitOpError("is read at positions that its group does not store");
    for (const Positions &at : *found)
      if (!llvm::is_contained(demands, at))
        demands.push_back(at);
  }
  if (demands.empty())
    return head->emitOpError("heads a group that does not read it");
  return success();
}

bool Reduction::has(int64_t operand, int64_t letter) const {
  return llvm::is_contained(letters[operand], letter);
}

/// The letter of an operand's last dim of more than one position, or -1.
int64_t Reduction::innermost(int64_t operand) const {
  for (int64_t letter : llvm::reverse(letters[operand]))
    if (!letterDims[letter].isConstant() || letterDims[letter].getConstant() > 1)
      return letter;
  return -1;
}

/// Whether all demands read a parallel letter along one and the same stored axis.
bool Reduction::isStoredOnce(int64_t letter, int64_t &axis) const {
  if (letter < 0 || letter >= numParallel)
    return false;
  axis = demands.front()[letter].axis;
  return axis >= 0 && llvm::all_of(demands, [&](const Positions &at) {
           return at[letter].axis == axis &&
                  llvm::count_if(at, [&](const Position &p) { return p.axis == axis; }) == 1;
         });
}

void Reduction::chooseForm() {
  int64_t bits = e.machine.bitsOf(element);
  width = e.machine.lanes(isa<FloatType>(element) ? bits : 64);
  if (int64_t lanes = e.laneCount(roots); isa<FloatType>(element))
    width = std::min(width, lanes);

  // The result's last letter of more than one position.
  int64_t last = -1, axis = -1;
  for (int64_t letter = numParallel; letter-- > 0;)
    if (!letterDims[letter].isConstant() || letterDims[letter].getConstant() > 1) {
      last = letter;
      break;
    }
  bool mayStore = isStoredOnce(last, axis) && e.mayVectorise(dims, axis);
  for (size_t operand = 0; operand < letters.size() && mayStore; ++operand)
    if (innermost(operand) == last) {
      vectorAxis = axis;
      vectorOperand = operand;
      break;
    }
  if (vectorAxis < 0) {
    // The dot form: a summed letter that is contiguous, in both operands if possible.
    int64_t best = 0;
    for (size_t operand = 0; operand < letters.size(); ++operand) {
      int64_t letter = innermost(operand);
      if (letter < numParallel)
        continue;
      int64_t count = 0;
      for (size_t other = 0; other < letters.size(); ++other)
        count += innermost(other) == letter;
      int64_t along = numStored + letter - numParallel;
      if (count > best && e.mayVectorise(dims, along)) {
        best = count;
        vectorAxis = along;
        vectorOperand = operand;
      }
    }
  }
  if (vectorAxis < 0 && mayStore)
    vectorAxis = axis;
  if (vectorAxis < 0)
    width = 1;

  // Rows: a letter of the other operand that the vector operand lacks.
  if (vectorAxis >= 0 && vectorAxis < numStored && letters.size() == 2) {
    int64_t other = 1 - vectorOperand;
    for (int64_t letter = numParallel; letter-- > 0;) {
      int64_t along = -1;
      if (has(other, letter) && !has(vectorOperand, letter) && isStoredOnce(letter, along) &&
          along != vectorAxis && e.mayVectorise(dims, along) &&
          (!letterDims[letter].isConstant() || letterDims[letter].getConstant() > 1)) {
        rowAxis = along;
        break;
      }
    }
  }
  if (vectorAxis >= 0 && vectorAxis < numStored)
    chooseTile();
  // The sum's order: examples first, then as the vector operand lies in memory.
  SmallVector<int64_t> order;
  for (int64_t letter : letters[vectorOperand])
    if (letter >= numParallel)
      order.push_back(numStored + letter - numParallel);
  summed.clear();
  for (int64_t place : {0, 1, 2})
    for (int64_t along : order)
      if (place == (along == vectorAxis ? 2 : e.shapes.isBatch(dims[along]) ? 0 : 1))
        summed.push_back(along);
  if (isBlocked(head))
    chooseBlocks();
}

/// Columns of a tile: four vectors where there are 32 registers, two where there are 16. As many
/// rows as then fit go with them, see tileRows.
void Reduction::chooseTile() {
  auto count = static_cast<int64_t>(demands.size());
  int64_t vectors = e.machine.vectorRegisters >= 32 ? 4 : 2;
  maxColumns = std::max<int64_t>(1, (rowAxis < 0 ? 2 * vectors : vectors) / count);
  measureTail();
}

/// Rows of a tile of so many columns. The registers hold its accumulators, the vectors of one step
/// and an element: with 32 of them 6 rows by 4 vectors. (12 by 2 was measured too: it reads fewer
/// lines of the second-level cache and is no faster.) Fewer vectors need no more rows, but for a
/// single one: eight chains, of four cycles a step, are what two multipliers need.
int64_t Reduction::tileRows(int64_t columns) const {
  int64_t vectors = columns * static_cast<int64_t>(demands.size());
  return std::clamp<int64_t>((e.machine.vectorRegisters - 1) / vectors - 1, 1,
                             vectors == 1 ? 8 : 6);
}

/// What elementwise ops between the head and what is stored come to. One that takes tens of
/// operations is too much to stand there once for each of a tile's rows, in each of the tiles.
void Reduction::measureTail() {
  int64_t length = 0;
  SmallVector<Value> stack(roots);
  llvm::DenseSet<Operation *> seen;
  while (!stack.empty()) {
    Value value = stack.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || op == head || e.viewOf(value) || !seen.insert(op).second)
      continue;
    length += op->hasTrait<Elementwise>();
    finishesByRows |= takesLong(op);
    llvm::append_range(stack, op->getOperands());
  }
  hasLongTail = length > 4;
  finishesByRows |= hasLongTail;
}
