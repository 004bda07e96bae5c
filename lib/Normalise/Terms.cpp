#include "Normalise/Terms.h"
#include "Normalise/Factor.h"
#include "Normalise/ScanEdit.h"

using namespace mlir;
using namespace rondo;

/// True for the ops that sums are made of.
static bool isSum(Operation *op) {
  if (auto contract = dyn_cast_if_present<ContractOp>(op))
    return static_cast<bool>(contract.getInit());
  return isa_and_nonnull<AddOp>(op) && arrayType(op->getResult(0)).isFloat();
}

/// True if a value is part of the sum that reads it: nobody else does.
static bool isInterior(Value value, Operation *reader) {
  Operation *op = value.getDefiningOp();
  return op && value.hasOneUse() && op->getBlock() == reader->getBlock() &&
         (isSum(op) || (isa<ContractOp>(op) && isHeavy(op)));
}

static void collect(Operation *op, Terms &terms, bool inChain, function_ref<bool(Value)> isTerm) {
  terms.interior.push_back(op);
  auto term = [&](Value value, bool stillInChain) {
    if (isInterior(value, op) && !isTerm(value))
      collect(value.getDefiningOp(), terms, stillInChain, isTerm);
    else
      terms.others.push_back(value);
  };
  if (auto contract = dyn_cast<ContractOp>(op)) {
    terms.contracts.push_back(contract);
    terms.isChain &= inChain;
    if (contract.getInit())
      term(contract.getInit(), inChain);
    return;
  }
  term(op->getOperand(0), false);
  term(op->getOperand(1), false);
}

Terms Terms::of(Operation *root, function_ref<bool(Value)> isTerm) {
  Terms terms;
  terms.root = root;
  collect(root, terms, true, isTerm);
  return terms;
}

static Value plus(OpBuilder &builder, Location loc, Value sum, Value term) {
  return sum ? AddOp::create(builder, loc, sum.getType(), sum, term).getResult() : term;
}

/// The contraction's product added to `sum`, which may be null.
static Value accumulate(OpBuilder &builder, ContractOp contract, Value sum) {
  return ContractOp::create(builder, contract.getLoc(), contract.getLhs(), contract.getRhs(),
                            contract.getSpec(), sum);
}

Value Terms::early(OpBuilder &builder) const {
  Value sum;
  for (Value value : earlyOthers)
    sum = plus(builder, root->getLoc(), sum, value);
  for (ContractOp contract : llvm::reverse(earlyContracts))
    sum = accumulate(builder, contract, sum);
  return sum;
}

Value Terms::add() const {
  OpBuilder builder(root);
  Value sum = early(builder);
  for (Value value : others)
    sum = plus(builder, root->getLoc(), sum, value);
  for (ContractOp contract : llvm::reverse(contracts))
    sum = plus(builder, root->getLoc(), sum, accumulate(builder, contract, {}));
  return sum;
}

Value Terms::chain(ArrayRef<ContractOp> except) const {
  OpBuilder builder(root);
  Value sum = early(builder);
  for (Value value : others)
    sum = plus(builder, root->getLoc(), sum, value);
  // The first contraction of the text is the last one collected.
  for (ContractOp contract : llvm::reverse(contracts))
    if (!llvm::is_contained(except, contract))
      sum = accumulate(builder, contract, sum);
  return sum;
}

void Terms::replaceBy(Value value) const {
  root->getResult(0).replaceAllUsesWith(value);
  for (Operation *op : interior)
    if (op->use_empty())
      op->erase();
}

SmallVector<Operation *> rondo::sumRoots(Block &block) {
  SmallVector<Operation *> roots;
  for (Operation &op : block) {
    if (!isSum(&op))
      continue;
    Value value = op.getResult(0);
    Operation *reader = value.hasOneUse() ? *value.user_begin() : nullptr;
    bool read = reader && isSum(reader) && isInterior(value, reader);
    if (auto contract = dyn_cast_if_present<ContractOp>(reader))
      read &= contract.getInit() == value;
    if (!read)
      roots.push_back(&op);
  }
  return roots;
}

