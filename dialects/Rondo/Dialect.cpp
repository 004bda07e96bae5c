// The dialect's registration, its types and attributes, and what it checks of functions.
#include "Rondo/Cost.h"
#include "Rondo/Needs.h"
#include "Rondo/Rondo.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace rondo;

#include "Rondo/RondoEnums.cpp.inc"

#include "Rondo/RondoDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "Rondo/RondoAttributes.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "Rondo/RondoTypes.cpp.inc"

#include "Rondo/RondoInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "Rondo/RondoOps.cpp.inc"

void RondoDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Rondo/RondoAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "Rondo/RondoTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "Rondo/RondoOps.cpp.inc"
      >();
  attachCosts(getContext());
}

Operation *RondoDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                             Location loc) {
  auto typed = dyn_cast<TypedAttr>(value);
  if (!typed || !isa<ArrayType>(type))
    return nullptr;
  return ConstantOp::create(builder, loc, type, typed);
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

SmallVector<SymbolAttr> rondo::getSymbols(func::FuncOp function) {
  SmallVector<SymbolAttr> symbols;
  if (auto list = function->getAttrOfType<ArrayAttr>(names::symbols))
    for (auto symbol : list.getAsRange<SymbolAttr>())
      symbols.push_back(symbol);
  return symbols;
}

SymbolAttr rondo::declaration(func::FuncOp function, StringAttr symbol) {
  if (auto list = function->getAttrOfType<ArrayAttr>(names::symbols))
    for (auto declared : list.getAsRange<SymbolAttr>())
      if (declared.getName() == symbol)
        return declared;
  return {};
}

std::optional<SymbolKind> rondo::lookupSymbol(func::FuncOp function, StringAttr symbol) {
  if (SymbolAttr declared = declaration(function, symbol))
    return declared.getKind();
  return std::nullopt;
}

func::FuncOp rondo::enclosingFunction(Operation *op) {
  if (auto function = dyn_cast<func::FuncOp>(op))
    return function;
  return op->getParentOfType<func::FuncOp>();
}

bool rondo::isRagged(func::FuncOp function, DimAttr dim) {
  return llvm::any_of(dim.getSymbols(), [&](StringAttr symbol) {
    SymbolAttr declared = declaration(function, symbol);
    return declared && (declared.getKind() == SymbolKind::Ragged ||
                        (declared.getOf() && isRagged(function, declared.getOf())));
  });
}

bool rondo::isRagged(Operation *op, DimAttr dim) {
  func::FuncOp function = enclosingFunction(op);
  return function && isRagged(function, dim);
}

std::optional<Segments> rondo::segmentsOf(func::FuncOp function, DimAttr count) {
  SymbolAttr declared =
      function && count.getSymbol() ? declaration(function, count.getSymbol()) : SymbolAttr();
  if (!declared || declared.getKind() != SymbolKind::Segments)
    return std::nullopt;
  DimAttr part = declared.getOf();
  return Segments{part, declaration(function, part.getSymbol()).getOf()};
}

Attribute SymbolAttr::parse(AsmParser &parser, Type) {
  StringRef name, kindName;
  if (parser.parseLess() || parser.parseKeyword(&name) || parser.parseComma())
    return {};
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseKeyword(&kindName))
    return {};
  std::optional<SymbolKind> kind = symbolizeSymbolKind(kindName);
  if (!kind) {
    parser.emitError(at, "expected batch, ragged, uniform, segment or segments, found ")
        << kindName;
    return {};
  }
  DimAttr of;
  if (kind == SymbolKind::Segment || kind == SymbolKind::Segments) {
    if (parser.parseKeyword("of"))
      return {};
    of = DimAttr::parseExpression(parser);
    if (!of)
      return {};
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), StringAttr::get(parser.getContext(), name), *kind, of);
}

void SymbolAttr::print(AsmPrinter &printer) const {
  raw_ostream &os = printer.getStream();
  os << '<' << getName().getValue() << ", " << stringifySymbolKind(getKind());
  if (getOf()) {
    os << " of ";
    getOf().printExpression(os);
  }
  os << '>';
}

//===----------------------------------------------------------------------===//
// Array type
//===----------------------------------------------------------------------===//

ArrayType ArrayType::get(ArrayRef<DimAttr> dims, Type elementType) {
  return Base::get(elementType.getContext(), dims, elementType);
}

