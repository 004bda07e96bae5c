// Which positions make the rows and columns of a block's tiles, and how large tiles and chunks are.
#include "Lower/BlockTile.h"

using namespace mlir;
using namespace rondo;

/// Registers that a thread sums in, at most.
static constexpr int64_t sumsPerThread = 16;
/// Tiles from which those of most elements fill the multiprocessors.
static constexpr int64_t manyTiles = 96;
/// Bytes of shared memory that a block of any GPU from compute capability 8.0 on can have: 99 KiB
/// (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability").
static constexpr int64_t mostShared = 99 << 10;
/// Bytes of the widest copy.
static constexpr int64_t widestCopy = 16;

/// What to expect of a dim that is known at run time only.
int64_t BlockTile::expected(DimAttr dim) const {
  return dim.isConstant() ? dim.getConstant() : e.shapes.isBatch(dim) ? 32 : 128;
}

int64_t BlockTile::expected(ArrayRef<int64_t> axes) const {
  int64_t product = 1;
  for (int64_t axis : axes)
    product *= expected(r.dims[axis]);
  return product;
}

bool BlockTile::choose() {
  auto contract = dyn_cast<ContractOp>(r.head);
  // Without a plan for many threads one of them does it all; a block that has a row has no tile.
  if (!contract || !e.isSpread || e.isInBlock || !isa<Float32Type, Float64Type>(element) ||
      r.summed.empty())
    return false;
  for (Value operand : {contract.getLhs(), contract.getRhs()})
    if (arrayType(operand).getElementType() != element)
      return false;
  numDemands = r.demands.size();
  if (numDemands > sumsPerThread || !findSides())
    return false;
  chooseChunkAxis();
  if (!chooseSize())
    return false;
  for (Side *side : {&rows, &columns}) {
    findParts(*side);
    chooseLayout(*side);
  }
  // Demands that read many parts of both operands may need more than there is.
  return sharedElements() * Code::byteSize(element) <= mostShared;
}

/// The one operand that depends on a stored axis, by a letter that all demands read along it; or
/// -1.
int64_t BlockTile::operandOf(int64_t axis) const {
  int64_t operand = -1;
  for (int64_t letter = 0; letter < r.numParallel; ++letter) {
    int64_t along = -1;
    if (llvm::none_of(r.demands, [&](const Positions &at) { return at[letter].axis == axis; }))
      continue;
    bool isOne =
        r.isStoredOnce(letter, along) && operand < 0 && r.has(0, letter) != r.has(1, letter);
    if (!isOne)
      return -1;
    operand = r.has(0, letter) ? 0 : 1;
  }
  return operand;
}

/// Examples of different lengths are summed up to ends of their own, which those of one tile do not
/// have.
bool BlockTile::canJoin(int64_t axis) const {
  return !e.shapes.isBatch(r.dims[axis]) ||
         llvm::none_of(r.summed, [&](int64_t along) { return e.shapes.isRagged(r.dims[along]); });
}

bool BlockTile::findSides() {
  for (int64_t axis = r.numStored; axis-- > 0;) {
    if (r.dims[axis].isConstant() && r.dims[axis].getConstant() == 1) {
      r.space[axis] = e.constantIndex(0);
      continue;
    }
    int64_t operand = canJoin(axis) ? operandOf(axis) : -1;
    if (operand < 0) {
      batches.insert(batches.begin(), axis);
      continue;
    }
    if (columns.axes.empty())
      columns.operand = operand;
    Side &side = operand == columns.operand ? columns : rows;
    side.axes.insert(side.axes.begin(), axis);
  }
  rows.operand = 1 - columns.operand;
  // A single row whose terms are neighbours is better off with warps, which need no shared memory.
  bool isForWarps = rows.axes.empty() && r.axisOfWarp() >= 0;
  return !columns.axes.empty() && !isForWarps;
}

/// The summed axis that chunks run along: one that is contiguous in operands, if it is long.
void BlockTile::chooseChunkAxis() {
  bool isRagged =
      llvm::any_of(r.summed, [&](int64_t axis) { return e.shapes.isRagged(r.dims[axis]); });
  int64_t best = -1;
  for (int64_t axis : r.summed) {
    if (isRagged && e.shapes.isBatch(r.dims[axis]))
      continue; // the others' ends depend on it
    int64_t size = std::min<int64_t>(expected(r.dims[axis]), 64), contiguous = 0;
    for (int64_t operand : {0, 1})
      contiguous += r.numStored + r.innermost(operand) - r.numParallel == axis;
    int64_t score = size + (size >= 16 ? 64 * contiguous : 0);
    if (score > best) {
      best = score;
      chunkAxis = axis;
    }
  }
  for (int64_t axis : r.summed)
    if (axis != chunkAxis)
      outer.insert(e.shapes.isBatch(r.dims[axis]) ? outer.begin() : outer.end(), axis);
}

