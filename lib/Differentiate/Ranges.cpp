// Intervals of the dialect's values. They decide only where a guard is worth its cost (Zeros.h):
// what is not known is taken to be anything.
#include "Differentiate/Ranges.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace rondo;
using namespace rondo::interval;

static constexpr double unbounded = Interval::unbounded;

//===----------------------------------------------------------------------===//
// Values that are subtracted from themselves
//===----------------------------------------------------------------------===//

/// The value that is repeated, renamed or passed on.
static Value source(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<BroadcastOp, StopGradientOp, CheckOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

static std::optional<double> splat(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getSplat() : std::nullopt;
}

/// Also as it is written, log(0.0).
static bool isMinusInfinite(Value value) {
  if (auto log = value.getDefiningOp<LogOp>())
    return splat(source(log.getOperand())) == 0.0;
  return splat(value) == -unbounded;
}

/// The largest element of x along some axes, if `value` is that: alone, or together with a number
/// below all others, or 0 where it is not finite.
static ReduceOp largestOf(Value value, Value x) {
  value = source(value);
  if (auto select = value.getDefiningOp<SelectOp>()) {
    auto compare = source(select.getCondition()).getDefiningOp<CompareOp>();
    auto difference = compare ? source(compare.getLhs()).getDefiningOp<SubOp>() : SubOp();
    Value top = source(select.getIfTrue());
    if (!difference || compare.getKind() != Comparison::Equal ||
        splat(source(compare.getRhs())) != 0.0 || splat(source(select.getIfFalse())) != 0.0 ||
        source(difference.getLhs()) != top || source(difference.getRhs()) != top)
      return {};
    value = top;
  }
  if (auto max = value.getDefiningOp<MaxOp>())
    if (isMinusInfinite(source(max.getRhs())))
      value = source(max.getLhs());
  auto reduce = value.getDefiningOp<ReduceOp>();
  return reduce && reduce.getKind() == ReduceKind::Max && reduce.getOperand() == x ? reduce
                                                                                   : ReduceOp();
}

/// The axes along which the largest element of `value` is 0, for x minus its largest.
static ArrayRef<int64_t> axesFromLargest(Value value) {
  auto sub = value.getDefiningOp<SubOp>();
  ReduceOp reduce = sub ? largestOf(sub.getRhs(), sub.getLhs()) : ReduceOp();
  return reduce ? reduce.getAxes() : ArrayRef<int64_t>();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// What `value` sums exp(x - max(x)) of, of finite numbers: then one of them is 1, where there are
/// any.
static ReduceOp sumFromLargest(Value value, function_ref<Interval(Value)> of) {
  auto reduce = source(value).getDefiningOp<ReduceOp>();
  auto exp = reduce && reduce.getKind() == ReduceKind::Sum
                 ? reduce.getOperand().getDefiningOp<ExpOp>()
                 : ExpOp();
  if (!exp || axesFromLargest(exp.getOperand()) != reduce.getAxes() ||
      !of(exp.getOperand().getDefiningOp<SubOp>().getLhs()).isFinite())
    return {};
  return reduce;
}

/// The range of an op's only result, from those of its operands, `x`; and of other values.
static Interval transfer(Operation *op, ArrayRef<Interval> x, function_ref<Interval(Value)> of) {
  return TypeSwitch<Operation *, Interval>(op)
      .Case([&](ConstantOp constant) {
        if (std::optional<double> number = constant.getSplat())
          return Interval::number(*number);
        Interval result = Interval::number(0);
        if (auto dense = dyn_cast<DenseFPElementsAttr>(constant.getValue()))
          for (const APFloat &number : dense.getValues<APFloat>())
            result = join(result, Interval::number(number.convertToDouble()));
        else
          result = Interval();
        return result;
      })
      .Case([&](RandomOp random) {
        return random.getKind() == RandomKind::Uniform ? Interval{0, 1} : Interval();
      })
      .Case([&](LengthOp length) {
        DimAttr dim = length.getDim();
        if (dim.isConstant())
          return Interval::number(static_cast<double>(dim.getConstant()));
        return Interval{0, unbounded};
      })
      .Case([&](NegOp) { return negated(x[0]); })
      .Case([&](AbsOp) {
        Interval size = join(x[0], negated(x[0]));
        size.low = x[0].contains(0) ? 0 : std::min(std::abs(x[0].low), std::abs(x[0].high));
        size.mayBeMinusInfinite = false;
        return size;
      })
      .Case([&](SignOp) { return within(x[0], -1, 1); })
      .Case([&](ExpOp) { return exponential(x[0]); })
      .Case([&](LogOp) { return logarithm(x[0]); })
      .Case([&](Log1pOp) { return logarithm(sum(x[0], Interval::number(1))); })
      .Case([&](Expm1Op) { return sum(exponential(x[0]), Interval::number(-1)); })
      .Case([&](SqrtOp) { return root(x[0]); })
      .Case([&](RsqrtOp) { return reciprocal(root(x[0])); })
      .Case([&](TanhOp) { return within(x[0], -1, 1); })
      .Case([&](SigmoidOp) { return within(x[0], 0, 1); })
      .Case([&](ErfOp) { return within(x[0], -1, 1); })
      .Case<SinOp, CosOp>([&](auto) {
        Interval result = within(x[0], -1, 1);
        result.mayBeNaN |= mayBeAnyInfinite(x[0]);
        return result;
      })
      .Case<FloorOp, CeilOp>([&](auto) { return sum(x[0], Interval{-1, 1}); })
      .Case([&](AddOp) { return sum(x[0], x[1]); })
      .Case([&](SubOp sub) {
        Interval result = sum(x[0], negated(x[1]));
        if (!axesFromLargest(sub).empty() && !x[0].mayBeInfinite && !x[0].mayBeNaN) {
          // Nothing is subtracted where the largest is not finite; else it is the largest.
          result.high = 0;
          result.mayBeInfinite = false;
          result.mayBeNaN =
              x[0].mayBeMinusInfinite && !source(sub.getRhs()).getDefiningOp<SelectOp>();
        }
        return result;
      })
      .Case([&](MulOp mul) {
        return mul.getLhs() == mul.getRhs() ? square(x[0]) : product(x[0], x[1]);
      })
      .Case([&](DivOp div) {
        Interval result = product(x[0], reciprocal(x[1]));
        result.mayBeNaN |= (x[0].contains(0) && x[1].contains(0)) ||
                           (mayBeAnyInfinite(x[0]) && mayBeAnyInfinite(x[1]));
        return result;
      })
      .Case([&](RemOp) {
        Interval result;
        result.mayBeNaN = !x[0].isFinite() || !x[1].isFinite() || x[1].contains(0);
        return result;
      })
      .Case([&](PowOp) { return power(x[0], x[1]); })
      .Case([&](MaxOp) { return larger(x[0], x[1]); })
      .Case([&](MinOp) { return negated(larger(negated(x[0]), negated(x[1]))); })
      .Case([&](SelectOp select) {
        Interval result = join(x[1], x[2]);
        // `if s == 0 then k else s`: what is chosen of s is not 0.
        auto compare = select.getCondition().getDefiningOp<CompareOp>();
        if (compare && compare.getKind() == Comparison::Equal &&
            splat(source(compare.getRhs())) == 0.0 && compare.getLhs() == select.getIfFalse() &&
            x[2].low == 0 && x[2].apart > 0)
          result.low = std::min(x[1].low, x[2].apart);
        return result;
      })
      .Case([&](ConvertOp convert) {
        if (!convert.getOperand().getType().isBool())
          return x[0];
        return Interval{0, 1};
      })
      .Case([&](BroadcastOp broadcast) {
        Interval result = x[0];
        // Repeated along what it was summed over, it is of something.
        if (ReduceOp reduce = sumFromLargest(broadcast.getOperand(), of);
            reduce && llvm::all_of(reduce.getAxes(), [&](int64_t axis) {
              DimAttr dim = reduce.getOperand().getType().getDim(axis);
              return dim.isConstant() || llvm::any_of(broadcast.getNewAxes(), [&](int64_t added) {
                       return broadcast.getType().getDim(added) == dim;
                     });
            }))
          result.low = std::max(result.low, 1.0);
        return result;
      })
      .Case<StopGradientOp, CheckOp, TransposeOp, ReshapeOp, SliceOp, GatherOp>(
          [&](auto) { return x[0]; })
      .Case([&](PadOp) { return join(x[0], Interval::number(0)); })
      .Case([&](ConcatOp) {
        Interval result = x[0];
        for (const Interval &part : x.drop_front())
          result = join(result, part);
        return result;
      })
      .Case([&](ScatterOp) { return join(x[0], sum(x[0], total(x[2]))); })
      .Case([&](ContractOp contract) {
        Interval result = total(product(x[0], x[1]));
        return contract.getInit() ? sum(result, x[2]) : result;
      })
      .Case([&](ReduceOp reduce) {
        switch (reduce.getKind()) {
        case ReduceKind::Max:
        case ReduceKind::Min:
          return x[0];
        case ReduceKind::Product: {
          Interval result = Interval::top();
          result.mayBeNaN = !x[0].isFinite();
          return result;
        }
        case ReduceKind::Sum:
          break;
        }
        Interval result = total(x[0]);
        // Of exp(x - max(x)) one is 1; unless there is none, or nothing but exp(-inf).
        auto exp = reduce.getOperand().getDefiningOp<ExpOp>();
        ArrayRef<int64_t> axes = exp ? axesFromLargest(exp.getOperand()) : ArrayRef<int64_t>();
        if (!axes.empty() && result.low == 0 && llvm::all_of(axes, [&](int64_t axis) {
              return llvm::is_contained(reduce.getAxes(), axis);
            }))
          result.apart = 1;
        if (sumFromLargest(reduce, of) && llvm::all_of(axes, [&](int64_t axis) {
              return reduce.getOperand().getType().getDim(axis).isConstant();
            }))
          result.low = 1;
        return result;
      })
      .Default([](Operation *other) {
        auto type = other->getNumResults() == 1 ? dyn_cast<ArrayType>(other->getResult(0).getType())
                                                : ArrayType();
        // Integers, and inputs of whatever kind.
        bool isKnown = type && other->getNumRegions() == 0 &&
                       (!type.isFloat() || other->getNumOperands() == 0);
        return isKnown ? Interval() : Interval::top();
      });
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Adds `more` to a range that grows while a loop is walked: what grows has no bound.
static bool widen(Interval &range, const Interval &more) {
  Interval wide = join(range, more);
  wide.apart = 0;
  if (wide.low < range.low)
    wide.low = wide.low >= 0 ? 0 : -unbounded;
  if (wide.high > range.high)
    wide.high = wide.high <= 0 ? 0 : unbounded;
  range.apart = 0;
  bool changed = !(wide == range);
  range = wide;
  return changed;
}

void Ranges::computeScan(ScanOp scan) {
  SmallVector<Interval> carries;
  for (Value start : scan.getStarts())
    carries.push_back(of(start));
  known[scan.getPosition()] = {0, unbounded};
  for (auto [argument, whole] : llvm::zip_equal(scan.getSliceArguments(), scan.getSlices()))
    known[argument] = of(whole);
  for (bool changed = true; changed;) {
    for (auto [argument, range] : llvm::zip_equal(scan.getCarryArguments(), carries))
      known[argument] = range;
    for (Operation &op : scan.getBlock()->without_terminator()) {
      for (Value result : op.getResults())
        known.erase(result);
      for (Value result : op.getResults())
        if (!known.contains(result))
          compute(result);
    }
    changed = false;
    for (auto [range, next] : llvm::zip_equal(carries, scan.getYieldedCarries()))
      changed |= widen(range, of(next));
  }
  for (auto [result, range] : llvm::zip_equal(scan.getCarryResults(), carries))
    known[result] = range;
  for (auto [result, part] : llvm::zip_equal(scan.getStackResults(), scan.getYieldedStacks()))
    known[result] = of(part);
  for (auto [result, part] : llvm::zip_equal(scan.getSumResults(), scan.getYieldedSums()))
    known[result] = total(of(part));
  // The body may change; its values are asked for again.
  for (Value argument : scan.getBlock()->getArguments())
    known.erase(argument);
  scan.getBody().walk([&](Operation *op) {
    for (Value result : op->getResults())
      known.erase(result);
  });
}

void Ranges::computeArgument(BlockArgument argument) {
  Operation *parent = argument.getOwner()->getParentOp();
  int64_t number = argument.getArgNumber();
  Interval range = Interval::top();
  if (isa<func::FuncOp>(parent))
    range = {};
  else if (auto grad = dyn_cast<GradOp>(parent))
    range = of(grad.getWrt()[number]);
  else if (auto scan = dyn_cast<ScanOp>(parent)) {
    int64_t slice = number - 1 - scan.getNumCarries();
    if (number == 0)
      range = {0, unbounded};
    else if (slice >= 0 && slice < scan.getNumSlices()) // a draft has none yet
      range = of(scan.getSlices()[slice]);
  }
  known[argument] = range;
}

void Ranges::compute(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return computeArgument(argument);
  Operation *op = value.getDefiningOp();
  if (auto scan = dyn_cast<ScanOp>(op))
    return computeScan(scan);
  SmallVector<Interval> operands;
  for (Value operand : op->getOperands())
    operands.push_back(of(operand));
  for (Value result : op->getResults())
    known[result] = transfer(op, operands, [&](Value other) { return of(other); });
}

// Without recursion along a function, which may be long.
Interval Ranges::of(Value value) {
  SmallVector<Value> pending{value};
  while (!pending.empty()) {
    Value next = pending.back();
    if (known.contains(next)) {
      pending.pop_back();
      continue;
    }
    size_t before = pending.size();
    auto need = [&](Value read) {
      if (!known.contains(read))
        pending.push_back(read);
    };
    if (Operation *op = next.getDefiningOp()) {
      llvm::for_each(op->getOperands(), need);
      llvm::SetVector<Value> captured;
      getUsedValuesDefinedAbove(op->getRegions(), captured);
      llvm::for_each(captured, need);
    }
    if (pending.size() == before) {
      compute(next);
      pending.pop_back();
    }
  }
  return known.lookup(value);
}

Interval Ranges::ofWithZero(Value value, Value zero, bool withOverflow) {
  if (value == zero)
    return Interval::number(0);
  auto limited = [&](Interval range) {
    range.mayBeInfinite |= withOverflow && range.mayOverflow;
    range.mayBeMinusInfinite |= withOverflow && range.mayOverflow;
    return range;
  };
  auto it = known.find(value);
  Operation *op = value.getDefiningOp();
  if (it != known.end() || !op || op->getNumResults() != 1 || op->getNumRegions() != 0)
    return limited(of(value));
  SmallVector<Interval> operands;
  for (Value operand : op->getOperands())
    operands.push_back(ofWithZero(operand, zero, withOverflow));
  return limited(transfer(op, operands, [&](Value other) { return of(other); }));
}

//===----------------------------------------------------------------------===//
// Zeros
//===----------------------------------------------------------------------===//

bool Ranges::isChosen(Value value, int depth) {
  if (auto it = chosen.find(value); it != chosen.end())
    return it->second;
  constexpr int enough = 200; // beyond, the worse case
  if (depth == enough)
    return true;
  auto is = [&](Value other) { return isChosen(other, depth + 1); };
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto scan = dyn_cast<ScanOp>(argument.getOwner()->getParentOp());
    int64_t number = argument.getArgNumber() - 1;
    if (!scan || number < 0 || number >= scan.getNumCarries() + scan.getNumSlices())
      return false;
    return is(number < scan.getNumCarries() ? scan.getStarts()[number]
                                            : scan.getSlices()[number - scan.getNumCarries()]);
  }
  Operation *op = value.getDefiningOp();
  bool result =
      TypeSwitch<Operation *, bool>(op)
          .Case([&](ConstantOp) { return splat(value) == 0.0; })
          .Case([&](SelectOp s) { return is(s.getIfTrue()) || is(s.getIfFalse()); })
          .Case([&](PadOp) { return true; })
          .Case([&](ScatterOp scatter) { return is(scatter.getBase()); })
          .Case([&](ConcatOp concat) { return llvm::any_of(concat.getParts(), is); })
          .Case<AddOp, SubOp>([&](auto sum) { return is(sum.getLhs()) && is(sum.getRhs()); })
          .Case([&](MulOp mul) { return is(mul.getLhs()) || is(mul.getRhs()); })
          .Case([&](ContractOp contract) {
            return (is(contract.getLhs()) || is(contract.getRhs())) &&
                   (!contract.getInit() || is(contract.getInit()));
          })
          .Case([&](ReduceOp reduce) {
            return reduce.getKind() == ReduceKind::Sum && is(reduce.getOperand());
          })
          .Case<DivOp, NegOp, ConvertOp, BroadcastOp, TransposeOp, ReshapeOp, SliceOp, GatherOp,
                CheckOp>([&](auto) { return is(op->getOperand(0)); })
          .Case([&](ScanOp scan) {
            int64_t number = cast<OpResult>(value).getResultNumber();
            return is(scan.getYield().getValues()[number]) &&
                   (number >= scan.getNumCarries() || is(scan.getStarts()[number]));
          })
          .Default([](Operation *) { return false; });
  chosen[value] = result;
  return result;
}

void Ranges::assume(BlockArgument argument, Interval range, bool isChosen) {
  known[argument] = range;
  chosen[argument] = isChosen;
}

void Ranges::forget(Operation *op) {
  auto drop = [&](Value value) {
    known.erase(value);
    chosen.erase(value);
  };
  op->walk([&](Operation *inner) {
    llvm::for_each(inner->getResults(), drop);
    for (Region &region : inner->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArguments(), drop);
  });
}
