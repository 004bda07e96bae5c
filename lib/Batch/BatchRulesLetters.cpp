// Batch rules of the ops whose dims have letters: the new dim is one more letter.
#include "Batch/BatchRule.h"
#include "Rondo/Spec.h"

using namespace mlir;
using namespace rondo;

static void insertLetter(std::string &letters, int64_t axis, char letter) {
  letters.insert(letters.begin() + axis, letter);
}

namespace {

struct ContractRule {
  static BatchResult apply(ContractOp op, const BatchCall &call) {
    int64_t at = call.resultAxis();
    Value init = op.getInit() ? call.operands[2] : Value();
    if (!call.has(0) && !call.has(1) && init && !observesLength(op)) {
      // Only init has the dim: the product is the same for all.
      Value product = ContractOp::create(call.builder, op.getLoc(), call.operands[0],
                                         call.operands[1], op.getSpec());
      return SmallVector<Value>{
          AddOp::create(call.builder, op.getLoc(),
                        addAxis(call.builder, op.getLoc(), product, at, call.dim), call.at(2, at))};
    }
    Spec spec = *Spec::parse(op.getSpec());
    char letter = spec.freshLetter();
    SmallVector<Value> operands(call.operands);
    for (size_t i = 0; i < 2; ++i) {
      bool lengthsOnly = i == 0 && !call.has(0) && !call.has(1);
      if (!call.has(i) && !lengthsOnly)
        continue;
      auto [value, axis] = call.with(i);
      operands[i] = value;
      insertLetter(spec.operands[i], axis, letter);
    }
    insertLetter(spec.result, at, letter);
    if (init)
      init = call.at(2, at);
    return SmallVector<Value>{
        ContractOp::create(call.builder, op.getLoc(), operands[0], operands[1], spec.str(), init)};
  }
};

struct GatherRule {
  static BatchResult apply(GatherOp op, const BatchCall &call) {
    Spec spec = *Spec::parse(op.getSpec());
    char letter = spec.freshLetter();
    for (size_t i = 0; i < 2; ++i)
      if (call.has(i))
        insertLetter(spec.operands[i], call.axes[i], letter);
    insertLetter(spec.result, call.resultAxis(), letter);
    return SmallVector<Value>{GatherOp::create(call.builder, op.getLoc(), call.resultType(),
                                               call.operands[0], call.operands[1], spec.str())};
  }
};

/// The base has every dim of the result, and the update every dim of the base but the indexed one.
struct ScatterRule {
  static BatchResult apply(ScatterOp op, const BatchCall &call) {
    Spec spec = *Spec::parse(op.getSpec());
    char letter = spec.freshLetter();
    Value base = call.at(0, call.resultAxis());
    insertLetter(spec.operands[0], call.resultAxis(), letter);
    if (call.has(1))
      insertLetter(spec.operands[1], call.axes[1], letter);
    auto [update, axis] = call.with(2);
    insertLetter(spec.result, axis, letter);
    return SmallVector<Value>{
        ScatterOp::create(call.builder, op.getLoc(), base, call.operands[1], update, spec.str())};
  }
};

/// The new dim is none of the draw's elements: counters that have it make its draws different, and
/// without such a counter they are the same but for the elements' numbers, which follow lengths.
struct RandomRule {
  static BatchResult apply(RandomOp op, const BatchCall &call) {
    if (call.has(0))
      return op.emitOpError("expected a seed that is the same for all");
    Spec spec = *Spec::parse(op.getSpec());
    char letter = spec.freshLetter();
    for (size_t i = 0; i < op.getCounters().size(); ++i)
      if (call.has(i + 1))
        insertLetter(spec.operands[i], call.axes[i + 1], letter);
    insertLetter(spec.result, call.resultAxis(), letter);
    return SmallVector<Value>{RandomOp::create(
        call.builder, op.getLoc(), call.resultType(), op.getKind(), op.getSite(), op.getElements(),
        spec.str(), call.operands[0], call.operands.drop_front())};
  }
};

} // namespace

void rondo::attachLetterBatchRules(MLIRContext &context) {
  attachBatchRule<ContractRule, ContractOp>(context);
  attachBatchRule<GatherRule, GatherOp>(context);
  attachBatchRule<ScatterRule, ScatterOp>(context);
  attachBatchRule<RandomRule, RandomOp>(context);
}
