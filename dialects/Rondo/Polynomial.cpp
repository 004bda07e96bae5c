// Polynomials in the symbols of dims: see Polynomial.h.
#include "Rondo/Polynomial.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace rondo;

void Polynomial::add(const Monomial &monomial, int64_t coefficient) {
  auto it = terms.try_emplace(monomial, 0).first;
  it->second += coefficient;
  if (it->second == 0)
    terms.erase(it);
}

Polynomial::Polynomial(int64_t constant) {
  if (constant != 0)
    terms[{}] = constant;
}

Polynomial::Polynomial(DimAttr dim) : Polynomial(dim.getConstant()) {
  MLIRContext *context = dim.getContext();
  for (const DimTerm &term : dim.getTerms()) {
    DimAttr atom = term.symbol() ? DimAttr::get(context, term.symbol().getValue())
                                 : cast<DimAttr>(term.atom).floorDivide(term.divisor);
    add({{atom.str(), atom}}, term.coefficient);
  }
}

Polynomial Polynomial::elements(ArrayType type) {
  Polynomial product(1);
  for (DimAttr dim : type.getDims())
    product *= Polynomial(dim);
  return product;
}

Polynomial Polynomial::operator+(const Polynomial &other) const {
  Polynomial sum = *this;
  for (const auto &[monomial, coefficient] : other.terms)
    sum.add(monomial, coefficient);
  return sum;
}

Polynomial Polynomial::operator*(const Polynomial &other) const {
  Polynomial product;
  for (const auto &[left, a] : terms)
    for (const auto &[right, b] : other.terms) {
      Monomial merged;
      std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(merged));
      product.add(merged, a * b);
    }
  return product;
}

double Polynomial::evaluate(llvm::function_ref<int64_t(StringAttr)> value) const {
  double sum = 0.0;
  for (const auto &[monomial, coefficient] : terms) {
    auto product = static_cast<double>(coefficient);
    for (const Atom &atom : monomial)
      product *= static_cast<double>(atom.dim.evaluate(value));
    sum += product;
  }
  return sum;
}

std::string Polynomial::str() const {
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
