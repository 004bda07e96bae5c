// Verifiers and folds of constant, iota, random and of the ops that move elements.
#include "Rondo/Rondo.h"
#include "Rondo/Spec.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace rondo;

/// Checks that an operand's dims, named by `letters`, agree with the dims that `known` holds.
static LogicalResult unify(Operation *op, llvm::StringRef letters, ArrayType type,
                           llvm::SmallDenseMap<char, DimAttr> &known, Twine what) {
  if (static_cast<int64_t>(letters.size()) != type.getRank())
    return op->emitOpError() << what << " has rank " << type.getRank() << " but the spec gives it "
                             << letters.size() << " letters";
  for (auto [letter, dim] : llvm::zip_equal(letters, type.getDims())) {
    auto [it, isNew] = known.try_emplace(letter, dim);
    if (!isNew && it->second != dim)
      return op->emitOpError() << "letter '" << letter << "' is dim " << it->second.str()
                               << " and in " << what << " dim " << dim.str();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

void ConstantOp::build(OpBuilder &builder, OperationState &state, Type type, double value) {
  Type element = cast<ArrayType>(type).getElementType();
  TypedAttr attribute;
  if (isa<FloatType>(element))
    attribute = builder.getFloatAttr(element, value);
  else
    attribute = builder.getIntegerAttr(element, static_cast<int64_t>(value));
  build(builder, state, type, attribute);
}

std::optional<double> ConstantOp::getSplat() {
  Attribute value = getValue();
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    if (!dense.isSplat())
      return std::nullopt;
    value = dense.getSplatValue<Attribute>();
  }
  if (auto f = dyn_cast<FloatAttr>(value))
    return f.getValueAsDouble();
  auto i = cast<IntegerAttr>(value);
  return i.getType().isInteger(1) ? (i.getValue().isZero() ? 0.0 : 1.0)
                                  : static_cast<double>(i.getInt());
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult ConstantOp::verify() {
  ArrayType type = getType();
  if (auto dense = dyn_cast<DenseElementsAttr>(getValue())) {
    auto shaped = dense.getType();
    bool same = shaped.getRank() == type.getRank() &&
                shaped.getElementType() == type.getElementType() && type.hasConstantShape();
    for (int64_t i = 0; same && i < type.getRank(); ++i)
      same = shaped.getDimSize(i) == type.getDim(i).getConstant();
    if (!same)
      return emitOpError("expected a value of the result's shape, found ") << shaped;
    return success();
  }
  if (!isa<FloatAttr, IntegerAttr>(getValue()) || getValue().getType() != type.getElementType())
    return emitOpError("expected a number of type ") << type.getElementType();
  return success();
}

LogicalResult IotaOp::verify() {
  if (getAxis() < 0 || getAxis() >= static_cast<int64_t>(getType().getRank()))
    return emitOpError("expected an axis of the result, found ") << getAxis();
  return success();
}

LogicalResult RandomOp::verify() {
  std::optional<Spec> spec = Spec::parse(getSpec());
  if (!spec || spec->operands.size() != std::max<size_t>(1, getCounters().size()))
    return emitOpError("expected a spec with one operand per counter, found \"")
           << getSpec() << '"';
  if (arrayType(getSeed()).getRank() != 0)
    return emitOpError("expected a scalar seed");
  llvm::SmallDenseMap<char, DimAttr> known;
  if (failed(unify(*this, spec->result, getType(), known, "result")))
    return failure();
  for (auto [letters, counter] : llvm::zip(spec->operands, getCounters())) {
    if (failed(unify(*this, letters, arrayType(counter), known, "counter")))
      return failure();
    for (char letter : letters)
      if (Spec::axis(spec->result, letter) < 0 || getElements().contains(letter))
        return emitOpError("expected the dims of counters among the result's that are not its "
                           "elements");
  }
  int64_t last = -1;
  for (char letter : getElements()) {
    int64_t axis = Spec::axis(spec->result, letter);
    if (axis <= last)
      return emitOpError("expected elements to be dims of the result, in its order");
    last = axis;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Broadcast, transpose, reshape
//===----------------------------------------------------------------------===//

SmallVector<int64_t> BroadcastOp::getNewAxes() {
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < getType().getRank(); ++axis)
    if (!llvm::is_contained(getDims(), axis))
      axes.push_back(axis);
  return axes;
}

LogicalResult BroadcastOp::verify() {
  ArrayType from = getOperand().getType(), to = getType();
  if (static_cast<int64_t>(getDims().size()) != from.getRank() ||
      from.getElementType() != to.getElementType())
    return emitOpError("expected one dim per axis of the operand and equal element types");
  int64_t last = -1;
  for (auto [axis, dim] : llvm::zip_equal(getDims(), from.getDims())) {
    if (axis <= last || axis >= to.getRank() || to.getDim(axis) != dim)
      return emitOpError("expected rising axes of the result with the operand's dims");
    last = axis;
  }
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  if (Attribute value = adaptor.getOperand()) {
    if (isa<FloatAttr, IntegerAttr>(value))
      return value;
    if (auto dense = dyn_cast<DenseElementsAttr>(value); dense && dense.isSplat())
      return dense.getSplatValue<Attribute>();
  }
  return {};
}

/// broadcast(broadcast(x)) is one broadcast.
struct MergeBroadcasts : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getOperand().getDefiningOp<BroadcastOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "operand is not a broadcast");
    SmallVector<int64_t> dims;
    for (int64_t axis : inner.getDims())
      dims.push_back(op.getDims()[axis]);
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), inner.getOperand(), dims);
    return success();
  }
};

