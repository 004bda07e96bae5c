// The loops that a head gets on a CPU. Every number follows from the model and the target
// description alone, so that the same model for the same processor gets the same loops everywhere.
#include "Tile/Nests.h"

using namespace mlir;
using namespace rondo;

/// Steps of a sum's block: as many as an accumulator takes.
static constexpr int64_t blockSize = 512;
/// Rows of a tile of a single vector.
static constexpr int64_t aloneRows = 8;
/// Rows of the result from which a panel pays: it is read once per tile of rows.
static constexpr int64_t fewestPanelRows = 48;
/// Elementwise ops from which an epilogue stands once for all rows of a tile.
static constexpr int64_t longestEpilogue = 4;

static bool isOne(DimAttr dim) { return dim.isConstant() && dim.getConstant() == 1; }

namespace {

class Choice {
public:
  Choice(const HeadSpace &space, const Surroundings &around)
      : s(space), around(around), numDemands(static_cast<int64_t>(space.demands.size())) {}

  LoopsAttr run() {
    chooseLanes();
    chooseRows();
    if (isStored(lanes))
      chooseTile();
    orderSum();
    if (isBlocked(s.head))
      chooseBlocks();
    return attribute();
  }

private:
  bool isStored(int64_t axis) const { return axis >= 0 && axis < s.numStored; }
  bool isStoredLetter(int64_t letter, int64_t &axis) const {
    return s.isStoredOnce(letter, axis) && around.mayVectorise(s.dims, axis);
  }
  void chooseLanes();
  void chooseLanesOfSum();
  void chooseRows();
  void chooseTile();
  void measureEpilogue();
  void orderSum();
  void chooseBlocks();
  bool mayBeWide() const;
  LoopsAttr attribute() const;

  const HeadSpace &s;
  const Surroundings &around;
  int64_t numDemands;

  int64_t lanes = -1, rows = -1; // axes of the space
  int64_t vectorOperand = 0;     // the one that is read in vectors
  int64_t width = 1, columns = 1, tileRows = 1;
  SmallVector<int64_t> summed;
  bool byRows = false, hasLongEpilogue = false;
  int64_t blocks = 0;
  bool hasPanel = false;
};

} // namespace

void Choice::chooseLanes() {
  const TargetDescription &machine = around.machine;
  bool isFloat = isa<FloatType>(s.element);
  width = machine.lanes(isFloat ? machine.bitsOf(s.element) : 64);
  if (isFloat)
    width = std::min(width, around.laneCount(s.roots));

  // The result's last letter of more than one position.
  int64_t last = s.numParallel - 1, axis = -1;
  while (last >= 0 && isOne(s.letterDims[last]))
    --last;
  bool mayStore = isStoredLetter(last, axis);
  for (size_t operand = 0; operand < s.letters.size() && mayStore; ++operand)
    if (s.innermost(static_cast<int64_t>(operand)) == last) {
      lanes = axis;
      vectorOperand = static_cast<int64_t>(operand);
      return;
    }
  chooseLanesOfSum();
  if (lanes < 0 && mayStore)
    lanes = axis;
  if (lanes < 0)
    width = 1;
}

/// The dot form: a summed letter that is contiguous, in both operands if possible.
void Choice::chooseLanesOfSum() {
  int64_t best = 0;
  auto count = static_cast<int64_t>(s.letters.size());
  for (int64_t operand = 0; operand < count; ++operand) {
    int64_t letter = s.innermost(operand);
    if (letter < s.numParallel)
      continue;
    int64_t contiguous = llvm::count_if(
        llvm::seq<int64_t>(0, count), [&](int64_t other) { return s.innermost(other) == letter; });
    if (contiguous > best && around.mayVectorise(s.dims, s.axisOf(letter))) {
      best = contiguous;
      lanes = s.axisOf(letter);
      vectorOperand = operand;
    }
  }
}

/// Rows: a letter of the other operand that the vector operand lacks.
void Choice::chooseRows() {
  if (!isStored(lanes) || s.letters.size() != 2)
    return;
  int64_t other = 1 - vectorOperand;
  for (int64_t letter = s.numParallel; letter-- > 0;) {
    int64_t axis = -1;
    if (s.has(other, letter) && !s.has(vectorOperand, letter) && isStoredLetter(letter, axis) &&
        axis != lanes && !isOne(s.letterDims[letter])) {
      rows = axis;
      return;
    }
  }
}

