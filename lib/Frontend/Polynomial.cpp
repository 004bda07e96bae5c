// Arithmetic of polynomials over dims.
#include "Frontend/Polynomial.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace rondo;

/// Sizes beyond this are refused before they are used; arithmetic stays there and never overflows.
static constexpr int64_t largest = int64_t(1) << 60;

static int64_t saturate(__int128 value) {
  return static_cast<int64_t>(std::clamp(value, -__int128(largest), __int128(largest)));
}

bool Polynomial::AtomOrder::operator()(const Atom *lhs, const Atom *rhs) const {
  return lhs->number < rhs->number;
}

bool Polynomial::ProductOrder::operator()(const Product &lhs, const Product &rhs) const {
  // Higher powers first, the constant last.
  if (lhs.size() != rhs.size())
    return lhs.size() > rhs.size();
  return std::lexicographical_compare(lhs.begin(), lhs.end(), rhs.begin(), rhs.end(), AtomOrder());
}

Polynomial::Polynomial(int64_t constant) {
  if (constant != 0)
    terms[{}] = constant;
}

std::optional<int64_t> Polynomial::getConstant() const {
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

const Atom *Polynomial::getAtom() const {
  if (terms.size() == 1 && terms.begin()->second == 1 && terms.begin()->first.size() == 1)
    return terms.begin()->first[0];
  return nullptr;
}

static void collect(const Polynomial &polynomial, llvm::SmallVector<const Atom *> &atoms) {
  for (const auto &[product, coefficient] : polynomial.getTerms())
    for (const Atom *atom : product) {
      if (llvm::is_contained(atoms, atom))
        continue;
      atoms.push_back(atom);
      if (atom->kind == Atom::Quotient) {
        collect(atom->numerator, atoms);
        collect(atom->denominator, atoms);
      }
    }
}

llvm::SmallVector<const Atom *> Polynomial::getAtoms() const {
  llvm::SmallVector<const Atom *> atoms;
  collect(*this, atoms);
  return atoms;
}

bool Atom::isStatic() const {
  switch (kind) {
  case Config:
  case Generic:
    return true;
  case Ragged:
  case Uniform:
  case Bound:
    return false;
  case Quotient:
    return numerator.isStatic() && denominator.isStatic();
  }
  llvm_unreachable("all kinds are handled");
}

bool Polynomial::isStatic() const {
  return llvm::all_of(getAtoms(), [](const Atom *atom) { return atom->isStatic(); });
}

bool Polynomial::isLinear() const {
  return llvm::all_of(terms, [](const auto &term) {
    return llvm::count_if(term.first, [](const Atom *atom) { return !atom->isStatic(); }) < 2;
  });
}

/// A quotient can be negative where its numerator is: `div(T - 1, 2)` of nothing is -1.
static bool isNotNegative(const Atom *atom) {
  return atom->kind != Atom::Quotient ||
         (atom->numerator.isAtLeast(0) && atom->denominator.isAtLeast(1));
}

bool Polynomial::isAtLeast(int64_t least) const {
  int64_t sum = 0;
  for (const auto &[product, coefficient] : terms) {
    bool isStatic = llvm::all_of(product, [](const Atom *atom) { return atom->isStatic(); });
    if (!llvm::all_of(product, isNotNegative))
      return false;
    if (coefficient < 0)
      return product.empty() && sum + coefficient >= least; // the constant is the last term
    if (isStatic)
      sum += coefficient;
  }
  return sum >= least;
}

/// Replaces `q * denominator` by the numerator for a quotient q whose denominator is one product
/// that stands in the rest of `product`. Returns false if there is none.
static bool cancel(const Polynomial::Product &product, int64_t coefficient, Polynomial &result) {
  for (auto [i, atom] : llvm::enumerate(product)) {
    if (atom->kind != Atom::Quotient || atom->rounds || atom->denominator.getTerms().size() != 1)
      continue;
    const auto &[needed, factor] = *atom->denominator.getTerms().begin();
    if (coefficient % factor != 0)
      continue;
    Polynomial::Product rest = product;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(i));
    bool found = llvm::all_of(needed, [&](const Atom *wanted) {
      auto it = llvm::find(rest, wanted);
      bool stands = it != rest.end();
      if (stands)
        rest.erase(it);
      return stands;
    });
    if (!found)
      continue;
    result = atom->numerator * Polynomial(coefficient / factor);
    for (const Atom *other : rest)
      result = result * Polynomial(other);
    return true;
  }
  return false;
}

