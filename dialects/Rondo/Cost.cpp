// The costs of all ops. What is not listed moves bytes and computes nothing.
#include "Rondo/Cost.h"
#include "Rondo/Elementwise.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

#include "Rondo/RondoCost.cpp.inc"

static DimPolynomial bytesOf(Type type) {
  auto array = cast<ArrayType>(type);
  unsigned bits = array.getElementType().getIntOrFloatBitWidth();
  return DimPolynomial::elements(array) * DimPolynomial(std::max<int64_t>(1, bits / 8));
}

/// Each operand is read and each result written, once.
static DimPolynomial trafficOf(Operation *op) {
  DimPolynomial bytes;
  for (Type type : op->getOperandTypes())
    bytes += bytesOf(type);
  for (Type type : op->getResultTypes())
    bytes += bytesOf(type);
  return bytes;
}

/// One operation per element of an array of floats, none for integers and booleans.
static DimPolynomial onePerElement(Value value) {
  return arrayType(value).isFloat() ? DimPolynomial::elements(arrayType(value)) : DimPolynomial();
}

namespace {

/// Flops(op): the operations of an op without regions.
template <typename OpT, typename Flops>
struct CostModel : Cost::ExternalModel<CostModel<OpT, Flops>, OpT> {
  Work getWork(Operation *op) const { return {Flops{}(cast<OpT>(op)), trafficOf(op)}; }
};

/// True for a forward scan of which only the carries before each step are read (and no check).
static bool skipsLastStep(ScanOp scan) {
  if (scan.getBody().walk([](CheckOp) { return WalkResult::interrupt(); }).wasInterrupted())
    return false;
  return !scan.getReverse() && scan.getNumSums() == 0 && scan.getNumCarries() > 0 &&
         llvm::all_of(scan.getCarryResults(), [](Value value) { return value.use_empty(); }) &&
         llvm::all_of(scan.getYieldedStacks(), [&](Value value) {
           return llvm::is_contained(scan.getCarryArguments(), value);
         });
}

struct ScanCost : Cost::ExternalModel<ScanCost, ScanOp> {
  Work getWork(Operation *op) const {
    auto scan = cast<ScanOp>(op);
    Work work = workOf(*scan.getBlock());
    for (Value sum : scan.getYieldedSums())
      work.flops += onePerElement(sum);
    DimPolynomial steps(scan.getDim().add(skipsLastStep(scan) ? -1 : 0));
    work.flops *= steps;
    work.bytes *= steps;
    return work;
  }
};

/// The region is run once: a group, the step of a stream, and for a grad (which is gone after
/// Differentiate) the value that is differentiated.
template <typename OpT> struct RegionCost : Cost::ExternalModel<RegionCost<OpT>, OpT> {
  Work getWork(Operation *op) const { return workOf(op->getRegion(0).front()); }
};

/// Module level, terminators, and a check, whose operand is its result.
template <typename OpT> struct NoCost : Cost::ExternalModel<NoCost<OpT>, OpT> {
  Work getWork(Operation *) const { return {}; }
};

template <typename... Ops, typename Flops> void attach(MLIRContext *context, Flops) {
  (Ops::template attachInterface<CostModel<Ops, Flops>>(*context), ...);
}

} // namespace

/// One multiplication and one addition for each combination of all letters, and the additions to
/// the init are those of its first terms.
static DimPolynomial contractFlops(ContractOp op) {
  Spec spec = *Spec::parse(op.getSpec());
  DimPolynomial count(2);
  std::string seen;
  auto multiply = [&](StringRef letters, ArrayType type) {
    for (auto [letter, dim] : llvm::zip_equal(letters, type.getDims()))
      if (seen.find(letter) == std::string::npos) {
        seen += letter;
        count *= DimPolynomial(dim);
      }
  };
  multiply(spec.operands[0], op.getLhs().getType());
  multiply(spec.operands[1], op.getRhs().getType());
  return count;
}

void rondo::attachCosts(MLIRContext *context) {
  // One operation, or comparison, per element of the result.
  forEachElementwise([&]<typename Op>() {
    if constexpr (Op::template hasTrait<IsFree>())
      attach<Op>(context, [](Operation *) { return DimPolynomial(); });
    else
      attach<Op>(context, [](Operation *op) { return onePerElement(op->getResult(0)); });
  });
  // One per element of the operand.
  attach<ReduceOp, ArgmaxOp>(context,
                             [](Operation *op) { return onePerElement(op->getOperand(0)); });
  attach<ScatterOp>(context, [](ScatterOp op) { return onePerElement(op.getUpdate()); });
  attach<ContractOp>(context, [](ContractOp op) { return contractFlops(op); });
  attach<ConstantOp, IotaOp, LengthOp, RandomOp, BroadcastOp, TransposeOp, ReshapeOp, SliceOp,
         PadOp, ConcatOp, GatherOp>(context, [](Operation *) { return DimPolynomial(); });
  ScanOp::attachInterface<ScanCost>(*context);
  GroupOp::attachInterface<RegionCost<GroupOp>>(*context);
  GradOp::attachInterface<RegionCost<GradOp>>(*context);
  StreamOp::attachInterface<RegionCost<StreamOp>>(*context);
  CheckOp::attachInterface<NoCost<CheckOp>>(*context);
  YieldOp::attachInterface<NoCost<YieldOp>>(*context);
  ParamOp::attachInterface<NoCost<ParamOp>>(*context);
  TrainOp::attachInterface<NoCost<TrainOp>>(*context);
}

Work rondo::workOf(Block &block) {
  Work work;
  for (Operation &op : block)
    if (auto cost = dyn_cast<Cost>(op))
      work += cost.getWork();
  return work;
}

Work rondo::workOf(func::FuncOp function) {
  return function.isExternal() ? Work() : workOf(function.getBody().front());
}
