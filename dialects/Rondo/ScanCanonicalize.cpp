// Scans lose what nobody reads: results, carries that feed only themselves, slices, and carries
// that never change; an element at the position is a slice.
#include "Rondo/Rondo.h"
#include "Rondo/Spec.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace rondo;

namespace {

/// A carry that is yielded unchanged is its start, inside and after the loop.
struct ForwardUnchangedCarries : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp scan, PatternRewriter &rewriter) const override {
    bool changed = false;
    for (int64_t i = 0; i < scan.getNumCarries(); ++i) {
      BlockArgument argument = scan.getCarryArguments()[i];
      if (scan.getYieldedCarries()[i] != argument)
        continue;
      Value start = scan.getStarts()[i], result = scan.getCarryResults()[i];
      bool argumentRead = llvm::any_of(argument.getUsers(),
                                       [&](Operation *user) { return user != scan.getYield(); }) ||
                          llvm::is_contained(scan.getYieldedStacks(), argument) ||
                          llvm::is_contained(scan.getYieldedSums(), argument);
      if (!argumentRead && result.use_empty())
        continue;
      rewriter.replaceAllUsesExcept(argument, start, scan.getYield());
      rewriter.modifyOpInPlace(scan.getYield(), [&] {
        for (OpOperand &operand : scan.getYield()->getOpOperands())
          if (operand.get() == argument && operand.getOperandNumber() != i)
            operand.set(start);
      });
      rewriter.replaceAllUsesWith(result, start);
      changed = true;
    }
    return success(changed);
  }
};

/// The element of an outside array at the position (`[t < T: xs[t]]`) is a slice.
struct SliceAtPosition : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  /// The axis that `gather` reads at the scan's position, where its result has the others in order.
  static int64_t axisAtPosition(ScanOp scan, GatherOp gather) {
    Value index = gather.getIndex();
    auto isInt = [](Value value) {
      Type element = arrayType(value).getElementType();
      return element.isInteger(32) || element.isInteger(64);
    };
    while (auto convert = index.getDefiningOp<ConvertOp>()) {
      if (!isInt(convert.getOperand()))
        return -1;
      index = convert.getOperand();
    }
    Value table = gather.getTable();
    int64_t axis = gather.getIndexedAxis();
    if (index != scan.getPosition() || scan.getSegments() ||
        arrayType(table).getDim(axis) != scan.getDim() ||
        scan.getBody().isAncestor(table.getParentRegion()))
      return -1;
    Spec spec = *Spec::parse(gather.getSpec());
    std::string others = spec.operands[0];
    others.erase(axis, 1);
    return others == spec.result ? axis : -1;
  }

  LogicalResult matchAndRewrite(ScanOp scan, PatternRewriter &rewriter) const override {
    SmallVector<GatherOp> gathers;
    SmallVector<Value> slices(scan.getSlices());
    SmallVector<int64_t> sliceAxes(scan.getSliceAxes());
    scan.getBody().walk([&](GatherOp gather) {
      if (int64_t axis = axisAtPosition(scan, gather); axis >= 0) {
        gathers.push_back(gather);
        slices.push_back(gather.getTable());
        sliceAxes.push_back(axis);
      }
    });
    if (gathers.empty())
      return failure();
    auto result =
        ScanOp::create(rewriter, scan.getLoc(), scan.getDim(), scan.getReverse(), scan.getStarts(),
                       slices, sliceAxes, SmallVector<Type>(scan.getStackResults().getTypes()),
                       scan.getStackAxes(), SmallVector<Type>(scan.getSumResults().getTypes()));
    result->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
    Block &body = *result.getBlock();
    auto parts = body.getArguments().take_back(gathers.size());
    for (auto [gather, part] : llvm::zip_equal(gathers, parts))
      rewriter.replaceOp(gather, part);
    rewriter.mergeBlocks(scan.getBlock(), &body, body.getArguments().drop_back(gathers.size()));
    rewriter.replaceOp(scan, result);
    return success();
  }
};

/// Equal slices are one, and so are stacks of one value; PruneScan then drops the others.
struct MergeEqualParts : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp scan, PatternRewriter &rewriter) const override {
    bool changed = false;
    auto merge = [&](Value kept, Value other) {
      if (other.use_empty())
        return;
      rewriter.replaceAllUsesWith(other, kept);
      changed = true;
    };
    for (int64_t i = 0; i < scan.getNumSlices(); ++i)
      for (int64_t j = i + 1; j < scan.getNumSlices(); ++j)
        if (scan.getSlices()[i] == scan.getSlices()[j] &&
            scan.getSliceAxes()[i] == scan.getSliceAxes()[j])
          merge(scan.getSliceArguments()[i], scan.getSliceArguments()[j]);
    for (int64_t i = 0; i < scan.getNumStacks(); ++i)
      for (int64_t j = i + 1; j < scan.getNumStacks(); ++j)
        if (scan.getYieldedStacks()[i] == scan.getYieldedStacks()[j] &&
            scan.getStackAxes()[i] == scan.getStackAxes()[j])
          merge(scan.getStackResults()[i], scan.getStackResults()[j]);
    return success(changed);
  }
};