ArrayType ArrayType::getChecked(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<DimAttr> dims, Type elementType) {
  return Base::getChecked(emitError, elementType.getContext(), dims, elementType);
}

LogicalResult ArrayType::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<DimAttr> dims, Type elementType) {
  if (!elementType.isF32() && !elementType.isF64() && !elementType.isBF16() &&
      !elementType.isSignlessInteger(32) && !elementType.isSignlessInteger(64) &&
      !elementType.isSignlessInteger(1))
    return emitError() << "expected an element type f32, f64, bf16, i32, i64 or i1, found "
                       << elementType;
  for (DimAttr dim : dims)
    if (dim.isConstant() && dim.getConstant() < 0)
      return emitError() << "expected dims that are not negative, found " << dim.getConstant();
  return success();
}

Type ArrayType::parse(AsmParser &parser) {
  SmallVector<DimAttr> dims;
  Type element;
  SMLoc at = parser.getCurrentLocation();
  auto parseDim = [&]() -> ParseResult {
    dims.push_back(DimAttr::parseExpression(parser));
    return failure(!dims.back());
  };
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseDim) ||
      parser.parseComma() || parser.parseType(element) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(at); }, dims, element);
}

void ArrayType::print(AsmPrinter &printer) const {
  raw_ostream &os = printer.getStream();
  os << "<[";
  llvm::interleaveComma(getDims(), os, [&](DimAttr dim) { dim.printExpression(os); });
  os << "], ";
  printer.printType(getElementType());
  os << '>';
}

bool ArrayType::hasConstantShape() const {
  return llvm::all_of(getDims(), [](DimAttr dim) { return dim.isConstant(); });
}

ArrayType ArrayType::withDims(ArrayRef<DimAttr> dims) const { return get(dims, getElementType()); }

ArrayType ArrayType::withElementType(Type element) const { return get(getDims(), element); }

ArrayType ArrayType::withInserted(int64_t axis, DimAttr dim) const {
  SmallVector<DimAttr> dims(getDims());
  dims.insert(dims.begin() + axis, dim);
  return withDims(dims);
}

ArrayType ArrayType::withErased(int64_t axis) const {
  SmallVector<DimAttr> dims(getDims());
  dims.erase(dims.begin() + axis);
  return withDims(dims);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Every symbol in a type of `types` must be declared by `function`.
static LogicalResult verifyDeclared(Operation *op, func::FuncOp function, TypeRange types) {
  for (Type type : types) {
    auto array = dyn_cast<ArrayType>(type);
    if (!array)
      continue;
    for (DimAttr dim : array.getDims())
      for (StringAttr symbol : dim.getSymbols())
        if (!lookupSymbol(function, symbol))
          return op->emitOpError("uses the symbol ")
                 << symbol.getValue() << " that the function does not declare";
  }
  return success();
}

LogicalResult RondoDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == names::needs)
    return verifyNeeds(op, attribute.getValue());
  if (attribute.getName() != names::symbols)
    return success();
  auto function = dyn_cast<func::FuncOp>(op);
  auto list = dyn_cast<ArrayAttr>(attribute.getValue());
  if (!function || !list)
    return op->emitOpError("expected ") << names::symbols << " to be an array on a function";
  llvm::SmallDenseSet<StringAttr> seen;
  int64_t batches = 0;
  for (Attribute element : list) {
    auto symbol = dyn_cast<SymbolAttr>(element);
    if (!symbol || !seen.insert(symbol.getName()).second)
      return op->emitOpError("expected each of ") << names::symbols << " to declare another symbol";
    batches += symbol.getKind() == SymbolKind::Batch;
    bool ofSegment = symbol.getKind() == SymbolKind::Segments;
    SymbolAttr base = ofSegment && symbol.getOf().getSymbol()
                          ? declaration(function, symbol.getOf().getSymbol())
                          : SymbolAttr();
    if (ofSegment && (!base || base.getKind() != SymbolKind::Segment))
      return op->emitOpError("expected ") << symbol.getName() << " to be of a segment";
  }
  if (batches > 1)
    return op->emitOpError("expected at most one batch symbol");
  if (failed(verifyDeclared(op, function, function.getArgumentTypes())))
    return failure();
  WalkResult result = function.walk([&](Operation *inner) {
    return failed(verifyDeclared(inner, function, inner->getResultTypes()))
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
