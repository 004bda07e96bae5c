// The one-step forms of the ops that work position by position: each loses the dim. What mixes
// positions is refused.
#include "Rondo/Elementwise.h"
#include "Rondo/Spec.h"
#include "Stream/BlockStreamer.h"
#include "Stream/Stream.h"

using namespace mlir;
using namespace rondo;

using Results = FailureOr<SmallVector<Value>>;

/// The op on this step's parts, its results without the dim.
template <typename Op> static Op cloneStep(Op op, OpBuilder &builder, StreamState &state) {
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, state.step(operand));
  Operation *clone = builder.clone(*op.getOperation(), mapping);
  for (Value result : clone->getResults())
    result.setType(withoutDim(result.getType(), state.dim()));
  return cast<Op>(clone);
}

/// An axis of an array that had another axis, or none (-1), erased.
static int64_t without(int64_t erased, int64_t axis) {
  return erased >= 0 && erased < axis ? axis - 1 : axis;
}

static SmallVector<int64_t> without(int64_t erased, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> kept;
  for (int64_t axis : axes)
    if (axis != erased)
      kept.push_back(without(erased, axis));
  return kept;
}

static Spec withoutLetter(Spec spec, char letter) {
  for (std::string &letters : spec.operands)
    llvm::erase(letters, letter);
  llvm::erase(spec.result, letter);
  return spec;
}

/// The letter that names the dim at `axis`, or 0 for -1.
static char letterAt(StringRef letters, int64_t axis) { return axis < 0 ? 0 : letters[axis]; }

