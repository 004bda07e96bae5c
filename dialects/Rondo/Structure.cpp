// scan, grad, stream, group, check and the manifest: assembly, builders, verifiers.
#include "Rondo/RowsOf.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace rondo;

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

/// The type of a step's part of `whole`, for a scan over `dim` in `function`; null if `whole` has
/// neither the dim nor what it counts the segments of at the axis.
static ArrayType stepType(func::FuncOp function, DimAttr dim, ArrayType whole, int64_t axis) {
  if (axis < 0 || axis >= whole.getRank())
    return {};
  if (whole.getDim(axis) == dim)
    return whole.withErased(axis);
  std::optional<Segments> segments = segmentsOf(function, dim);
  if (!segments || whole.getDim(axis) != segments->whole)
    return {};
  return whole.withErased(axis).withInserted(axis, segments->part);
}

void ScanOp::build(OpBuilder &builder, OperationState &state, DimAttr dim, bool reverse,
                   ValueRange starts, ValueRange slices, ArrayRef<int64_t> sliceAxes,
                   ArrayRef<Type> stackTypes, ArrayRef<int64_t> stackAxes,
                   ArrayRef<Type> sumTypes) {
  MLIRContext *context = builder.getContext();
  state.addOperands(starts);
  state.addOperands(slices);
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.dim = dim;
  if (reverse)
    properties.reverse = builder.getUnitAttr();
  properties.slice_axes = builder.getDenseI64ArrayAttr(sliceAxes);
  properties.stack_axes = builder.getDenseI64ArrayAttr(stackAxes);
  properties.num_sums = builder.getI64IntegerAttr(sumTypes.size());
  properties.operandSegmentSizes = {static_cast<int32_t>(starts.size()),
                                    static_cast<int32_t>(slices.size())};
  state.addTypes(starts.getTypes());
  state.addTypes(stackTypes);
  state.addTypes(sumTypes);

  Block *around = builder.getBlock();
  func::FuncOp function =
      around && around->getParentOp() ? enclosingFunction(around->getParentOp()) : func::FuncOp();
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(state.addRegion());
  block->addArgument(ArrayType::get({}, IntegerType::get(context, 64)), state.location);
  for (Value start : starts)
    block->addArgument(start.getType(), start.getLoc());
  for (auto [slice, axis] : llvm::zip_equal(slices, sliceAxes))
    block->addArgument(stepType(function, dim, arrayType(slice), axis), slice.getLoc());
}

std::optional<Segments> ScanOp::getSegments() {
  return segmentsOf(enclosingFunction(getOperation()), getDim());
}

ArrayType ScanOp::partType(Type whole, int64_t axis) {
  return stepType(enclosingFunction(getOperation()), getDim(), cast<ArrayType>(whole), axis);
}

YieldOp ScanOp::getYield() { return cast<YieldOp>(getBlock()->getTerminator()); }

OperandRange ScanOp::getYieldedCarries() {
  return getYield().getValues().take_front(getNumCarries());
}

OperandRange ScanOp::getYieldedStacks() {
  return getYield().getValues().slice(getNumCarries(), getNumStacks());
}

OperandRange ScanOp::getYieldedSums() { return getYield().getValues().take_back(getNumSums()); }

void ScanOp::print(OpAsmPrinter &printer) {
  printer << " over ";
  getDimAttr().print(printer);
  if (getReverse())
    printer << " reverse";
  if (!getStarts().empty())
    printer << " carry(" << getStarts() << ')';
  if (!getSlices().empty()) {
    printer << " slice(";
    llvm::interleaveComma(llvm::zip_equal(getSlices(), getSliceAxes()), printer, [&](auto pair) {
      printer << std::get<0>(pair) << " axis " << std::get<1>(pair);
    });
    printer << ')';
  }
  if (!getStackAxes().empty()) {
    printer << " stack(";
    llvm::interleaveComma(getStackAxes(), printer);
    printer << ')';
  }
  if (getNumSums() != 0)
    printer << " sums " << getNumSums();
  printer << " : ";
  printer.printFunctionalType(getOperation());
  printer << ' ';
  printer.printRegion(getBody());
  printer.printOptionalAttrDict((*this)->getAttrs(), {"dim", "reverse", "slice_axes", "stack_axes",
                                                      "num_sums", "operandSegmentSizes"});
}