/// Columns of a tile: four vectors where there are 32 registers, two where there are 16. The
/// registers hold its accumulators, the vectors of one step and an element: with 32 of them 6 rows
/// by 4 vectors. (12 by 2 was measured too: it reads fewer lines of the second-level cache and is
/// no faster.) Fewer vectors need no more rows, but for a single one: eight chains, of four cycles
/// a step, are what two multipliers need.
void Choice::chooseTile() {
  int64_t registers = around.machine.vectorRegisters, vectors = registers >= 32 ? 4 : 2;
  columns = std::max<int64_t>(1, (rows < 0 ? 2 * vectors : vectors) / numDemands);
  if (rows >= 0)
    tileRows = std::clamp<int64_t>((registers - 1) / (columns * numDemands) - 1, 1, 6);
  measureEpilogue();
}

/// What elementwise ops between the head and what is stored come to. One that takes tens of
/// operations is too much to stand there once for each of a tile's rows, in each of the tiles.
void Choice::measureEpilogue() {
  int64_t length = 0;
  SmallVector<Value> stack(s.roots);
  llvm::DenseSet<Operation *> seen;
  while (!stack.empty()) {
    Value value = stack.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || op == s.head || around.views.has(value) || !seen.insert(op).second)
      continue;
    length += op->hasTrait<Elementwise>();
    byRows |= takesLong(op);
    llvm::append_range(stack, op->getOperands());
  }
  hasLongEpilogue = length > longestEpilogue;
  byRows |= hasLongEpilogue;
}

/// The sum's order: examples first, then as the vector operand lies in memory, lanes innermost.
void Choice::orderSum() {
  auto placeOf = [&](int64_t axis) {
    return axis == lanes ? 2 : around.isBatch(s.dims[axis]) ? 0 : 1;
  };
  for (int64_t place : {0, 1, 2})
    for (int64_t letter : s.letters[vectorOperand])
      if (letter >= s.numParallel && placeOf(s.axisOf(letter)) == place)
        summed.push_back(s.axisOf(letter));
}

void Choice::chooseBlocks() {
  blocks = blockSize;
  byRows = true; // to add to memory is long
  bool hasRows =
      rows >= 0 && s.dims[rows].isConstant() && s.dims[rows].getConstant() >= fewestPanelRows;
  bool isTile = isStored(lanes) && numDemands == 1 && width > 1;
  hasPanel = hasRows && isTile && !whyNoPanel(s, around, summed);
}

/// Whether a single row gets tiles of twice as many columns: it reads each vector once, and from
/// the rows of a matrix longer runs are faster. (Panels are not: more of them at a time are
/// slower.)
bool Choice::mayBeWide() const {
  return rows >= 0 && !s.dims[rows].isConstant() && blocks == 0 && numDemands == 1 &&
         !hasLongEpilogue && isStored(lanes) && s.dims[lanes].isConstant() &&
         s.dims[lanes].getConstant() > columns * width &&
         around.views.has(s.head->getOperand(vectorOperand));
}

LoopsAttr Choice::attribute() const {
  SmallVector<Loop> before, after;
  auto loopOver = [&](int64_t axis) {
    Loop loop;
    loop.axis = axis;
    loop.dim = s.dims[axis];
    loop.isSummed = axis >= s.numStored;
    return loop;
  };
  bool columnsNeedRow = isStored(lanes) && around.isRagged(s.dims[lanes]);
  for (int64_t axis : around.loopOrder(ArrayRef(s.dims).take_front(s.numStored))) {
    if (axis == lanes || axis == rows)
      continue;
    // What the vector operand does not depend on stays inside of the columns, so that a panel of
    // the operand is used again while it is in cache. A panel has no axis of the loops within it;
    // the axes of what has one may go in any order.
    bool goesBefore = s.dependsOn(vectorOperand, axis) || columnsNeedRow || s.letters.size() == 1;
    (goesBefore && (after.empty() || hasPanel) ? before : after).push_back(loopOver(axis));
  }
  SmallVector<Loop> all(before);
  auto inLanes = [&] {
    Loop loop = loopOver(lanes);
    loop.mapping = Loop::Lanes;
    loop.size = width;
    loop.count = columns;
    return loop;
  };
  if (isStored(lanes))
    all.push_back(inLanes());
  llvm::append_range(all, after);
  if (rows >= 0) {
    Loop loop = loopOver(rows);
    loop.mapping = Loop::Rows;
    loop.size = tileRows;
    loop.count = numDemands == 1 ? aloneRows : tileRows;
    all.push_back(loop);
  }
  for (int64_t axis : summed)
    all.push_back(axis == lanes ? inLanes() : loopOver(axis));
  return LoopsAttr::get(s.head->getContext(), all, byRows, mayBeWide(), blocks,
                        hasPanel ? vectorOperand : -1);
}

LoopsAttr rondo::chooseLoops(const HeadSpace &space, const Surroundings &around) {
  return Choice(space, around).run();
}
