// The sizes of dims while nothing is configured yet: polynomials with rational coefficients over
// named atoms (a model's configuration, generic arguments, lengths of the data), over reciprocals
// of those that are known at compile time, and over quotients that round. A division that comes out
// even is a product with a reciprocal, so that `d - d / 2` is `d / 2`; that it does come out even
// is an obligation of its own (Core.h), and a dim as a whole is an integer.
#ifndef RONDO_FRONTEND_POLYNOMIAL_H
#define RONDO_FRONTEND_POLYNOMIAL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/SMLoc.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rondo {

struct Atom;

/// The largest int that is written or known at compile time: 2^53, since those are kept as f64 too.
inline constexpr int64_t largestInt = int64_t(1) << 53;
/// The largest size that a configuration sets, or a batch has: 2^31.
inline constexpr int64_t largestSize = int64_t(1) << 31;

/// A fraction in lowest terms with a positive denominator. Both stay below 2^60.
struct Rational {
  int64_t numerator = 0, denominator = 1;

  Rational(int64_t integer = 0);
  /// `denominator` is not 0.
  static Rational divide(__int128 numerator, __int128 denominator);
  bool isInteger() const { return denominator == 1; }
  bool operator==(const Rational &other) const = default;
  Rational operator+(const Rational &other) const;
  Rational operator*(const Rational &other) const;
  Rational operator-() const;
  int64_t floor() const;
};

/// A sum of products of atoms. Two dims are equal exactly when their polynomials are.
class Polynomial {
public:
  /// A product of atoms, ordered by their numbers; an atom stands as often as its power.
  struct AtomOrder {
    bool operator()(const Atom *lhs, const Atom *rhs) const;
  };
  using Product = std::vector<const Atom *>;
  struct ProductOrder {
    bool operator()(const Product &lhs, const Product &rhs) const;
  };
  using Terms = std::map<Product, Rational, ProductOrder>;

  Polynomial(int64_t constant = 0);
  Polynomial(int constant) : Polynomial(static_cast<int64_t>(constant)) {}
  Polynomial(const Atom *atom) { terms[{atom}] = 1; }

  const Terms &getTerms() const { return terms; }
  /// The integer that this is, or none.
  std::optional<int64_t> getConstant() const;
  /// The one atom that this is, or null.
  const Atom *getAtom() const;
  /// All atoms, each once, also those inside of composite ones.
  llvm::SmallVector<const Atom *> getAtoms() const;
  /// No atom is known at run time only.
  bool isStatic() const;
  /// No product has two atoms that are known at run time only.
  bool isLinear() const;
  /// True if it is at least so much whatever the lengths: static atoms are 1 or more, lengths 0 or
  /// more.
  bool isAtLeast(int64_t least) const;
  /// The sum of factor times length, where the factors are static and one length is null, for 1.
  std::vector<std::pair<const Atom *, Polynomial>> splitByLength() const;

  bool operator==(const Polynomial &other) const { return terms == other.terms; }
  Polynomial operator+(const Polynomial &other) const;
  Polynomial operator-(const Polynomial &other) const;
  Polynomial operator*(const Polynomial &other) const;

  /// The value, given those of atoms that are not composite. It rounds down where it should have
  /// come out even and did not, and is 0 after a division by zero.
  int64_t evaluate(llvm::function_ref<int64_t(const Atom *)> value) const;
  /// As it is written in messages: `4 * hidden`, `T - 1`.
  std::string str() const;

private:
  Polynomial(Product product, Rational coefficient) { add(product, coefficient); }
  void add(const Product &product, Rational coefficient);
  Rational evaluateExactly(llvm::function_ref<int64_t(const Atom *)> value) const;
  Terms terms;
  friend class AtomTable;
};

/// What a polynomial is made of.
struct Atom {
  enum Kind {
    Config,     ///< A model's configuration.
    Generic,    ///< A generic argument in a definition that is checked on its own.
    Ragged,     ///< A length of the data, one per example.
    Uniform,    ///< An `int` argument of an entry point.
    Bound,      ///< The length of the prefix in a stream.
    Quotient,   ///< numerator / denominator, rounded down.
    Reciprocal, ///< 1 / denominator: one atom, or several terms that share no factor.
  };
  Kind kind;
  unsigned number;
  std::string name;
  llvm::SMRange origin;
  Polynomial numerator{0}, denominator{1};

  bool isStatic() const;
  /// Its value follows from other atoms.
  bool isComposite() const { return kind == Quotient || kind == Reciprocal; }
};

/// Owns atoms. Equal composite ones are one atom.
class AtomTable {
public:
  const Atom *create(Atom::Kind kind, llvm::StringRef name, llvm::SMRange origin);

  /// A division that comes out even; both are known at compile time and `denominator` is not 0.
  /// `d / heads` times `heads` is `d`.
  Polynomial divide(const Polynomial &numerator, const Polynomial &denominator,
                    llvm::SMRange origin);
  /// The exact quotient where there is one for all values of the atoms, else a quotient atom.
  Polynomial divideRounding(const Polynomial &numerator, const Polynomial &denominator,
                            llvm::SMRange origin);

private:
  Polynomial reciprocal(const Polynomial &denominator, llvm::SMRange origin);
  std::deque<Atom> atoms;
};

} // namespace rondo

#endif // RONDO_FRONTEND_POLYNOMIAL_H