namespace {

/// Elementwise ops, constants, and reshapes, which pass the dim unchanged.
template <typename Op> struct SameStep : Streamable::ExternalModel<SameStep<Op>, Op> {
  Results streamStep(Operation *op, OpBuilder &builder, StreamState &state) const {
    return SmallVector<Value>{cloneStep(cast<Op>(op), builder, state)->getResult(0)};
  }
};

/// Ops whose rule is a function.
template <typename Op, typename Rule>
struct RuleStep : Streamable::ExternalModel<RuleStep<Op, Rule>, Op> {
  Results streamStep(Operation *op, OpBuilder &builder, StreamState &state) const {
    FailureOr<Value> result = Rule{}(cast<Op>(op), builder, state);
    if (failed(result))
      return failure();
    return SmallVector<Value>{*result};
  }
};

template <typename... Ops> void same(MLIRContext *context) {
  (Ops::template attachInterface<SameStep<Ops>>(*context), ...);
}

template <typename Op, typename Rule> void rule(MLIRContext *context, Rule) {
  Op::template attachInterface<RuleStep<Op, Rule>>(*context);
}

/// Along the dim the position is the step's number.
struct IotaRule {
  FailureOr<Value> operator()(IotaOp op, OpBuilder &builder, StreamState &state) const {
    int64_t axis = axisOf(op.getType(), state.dim());
    if (static_cast<int64_t>(op.getAxis()) != axis) {
      IotaOp step = cloneStep(op, builder, state);
      step.setAxis(without(axis, op.getAxis()));
      return Value(step);
    }
    Value position = state.position();
    ArrayType type = cast<ArrayType>(withoutDim(op.getType(), state.dim()));
    if (arrayType(position).getElementType() != type.getElementType())
      position = ConvertOp::create(builder, op.getLoc(), type.withDims({}), position);
    if (type.getRank() > 0)
      position = BroadcastOp::create(builder, op.getLoc(), type, position, ArrayRef<int64_t>());
    return position;
  }
};

struct BroadcastRule {
  FailureOr<Value> operator()(BroadcastOp op, OpBuilder &builder, StreamState &state) const {
    int64_t axis = axisOf(op.getType(), state.dim());
    Value operand = state.step(op.getOperand());
    Type type = withoutDim(op.getType(), state.dim());
    if (operand.getType() == type)
      return operand;
    return Value(
        BroadcastOp::create(builder, op.getLoc(), type, operand, without(axis, op.getDims())));
  }
};

struct TransposeRule {
  FailureOr<Value> operator()(TransposeOp op, OpBuilder &builder, StreamState &state) const {
    int64_t axis = axisOf(op.getOperand().getType(), state.dim());
    TransposeOp step = cloneStep(op, builder, state);
    step.setPermutation(without(axis, op.getPermutation()));
    return Value(step);
  }
};

/// slice, pad, concat, argmax: ops along one axis, of their (first) operand.
template <typename Op> struct AlongAxisRule {
  FailureOr<Value> operator()(Op op, OpBuilder &builder, StreamState &state) const {
    int64_t axis = axisOf(op->getOperand(0).getType(), state.dim());
    if (static_cast<int64_t>(op.getAxis()) == axis)
      return state.refuse(op, "it works along that dim");
    // `place[:T]`: of what is not of the sequence, as much as that is long.
    if (axis < 0 && axisOf(op.getType(), state.dim()) >= 0)
      return state.refuse(op, "it takes as many positions as there are steps");
    Op step = cloneStep(op, builder, state);
    step.setAxis(without(axis, op.getAxis()));
    return Value(step);
  }
};

struct ReduceRule {
  FailureOr<Value> operator()(ReduceOp op, OpBuilder &builder, StreamState &state) const {
    int64_t axis = axisOf(op.getOperand().getType(), state.dim());
    if (llvm::is_contained(op.getAxes(), axis))
      return state.refuse(op, "it reduces that dim");
    ReduceOp step = cloneStep(op, builder, state);
    step.setAxes(without(axis, op.getAxes()));
    return Value(step);
  }
};

/// contract, gather, scatter: the dim must be one of the result, by the same letter everywhere.
template <typename Op> struct LettersRule {
  FailureOr<Value> operator()(Op op, OpBuilder &builder, StreamState &state) const {
    Spec spec = *Spec::parse(op.getSpec());
    bool scatters = isa<ScatterOp>(op);
    SmallVector<StringRef> letters(spec.operands.begin(), spec.operands.end());
    letters.push_back(spec.result); // of scatter's update, or contract's init
    char letter = letterAt(scatters ? letters[0] : letters[2], axisOf(op.getType(), state.dim()));
    bool mixes = !letter || (scatters && Spec::axis(spec.result, letter) < 0);
    for (auto [names, operand] : llvm::zip(letters, op->getOperands())) {
      char other = letterAt(names, axisOf(operand.getType(), state.dim()));
      mixes |= other && other != letter;
    }
    if (mixes)
      return state.refuse(op, isa<ContractOp>(op) ? "it sums over that dim"
                                                  : "it sums over that dim or indexes it");
    Op step = cloneStep(op, builder, state);
    step.setSpec(withoutLetter(spec, letter).str());
    return Value(step);
  }
};

/// A condition along the dim that decides for a value without it is known only at the end.
struct CheckRule {
  FailureOr<Value> operator()(CheckOp op, OpBuilder &builder, StreamState &state) const {
    if (axisOf(op.getType(), state.dim()) < 0)
      return state.refuse(op, "its condition is along that dim and its result is not");
    return Value(cloneStep(op, builder, state));
  }
};

/// Counters along the dim pass; elements along it would be numbered by another count.
struct RandomRule {
  FailureOr<Value> operator()(RandomOp op, OpBuilder &builder, StreamState &state) const {
    Spec spec = *Spec::parse(op.getSpec());
    char letter = letterAt(spec.result, axisOf(op.getType(), state.dim()));
    if (!letter || op.getElements().contains(letter))
      return state.refuse(op, "it draws an array along that dim; draw one element per position");
    RandomOp step = cloneStep(op, builder, state);
    step.setSpec(withoutLetter(spec, letter).str());
    return Value(step);
  }
};

struct LengthRule {
  FailureOr<Value> operator()(LengthOp op, OpBuilder &, StreamState &state) const {
    return state.refuse(op, "it reads that dim's length");
  }
};

} // namespace

void rondo::attachStreamRules(MLIRContext *context) {
  forEachElementwise([&]<typename Op>() { same<Op>(context); });
  same<ConstantOp, ReshapeOp>(context);
  rule<IotaOp>(context, IotaRule{});
  rule<BroadcastOp>(context, BroadcastRule{});
  rule<TransposeOp>(context, TransposeRule{});
  rule<SliceOp>(context, AlongAxisRule<SliceOp>{});
  rule<PadOp>(context, AlongAxisRule<PadOp>{});
  rule<ConcatOp>(context, AlongAxisRule<ConcatOp>{});
  rule<ArgmaxOp>(context, AlongAxisRule<ArgmaxOp>{});
  rule<ReduceOp>(context, ReduceRule{});
  rule<ContractOp>(context, LettersRule<ContractOp>{});
  rule<GatherOp>(context, LettersRule<GatherOp>{});
  rule<ScatterOp>(context, LettersRule<ScatterOp>{});
  rule<CheckOp>(context, CheckRule{});
  rule<RandomOp>(context, RandomRule{});
  rule<LengthOp>(context, LengthRule{});
}

void rondo::registerStreamRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RondoDialect *) {
    attachStreamRules(context);
    attachStreamScan(context);
  });
}