/// Tiles of 64 by 64 where there are many, of 32 by 32 where not; and where there are few rows, all
/// threads share the sum of a few columns.
bool BlockTile::chooseSize() {
  int64_t numRows = expected(rows.axes), numColumns = expected(columns.axes);
  int64_t all = expected(batches) * numRows * numColumns * numDemands;
  int64_t steps = expected(r.dims[chunkAxis]);
  if (steps < 8 || numColumns < 4 || numRows * numColumns < 64)
    return false;
  int64_t threads = e.machine.threadsPerBlock;
  columns.each = std::max<int64_t>(1, 4 / numDemands);
  rows.each = numDemands <= 4 ? 4 : numDemands <= 8 ? 2 : 1;
  if (numRows <= rows.each) {
    rows.each = llvm::PowerOf2Ceil(numRows);
    columns.threads = 8;
  } else if (all / (64 * 64) >= manyTiles) {
    columns.threads = 16;
    rows.threads = threads / columns.threads;
  } else {
    columns.threads = 8;
    rows.threads = std::min<int64_t>(32, llvm::PowerOf2Ceil(numRows)) / rows.each;
  }
  splits = threads / (rows.threads * columns.threads);
  // A split with less than this has nothing to do.
  while (splits > 1 && splits * 4 > steps) {
    splits /= 2;
    columns.threads *= 2;
  }
  chunk = splits * (splits == 1 ? 16 : splits <= 4 ? 8 : 4);
  chooseFragments();
  return true;
}

/// Demands that read the same elements of an operand share them.
void BlockTile::findParts(Side &side) {
  auto reads = [&](int64_t demand) {
    Positions at;
    for (int64_t letter : r.letters[side.operand])
      at.push_back(letter < r.numParallel ? r.demands[demand][letter] : Position());
    return at;
  };
  for (int64_t demand = 0; demand < numDemands; ++demand) {
    const auto *same =
        llvm::find_if(side.parts, [&](int64_t other) { return reads(other) == reads(demand); });
    side.partOf.push_back(same - side.parts.begin());
    if (same == side.parts.end())
      side.parts.push_back(demand);
  }
}

/// A number that divides a value, as far as its computation shows.
static int64_t divisorOf(Value value) {
  if (std::optional<int64_t> number = Code::constant(value))
    return *number == 0 ? widestCopy : *number & -*number;
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<arith::MulIOp>(op))
    return divisorOf(op->getOperand(0)) * divisorOf(op->getOperand(1));
  if (isa_and_nonnull<arith::AddIOp>(op))
    return std::min(divisorOf(op->getOperand(0)), divisorOf(op->getOperand(1)));
  return 1;
}

/// Whether the operand can be copied by as many bytes as there are at once: all positions along its
/// contiguous dim come in whole vectors, at aligned addresses.
bool BlockTile::isContiguous(const Side &side) const {
  int64_t lanes = widestCopy / Code::byteSize(element);
  int64_t letter = r.innermost(side.operand);
  if (!side.view || letter < 0 || (!side.alongSum && side.size() < lanes))
    return false;
  int64_t axis = side.alongSum ? chunkAxis : side.axes.back();
  if (side.alongSum && r.numStored + letter - r.numParallel != chunkAxis)
    return false;
  const DimAttr &dim = r.dims[axis];
  if (!dim.isConstant() || dim.getConstant() % lanes != 0 || divisorOf(side.view->offset) % lanes)
    return false;
  for (auto [own, stride] : llvm::zip_equal(r.letters[side.operand], side.view->strides))
    if (own == letter ? !Code::isConstant(stride, 1) : divisorOf(stride) % lanes != 0)
      return false;
  // Several positions are read along the contiguous dim where demands differ in it.
  return side.alongSum || llvm::all_of(side.parts, [&](int64_t demand) {
           return r.demands[demand][letter].axis == axis &&
                  r.demands[demand][letter].offset % lanes == 0;
         });
}

void BlockTile::chooseLayout(Side &side) {
  int64_t letter = r.innermost(side.operand), lanes = widestCopy / Code::byteSize(element);
  side.view = e.viewOf(r.head->getOperand(side.operand));
  side.alongSum = side.axes.empty() ||
                  (letter >= r.numParallel && r.numStored + letter - r.numParallel == chunkAxis);
  side.vector = isContiguous(side) ? lanes : 1;
  // Rows in shared memory are apart by what keeps their elements in different banks.
  if (side.alongSum) {
    side.stride = chunk + lanes;
    side.partSize = side.size() * side.stride;
  } else {
    side.stride = side.size() % 16 == 0 ? side.size() + 8 : side.size();
    side.partSize = chunk * side.stride;
  }
}