void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeBroadcasts>(context);
}

LogicalResult TransposeOp::verify() {
  ArrayType from = getOperand().getType(), to = getType();
  SmallVector<int64_t> sorted(getPermutation());
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, from.getRank())) ||
      to.getRank() != from.getRank() || to.getElementType() != from.getElementType())
    return emitOpError("expected a permutation of the operand's axes");
  for (auto [i, axis] : llvm::enumerate(getPermutation()))
    if (to.getDim(i) != from.getDim(axis))
      return emitOpError("expected the result's dims to be the permuted ones of the operand");
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (llvm::equal(getPermutation(), llvm::seq<int64_t>(0, getType().getRank())))
    return getOperand();
  if (auto inner = getOperand().getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> composed;
    for (int64_t axis : getPermutation())
      composed.push_back(inner.getPermutation()[axis]);
    setPermutation(composed);
    getOperandMutable().assign(inner.getOperand());
    return getResult();
  }
  if (Attribute value = adaptor.getOperand(); isa_and_nonnull<FloatAttr, IntegerAttr>(value))
    return value;
  return {};
}

LogicalResult ReshapeOp::verify() {
  ArrayType from = getOperand().getType(), to = getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError("expected equal element types");
  // Between dims with symbols, which must be the same in order, constants have equal products.
  int64_t i = 0, j = 0;
  while (true) {
    int64_t left = 1, right = 1;
    while (i < from.getRank() && from.getDim(i).isConstant())
      left *= from.getDim(i++).getConstant();
    while (j < to.getRank() && to.getDim(j).isConstant())
      right *= to.getDim(j++).getConstant();
    if (left != right)
      return emitOpError("expected as many elements in the result as in the operand, found ")
             << right << " for " << left;
    if (i == from.getRank() && j == to.getRank())
      return success();
    if (i == from.getRank() || j == to.getRank() || from.getDim(i) != to.getDim(j))
      return emitOpError("expected the dims with symbols to pass unchanged and in order");
    ++i;
    ++j;
  }
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  if (auto inner = getOperand().getDefiningOp<ReshapeOp>()) {
    getOperandMutable().assign(inner.getOperand());
    return getResult();
  }
  if (Attribute value = adaptor.getOperand(); isa_and_nonnull<FloatAttr, IntegerAttr>(value))
    return value;
  return {};
}

//===----------------------------------------------------------------------===//
// Slice, pad, concat
//===----------------------------------------------------------------------===//

/// The types differ at `axis` at most.
static LogicalResult verifyAlongAxis(Operation *op, int64_t axis, int64_t step, ArrayType a,
                                     ArrayType b) {
  if (axis < 0 || axis >= a.getRank() || a.getRank() != b.getRank() ||
      a.getElementType() != b.getElementType())
    return op->emitOpError("expected an axis of operand and result, which have the same rank");
  if (step < 1)
    return op->emitOpError("expected a positive step");
  for (int64_t i = 0; i < a.getRank(); ++i)
    if (i != axis && a.getDim(i) != b.getDim(i))
      return op->emitOpError("expected equal dims but at axis ") << axis;
  return success();
}

void SliceOp::build(OpBuilder &builder, OperationState &state, Value operand, int64_t axis,
                    DimAttr offset, DimAttr size) {
  ArrayType type = arrayType(operand);
  SmallVector<DimAttr> dims(type.getDims());
  dims[axis] = size;
  build(builder, state, type.withDims(dims), operand, axis, offset, 1);
}

