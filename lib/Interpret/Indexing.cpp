// Gather and scatter.
#include "Interpret/Evaluator.h"
#include "Interpret/Sums.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

namespace {

/// How gather's result (scatter's update) and its index and table lie along the result's dims.
struct Indexing {
  Strides table, index;
  int64_t indexedAxis, indexedStride;
};

} // namespace

static Indexing analyse(StringRef text, int64_t indexedAxis, ArrayRef<int64_t> tableShape,
                        ArrayRef<int64_t> indexShape) {
  Spec spec = *Spec::parse(text);
  return {stridesAlong(spec.result, spec.operands[0], tableShape),
          stridesAlong(spec.result, spec.operands[1], indexShape), indexedAxis,
          rowMajor(tableShape)[indexedAxis]};
}

/// Indices are in range by construction. One that is not is a bug of the program that made it, or,
/// where it is poison, of an op that read beyond an example's length.
/// False where it is one that no element of a result needs.
static FailureOr<bool> checkIndex(Operation *op, const Extents &extents, int64_t index,
                                  int64_t bound, int64_t example) {
  if (index >= 0 && index < bound)
    return true;
  if (bound <= 0 || extents.isWanting(example))
    return false;
  InFlightDiagnostic error = op->emitError();
  if (index == poison)
    error << "an index comes from a position that is not valid";
  else
    error << "expected an index below " << bound << ", found " << index;
  if (example >= 0)
    error << " in example " << example;
  return error;
}

/// The bound of a table's axis for the example that an element of the result belongs to: a table
/// without a batch dim is one for all.
static int64_t boundOf(const Domain &table, int64_t axis, int64_t example) {
  return table.boundsOf(table.batchAxis < 0 ? -1 : example)[axis];
}

template <typename S> static LogicalResult gather(Evaluator<S> &e, GatherOp op) {
  const auto &table = e.get(op.getTable());
  const auto &index = e.get(op.getIndex());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  const Domain &tableDomain = e.domain(op.getTable().getType().getDims());
  Indexing how = analyse(op.getSpec(), op.getIndexedAxis(), table.shape, index.shape);
  FailureOr<bool> status = true;
  e.template visit<3>(domain, {domain.strides(), how.table, how.index}, [&](const Point<3> &p) {
    int64_t i = index.ints[p.at[2]], bound = boundOf(tableDomain, how.indexedAxis, p.example);
    if (failed(status) || failed(status = checkIndex(op, e.extents, i, bound, p.example)) ||
        !*status)
      return;
    int64_t from = p.at[1] + i * how.indexedStride;
    if (result.isFloat())
      result.floats[p.at[0]] = table.floats[from];
    else
      result.ints[p.at[0]] = table.ints[from];
  });
  e.set(op, std::move(result));
  return failure(failed(status));
}

template <typename S> static LogicalResult scatter(Evaluator<S> &e, ScatterOp op) {
  const auto &base = e.get(op.getBase());
  const auto &index = e.get(op.getIndex());
  const auto &update = e.get(op.getUpdate());
  HostArrayOf<S> result = e.make(op.getType());
  copyValid(e, op.getType().getDims(), base, result);
  const Domain &domain = e.domain(op.getUpdate().getType().getDims());
  const Domain &baseDomain = e.domain(op.getType().getDims());
  Indexing how = analyse(op.getSpec(), op.getIndexedAxis(), base.shape, index.shape);
  Type element = op.getType().getElementType();
  FailureOr<bool> status = true;
  Sums<S> sums(result.floats.size());
  e.template visit<3>(domain, {domain.strides(), how.table, how.index}, [&](const Point<3> &p) {
    int64_t i = index.ints[p.at[2]], bound = boundOf(baseDomain, how.indexedAxis, p.example);
    if (failed(status) || failed(status = checkIndex(op, e.extents, i, bound, p.example)) ||
        !*status)
      return;
    int64_t to = p.at[1] + i * how.indexedStride;
    if (result.isFloat())
      sums.add(result.floats, to, update.floats[p.at[0]]);
    else if (element.isInteger(1))
      result.ints[to] |= update.ints[p.at[0]];
    else
      result.ints[to] = fit(element, addValid(result.ints[to], update.ints[p.at[0]]));
  });
  sums.finish(result.floats);
  e.set(op, std::move(result));
  return failure(failed(status));
}

template <typename S> void interpreter::addIndexing(Table<S> &table) {
  table.add(gather<S>);
  table.add(scatter<S>);
}

#define INSTANTIATE(S) template void interpreter::addIndexing<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
