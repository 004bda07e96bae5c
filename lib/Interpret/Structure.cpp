// Group, check, and grad by forward mode.
#include "Interpret/Evaluator.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

template <typename S> static LogicalResult group(Evaluator<S> &e, GroupOp op) {
  if (failed(e.run(*op.getBlock())))
    return failure();
  for (auto [result, value] : llvm::zip_equal(op.getResults(), e.yielded(*op.getBlock())))
    e.set(result, value);
  return success();
}

template <typename S> static LogicalResult check(Evaluator<S> &e, CheckOp op) {
  const auto &condition = e.get(op.getCondition());
  const Domain &domain = e.domain(op.getCondition().getType().getDims());
  std::optional<Point<1>> failing;
  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    // Poison counts as false: the condition was read where it is not valid.
    if (!failing && condition.ints[p.at[0]] != 1)
      failing = p;
  });
  if (failing) {
    InFlightDiagnostic error = op.emitError() << op.getMessage();
    if (failing->example >= 0)
      error << " in example " << failing->example;
    return error;
  }
  e.set(op.getResult(), e.share(op.getOperand()));
  return success();
}

namespace {

/// The derivatives of a grad's region, direction by direction.
template <typename S> class Gradient {
public:
  using J = Jet<S>;

  Gradient(Evaluator<S> &e, GradOp op)
      : e(e), op(op), energy(op.getBlock()->getTerminator()->getOperand(0)) {}

  /// The gradient with respect to operand number `i`.
  FailureOr<HostArrayOf<S>> of(size_t i) {
    ArrayType type = arrayType(op.getWrt()[i]);
    const Domain &domain = e.domain(type.getDims());
    const Domain &energies = e.domain(arrayType(energy).getDims());
    HostArrayOf<S> result = e.make(type);
    Strides strides = domain.strides();

    // Examples do not meet in the region, so where both the operand and what is differentiated have
    // the dim of the examples, one run has the derivatives of all of them.
    bool together = domain.batchAxis >= 0 && energies.batchAxis >= 0;
    std::map<std::vector<int64_t>, std::vector<std::pair<int64_t, int64_t>>> directions;
    e.template visit<1>(domain, {strides}, [&](const Point<1> &p) {
      std::vector<int64_t> key(p.index.begin(), p.index.end());
      if (together)
        key.erase(key.begin() + domain.batchAxis);
      directions[key].push_back({p.example, p.at[0]});
    });
    for (const auto &[key, positions] : directions) {
      FailureOr<std::shared_ptr<const HostArrayOf<J>>> value = run(i, positions);
      if (failed(value))
        return failure();
      if (together) {
        for (auto [example, at] : positions)
          result.floats[at] = (*value)->floats[example].tangent;
        continue;
      }
      S sum(0.0);
      e.template visit<1>(energies, {energies.strides()},
                          [&](const Point<1> &p) { sum += (*value)->floats[p.at[0]].tangent; });
      result.floats[positions.front().second] = sum;
    }
    return result;
  }

private:
  Evaluator<S> &e;
  GradOp op;
  Value energy;
  /// Captured values and operands, lifted once for all directions.
  DenseMap<Value, std::shared_ptr<const HostArrayOf<J>>> lifted;

  std::shared_ptr<const HostArrayOf<J>> lift(Value value) {
    auto &known = lifted[value];
    if (known)
      return known;
    const HostArrayOf<S> &from = e.get(value);
    HostArrayOf<J> to;
    to.kind = from.kind;
    to.shape = from.shape;
    to.ints = from.ints;
    for (const S &number : from.floats)
      to.floats.push_back(J(number, S(0.0)));
    return known = std::make_shared<const HostArrayOf<J>>(std::move(to));
  }

  /// Runs the region in the direction of operand i's elements at `positions`.
  FailureOr<std::shared_ptr<const HostArrayOf<J>>>
  run(size_t i, ArrayRef<std::pair<int64_t, int64_t>> positions) {
    Evaluator<J> inner(e.extents, [&](Value value) { return lift(value); });
    inner.active = e.active;
    inner.evaluation = e.evaluation;
    for (auto [j, operand] : llvm::enumerate(op.getWrt())) {
      auto array = lift(operand);
      if (j == i) {
        HostArrayOf<J> moving = *array;
        for (auto [example, at] : positions)
          moving.floats[at].tangent = S(1.0);
        array = std::make_shared<const HostArrayOf<J>>(std::move(moving));
      }
      inner.set(op.getBlock()->getArgument(j), array);
    }
    if (failed(inner.run(*op.getBlock())))
      return failure();
    return inner.share(energy);
  }
};

} // namespace

template <typename S> static LogicalResult grad(Evaluator<S> &e, GradOp op) {
  if constexpr (std::is_same_v<S, Jet2>) {
    return op.emitError("expected at most two grads within one another");
  } else {
    Gradient<S> gradient(e, op);
    for (size_t i = 0; i < op.getWrt().size(); ++i) {
      FailureOr<HostArrayOf<S>> result = gradient.of(i);
      if (failed(result))
        return failure();
      e.set(op.getResult(i), std::move(*result));
    }
    return success();
  }
}

template <typename S> void interpreter::addStructure(Table<S> &table) {
  table.add(group<S>);
  table.add(check<S>);
  table.add(grad<S>);
}

#define INSTANTIATE(S) template void interpreter::addStructure<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
