// The loop, and the streams that stand in its body.
#include "Interpret/Evaluator.h"
#include "Interpret/Sums.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

/// The part of an array at a position of an axis, padding included.
template <typename S>
static HostArrayOf<S> takePart(const HostArrayOf<S> &whole, int64_t axis, int64_t position) {
  HostArrayOf<S> part;
  part.kind = whole.kind;
  part.shape = whole.shape;
  part.shape.erase(part.shape.begin() + axis);
  int64_t inner = rowMajor(whole.shape)[axis], step = inner * whole.shape[axis];
  auto copy = [&](const auto &from, auto &to) {
    for (int64_t start = position * inner; start < static_cast<int64_t>(from.size()); start += step)
      to.insert(to.end(), from.begin() + start, from.begin() + start + inner);
  };
  if (whole.isFloat())
    copy(whole.floats, part.floats);
  else
    copy(whole.ints, part.ints);
  return part;
}

/// Writes the valid positions of active examples of a part: at a position of an axis, or, if the
/// part has the axis too, from that position on.
template <typename S>
static void putPart(Evaluator<S> &e, ArrayType partType, const HostArrayOf<S> &part,
                    HostArrayOf<S> &whole, int64_t axis, int64_t position) {
  Strides along = rowMajor(whole.shape);
  int64_t start = along[axis] * position;
  if (part.shape.size() < whole.shape.size())
    along.erase(along.begin() + axis);
  const Domain &domain = e.domain(partType.getDims());
  e.template visit<2>(domain, {domain.strides(), along}, [&](const Point<2> &p) {
    if (whole.isFloat())
      whole.floats[start + p.at[1]] = part.floats[p.at[0]];
    else
      whole.ints[start + p.at[1]] = part.ints[p.at[0]];
  });
}

/// The valid positions of active examples of a segment that begins at a position of an axis.
template <typename S>
static HostArrayOf<S> takeSegment(Evaluator<S> &e, ArrayType type, const HostArrayOf<S> &whole,
                                  int64_t axis, int64_t position) {
  HostArrayOf<S> part = e.make(type);
  Strides along = rowMajor(whole.shape);
  int64_t start = along[axis] * position;
  const Domain &domain = e.domain(type.getDims());
  e.template visit<2>(domain, {domain.strides(), along}, [&](const Point<2> &p) {
    if (part.isFloat())
      part.floats[p.at[0]] = whole.floats[start + p.at[1]];
    else
      part.ints[p.at[0]] = whole.ints[start + p.at[1]];
  });
  return part;
}

/// Steps of the padded dim; at each the examples whose own length reaches the position take part.
/// In reverse that starts every example at its own last position. A value without a batch dim is
/// one for all examples and takes part in every step.
template <typename S> class Steps {
public:
  using Array = HostArrayOf<S>;

  Steps(Evaluator<S> &e, ScanOp op);
  LogicalResult run();

private:
  Array zeros(ArrayType type);
  /// The examples that have the position take part from here on; false where none has.
  bool activate(int64_t position);
  void bind(Evaluator<S> &body, int64_t position, int64_t first);
  void take(Evaluator<S> &body, int64_t position, int64_t first);
  LogicalResult step(int64_t position);

  Evaluator<S> &e;
  ScanOp op;
  bool ragged;
  SmallVector<int64_t> lengths;
  int64_t count;
  SmallVector<std::shared_ptr<const Array>> carries, slices;
  SmallVector<Array> stacks, sums;
  SmallVector<Sums<S>> adding;
  const Active *outer;
  Active inner;
};

template <typename S>
Steps<S>::Steps(Evaluator<S> &e, ScanOp op)
    : e(e), op(op), ragged(e.extents.isBatched() && e.extents.isRagged(op.getDim())),
      lengths(e.extents.perExample(op.getDim())), outer(e.active) {
  count = std::max<int64_t>(0, lengths[0]);
  if (ragged)
    for (int64_t length : ArrayRef(lengths).drop_front())
      count = std::max(count, length);
  for (Value start : op.getStarts())
    carries.push_back(e.share(start));
  for (Value slice : op.getSlices())
    slices.push_back(e.share(slice));
  for (Value stack : op.getStackResults()) {
    // What lacks the batch sums over examples: where none has the position, nothing.
    ArrayType type = arrayType(stack);
    bool isBare = ragged && llvm::none_of(type.getDims(),
                                          [&](DimAttr dim) { return e.extents.isBatch(dim); });
    stacks.push_back(isBare ? zeros(type) : e.make(type));
  }
  for (Value sum : op.getSumResults()) {
    sums.push_back(zeros(arrayType(sum)));
    adding.emplace_back(sums.back().floats.size());
  }
  for (StreamOp stream : op.getBlock()->template getOps<StreamOp>())
    e.histories[stream].clear();
}

template <typename S> HostArrayOf<S> Steps<S>::zeros(ArrayType type) {
  Array zero = e.make(type);
  const Domain &domain = e.domain(type.getDims());
  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    if (zero.isFloat())
      zero.floats[p.at[0]] = S(0.0);
    else
      zero.ints[p.at[0]] = 0;
  });
  return zero;
}

template <typename S> bool Steps<S>::activate(int64_t position) {
  if (!ragged)
    return true;
  inner.assign(e.extents.examples(), 0);
  for (int64_t i = 0; i < e.extents.examples(); ++i)
    inner[i] = (!outer || (*outer)[i]) && position < lengths[i + 1];
  e.active = &inner;
  return llvm::is_contained(inner, true);
}