LogicalResult SliceOp::verify() {
  if (failed(verifyAlongAxis(*this, getAxis(), getStep(), getOperand().getType(), getType())))
    return failure();
  DimAttr whole = getOperand().getType().getDim(getAxis()), part = getType().getDim(getAxis());
  // offset + (part - 1) * step < whole, where that is known at compile time.
  DimAttr rest = whole.subtract(part.add(-1).multiply(getStep())).subtract(getOffset());
  if (rest.isConstant() && rest.getConstant() < 1 && part != DimAttr::get(getContext(), int64_t(0)))
    return emitOpError("expected a part of ")
           << whole.str() << " elements, found " << part.str() << " from " << getOffset().str();
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType() && getOffset().isConstant() &&
      getOffset().getConstant() == 0)
    return getOperand();
  if (Attribute value = adaptor.getOperand(); isa_and_nonnull<FloatAttr, IntegerAttr>(value))
    return value;
  return {};
}

LogicalResult PadOp::verify() {
  return verifyAlongAxis(*this, getAxis(), getStep(), getOperand().getType(), getType());
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  if (getOperand().getType() == getType() && getLow().isConstant() && getLow().getConstant() == 0)
    return getOperand();
  return {};
}

LogicalResult ConcatOp::verify() {
  if (getParts().empty())
    return emitOpError("expected at least one part");
  int64_t axis = getAxis();
  DimAttr sum = DimAttr::get(getContext(), int64_t(0));
  for (Value part : getParts()) {
    if (failed(verifyAlongAxis(*this, axis, 1, arrayType(part), getType())))
      return failure();
    sum = sum.add(arrayType(part).getDim(axis));
  }
  if (sum != getType().getDim(axis))
    return emitOpError("expected the parts' dims to add up to the result's, found ")
           << sum.str() << " for " << getType().getDim(axis).str();
  return success();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getParts().size() == 1 ? OpFoldResult(getParts().front()) : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// Gather, scatter
//===----------------------------------------------------------------------===//

/// The one letter of `table` that `result` lacks, or 0.
static char indexedLetter(llvm::StringRef table, llvm::StringRef result) {
  char found = 0;
  for (char letter : table)
    if (Spec::axis(result, letter) < 0) {
      if (found)
        return 0;
      found = letter;
    }
  return found;
}

static LogicalResult verifyIndexing(Operation *op, StringRef text, ArrayType table, ArrayType index,
                                    ArrayType result) {
  std::optional<Spec> spec = Spec::parse(text);
  if (!spec || spec->operands.size() != 2)
    return op->emitOpError("expected a spec \"table,index->result\", found \"") << text << '"';
  char indexed = indexedLetter(spec->operands[0], spec->result);
  if (!indexed || Spec::axis(spec->operands[1], indexed) >= 0)
    return op->emitOpError("expected exactly one dim of the table to be indexed");
  for (char letter : spec->result)
    if (Spec::axis(spec->operands[0], letter) < 0 && Spec::axis(spec->operands[1], letter) < 0)
      return op->emitOpError("letter '") << letter << "' of the result is in no operand";
  for (char letter : spec->operands[1])
    if (Spec::axis(spec->result, letter) < 0)
      return op->emitOpError("letter '") << letter << "' of the index is not in the result";
  llvm::SmallDenseMap<char, DimAttr> known;
  if (failed(unify(op, spec->operands[0], table, known, "table")) ||
      failed(unify(op, spec->operands[1], index, known, "index")) ||
      failed(unify(op, spec->result, result, known, "result")))
    return failure();
  if (table.getElementType() != result.getElementType())
    return op->emitOpError("expected equal element types");
  return success();
}

static int64_t indexedAxis(StringRef text) {
  Spec spec = *Spec::parse(text);
  return Spec::axis(spec.operands[0], indexedLetter(spec.operands[0], spec.result));
}

int64_t GatherOp::getIndexedAxis() { return indexedAxis(getSpec()); }

LogicalResult GatherOp::verify() {
  return verifyIndexing(*this, getSpec(), getTable().getType(), getIndex().getType(), getType());
}

int64_t ScatterOp::getIndexedAxis() { return indexedAxis(getSpec()); }

LogicalResult ScatterOp::verify() {
  return verifyIndexing(*this, getSpec(), getBase().getType(), getIndex().getType(),
                        getUpdate().getType());
}
