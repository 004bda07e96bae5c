// Arithmetic, parsing and printing of dims, always in normal form: terms sorted by their text,
// no zero coefficients, floor divisions reduced as far as they exactly go.
#include "Rondo/Rondo.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace rondo;

static int64_t floorDiv(int64_t a, int64_t b) { return llvm::divideFloorSigned(a, b); }

static std::string termKey(const DimTerm &term) {
  if (StringAttr symbol = term.symbol())
    return symbol.getValue().str();
  return "(" + cast<DimAttr>(term.atom).str() + ") floordiv " + std::to_string(term.divisor);
}

/// Merges equal atoms, drops zeros, sorts. Every DimAttr is made here.
static DimAttr normalised(MLIRContext *context, int64_t constant, ArrayRef<DimTerm> terms) {
  SmallVector<DimTerm> merged;
  for (const DimTerm &term : terms) {
    auto *same = llvm::find_if(merged, [&](const DimTerm &other) {
      return other.atom == term.atom && other.divisor == term.divisor;
    });
    if (same == merged.end())
      merged.push_back(term);
    else
      same->coefficient += term.coefficient;
  }
  llvm::erase_if(merged, [](const DimTerm &term) { return term.coefficient == 0; });
  llvm::sort(merged, [](const DimTerm &a, const DimTerm &b) { return termKey(a) < termKey(b); });
  return DimAttr::get(context, constant, merged);
}

DimAttr DimAttr::get(MLIRContext *context, int64_t constant) {
  return normalised(context, constant, {});
}

DimAttr DimAttr::get(MLIRContext *context, StringRef symbol) {
  return normalised(context, 0, DimTerm{1, StringAttr::get(context, symbol), 0});
}

StringAttr DimAttr::getSymbol() const {
  if (getConstant() != 0 || getTerms().size() != 1 || getTerms()[0].coefficient != 1)
    return {};
  return getTerms()[0].symbol();
}

SmallVector<StringAttr> DimAttr::getSymbols() const {
  SmallVector<StringAttr> symbols;
  for (const DimTerm &term : getTerms()) {
    if (StringAttr symbol = term.symbol()) {
      if (!llvm::is_contained(symbols, symbol))
        symbols.push_back(symbol);
      continue;
    }
    for (StringAttr symbol : cast<DimAttr>(term.atom).getSymbols())
      if (!llvm::is_contained(symbols, symbol))
        symbols.push_back(symbol);
  }
  return symbols;
}

bool DimAttr::mentions(StringRef symbol) const {
  return llvm::any_of(getSymbols(), [&](StringAttr s) { return s.getValue() == symbol; });
}

DimAttr DimAttr::add(DimAttr other) const {
  SmallVector<DimTerm> terms(getTerms());
  llvm::append_range(terms, other.getTerms());
  return normalised(getContext(), getConstant() + other.getConstant(), terms);
}

DimAttr DimAttr::subtract(DimAttr other) const { return add(other.multiply(-1)); }

DimAttr DimAttr::add(int64_t value) const {
  return normalised(getContext(), getConstant() + value, getTerms());
}

DimAttr DimAttr::multiply(int64_t factor) const {
  SmallVector<DimTerm> terms(getTerms());
  for (DimTerm &term : terms)
    term.coefficient *= factor;
  return normalised(getContext(), getConstant() * factor, terms);
}

DimAttr DimAttr::floorDivide(int64_t divisor) const {
  assert(divisor > 0 && "a dim is divided by a positive constant");
  // What divides exactly leaves the division; the rest stays in one atom.
  SmallVector<DimTerm> whole, rest;
  for (const DimTerm &term : getTerms()) {
    if (term.coefficient % divisor == 0)
      whole.push_back({term.coefficient / divisor, term.atom, term.divisor});
    else
      rest.push_back(term);
  }
  int64_t constant = floorDiv(getConstant(), divisor);
  if (!rest.empty()) {
    DimAttr inner = normalised(getContext(), getConstant() - constant * divisor, rest);
    whole.push_back({1, inner, divisor});
  }
  return normalised(getContext(), constant, whole);
}

DimAttr DimAttr::ceilDivide(int64_t divisor) const { return add(divisor - 1).floorDivide(divisor); }

