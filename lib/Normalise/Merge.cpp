// rondo-merge: contractions of one loop step that share an operand or a sum become one.
#include "Normalise/Factor.h"
#include "Normalise/Passes.h"
#include "Normalise/ScanEdit.h"
#include "Normalise/Terms.h"
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"

namespace rondo {
#define GEN_PASS_DEF_MERGEPASS
#include "Normalise/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

//===----------------------------------------------------------------------===//
// One operand, several weights
//===----------------------------------------------------------------------===//

/// Contracts the step's value once with the weights side by side, and takes the parts.
static void mergeShared(ScanOp scan, ArrayRef<Factor> factors) {
  OpBuilder outside(scan), builder(factors.front().contract);
  const Factor &first = factors.front();
  Location loc = first.contract->getLoc();
  // Every weight as a matrix: its own letters, then the summed ones.
  SmallVector<Value> matrices;
  for (const Factor &factor : factors) {
    Location at = factor.contract->getLoc();
    // The summed letters, in the order of the step's value, have other names in each contraction.
    Value sorted =
        arrange(outside, at, factor.weight, factor.weightLetters, factor.own + factor.summed);
    SmallVector<DimAttr> dims{DimAttr::get(at.getContext(), factor.count(factor.own))};
    for (char letter : factor.summed)
      dims.push_back(factor.dim(letter));
    matrices.push_back(reshape(outside, at, sorted, dims));
  }
  Value weights = concat(outside, loc, matrices, 0);
  std::string keptInStep;
  for (char letter : first.stepLetters)
    if (Spec::axis(first.summed, letter) < 0)
      keptInStep += letter;
  Spec spec{{first.stepLetters, first.summed}, keptInStep};
  char letter = spec.freshLetter();
  spec.operands[1].insert(0, 1, letter);
  spec.result += letter;
  Value all = ContractOp::create(builder, loc, first.step, weights, spec.str());

  DimAttr offset = DimAttr::get(loc.getContext(), int64_t(0));
  for (const Factor &factor : factors) {
    ContractOp contract = factor.contract;
    Location at = contract.getLoc();
    DimAttr size = DimAttr::get(at.getContext(), factor.count(factor.own));
    Value part = SliceOp::create(builder, at, all, arrayType(all).getRank() - 1, offset, size);
    offset = offset.add(size);
    std::string kept;
    for (char c : factor.stepLetters)
      if (Spec::axis(factor.summed, c) < 0)
        kept += c;
    SmallVector<DimAttr> dims;
    for (char c : kept + factor.own)
      dims.push_back(factor.dim(c));
    part = reshape(builder, at, part, dims);
    part = arrange(builder, at, part, kept + factor.own, factor.resultLetters);
    if (contract.getInit()) {
      OpBuilder here(contract);
      part = AddOp::create(here, at, part.getType(), part, contract.getInit());
    }
    contract.getResult().replaceAllUsesWith(part);
  }
  for (const Factor &factor : factors)
    factor.contract->erase();
}

/// Merges contractions of the same value over the same of its axes.
static int64_t mergeSharedOperands(ScanOp scan) {
  llvm::MapVector<std::pair<Value, uint64_t>, SmallVector<Factor>> groups;
  for (auto contract : scan.getBlock()->getOps<ContractOp>())
    if (auto factor = Factor::of(contract, scan)) {
      uint64_t summedAxes = 0;
      for (char letter : factor->summed)
        summedAxes |= uint64_t(1) << Spec::axis(factor->stepLetters, letter);
      groups[{factor->step, summedAxes}].push_back(*factor);
    }
  int64_t saved = 0;
  for (auto &[key, factors] : groups)
    if (factors.size() > 1) {
      decided(factors.front().contract, "merge")
          << factors.size() << " products of one value in a step of the " << wordsFor(scan)
          << " become one, with the weights side by side: the value is read once";
      mergeShared(scan, factors);
      saved += static_cast<int64_t>(factors.size()) - 1;
    }
  return saved;
}

//===----------------------------------------------------------------------===//
// One sum, several products
//===----------------------------------------------------------------------===//

/// True if two products could be one over the dims of both: their results have the step's dims at
/// the same axes.
static bool haveSameLayout(const Factor &a, const Factor &b) {
  if (a.resultLetters.size() != b.resultLetters.size())
    return false;
  for (auto [x, y] : llvm::zip(a.resultLetters, b.resultLetters))
    if ((Spec::axis(a.own, x) >= 0) != (Spec::axis(b.own, y) >= 0))
      return false;
  return true;
}

/// One product of the values side by side with the weights one below the other.
static ContractOp mergeSum(ScanOp scan, ArrayRef<Factor> factors, OpBuilder &builder) {
  OpBuilder outside(scan);
  const Factor &first = factors.front();
  Location loc = first.contract->getLoc();
  SmallVector<Value> steps, weights;
  for (const Factor &factor : factors) {
    Location at = factor.contract->getLoc();
    std::string own; // in the result's order, which all have in common
    for (char letter : factor.resultLetters)
      if (Spec::axis(factor.own, letter) >= 0)
        own += letter;
    DimAttr summed = DimAttr::get(at.getContext(), factor.count(factor.summed));
    SmallVector<DimAttr> stepDims, weightDims{summed};
    for (char letter : factor.kept)
      stepDims.push_back(factor.dim(letter));
    stepDims.push_back(summed);
    for (char letter : own)
      weightDims.push_back(factor.dim(letter));
    steps.push_back(
        reshape(builder, at,
                arrange(builder, at, factor.step, factor.stepLetters, factor.kept + factor.summed),
                stepDims));
    weights.push_back(reshape(
        outside, at, arrange(outside, at, factor.weight, factor.weightLetters, factor.summed + own),
        weightDims));
  }
  std::string own;
  for (char letter : first.resultLetters)
    if (Spec::axis(first.own, letter) >= 0)
      own += letter;
  Spec spec{{first.kept, own}, first.resultLetters};
  char letter = spec.freshLetter();
  spec.operands[0] += letter;
  spec.operands[1].insert(0, 1, letter);
  Value step = concat(builder, loc, steps, arrayType(steps.front()).getRank() - 1);
  return ContractOp::create(builder, loc, step, concat(outside, loc, weights, 0), spec.str());
}

/// The factors among `contracts` that may become one product, if there are two or more. A value
/// that stands ready (a carry, a slice) is not copied beside another: it chains by init instead.
static SmallVector<Factor> mergeable(ScanOp scan, ArrayRef<ContractOp> contracts) {
  SmallVector<Factor> factors;
  for (ContractOp contract : contracts) {
    auto factor = Factor::of(contract, scan);
    if (!factor || isa<BlockArgument>(factor->step) ||
        (!factors.empty() && !haveSameLayout(factors.front(), *factor)))
      continue;
    factors.push_back(*factor);
  }
  if (factors.size() < 2)
    factors.clear();
  return factors;
}

/// Products that can be one become one, on an accumulator that starts with the rest of the sum.
static int64_t mergeSums(ScanOp scan) {
  int64_t saved = 0;
  rewriteCarriedSums(
      scan, [&](const Terms &terms) -> Value {
        SmallVector<Factor> factors = mergeable(scan, terms.contracts);
        if (factors.empty())
          return terms.isChain && terms.earlyContracts.empty() ? Value() : terms.chain({});
        decided(terms.root, "merge")
            << factors.size() << " products of one sum in a step of the " << wordsFor(scan)
            << " become one, of the values side by side: the sum stays in registers";
        Value rest = terms.chain(
            llvm::map_to_vector(factors, [](const Factor &factor) { return factor.contract; }));
        OpBuilder builder(terms.root);
        ContractOp merged = mergeSum(scan, factors, builder);
        if (rest)
          merged.getInitMutable().assign(rest);
        saved += static_cast<int64_t>(factors.size()) - 1;
        return merged;
      });
  return saved;
}

namespace {
struct Merge : rondo::impl::MergePassBase<Merge> {
  void runOnOperation() override {
    SmallVector<Operation *> sums;
    getOperation()->walk([&](Block *block) { llvm::append_range(sums, sumRoots(*block)); });
    for (Operation *root : sums)
      numPads += joinPads(root);
    SmallVector<ScanOp> scans;
    getOperation()->walk<WalkOrder::PostOrder>([&](ScanOp scan) { scans.push_back(scan); });
    for (ScanOp scan : scans) {
      if (scan.getSegments())
        continue;
      numContracts += mergeSharedOperands(scan);
      numContracts += mergeSums(scan);
    }
  }
};
} // namespace
