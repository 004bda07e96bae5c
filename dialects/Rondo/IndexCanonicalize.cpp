// Gathers and scatters by the positions themselves: what indexing by a loop's number becomes when
// the loop becomes ops over all of its steps.
#include "Rondo/Rondo.h"
#include "Rondo/Spec.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace rondo;

/// True if an index of one letter is each position of its axis in turn. A boolean or a float on the
/// way does not hold every position.
static bool arePositions(Value index) {
  while (auto convert = index.getDefiningOp<ConvertOp>()) {
    Type from = convert.getOperand().getType().getElementType();
    if (!isa<IntegerType>(from) || from.getIntOrFloatBitWidth() < 32)
      return false;
    index = convert.getOperand();
  }
  auto iota = index.getDefiningOp<IotaOp>();
  return iota && iota.getType().getRank() == 1;
}

/// `array` with its axes, which `from` names, in the order of `to`, where one of them has another
/// name: `other` for `indexed`.
static Value reordered(PatternRewriter &rewriter, Location loc, Value array, StringRef from,
                       StringRef to, char indexed, char other) {
  SmallVector<int64_t> permutation;
  SmallVector<DimAttr> dims;
  for (char letter : to) {
    permutation.push_back(Spec::axis(from, letter == other ? indexed : letter));
    dims.push_back(arrayType(array).getDim(permutation.back()));
  }
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())))
    return array;
  return TransposeOp::create(rewriter, loc, arrayType(array).withDims(dims), array, permutation);
}

namespace {

/// The letter of an index that is all positions of the axis that it indexes, and nothing else.
struct Positions {
  char indexed = 0, step = 0;

  static std::optional<Positions> of(const Spec &spec, Value table, Value index, int64_t axis) {
    StringRef letters = spec.operands[1];
    if (letters.size() != 1 || !arePositions(index) ||
        Spec::axis(spec.operands[0], letters[0]) >= 0 ||
        arrayType(table).getDim(axis) != arrayType(index).getDim(0) ||
        spec.result.size() != spec.operands[0].size())
      return std::nullopt;
    return Positions{spec.operands[0][axis], letters[0]};
  }
};

/// gather(x, 0 1 2 ...) is x.
struct GatherAll : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    Spec spec = *Spec::parse(op.getSpec());
    auto found = Positions::of(spec, op.getTable(), op.getIndex(), op.getIndexedAxis());
    if (!found)
      return rewriter.notifyMatchFailure(op, "not every position once");
    rewriter.replaceOp(op, reordered(rewriter, op.getLoc(), op.getTable(), spec.operands[0],
                                     spec.result, found->indexed, found->step));
    return success();
  }
};

/// scatter(0, 0 1 2 ..., u) is u.
struct ScatterAll : OpRewritePattern<ScatterOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScatterOp op, PatternRewriter &rewriter) const override {
    Spec spec = *Spec::parse(op.getSpec());
    auto zero = op.getBase().getDefiningOp<ConstantOp>();
    auto found = Positions::of(spec, op.getBase(), op.getIndex(), op.getIndexedAxis());
    if (!zero || zero.getSplat() != 0.0 || !found)
      return rewriter.notifyMatchFailure(op, "not every position of zeros once");
    rewriter.replaceOp(op, reordered(rewriter, op.getLoc(), op.getUpdate(), spec.result,
                                     spec.operands[0], found->step, found->indexed));
    return success();
  }
};

} // namespace

void GatherOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<GatherAll>(context);
}

void ScatterOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ScatterAll>(context);
}