void Polynomial::add(const Product &product, int64_t coefficient) {
  auto [it, isNew] = terms.try_emplace(product, 0);
  it->second = saturate(__int128(it->second) + coefficient);
  if (it->second == 0)
    terms.erase(it);
}

Polynomial Polynomial::operator+(const Polynomial &other) const {
  Polynomial result = *this;
  for (const auto &[product, coefficient] : other.terms)
    result.add(product, coefficient);
  return result;
}

Polynomial Polynomial::operator-(const Polynomial &other) const {
  Polynomial result = *this;
  for (const auto &[product, coefficient] : other.terms)
    result.add(product, -coefficient);
  return result;
}

Polynomial Polynomial::operator*(const Polynomial &other) const {
  Polynomial result;
  for (const auto &[left, a] : terms)
    for (const auto &[right, b] : other.terms) {
      Product product = left;
      llvm::append_range(product, right);
      llvm::sort(product, AtomOrder());
      Polynomial cancelled;
      int64_t coefficient = saturate(__int128(a) * b);
      if (cancel(product, coefficient, cancelled))
        result = result + cancelled;
      else
        result.add(product, coefficient);
    }
  return result;
}

int64_t Polynomial::evaluate(llvm::function_ref<int64_t(const Atom *)> value) const {
  int64_t sum = 0;
  for (const auto &[product, coefficient] : terms) {
    int64_t term = coefficient;
    for (const Atom *atom : product) {
      if (atom->kind != Atom::Quotient) {
        term = saturate(__int128(term) * value(atom));
        continue;
      }
      int64_t divisor = atom->denominator.evaluate(value);
      int64_t quotient =
          divisor == 0 ? 0 : llvm::divideFloorSigned(atom->numerator.evaluate(value), divisor);
      term = saturate(__int128(term) * quotient);
    }
    sum = saturate(__int128(sum) + term);
  }
  return sum;
}

std::string Polynomial::str() const {
  if (terms.empty())
    return "0";
  std::string text;
  for (const auto &[product, coefficient] : terms) {
    int64_t size = coefficient < 0 ? -coefficient : coefficient;
    if (text.empty())
      text += coefficient < 0 ? "-" : "";
    else
      text += coefficient < 0 ? " - " : " + ";
    if (product.empty() || size != 1)
      text += std::to_string(size) + (product.empty() ? "" : " * ");
    text +=
        llvm::join(llvm::map_range(product, [](const Atom *atom) { return atom->name; }), " * ");
  }
  return text;
}

//===----------------------------------------------------------------------===//
// AtomTable
//===----------------------------------------------------------------------===//

const Atom *AtomTable::create(Atom::Kind kind, llvm::StringRef name, llvm::SMRange origin) {
  atoms.push_back({kind, static_cast<unsigned>(atoms.size()), name.str(), origin, 0, 1, false});
  return &atoms.back();
}

static std::string parenthesised(const Polynomial &polynomial) {
  bool single = polynomial.getAtom() || polynomial.getConstant();
  return single ? polynomial.str() : "(" + polynomial.str() + ")";
}

Polynomial AtomTable::divide(const Polynomial &numerator, const Polynomial &denominator,
                             llvm::SMRange origin, bool rounds) {
  if (numerator == denominator)
    return 1;
  if (denominator.terms.size() == 1) {
    const auto &[divisor, factor] = *denominator.terms.begin();
    Polynomial quotient;
    bool exact = true;
    for (const auto &[product, coefficient] : numerator.terms) {
      Polynomial::Product rest = product;
      exact = coefficient % factor == 0;
      for (const Atom *atom : divisor) {
        auto it = llvm::find(rest, atom);
        if (it == rest.end()) {
          exact = false;
          break;
        }
        rest.erase(it);
      }
      if (!exact)
        break;
      quotient.add(rest, coefficient / factor);
    }
    if (exact)
      return quotient;
  }
  for (const Atom &atom : atoms)
    if (atom.kind == Atom::Quotient && atom.numerator == numerator &&
        atom.denominator == denominator && atom.rounds == rounds)
      return &atom;
  std::string name = rounds ? "div(" + numerator.str() + ", " + denominator.str() + ")"
                            : parenthesised(numerator) + " / " + parenthesised(denominator);
  atoms.push_back({Atom::Quotient, static_cast<unsigned>(atoms.size()), std::move(name), origin,
                   numerator, denominator, rounds});
  return &atoms.back();
}