ParseResult ScanOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  SmallVector<int64_t> sliceAxes, stackAxes;
  int64_t numSums = 0;
  if (parser.parseKeyword("over"))
    return failure();
  auto dim = dyn_cast_if_present<DimAttr>(DimAttr::parse(parser, {}));
  if (!dim)
    return failure();
  Properties &properties = state.getOrAddProperties<Properties>();
  properties.dim = dim;
  if (succeeded(parser.parseOptionalKeyword("reverse")))
    properties.reverse = builder.getUnitAttr();
  if (succeeded(parser.parseOptionalKeyword("carry")) &&
      parser.parseOperandList(operands, AsmParser::Delimiter::Paren))
    return failure();
  auto numStarts = static_cast<int32_t>(operands.size());
  auto parseSlice = [&]() -> ParseResult {
    return failure(parser.parseOperand(operands.emplace_back()) || parser.parseKeyword("axis") ||
                   parser.parseInteger(sliceAxes.emplace_back()));
  };
  if (succeeded(parser.parseOptionalKeyword("slice")) &&
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseSlice))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("stack")) &&
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, [&]() -> ParseResult {
        return parser.parseInteger(stackAxes.emplace_back());
      }))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("sums")) && parser.parseInteger(numSums))
    return failure();
  FunctionType type;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseColonType(type) ||
      parser.resolveOperands(operands, type.getInputs(), at, state.operands))
    return failure();
  state.addTypes(type.getResults());
  properties.slice_axes = builder.getDenseI64ArrayAttr(sliceAxes);
  properties.stack_axes = builder.getDenseI64ArrayAttr(stackAxes);
  properties.num_sums = builder.getI64IntegerAttr(numSums);
  properties.operandSegmentSizes = {numStarts, static_cast<int32_t>(operands.size()) - numStarts};
  Region *body = state.addRegion();
  if (parser.parseRegion(*body) || parser.parseOptionalAttrDict(state.attributes))
    return failure();
  if (body->empty())
    return parser.emitError(at, "expected a body");
  return success();
}

LogicalResult ScanOp::verify() {
  if (getSliceAxes().size() != getSlices().size())
    return emitOpError("expected one axis per slice");
  if (static_cast<int64_t>(getNumResults()) != getNumCarries() + getNumStacks() + getNumSums() ||
      getNumSums() < 0)
    return emitOpError("expected one result per carry, stack and sum");
  for (auto [start, result] : llvm::zip_equal(getStarts(), getCarryResults()))
    if (start.getType() != result.getType())
      return emitOpError("expected a carry to have one type, found ")
             << start.getType() << " and " << result.getType();
  for (auto [slice, axis] : llvm::zip_equal(getSlices(), getSliceAxes()))
    if (!partType(slice.getType(), axis))
      return emitOpError("expected a slice with dim ") << getDim().str() << " at axis " << axis;
  for (auto [stack, axis] : llvm::zip_equal(getStackResults(), getStackAxes()))
    if (!partType(stack.getType(), axis))
      return emitOpError("expected a stack with dim ") << getDim().str() << " at axis " << axis;
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  Block &block = *getBlock();
  SmallVector<Type> expected{ArrayType::get({}, IntegerType::get(getContext(), 64))};
  llvm::append_range(expected, getStarts().getTypes());
  for (auto [slice, axis] : llvm::zip_equal(getSlices(), getSliceAxes()))
    expected.push_back(partType(slice.getType(), axis));
  if (!llvm::equal(block.getArgumentTypes(), expected))
    return emitOpError("expected the body to take the position, the carries and the slices");
  SmallVector<Type> yielded(getStarts().getTypes());
  for (auto [stack, axis] : llvm::zip_equal(getStackResults(), getStackAxes()))
    yielded.push_back(partType(stack.getType(), axis));
  llvm::append_range(yielded, getSumResults().getTypes());
  if (!llvm::equal(getYield().getValues().getTypes(), yielded))
    return emitOpError("expected the body to yield the carries, the stacks' parts and the sums");
  for (Value sum : getSumResults())
    if (arrayType(sum).isBool())
      return emitOpError("expected sums of numbers");
  return success();
}

//===----------------------------------------------------------------------===//
// grad, stream, group
//===----------------------------------------------------------------------===//

LogicalResult GradOp::verify() {
  if (!llvm::equal(getWrt().getTypes(), getResultTypes()))
    return emitOpError("expected a gradient per operand, of its type");
  return success();
}

