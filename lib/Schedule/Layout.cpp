// rondo-layout: gives contractions operands that can be read by vectors.
#include "Rondo/Spec.h"
#include "Schedule/Passes.h"
#include "Schedule/Positions.h"

namespace rondo {
#define GEN_PASS_DEF_LAYOUT
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

bool isOne(DimAttr dim) { return dim.isConstant() && dim.getConstant() == 1; }

/// Makes a value of constants and movement available where what it moves is defined, which may be
/// outside of the loops around `value`.
Value outermost(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !isLazy(op) || isa<CheckOp>(op) || op->getNumOperands() != 1)
    return value;
  Value operand = outermost(op->getOperand(0));
  if (operand.getParentBlock() == op->getBlock())
    return value;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfterValue(operand);
  IRMapping mapping;
  mapping.map(op->getOperand(0), operand);
  return builder.clone(*op, mapping)->getResult(0);
}

struct LayoutPass : rondo::impl::LayoutBase<LayoutPass> {
  using LayoutBase::LayoutBase;

  void runOnOperation() override {
    transposed.clear();
    getOperation().walk([&](ContractOp op) { arrange(op); });
  }

  void arrange(ContractOp op) {
    Spec spec = *Spec::parse(op.getSpec());
    // The lanes go along the result's last dim of more than one position.
    char lanes = 0;
    for (auto [letter, dim] : llvm::zip_equal(spec.result, op.getType().getDims()))
      if (!isOne(dim))
        lanes = letter;
    if (!lanes)
      return;
    for (int64_t number : {0, 1}) {
      const std::string &own = spec.operands[number], &other = spec.operands[1 - number];
      int64_t axis = Spec::axis(own, lanes);
      if (axis < 0 || Spec::axis(other, lanes) >= 0)
        continue;
      ArrayType type = arrayType(op->getOperand(number));
      bool isLast = llvm::all_of(type.getDims().drop_front(axis + 1), isOne);
      if (isLast || isBatch(op, type.getDim(axis)))
        return;
      // Worth it if every element is used for several rows of the other operand.
      bool hasRows = llvm::any_of(llvm::enumerate(other), [&](auto pair) {
        return Spec::axis(spec.result, pair.value()) >= 0 && Spec::axis(own, pair.value()) < 0 &&
               !isOne(arrayType(op->getOperand(1 - number)).getDim(pair.index()));
      });
      if (!hasRows)
        return;
      SmallVector<int64_t> permutation;
      for (int64_t i = 0; i < type.getRank(); ++i)
        if (i != axis)
          permutation.push_back(i);
      permutation.push_back(axis);
      op->setOperand(number, transpose(op->getOperand(number), permutation));
      std::string letters;
      for (int64_t i : permutation)
        letters += own[i];
      spec.operands[number] = letters;
      op.setSpec(spec.str());
      return;
    }
  }

  static bool isBatch(Operation *op, DimAttr dim) {
    StringAttr symbol = dim.getSymbol();
    return symbol && lookupSymbol(enclosingFunction(op), symbol) == SymbolKind::Batch;
  }

  /// The permuted array, stored: in a group of its own, right after what it is made of.
  Value transpose(Value value, ArrayRef<int64_t> permutation) {
    value = outermost(value);
    Value &known = transposed[{value, permutation.back()}];
    if (known)
      return known;
    ++numTransposed;
    SmallVector<DimAttr> dims;
    for (int64_t axis : permutation)
      dims.push_back(arrayType(value).getDim(axis));
    ArrayType type = arrayType(value).withDims(dims);
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    auto group = GroupOp::create(builder, value.getLoc(), type);
    builder.createBlock(&group.getBody());
    Value moved = TransposeOp::create(builder, value.getLoc(), type, value, permutation);
    YieldOp::create(builder, value.getLoc(), moved);
    return known = group.getResult(0);
  }

  llvm::DenseMap<std::pair<Value, int64_t>, Value> transposed;
};

} // namespace
