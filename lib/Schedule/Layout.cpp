// rondo-layout: gives contractions operands that can be read by vectors.
//
// The lanes of a contraction run along the last dim of its result; the operand that has this dim is
// read once per tile of rows. An operand of constant dims (a weight) is packed: stored as panels of
// one vector's width, `[others, n/lanes, summed, lanes]`, padded with zeros to whole vectors, so
// that a tile's columns are streams of consecutive lines whatever the power of two in the strides.
// Other operands are transposed if their lanes are not last.
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"
#include "Schedule/Passes.h"
#include "Schedule/Positions.h"
#include "Schedule/TargetDescription.h"
#include <map>

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
    packedAs.clear();
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
      if (isBatch(op, type.getDim(axis)))
        return;
      // Worth it if every element is used for several rows of the other operand.
      bool hasRows = llvm::any_of(llvm::enumerate(other), [&](auto pair) {
        return Spec::axis(spec.result, pair.value()) >= 0 && Spec::axis(own, pair.value()) < 0 &&
               !isOne(arrayType(op->getOperand(1 - number)).getDim(pair.index()));
      });
      if (!hasRows) {
        if (!isLast)
          missed(op, "layout") << wordsFor(op) << " reads operand " << number << ", "
                               << wordsFor(type) << ", across its rows: each element is used once, "
                               << "so a copy would cost more";
        return;
      }
      // What the result has comes first, then what is summed, then the lanes.
      SmallVector<int64_t> order, summed;
      for (int64_t i = 0; i < type.getRank(); ++i)
        if (i != axis)
          (Spec::axis(spec.result, own[i]) >= 0 ? order : summed).push_back(i);
      Value value = outermost(op->getOperand(number));
      if (isPackable(value)) {
        decided(op, "layout") << wordsFor(op) << " reads operand " << number << ", "
                              << wordsFor(type) << ", from panels of a vector's width along "
                              << type.getDim(axis).str()
                              << ": it is constant in the loops and too large for the first cache";
        op->setOperand(number, pack(value, order, axis, summed));
        llvm::append_range(order, summed);
      } else if (isLast) {
        return;
      } else {
        decided(op, "layout") << wordsFor(op) << " reads operand " << number << ", "
                              << wordsFor(type) << ", from a copy with " << type.getDim(axis).str()
                              << " last: vectors run along it";
        order.clear();
        for (int64_t i = 0; i < type.getRank(); ++i)
          if (i != axis)
            order.push_back(i);
        order.push_back(axis);
        op->setOperand(number, transpose(value, order));
        order.pop_back();
      }
      order.push_back(axis);
      std::string letters;
      for (int64_t i : order)
        letters += own[i];
      spec.operands[number] = letters;
      op.setSpec(spec.str());
      return;
    }
  }

  /// Constant dims, known before any loop, and too large to stay in the first-level cache.
  bool isPackable(Value value) {
    ArrayType type = arrayType(value);
    if (!isa<FloatType>(type.getElementType()) ||
        !isa<func::FuncOp>(value.getParentBlock()->getParentOp()))
      return false;
    int64_t bytes = type.getElementType().getIntOrFloatBitWidth() / 8;
    for (DimAttr dim : type.getDims()) {
      if (!dim.isConstant())
        return false;
      bytes *= dim.getConstant();
    }
    return bytes >= smallestPacked;
  }

  /// `value` with its dims in the order `others, summed, axis`, read from panels.
  Value pack(Value value, ArrayRef<int64_t> others, int64_t axis, ArrayRef<int64_t> summed) {
    ArrayType type = arrayType(value);
    MLIRContext *context = value.getContext();
    TargetDescription machine = TargetDescription::of(getOperation());
    int64_t lanes = machine.lanes(type.getElementType().getIntOrFloatBitWidth());
    int64_t size = type.getDim(axis).getConstant(), panels = llvm::divideCeil(size, lanes);
    auto constant = [&](int64_t number) { return DimAttr::get(context, number); };
    Location loc = value.getLoc();
    SmallVector<int64_t> key(others);
    key.push_back(axis);
    llvm::append_range(key, summed);
    OpBuilder builder(context);

    Value &packed = packedAs[value][key];
    if (!packed) {
      ++numPacked;
      builder.setInsertionPointAfterValue(value);
      // [.., n, ..] padded, then [.., panels, lanes, ..], then in order.
      Value whole = value;
      SmallVector<DimAttr> dims(type.getDims());
      dims[axis] = constant(panels * lanes);
      SmallVector<DimAttr> split(dims);
      split[axis] = constant(panels);
      split.insert(split.begin() + axis + 1, constant(lanes));
      auto shifted = [&](int64_t i) { return i + (i > axis); };
      SmallVector<int64_t> permutation = llvm::map_to_vector(others, shifted);
      permutation.push_back(axis);
      llvm::append_range(permutation, llvm::map_range(summed, shifted));
      permutation.push_back(axis + 1);
      SmallVector<DimAttr> order =
          llvm::map_to_vector(permutation, [&](int64_t i) { return split[i]; });
      ArrayType result = type.withDims(order);
      auto group = GroupOp::create(builder, loc, result);
      builder.createBlock(&group.getBody());
      if (size != panels * lanes)
        whole = PadOp::create(builder, loc, type.withDims(dims), whole, axis, constant(0));
      whole = ReshapeOp::create(builder, loc, type.withDims(split), whole);
      whole = TransposeOp::create(builder, loc, result, whole, permutation);
      YieldOp::create(builder, loc, whole);
      packed = group.getResult(0);
    }

    // Back: [others, panels, summed, lanes] -> [others, summed, panels, lanes] -> [.., n].
    builder.setInsertionPointAfterValue(packed);
    auto count = static_cast<int64_t>(others.size());
    auto rank = static_cast<int64_t>(type.getRank());
    auto back = llvm::to_vector(llvm::seq<int64_t>(0, count));
    llvm::append_range(back, llvm::seq<int64_t>(count + 1, rank));
    back.push_back(count);
    back.push_back(rank);
    ArrayRef<DimAttr> dims = arrayType(packed).getDims();
    SmallVector<DimAttr> view = llvm::map_to_vector(back, [&](int64_t i) { return dims[i]; });
    Value read = TransposeOp::create(builder, loc, type.withDims(view), packed, back);
    view.pop_back();
    view.back() = constant(panels * lanes);
    read = ReshapeOp::create(builder, loc, type.withDims(view), read);
    if (size == panels * lanes)
      return read;
    view.back() = constant(size);
    return SliceOp::create(builder, loc, type.withDims(view), read, rank - 1, constant(0), 1);
  }

  static bool isBatch(Operation *op, DimAttr dim) {
    StringAttr symbol = dim.getSymbol();
    return symbol && lookupSymbol(enclosingFunction(op), symbol) == SymbolKind::Batch;
  }

  /// The permuted array, stored: in a group of its own, right after what it is made of.
  Value transpose(Value value, ArrayRef<int64_t> permutation) {
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
  llvm::DenseMap<Value, std::map<SmallVector<int64_t>, Value>> packedAs;
};

} // namespace
