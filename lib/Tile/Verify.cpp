// Whether a head may be computed by the loops that an attribute says. Those that rondo-tile chose
// are; what a person has edited is refused here, with the reason, before Lower emits a loop.
#include "Rondo/Remark.h"
#include "Tile/Nests.h"

using namespace mlir;
using namespace rondo;

BlockedAxes rondo::blockedAxesOf(const HeadSpace &space, ArrayRef<int64_t> summed) {
  BlockedAxes axes;
  if (!isBlocked(space.head))
    return axes;
  auto symbolic =
      llvm::filter_to_vector(summed, [&](int64_t axis) { return !space.dims[axis].isConstant(); });
  axes.outer = symbolic.front();
  if (symbolic.size() == 2)
    axes.inner = symbolic.back();
  return axes;
}

std::optional<StringRef> rondo::whyNoPanel(const HeadSpace &space, const Surroundings &around,
                                           ArrayRef<int64_t> summed) {
  if (space.demands.size() != 1)
    return StringRef("the head is read at several positions");
  BlockedAxes blocked = blockedAxesOf(space, summed);
  bool isLonger = llvm::any_of(summed, [&](int64_t axis) {
    return axis != blocked.outer && axis != blocked.inner &&
           !(space.dims[axis].isConstant() && space.dims[axis].getConstant() == 1);
  });
  if (blocked.inner < 0 || isLonger)
    return StringRef("the sum does not run over two dims of run-time length alone");
  // A panel has the same steps for all that read it: not those of an example that is stored.
  ArrayRef<DimAttr> dims = space.dims, stored = dims.take_front(space.numStored);
  bool isOfExamples = llvm::any_of(stored, [&](DimAttr dim) { return around.isBatch(dim); });
  if (llvm::any_of(isOfExamples ? dims : stored, [&](DimAttr dim) { return around.isRagged(dim); }))
    return StringRef("not all that read it have the same steps");
  return std::nullopt;
}

namespace {

class Verifier {
public:
  Verifier(LoopsAttr nest, const HeadSpace &space, const Surroundings &around)
      : nest(nest), loops(nest.getLoops()), s(space), around(around),
        numDemands(static_cast<int64_t>(space.demands.size())), rows(nest.find(Loop::Rows)),
        lanes(nest.find(Loop::Lanes)) {
    for (const Loop &loop : loops)
      if (loop.isSummed)
        summed.push_back(loop.axis);
  }

  LogicalResult run() {
    return failure(failed(space()) || failed(order()) || failed(vectors()) || failed(registers()) ||
                   failed(blocks()) || failed(panel()) || failed(wide()));
  }

private:
  InFlightDiagnostic refuse() {
    return emitError(s.head->getLoc(), wordsFor(s.head)) << " cannot be computed by these loops: ";
  }
  LogicalResult space();
  LogicalResult order();
  LogicalResult vectors();
  LogicalResult registers();
  LogicalResult blocks();
  LogicalResult panel();
  LogicalResult wide();

  LoopsAttr nest;
  ArrayRef<Loop> loops;
  const HeadSpace &s;
  const Surroundings &around;
  int64_t numDemands;
  const Loop *rows, *lanes;
  SmallVector<int64_t> summed;
};

} // namespace

LogicalResult Verifier::space() {
  if (loops.size() != s.dims.size())
    return refuse() << "it has " << s.dims.size() << " axes, and there are " << loops.size()
                    << " loops";
  for (const Loop &loop : loops) {
    if (loop.dim != s.dims[loop.axis])
      return refuse() << "axis " << loop.axis << " is " << s.dims[loop.axis].str() << ", not "
                      << loop.dim.str();
    if (loop.isSummed != (loop.axis >= s.numStored))
      return refuse() << "axis " << loop.axis << " is "
                      << (loop.isSummed ? "stored, not summed" : "summed, not stored");
  }
  return success();
}

/// Lengths differ by example, so the example is known where a loop over one begins.
LogicalResult Verifier::order() {
  const Loop *ragged = nullptr;
  for (const Loop &loop : loops) {
    if (around.isBatch(loop.dim) && ragged && ragged->isSummed == loop.isSummed)
      return refuse() << "the bounds of axis " << ragged->axis << ", " << ragged->dim.str()
                      << ", differ by example, and it stands outside of the loop over "
                      << loop.dim.str();
    if (around.isRagged(loop.dim))
      ragged = &loop;
  }
  return success();
}

