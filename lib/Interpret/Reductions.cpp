// Ops that mix positions: contract, reduce, argmax. Bounded by the lengths on every operand.
#include "Interpret/Evaluator.h"
#include "Interpret/Sums.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

/// Fills the valid positions with one number.
template <typename S>
static void fill(Evaluator<S> &e, ArrayType type, HostArrayOf<S> &array, double number,
                 int64_t integer) {
  const Domain &domain = e.domain(type.getDims());
  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    if (array.isFloat())
      array.floats[p.at[0]] = S(number);
    else
      array.ints[p.at[0]] = integer;
  });
}

template <typename S> static LogicalResult contract(Evaluator<S> &e, ContractOp op) {
  Spec spec = *Spec::parse(op.getSpec());
  const auto &lhs = e.get(op.getLhs());
  const auto &rhs = e.get(op.getRhs());
  HostArrayOf<S> result = e.make(op.getType());
  if (op.getInit())
    copyValid(e, op.getType().getDims(), e.get(op.getInit()), result);
  else
    fill(e, op.getType(), result, 0.0, 0);

  // One domain over all letters, the contracted ones last.
  std::string letters = spec.result;
  SmallVector<DimAttr> dims(op.getType().getDims());
  for (auto [letter, dim] : llvm::zip_equal(spec.operands[0], op.getLhs().getType().getDims()))
    if (Spec::axis(letters, letter) < 0) {
      letters += letter;
      dims.push_back(dim);
    }
  Sums<S> sums(result.floats.size());
  e.template visit<3>(e.domain(dims),
                      {stridesAlong(letters, spec.result, result.shape),
                       stridesAlong(letters, spec.operands[0], lhs.shape),
                       stridesAlong(letters, spec.operands[1], rhs.shape)},
                      [&](const Point<3> &p) {
                        sums.add(result.floats, p.at[0], lhs.floats[p.at[1]] * rhs.floats[p.at[2]]);
                      });
  sums.finish(result.floats);
  e.set(op, std::move(result));
  return success();
}

/// Where the elements of an operand go in a result that lacks the axes in `reduced`.
static Strides resultStrides(ArrayRef<int64_t> operandShape, ArrayRef<int64_t> reduced,
                             ArrayRef<int64_t> resultShape) {
  Strides own = rowMajor(resultShape), along(operandShape.size(), 0);
  int64_t next = 0;
  for (int64_t axis = 0; axis < static_cast<int64_t>(operandShape.size()); ++axis)
    if (!llvm::is_contained(reduced, axis))
      along[axis] = own[next++];
  return along;
}

/// The derivative of an extreme goes in equal parts to all elements that attain it. `extreme` holds
/// one of them; the others' deviations from it are zero but for their derivatives.
template <typename S>
static void shareDerivatives(Evaluator<S> &e, const Domain &domain, const Strides &along,
                             const HostArrayOf<S> &operand, HostArrayOf<S> &extreme) {
  std::vector<S> deviations(extreme.floats.size(), S(0.0));
  std::vector<double> counts(extreme.floats.size(), 0.0);
  auto attains = [](const S &x, const S &y) {
    return primal(x) == primal(y) && std::isfinite(primal(x));
  };
  e.template visit<2>(domain, {domain.strides(), along}, [&](const Point<2> &p) {
    const S &x = operand.floats[p.at[0]], &y = extreme.floats[p.at[1]];
    if (!attains(x, y))
      return;
    deviations[p.at[1]] += x - y;
    counts[p.at[1]] += 1.0;
  });
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 1.0)
      extreme.floats[i] += deviations[i] / S(counts[i]);
}