LogicalResult GradOp::verifyRegions() {
  if (!llvm::equal(getBlock()->getArgumentTypes(), getWrt().getTypes()))
    return emitOpError("expected the region to take the operands");
  auto yield = cast<YieldOp>(getBlock()->getTerminator());
  if (yield.getValues().size() != 1 || !arrayType(yield.getValues()[0]).isFloat() ||
      arrayType(yield.getValues()[0]).getRank() > 1)
    return emitOpError("expected the region to yield one float, or one per example");
  return success();
}

LogicalResult StreamOp::verify() {
  if (!(*this)->getParentOfType<ScanOp>())
    return emitOpError("expected to stand in the body of a scan");
  return success();
}

LogicalResult StreamOp::verifyRegions() {
  auto isSequenceOf = [&](Type sequence, Type step) {
    auto type = dyn_cast<ArrayType>(sequence);
    return type && type.getRank() > 0 && type.getDim(0) == getDim() && type.withErased(0) == step;
  };
  auto yield = cast<YieldOp>(getBlock()->getTerminator());
  if (getBlock()->getNumArguments() != getInputs().size() ||
      yield.getValues().size() != getNumResults())
    return emitOpError("expected an argument per operand and a value per result");
  for (auto [argument, input] : llvm::zip_equal(getBlock()->getArguments(), getInputs()))
    if (!isSequenceOf(argument.getType(), input.getType()))
      return emitOpError("expected an argument to be a sequence of its operand");
  for (auto [value, result] : llvm::zip_equal(yield.getValues(), getResults()))
    if (!isSequenceOf(value.getType(), result.getType()))
      return emitOpError("expected what is yielded to be a sequence of its result");
  return success();
}

LogicalResult GroupOp::verifyRegions() {
  auto yield = cast<YieldOp>(getBlock()->getTerminator());
  if (getBlock()->getNumArguments() != 0 ||
      !llvm::equal(yield.getValues().getTypes(), getResultTypes()))
    return emitOpError("expected the region to yield the results");
  if (!getRows())
    return success();
  ArrayRef<DimAttr> first;
  for (GroupOp inner : getBlock()->getOps<GroupOp>())
    for (Type type : inner.getResultTypes()) {
      ArrayRef<DimAttr> dims = cast<ArrayType>(type).getDims();
      if (dims.size() < *getRows())
        return inner.emitOpError("expected the ") << *getRows() << " dims of the rows around it";
      dims = dims.take_front(*getRows());
      first = first.empty() ? dims : first;
      if (dims != first)
        return inner.emitOpError("expected the dims of the rows that the groups before it have");
    }
  if (first.empty())
    return emitOpError("expected rows of groups with results");
  // A step finds of another's result the rows at hand alone, since only they have storage.
  auto isStep = [&](GroupOp other) { return other->getParentOp() == *this; };
  for (GroupOp inner : getBlock()->getOps<GroupOp>())
    if (alignedRows(inner, isStep, [&](Operation *op) { return op->getParentOp() == *this; }) <
        static_cast<int64_t>(*getRows()))
      return inner.emitOpError("expected to read the rows at hand of the groups before it");
  return success();
}

OpFoldResult CheckOp::fold(FoldAdaptor adaptor) {
  if (auto condition = dyn_cast_if_present<IntegerAttr>(adaptor.getCondition()))
    if (!condition.getValue().isZero())
      return getOperand();
  return {};
}

//===----------------------------------------------------------------------===//
// Manifest
//===----------------------------------------------------------------------===//

LogicalResult ParamOp::verify() {
  auto type = cast<ArrayType>(getType());
  if (!type.isFloat() || !type.hasConstantShape())
    return emitOpError("expected floats with constant dims, found ") << type;
  static constexpr std::pair<StringLiteral, std::pair<unsigned, unsigned>> kinds[] = {
      {"constant", {1, 1}}, {"normal", {1, 1}}, {"uniform", {2, 2}},
      {"glorot", {0, 2}},   {"he", {0, 2}},     {"orthogonal", {0, 1}}};
  for (auto [kind, count] : kinds) {
    if (kind != getInit().getKind().getValue())
      continue;
    size_t given = getInit().getArguments().size();
    if (given < count.first || given > count.second ||
        !llvm::all_of(getInit().getArguments(), llvm::IsaPred<FloatAttr>))
      return emitOpError("expected ")
             << count.first << " to " << count.second << " numbers for the initialiser " << kind;
    return success();
  }
  return emitOpError("unknown initialiser ") << getInit().getKind();
}