LogicalResult Verifier::vectors() {
  for (const Loop *loop : {lanes, rows}) {
    if (!loop)
      continue;
    StringRef what = loop == lanes ? "lanes" : "rows of a tile";
    if (loop->axis < around.rowAxes)
      return refuse() << "axis " << loop->axis << " has the rows at hand, which are no " << what;
    if (!around.mayVectorise(s.dims, loop->axis))
      return refuse() << "axis " << loop->axis << " cannot be in " << what
                      << ": other axes need the example";
    int64_t axis = -1;
    bool isRead = llvm::any_of(llvm::seq<int64_t>(0, s.numParallel), [&](int64_t letter) {
      return s.isStoredOnce(letter, axis) && axis == loop->axis;
    });
    if (!loop->isSummed && !isRead)
      return refuse() << "axis " << loop->axis << " cannot be in " << what
                      << ": the head is not read once along it";
  }
  if (!lanes)
    return success();
  if (lanes->isSummed && lanes != &loops.back())
    return refuse() << "a sum in lanes is the innermost loop, and axis " << lanes->axis
                    << " is not";
  int64_t most = isa<FloatType>(s.element)
                     ? std::min(around.machine.lanes(around.machine.bitsOf(s.element)),
                                around.laneCount(s.roots))
                     : around.machine.lanes(64);
  if (lanes->size > most)
    return refuse() << "a vector has " << most << " lanes, not " << lanes->size;
  return success();
}

/// The accumulators of a tile are registers; what keeps them meanwhile has room for as many.
LogicalResult Verifier::registers() {
  int64_t columns = lanes ? lanes->count : 1, most = around.machine.vectorRegisters;
  int64_t sums = std::max((rows ? rows->size : 1) * columns, rows ? rows->count : 1) * numDemands;
  if (sums > most && sums > numDemands)
    return refuse() << "a tile sums in " << sums << " registers, and there are " << most;
  return success();
}

LogicalResult Verifier::blocks() {
  if (isBlocked(s.head) == (nest.getBlocks() > 0))
    return success();
  if (nest.getBlocks() > 0)
    return refuse() << "it does not sum over two dims of run-time length, and has no blocks";
  return refuse() << "it sums over dims of run-time length: expected blocks";
}

LogicalResult Verifier::panel() {
  int64_t operand = nest.getPanel();
  if (operand < 0)
    return success();
  if (operand >= static_cast<int64_t>(s.letters.size()) || nest.getBlocks() == 0)
    return refuse() << "a panel has a block of an operand's columns, and there is no such";
  if (std::optional<StringRef> why = whyNoPanel(s, around, summed))
    return refuse() << "it can have no panel: " << *why;
  if (!lanes || lanes->isSummed || lanes->count > panelColumns ||
      !s.dependsOn(operand, lanes->axis))
    return refuse() << "a panel has at most " << panelColumns
                    << " vectors of the operand's columns";
  for (const Loop &loop : ArrayRef(lanes + 1, loops.end()))
    if (!loop.isSummed && s.dependsOn(operand, loop.axis))
      return refuse() << "axis " << loop.axis
                      << " is one of the panel's operand and stands within it";
  return success();
}

LogicalResult Verifier::wide() {
  if (!nest.getWide())
    return success();
  if (!rows || lanes->isSummed || nest.getBlocks() > 0 || rows->dim.isConstant() ||
      !lanes->dim.isConstant())
    return refuse()
           << "a single row may be wide where rows are of run-time number, columns are not, "
              "and there are no blocks";
  if (2 * lanes->count * numDemands > around.machine.vectorRegisters)
    return refuse() << "a wide row sums in " << 2 * lanes->count * numDemands
                    << " registers, and there are " << around.machine.vectorRegisters;
  return success();
}

LogicalResult rondo::verifyLoops(LoopsAttr loops, const HeadSpace &space,
                                 const Surroundings &around) {
  return Verifier(loops, space, around).run();
}
