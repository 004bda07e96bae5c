// Polynomials in the symbols of dims: see DimPolynomial.h.
#include "Rondo/DimPolynomial.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace rondo;

void DimPolynomial::add(const Monomial &monomial, int64_t coefficient) {
  auto it = terms.try_emplace(monomial, 0).first;
  it->second += coefficient;
  if (it->second == 0)
    terms.erase(it);
}

DimPolynomial::DimPolynomial(int64_t constant) {
  if (constant != 0)
    terms[{}] = constant;
}

DimPolynomial::DimPolynomial(DimAttr dim) : DimPolynomial(dim.getConstant()) {
  MLIRContext *context = dim.getContext();
  for (const DimTerm &term : dim.getTerms()) {
    DimAttr atom = term.symbol() ? DimAttr::get(context, term.symbol().getValue())
                                 : cast<DimAttr>(term.atom).floorDivide(term.divisor);
    add({{atom.str(), atom}}, term.coefficient);
  }
}

DimPolynomial DimPolynomial::elements(ArrayType type) {
  DimPolynomial product(1);
  for (DimAttr dim : type.getDims())
    product *= DimPolynomial(dim);
  return product;
}

DimPolynomial DimPolynomial::operator+(const DimPolynomial &other) const {
  DimPolynomial sum = *this;
  for (const auto &[monomial, coefficient] : other.terms)
    sum.add(monomial, coefficient);
  return sum;
}

DimPolynomial DimPolynomial::operator*(const DimPolynomial &other) const {
  DimPolynomial product;
  for (const auto &[left, a] : terms)
    for (const auto &[right, b] : other.terms) {
      Monomial merged;
      std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(merged));
      product.add(merged, a * b);
    }
  return product;
}

double DimPolynomial::evaluate(llvm::function_ref<int64_t(StringAttr)> value) const {
  double sum = 0.0;
  for (const auto &[monomial, coefficient] : terms) {
    auto product = static_cast<double>(coefficient);
    for (const Atom &atom : monomial)
      product *= static_cast<double>(atom.dim.evaluate(value));
    sum += product;
  }
  return sum;
}

std::string DimPolynomial::str() const {
  if (terms.empty())
    return "0";
  std::string text;
  for (const auto &[monomial, coefficient] : terms) {
    bool first = text.empty();
    if (!first)
      text += coefficient < 0 ? " - " : " + ";
    else if (coefficient < 0)
      text += "-";
    int64_t size = coefficient < 0 ? -coefficient : coefficient;
    std::vector<std::string> factors;
    if (size != 1 || monomial.empty())
      factors.push_back(std::to_string(size));
    for (const Atom &atom : monomial)
      factors.push_back(atom.dim.getSymbol() ? atom.text : "(" + atom.text + ")");
    text += llvm::join(factors, "*");
  }
  return text;
}
