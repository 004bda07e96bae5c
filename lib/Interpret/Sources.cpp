// Ops without array operands to read from: constant, iota, length, random.
#include "Interpret/Evaluator.h"
#include "Rondo/Spec.h"
#include "rondo/Philox.h"

using namespace mlir;
using namespace rondo;
using namespace rondo::interpreter;

template <typename S> static LogicalResult constant(Evaluator<S> &e, ConstantOp op) {
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  auto fill = [&](auto number) {
    e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
      if (result.isFloat())
        result.floats[p.at[0]] = S(static_cast<double>(number(p.at[0])));
      else
        result.ints[p.at[0]] = static_cast<int64_t>(number(p.at[0]));
    });
  };
  if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue())) {
    HostArray numbers = hostArrayFromAttr(dense);
    if (numbers.isFloat())
      fill([&](int64_t at) { return numbers.floats[at]; });
    else
      fill([&](int64_t at) { return numbers.ints[at]; });
  } else if (auto number = dyn_cast<IntegerAttr>(op.getValue())) {
    int64_t value =
        op.getType().isBool() ? !number.getValue().isZero() : number.getValue().getSExtValue();
    fill([&](int64_t) { return value; });
  } else {
    double value = cast<FloatAttr>(op.getValue()).getValueAsDouble();
    fill([&](int64_t) { return value; });
  }
  e.set(op, std::move(result));
  return success();
}

template <typename S> static LogicalResult iota(Evaluator<S> &e, IotaOp op) {
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  int64_t axis = op.getAxis();
  e.template visit<1>(domain, {domain.strides()},
                      [&](const Point<1> &p) { result.ints[p.at[0]] = p.index[axis]; });
  e.set(op, std::move(result));
  return success();
}

template <typename S> static LogicalResult length(Evaluator<S> &e, LengthOp op) {
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  SmallVector<int64_t> values = e.extents.perExample(op.getDim());
  e.template visit<1>(domain, {domain.strides()},
                      [&](const Point<1> &p) { result.ints[p.at[0]] = values[p.example + 1]; });
  e.set(op, std::move(result));
  return success();
}

/// The key is folded from the seed, the site and each counter; an element's number counts row-major
/// over the dims in `elements`, within the example's own bounds.
template <typename S> static LogicalResult random(Evaluator<S> &e, RandomOp op) {
  Spec spec = *Spec::parse(op.getSpec());
  HostArrayOf<S> result = e.make(op.getType());
  const Domain &domain = e.domain(op.getType().getDims());
  uint64_t base = foldKey(e.get(op.getSeed()).ints[0], siteNumber(op.getSite()));

  struct Counter {
    std::shared_ptr<const HostArrayOf<S>> array;
    Strides strides;
  };
  SmallVector<Counter> counters;
  for (auto [letters, counter] : llvm::zip(spec.operands, op.getCounters())) {
    auto array = e.share(counter);
    counters.push_back({array, stridesAlong(spec.result, letters, array->shape)});
  }
  SmallVector<int64_t> elementAxes;
  for (char letter : op.getElements())
    elementAxes.push_back(Spec::axis(spec.result, letter));

  e.template visit<1>(domain, {domain.strides()}, [&](const Point<1> &p) {
    uint64_t key = base;
    for (const Counter &counter : counters) {
      int64_t at = 0;
      for (auto [index, stride] : llvm::zip_equal(p.index, counter.strides))
        at += index * stride;
      key = foldKey(key, counter.array->ints[at]);
    }
    uint64_t element = 0;
    ArrayRef<int64_t> bounds = domain.boundsOf(p.example);
    for (int64_t axis : elementAxes)
      element = element * bounds[axis] + p.index[axis];
    result.floats[p.at[0]] = S(op.getKind() == RandomKind::Uniform ? drawUniform(key, element)
                                                                   : drawNormal(key, element));
  });
  e.set(op, std::move(result));
  return success();
}

template <typename S> void interpreter::addSources(Table<S> &table) {
  table.add(constant<S>);
  table.add(iota<S>);
  table.add(length<S>);
  table.add(random<S>);
}

#define INSTANTIATE(S) template void interpreter::addSources<S>(Table<S> &);
RONDO_FOR_EACH_SCALAR(INSTANTIATE)