/// Rebuilds a scan without its dead carries, slices, stacks and sums.
struct PruneScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp scan, PatternRewriter &rewriter) const override {
    int64_t carries = scan.getNumCarries(), stacks = scan.getNumStacks();
    llvm::BitVector live(scan.getNumResults());
    llvm::SmallDenseSet<Value> reached;
    SmallVector<Value> pending;
    auto keep = [&](int64_t result) {
      if (live.test(result))
        return;
      live.set(result);
      pending.push_back(scan.getYield().getValues()[result]);
    };
    for (OpResult result : scan.getResults())
      if (!result.use_empty())
        keep(result.getResultNumber());
    // Walks from what is kept to what it reads; reaching a carry keeps that carry.
    while (!pending.empty()) {
      Value value = pending.pop_back_val();
      if (!reached.insert(value).second)
        continue;
      if (auto argument = dyn_cast<BlockArgument>(value)) {
        int64_t carry = static_cast<int64_t>(argument.getArgNumber()) - 1;
        if (argument.getOwner() == scan.getBlock() && carry >= 0 && carry < carries)
          keep(carry);
        continue;
      }
      Operation *op = value.getDefiningOp();
      if (!scan->isProperAncestor(op))
        continue;
      op->walk([&](Operation *inner) { llvm::append_range(pending, inner->getOperands()); });
    }
    llvm::BitVector liveSlices(scan.getNumSlices());
    for (auto [i, argument] : llvm::enumerate(scan.getSliceArguments()))
      if (reached.contains(argument))
        liveSlices.set(i);
    if (live.all() && liveSlices.all())
      return rewriter.notifyMatchFailure(scan, "everything is read");
    if (live.none())
      return rewriter.notifyMatchFailure(scan, "the whole scan is dead");

    SmallVector<Value> starts, slices, yielded;
    SmallVector<int64_t> sliceAxes, stackAxes;
    SmallVector<Type> stackTypes, sumTypes;
    for (int64_t i = 0; i < scan.getNumResults(); ++i) {
      if (!live.test(i))
        continue;
      Type type = scan.getResult(i).getType();
      if (i < carries) {
        starts.push_back(scan.getStarts()[i]);
      } else if (i < carries + stacks) {
        stackTypes.push_back(type);
        stackAxes.push_back(scan.getStackAxes()[i - carries]);
      } else {
        sumTypes.push_back(type);
      }
      yielded.push_back(scan.getYield().getValues()[i]);
    }
    for (int64_t i = 0; i < scan.getNumSlices(); ++i)
      if (liveSlices.test(i)) {
        slices.push_back(scan.getSlices()[i]);
        sliceAxes.push_back(scan.getSliceAxes()[i]);
      }

    auto pruned = ScanOp::create(rewriter, scan.getLoc(), scan.getDim(), scan.getReverse(), starts,
                                 slices, sliceAxes, stackTypes, stackAxes, sumTypes);
    // Dead ops of the old body may still read dead arguments: they go with the old block.
    IRMapping mapping;
    mapping.map(scan.getPosition(), pruned.getPosition());
    for (int64_t i = 0, next = 0; i < carries; ++i)
      if (live.test(i))
        mapping.map(scan.getCarryArguments()[i], pruned.getCarryArguments()[next++]);
    for (int64_t i = 0, next = 0; i < scan.getNumSlices(); ++i)
      if (liveSlices.test(i))
        mapping.map(scan.getSliceArguments()[i], pruned.getSliceArguments()[next++]);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToEnd(pruned.getBlock());
    for (Operation &op : scan.getBlock()->without_terminator())
      if (llvm::any_of(op.getResults(), [&](Value v) { return reached.contains(v); }))
        rewriter.clone(op, mapping);
    YieldOp::create(rewriter, scan.getYield().getLoc(), llvm::map_to_vector(yielded, [&](Value v) {
                      return mapping.lookupOrDefault(v);
                    }));
    for (int64_t i = 0, next = 0; i < scan.getNumResults(); ++i)
      if (live.test(i))
        rewriter.replaceAllUsesWith(scan.getResult(i), pruned.getResult(next++));
    rewriter.eraseOp(scan);
    return success();
  }
};

} // namespace

void ScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ForwardUnchangedCarries, SliceAtPosition, MergeEqualParts, PruneScan>(context);
}