/// Gives the body's arguments their values at a step; `first` is the position where a segment
/// begins.
template <typename S> void Steps<S>::bind(Evaluator<S> &body, int64_t position, int64_t first) {
  Array number;
  number.kind = ArrayKind::Int;
  number.ints = {op.getSegments() ? first : position};
  body.set(op.getPosition(), std::move(number));
  for (auto [argument, carry] : llvm::zip_equal(op.getCarryArguments(), carries))
    body.set(argument, carry);
  for (auto [argument, value, slice, axis] :
       llvm::zip_equal(op.getSliceArguments(), op.getSlices(), slices, op.getSliceAxes()))
    body.set(argument, op.isBySegments(value.getType(), axis)
                           ? takeSegment(body, arrayType(argument), *slice, axis, first)
                           : takePart(*slice, axis, position));
}

/// Takes what the body yields to the carries, stacks and sums.
template <typename S> void Steps<S>::take(Evaluator<S> &body, int64_t position, int64_t first) {
  for (auto [carry, next] : llvm::zip_equal(carries, op.getYieldedCarries())) {
    ArrayType type = arrayType(next);
    if (!e.active) {
      carry = body.share(next);
      continue;
    }
    // Examples that have finished, or have not begun, keep what they have.
    Array merged = *carry;
    copyValid(e, type.getDims(), body.get(next), merged);
    carry = std::make_shared<const Array>(std::move(merged));
  }
  for (auto [result, stack, part, axis] :
       llvm::zip_equal(op.getStackResults(), stacks, op.getYieldedStacks(), op.getStackAxes()))
    putPart(body, arrayType(part), body.get(part), stack, axis,
            op.isBySegments(result.getType(), axis) ? first : position);
  for (auto [sum, adds, part] : llvm::zip_equal(sums, adding, op.getYieldedSums())) {
    ArrayType type = arrayType(part);
    const Array &more = body.get(part);
    const Domain &domain = e.domain(type.getDims());
    e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
      int64_t at = p.at[0];
      if (sum.isFloat())
        adds.add(sum.floats, at, more.floats[at]);
      else
        sum.ints[at] = fit(type.getElementType(), addValid(sum.ints[at], more.ints[at]));
    });
  }
}

template <typename S> LogicalResult Steps<S>::step(int64_t position) {
  std::optional<Segments> segments = op.getSegments();
  // In a segment the dims are others.
  std::optional<Evaluator<S>> within;
  if (segments) {
    within.emplace(e.extents.inSegment(*segments, position),
                   [&](Value value) { return e.share(value); });
    within->active = e.active;
    within->evaluation = e.evaluation;
  }
  Evaluator<S> &body = within ? *within : e;
  int64_t first = segments ? position * e.extents.segmentSize(*segments) : 0;
  bind(body, position, first);
  if (failed(body.run(*op.getBlock())))
    return failure();
  take(body, position, first);
  return success();
}

template <typename S> LogicalResult Steps<S>::run() {
  for (int64_t i = 0; i < count; ++i) {
    int64_t position = op.getReverse() ? count - 1 - i : i;
    LogicalResult done = activate(position) ? step(position) : success();
    e.active = outer;
    if (failed(done))
      return failure();
  }
  for (auto [adds, sum] : llvm::zip_equal(adding, sums))
    adds.finish(sum.floats);
  for (auto [result, carry] : llvm::zip_equal(op.getCarryResults(), carries))
    e.set(result, carry);
  for (auto [result, stack] : llvm::zip_equal(op.getStackResults(), stacks))
    e.set(result, std::move(stack));
  for (auto [result, sum] : llvm::zip_equal(op.getSumResults(), sums))
    e.set(result, std::move(sum));
  return success();
}

template <typename S> static LogicalResult scan(Evaluator<S> &e, ScanOp op) {
  return Steps<S>(e, op).run();
}

/// By definition: f of all inputs so far, of which the last element is taken.
template <typename S> static LogicalResult stream(Evaluator<S> &e, StreamOp op) {
  using Array = HostArrayOf<S>;
  if (op.getDim().isConstant())
    return op.emitError("expected a stream's dim to have a symbol");
  if (!isa<ScanOp>(op->getParentOp()))
    return op.emitError("expected a stream to stand in a scan's own body");
  auto &history = e.histories[op];
  auto &now = history.emplace_back();
  for (Value input : op.getInputs())
    now.push_back(e.share(input));
  int64_t count = history.size();

  Evaluator<S> prefix(e.extents.with(op.getDim(), count),
                      [&](Value value) { return e.share(value); });
  prefix.active = e.active;
  prefix.evaluation = e.evaluation;
  for (auto [i, argument] : llvm::enumerate(op.getBlock()->getArguments())) {
    Array sequence;
    sequence.kind = history.front()[i]->kind;
    sequence.shape = history.front()[i]->shape;
    sequence.shape.insert(sequence.shape.begin(), count);
    for (const auto &step : history) {
      llvm::append_range(sequence.floats, step[i]->floats);
      llvm::append_range(sequence.ints, step[i]->ints);
    }
    prefix.set(argument, std::move(sequence));
  }
  if (failed(prefix.run(*op.getBlock())))
    return failure();
  for (auto [result, sequence] : llvm::zip_equal(op.getResults(), prefix.yielded(*op.getBlock())))
    e.set(result, takePart(*sequence, 0, count - 1));
  return success();
}

template <typename S> void interpreter::addScan(Table<S> &table) {
  table.add(scan<S>);
  table.add(stream<S>);
}

#define INSTANTIATE(S) template void interpreter::addScan<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