DimAttr DimAttr::substitute(function_ref<DimAttr(StringAttr)> replacement) const {
  DimAttr result = get(getContext(), getConstant());
  for (const DimTerm &term : getTerms()) {
    DimAttr value;
    if (StringAttr symbol = term.symbol()) {
      value = replacement(symbol);
      if (!value)
        value = get(getContext(), symbol.getValue());
    } else {
      value = cast<DimAttr>(term.atom).substitute(replacement).floorDivide(term.divisor);
    }
    result = result.add(value.multiply(term.coefficient));
  }
  return result;
}

int64_t DimAttr::evaluate(function_ref<int64_t(StringAttr)> value) const {
  int64_t result = getConstant();
  for (const DimTerm &term : getTerms()) {
    StringAttr symbol = term.symbol();
    int64_t atom =
        symbol ? value(symbol) : floorDiv(cast<DimAttr>(term.atom).evaluate(value), term.divisor);
    result += term.coefficient * atom;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

void DimAttr::printExpression(raw_ostream &os) const {
  bool first = true;
  for (const DimTerm &term : getTerms()) {
    int64_t coefficient = term.coefficient;
    if (!first) {
      os << (coefficient < 0 ? " - " : " + ");
      coefficient = coefficient < 0 ? -coefficient : coefficient;
    }
    if (coefficient != 1)
      os << coefficient << " * ";
    if (StringAttr symbol = term.symbol()) {
      os << symbol.getValue();
    } else {
      os << '(';
      cast<DimAttr>(term.atom).printExpression(os);
      os << ") floordiv " << term.divisor;
    }
    first = false;
  }
  if (first)
    os << getConstant();
  else if (getConstant() != 0)
    os << (getConstant() < 0 ? " - " : " + ")
       << (getConstant() < 0 ? -getConstant() : getConstant());
}

std::string DimAttr::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  printExpression(os);
  return text;
}

/// term ::= (integer `*`)? (symbol | `(` dim `)` (`floordiv` integer)?) | integer
static FailureOr<DimAttr> parseTerm(AsmParser &parser) {
  MLIRContext *context = parser.getContext();
  int64_t coefficient = 1;
  OptionalParseResult number = parser.parseOptionalInteger(coefficient);
  if (number.has_value()) {
    if (failed(*number))
      return failure();
    if (failed(parser.parseOptionalStar()))
      return DimAttr::get(context, coefficient);
  }
  if (succeeded(parser.parseOptionalLParen())) {
    DimAttr inner = DimAttr::parseExpression(parser);
    int64_t divisor = 0;
    if (!inner || parser.parseRParen())
      return failure();
    if (failed(parser.parseOptionalKeyword("floordiv")))
      return inner.multiply(coefficient);
    SMLoc at = parser.getCurrentLocation();
    if (parser.parseInteger(divisor))
      return failure();
    if (divisor <= 0) {
      parser.emitError(at, "expected a positive divisor");
      return failure();
    }
    return inner.floorDivide(divisor).multiply(coefficient);
  }
  StringRef symbol;
  if (failed(parser.parseOptionalKeyword(&symbol))) {
    parser.emitError(parser.getCurrentLocation(),
                     "expected a dim: an integer, a symbol or an expression of them");
    return failure();
  }
  return DimAttr::get(context, symbol).multiply(coefficient);
}

DimAttr DimAttr::parseExpression(AsmParser &parser) {
  FailureOr<DimAttr> sum = parseTerm(parser);
  while (succeeded(sum)) {
    bool minus = false;
    if (failed(parser.parseOptionalPlus())) {
      if (failed(parser.parseOptionalMinus()))
        return *sum;
      minus = true;
    }
    FailureOr<DimAttr> term = parseTerm(parser);
    if (failed(term))
      return {};
    sum = minus ? sum->subtract(*term) : sum->add(*term);
  }
  return {};
}

Attribute DimAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  DimAttr dim = parseExpression(parser);
  if (!dim || parser.parseGreater())
    return {};
  return dim;
}

void DimAttr::print(AsmPrinter &printer) const {
  printer.getStream() << '<';
  printExpression(printer.getStream());
  printer.getStream() << '>';
}