template <typename S> static LogicalResult reduce(Evaluator<S> &e, ReduceOp op) {
  const auto &operand = e.get(op.getOperand());
  ArrayType type = op.getType();
  HostArrayOf<S> result = e.make(type);
  Type element = type.getElementType();
  bool narrow = element.isInteger(32);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Domain &domain = e.domain(op.getOperand().getType().getDims());
  Strides along = resultStrides(operand.shape, op.getAxes(), result.shape);
  auto keepInteger = [element](int64_t &to, int64_t from, auto onInts) {
    to = from == poison ? poison : fit(element, onInts(to, from));
  };
  auto combine = [&](double start, int64_t integerStart, auto onFloats, auto onInts) {
    fill(e, type, result, start, integerStart);
    e.template visit<2>(domain, {domain.strides(), along}, [&](const Point<2> &p) {
      if (result.isFloat()) {
        S &to = result.floats[p.at[1]];
        to = onFloats(to, operand.floats[p.at[0]]);
      } else {
        keepInteger(result.ints[p.at[1]], operand.ints[p.at[0]], onInts);
      }
    });
  };
  // An extreme keeps the first of equals; NaN stays.
  auto keep = [](bool larger) {
    return [larger](const S &x, const S &y) {
      double a = primal(x), b = primal(y);
      return !std::isnan(a) && (std::isnan(b) || (larger ? b > a : b < a)) ? y : x;
    };
  };
  Sums<S> sums(result.floats.size());
  switch (op.getKind()) {
  case ReduceKind::Sum:
    fill(e, type, result, 0.0, 0);
    e.template visit<2>(domain, {domain.strides(), along}, [&](const Point<2> &p) {
      if (result.isFloat())
        sums.add(result.floats, p.at[1], operand.floats[p.at[0]]);
      else
        keepInteger(result.ints[p.at[1]], operand.ints[p.at[0]], addValid);
    });
    sums.finish(result.floats);
    break;
  case ReduceKind::Product:
    combine(1.0, 1, [](const S &x, const S &y) { return x * y; }, mulValid);
    break;
  case ReduceKind::Max:
    combine(-infinity,
            narrow ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min(),
            keep(true), [](int64_t x, int64_t y) { return std::max(x, y); });
    break;
  case ReduceKind::Min:
    combine(infinity,
            narrow ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int64_t>::max(),
            keep(false), [](int64_t x, int64_t y) { return std::min(x, y); });
    break;
  }
  if constexpr (!std::is_same_v<S, double>)
    if (result.isFloat() && (op.getKind() == ReduceKind::Max || op.getKind() == ReduceKind::Min))
      shareDerivatives(e, domain, along, operand, result);
  e.set(op, std::move(result));
  return success();
}

/// NaN counts as larger than any number; of equals the first; of nothing 0.
template <typename S> static LogicalResult argmax(Evaluator<S> &e, ArgmaxOp op) {
  const auto &operand = e.get(op.getOperand());
  HostArrayOf<S> result = e.make(op.getType());
  fill(e, op.getType(), result, 0.0, 0);
  const Domain &domain = e.domain(op.getOperand().getType().getDims());
  int64_t axis = op.getAxis(), stride = domain.strides()[axis];
  Strides along = resultStrides(operand.shape, {axis}, result.shape);
  e.template visit<2>(domain, {domain.strides(), along}, [&](const Point<2> &p) {
    int64_t &best = result.ints[p.at[1]];
    int64_t at = p.at[0], other = at + (best - p.index[axis]) * stride;
    bool larger;
    if (operand.isFloat()) {
      double a = primal(operand.floats[at]), b = primal(operand.floats[other]);
      larger = !std::isnan(b) && (std::isnan(a) || a > b);
    } else {
      larger = operand.ints[at] > operand.ints[other];
    }
    if (larger)
      best = p.index[axis];
  });
  e.set(op, std::move(result));
  return success();
}

template <typename S> void interpreter::addReductions(Table<S> &table) {
  table.add(contract<S>);
  table.add(reduce<S>);
  table.add(argmax<S>);
}

#define INSTANTIATE(S) template void interpreter::addReductions<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
