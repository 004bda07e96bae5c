// The sizes of dims while nothing is configured yet: polynomials with integer coefficients over
// named atoms (a model's configuration, generic arguments, lengths of the data) and quotients.
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
  using Terms = std::map<Product, int64_t, ProductOrder>;

  Polynomial(int64_t constant = 0);
  Polynomial(int constant) : Polynomial(static_cast<int64_t>(constant)) {}
  Polynomial(const Atom *atom) { terms[{atom}] = 1; }

  const Terms &getTerms() const { return terms; }
  std::optional<int64_t> getConstant() const;
  /// The one atom that this is, or null.
  const Atom *getAtom() const;
  /// All atoms, each once, also those inside of quotients.
  llvm::SmallVector<const Atom *> getAtoms() const;
  /// No atom is known at run time only.
  bool isStatic() const;
  /// No product has two atoms that are known at run time only.
  bool isLinear() const;
  /// True if it is at least so much whatever the lengths: static atoms are 1 or more, lengths 0 or
  /// more.
  bool isAtLeast(int64_t least) const;

  bool operator==(const Polynomial &other) const { return terms == other.terms; }
  Polynomial operator+(const Polynomial &other) const;
  Polynomial operator-(const Polynomial &other) const;
  Polynomial operator*(const Polynomial &other) const;

  /// The value, given each atom's (quotients are worked out, and round down).
  int64_t evaluate(llvm::function_ref<int64_t(const Atom *)> value) const;
  /// As it is written in messages: `4 * hidden`, `T - 1`.
  std::string str() const;

private:
  void add(const Product &product, int64_t coefficient);
  Terms terms;
  friend class AtomTable;
};

/// What a polynomial is made of.
struct Atom {
  enum Kind {
    Config,   ///< A model's configuration.
    Generic,  ///< A generic argument in a definition that is checked on its own.
    Ragged,   ///< A length of the data, one per example.
    Uniform,  ///< An `int` argument of an entry point.
    Bound,    ///< The length of the prefix in a stream.
    Quotient, ///< numerator / denominator.
  };
  Kind kind;
  unsigned number;
  std::string name;
  llvm::SMRange origin;
  Polynomial numerator{0}, denominator{1};
  bool rounds = false; ///< The quotient rounds down; else it comes out even.

  bool isStatic() const;
};

/// Owns atoms. Equal quotients are one atom.
class AtomTable {
public:
  const Atom *create(Atom::Kind kind, llvm::StringRef name, llvm::SMRange origin);

  /// The exact quotient where there is one, else a quotient atom; `denominator` is not 0.
  /// `d / heads` times `heads` is `d`, unless the quotient rounds.
  Polynomial divide(const Polynomial &numerator, const Polynomial &denominator,
                    llvm::SMRange origin, bool rounds);

private:
  std::deque<Atom> atoms;
};

} // namespace rondo

#endif // RONDO_FRONTEND_POLYNOMIAL_H
