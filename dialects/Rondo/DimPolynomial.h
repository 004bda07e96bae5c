// Polynomials in the symbols of dims: sizes, counts of operations, offsets.
#ifndef RONDO_DIALECTS_DIMPOLYNOMIAL_H
#define RONDO_DIALECTS_DIMPOLYNOMIAL_H

#include "Rondo/Rondo.h"
#include <map>

namespace rondo {

/// A sum of coefficient * product of atoms, where an atom is a symbol or a floor division. Equal
/// polynomials are equal maps and print as equal text.
class DimPolynomial {
public:
  DimPolynomial() = default;
  DimPolynomial(int64_t constant);
  explicit DimPolynomial(DimAttr dim);
  /// The number of elements of an array, padding included.
  static DimPolynomial elements(ArrayType type);

  DimPolynomial operator+(const DimPolynomial &other) const;
  DimPolynomial operator*(const DimPolynomial &other) const;
  DimPolynomial &operator+=(const DimPolynomial &other) { return *this = *this + other; }
  DimPolynomial &operator*=(const DimPolynomial &other) { return *this = *this * other; }
  bool operator==(const DimPolynomial &other) const { return terms == other.terms; }
  bool isZero() const { return terms.empty(); }

  /// The value, given each symbol's. A double: counts of operations outgrow 64 bits.
  double evaluate(llvm::function_ref<int64_t(mlir::StringAttr)> value) const;
  /// `2*B*T + 3`: highest degree first.
  std::string str() const;

private:
  /// An atom: a dim that is one symbol or one floor division. Ordered by its text.
  struct Atom {
    std::string text;
    DimAttr dim;
    bool operator==(const Atom &other) const { return dim == other.dim; }
    bool operator<(const Atom &other) const { return text < other.text; }
  };
  /// Sorted; a square has its atom twice.
  using Monomial = std::vector<Atom>;
  /// Highest degree first, then by text.
  struct Order {
    bool operator()(const Monomial &a, const Monomial &b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  std::map<Monomial, int64_t, Order> terms;

  void add(const Monomial &monomial, int64_t coefficient);
};

} // namespace rondo

#endif // RONDO_DIALECTS_DIMPOLYNOMIAL_H