void rondo::rewriteCarriedSums(ScanOp scan, function_ref<Value(const Terms &)> rewrite) {
  SmallVector<Value> carries(scan.getCarryArguments());
  llvm::DenseSet<Value> carried = dependents(*scan.getBlock(), carries);
  for (Operation *root : sumRoots(*scan.getBlock())) {
    if (!carried.contains(root->getResult(0)))
      continue;
    Terms terms = Terms::of(root, [&](Value value) { return !carried.contains(value); });
    auto isEarly = [&](Value value) { return !carried.contains(value); };
    llvm::copy_if(terms.others, std::back_inserter(terms.earlyOthers), isEarly);
    llvm::erase_if(terms.others, isEarly);
    auto isEarlyProduct = [&](ContractOp contract) {
      return isEarly(contract.getLhs()) && isEarly(contract.getRhs());
    };
    llvm::copy_if(terms.contracts, std::back_inserter(terms.earlyContracts), isEarlyProduct);
    llvm::erase_if(terms.contracts, isEarlyProduct);
    if (Value value = rewrite(terms)) {
      carried.insert(value);
      terms.replaceBy(value);
    }
  }
}

void rondo::gatherEarlyTerms(ScanOp scan) {
  rewriteCarriedSums(scan, [](const Terms &terms) {
    bool together = terms.earlyContracts.empty() && terms.earlyOthers.size() < 2;
    return together ? Value() : terms.add();
  });
}

namespace {

/// A constant stretch of an axis that a pad fills.
struct Stretch {
  PadOp pad;
  int64_t low, size;
};

} // namespace

/// The pads among the terms that fill stretches of the first one's axis without overlap, in order.
static SmallVector<Stretch> disjointPads(ArrayRef<Value> values) {
  SmallVector<Stretch> stretches;
  for (Value value : values) {
    auto pad = value.getDefiningOp<PadOp>();
    if (!pad || pad.getStep() != 1 || !pad.getLow().isConstant() || !value.hasOneUse() ||
        (!stretches.empty() && stretches.front().pad.getAxis() != pad.getAxis()))
      continue;
    DimAttr size = pad.getOperand().getType().getDim(pad.getAxis());
    if (!size.isConstant() || !pad.getType().getDim(pad.getAxis()).isConstant())
      continue;
    Stretch stretch{pad, pad.getLow().getConstant(), size.getConstant()};
    if (llvm::none_of(stretches, [&](const Stretch &other) {
          return stretch.low < other.low + other.size && other.low < stretch.low + stretch.size;
        }))
      stretches.push_back(stretch);
  }
  llvm::sort(stretches, [](const Stretch &a, const Stretch &b) { return a.low < b.low; });
  return stretches;
}

bool rondo::joinPads(Operation *root) {
  Terms terms = Terms::of(root, [](Value) { return false; });
  SmallVector<Stretch> stretches = disjointPads(terms.others);
  if (stretches.size() < 2 || !terms.contracts.empty())
    return false;
  OpBuilder builder(root);
  Location loc = root->getLoc();
  ArrayType type = arrayType(root->getResult(0));
  int64_t axis = stretches.front().pad.getAxis(), filled = 0;
  SmallVector<Value> parts;
  auto fill = [&](int64_t end) {
    if (end == filled)
      return;
    SmallVector<DimAttr> dims(type.getDims());
    dims[axis] = DimAttr::get(type.getContext(), end - filled);
    parts.push_back(ConstantOp::create(builder, loc, type.withDims(dims), 0.0));
  };
  for (const Stretch &stretch : stretches) {
    fill(stretch.low);
    PadOp pad = stretch.pad;
    parts.push_back(pad.getOperand());
    filled = stretch.low + stretch.size;
  }
  fill(type.getDim(axis).getConstant());
  Value sum = concat(builder, loc, parts, axis);
  for (Value value : terms.others)
    if (llvm::none_of(stretches, [&](const Stretch &s) {
          PadOp pad = s.pad;
          return pad.getResult() == value;
        }))
      sum = AddOp::create(builder, loc, type, sum, value);
  terms.replaceBy(sum);
  return true;
}
