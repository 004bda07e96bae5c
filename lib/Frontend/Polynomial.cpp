// Arithmetic of polynomials over dims.
#include "Frontend/Polynomial.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <tuple>

using namespace rondo;

/// Sizes beyond this are refused before they are used; arithmetic stays there and never overflows.
static constexpr int64_t largest = int64_t(1) << 60;

static int64_t saturate(__int128 value) {
  return static_cast<int64_t>(std::clamp(value, -__int128(largest), __int128(largest)));
}

//===----------------------------------------------------------------------===//
// Rational
//===----------------------------------------------------------------------===//

Rational::Rational(int64_t integer) : numerator(saturate(integer)) {}

Rational Rational::divide(__int128 numerator, __int128 denominator) {
  __int128 a = numerator < 0 ? -numerator : numerator;
  __int128 b = denominator < 0 ? -denominator : denominator;
  while (b != 0)
    std::tie(a, b) = std::pair(b, a % b);
  if (denominator < 0)
    a = -a;
  Rational result;
  result.numerator = saturate(numerator / a);
  result.denominator = saturate(denominator / a);
  return result;
}

Rational Rational::operator+(const Rational &other) const {
  return divide(__int128(numerator) * other.denominator + __int128(other.numerator) * denominator,
                __int128(denominator) * other.denominator);
}

Rational Rational::operator*(const Rational &other) const {
  return divide(__int128(numerator) * other.numerator, __int128(denominator) * other.denominator);
}

Rational Rational::operator-() const {
  Rational result = *this;
  result.numerator = -numerator;
  return result;
}

int64_t Rational::floor() const { return llvm::divideFloorSigned(numerator, denominator); }

//===----------------------------------------------------------------------===//
// Polynomial
//===----------------------------------------------------------------------===//

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
  if (terms.size() == 1 && terms.begin()->first.empty() && terms.begin()->second.isInteger())
    return terms.begin()->second.numerator;
  return std::nullopt;
}

const Atom *Polynomial::getAtom() const {
  if (terms.size() != 1 || !(terms.begin()->second == 1) || terms.begin()->first.size() != 1)
    return nullptr;
  const Atom *atom = terms.begin()->first[0];
  return atom->kind == Atom::Reciprocal ? nullptr : atom;
}

static void collect(const Polynomial &polynomial, llvm::SmallVector<const Atom *> &atoms) {
  for (const auto &[product, coefficient] : polynomial.getTerms())
    for (const Atom *atom : product) {
      if (llvm::is_contained(atoms, atom))
        continue;
      atoms.push_back(atom);
      if (atom->isComposite()) {
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
  case Reciprocal:
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

/// Every length is 0 or more, what is configured 1 or more. Terms may be fractions, but the whole
/// is an integer, so that what is above a number is at least the next one.
bool Polynomial::isAtLeast(int64_t wanted) const {
  Rational least;
  bool isMore = false;
  for (const auto &[product, coefficient] : terms) {
    bool isNegative = coefficient.numerator < 0, isLeastOne = true, isPositive = true;
    for (const Atom *atom : product) {
      bool isSize = atom->kind == Atom::Config || atom->kind == Atom::Generic;
      bool isBelowSize = atom->kind == Atom::Reciprocal && atom->denominator.isAtLeast(1);
      // A quotient can be negative where its numerator is: `div(T - 1, 2)` of nothing is -1.
      bool isNotNegative = atom->kind != Atom::Reciprocal &&
                           (atom->kind != Atom::Quotient ||
                            (atom->numerator.isAtLeast(0) && atom->denominator.isAtLeast(1)));
      if (!isSize && !isBelowSize && !isNotNegative)
        return false;
      isLeastOne &= isSize;
      isPositive &= isSize || isBelowSize;
    }
    if (isNegative && !product.empty())
      return false;
    if (isLeastOne)
      least = least + coefficient;
    else
      isMore |= isPositive;
  }
  return least.floor() + (isMore || !least.isInteger()) >= wanted;
}

std::vector<std::pair<const Atom *, Polynomial>> Polynomial::splitByLength() const {
  std::vector<std::pair<const Atom *, Polynomial>> parts;
  for (const auto &[product, coefficient] : terms) {
    Product factors = product;
    auto it = llvm::find_if(factors, [](const Atom *atom) { return !atom->isStatic(); });
    const Atom *length = it == factors.end() ? nullptr : *it;
    if (length)
      factors.erase(it);
    auto part = llvm::find_if(parts, [&](const auto &entry) { return entry.first == length; });
    if (part == parts.end())
      part = parts.insert(part, {length, 0});
    part->second.add(factors, coefficient);
  }
  return parts;
}

/// Takes the atoms of `part` out of `product`, if all of them stand in it.
static bool takeOut(Polynomial::Product &product, const Polynomial::Product &part) {
  Polynomial::Product rest = product;
  for (const Atom *wanted : part) {
    auto it = llvm::find(rest, wanted);
    if (it == rest.end())
      return false;
    rest.erase(it);
  }
  product = std::move(rest);
  return true;
}

/// Where the reciprocal r of a denominator p = c * m + q with the leading product m stands beside
/// m: m * r is (1 - q * r) / c. Finds such a pair and takes it out of `product`. Every product has
/// one form so, since no product of q contains m.
static const Atom *takeOutPair(Polynomial::Product &product) {
  for (auto [i, atom] : llvm::enumerate(product)) {
    if (atom->kind != Atom::Reciprocal)
      continue;
    Polynomial::Product rest = product;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(i));
    const Atom *found = atom;
    if (!takeOut(rest, found->denominator.getTerms().begin()->first))
      continue;
    product = std::move(rest);
    return found;
  }
  return nullptr;
}

void Polynomial::add(const Product &product, Rational coefficient) {
  auto [it, isNew] = terms.try_emplace(product, 0);
  it->second = it->second + coefficient;
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
      const Atom *pair = takeOutPair(product);
      if (!pair) {
        result.add(product, a * b);
        continue;
      }
      const auto &[leading, factor] = *pair->denominator.terms.begin();
      Polynomial tail = pair->denominator - Polynomial(leading, factor);
      Rational inverse = Rational::divide(factor.denominator, factor.numerator);
      result =
          result + Polynomial(product, a * b * inverse) * (Polynomial(1) - tail * Polynomial(pair));
    }
  return result;
}

int64_t Polynomial::evaluate(llvm::function_ref<int64_t(const Atom *)> value) const {
  return evaluateExactly(value).floor();
}

Rational Polynomial::evaluateExactly(llvm::function_ref<int64_t(const Atom *)> value) const {
  Rational sum;
  for (const auto &[product, coefficient] : terms) {
    Rational term = coefficient;
    for (const Atom *atom : product) {
      if (!atom->isComposite()) {
        term = term * value(atom);
        continue;
      }
      Rational numerator = atom->numerator.evaluateExactly(value);
      Rational denominator = atom->denominator.evaluateExactly(value);
      if (denominator == 0)
        return 0;
      Rational quotient =
          numerator * Rational::divide(denominator.denominator, denominator.numerator);
      term = term * (atom->kind == Atom::Quotient ? Rational(quotient.floor()) : quotient);
    }
    sum = sum + term;
  }
  return sum;
}

static std::string parenthesised(const Polynomial &polynomial) {
  bool single = polynomial.getAtom() || polynomial.getConstant();
  return single ? polynomial.str() : "(" + polynomial.str() + ")";
}

std::string Polynomial::str() const {
  if (terms.empty())
    return "0";
  std::string text;
  for (const auto &[product, coefficient] : terms) {
    bool isNegative = coefficient.numerator < 0;
    int64_t size = isNegative ? -coefficient.numerator : coefficient.numerator;
    llvm::SmallVector<std::string> above, below;
    if (coefficient.denominator != 1)
      below.push_back(std::to_string(coefficient.denominator));
    for (const Atom *atom : product)
      if (atom->kind == Atom::Reciprocal)
        below.push_back(parenthesised(atom->denominator));
      else
        above.push_back(atom->name);
    if (size != 1 || above.empty())
      above.insert(above.begin(), std::to_string(size));
    if (text.empty())
      text += isNegative ? "-" : "";
    else
      text += isNegative ? " - " : " + ";
    text += llvm::join(above, " * ");
    if (!below.empty())
      text += " / " + (below.size() == 1 ? below.front() : "(" + llvm::join(below, " * ") + ")");
  }
  return text;
}

//===----------------------------------------------------------------------===//
// AtomTable
//===----------------------------------------------------------------------===//

const Atom *AtomTable::create(Atom::Kind kind, llvm::StringRef name, llvm::SMRange origin) {
  atoms.push_back({kind, static_cast<unsigned>(atoms.size()), name.str(), origin, 0, 1});
  return &atoms.back();
}

Polynomial AtomTable::reciprocal(const Polynomial &denominator, llvm::SMRange origin) {
  for (const Atom &atom : atoms)
    if (atom.kind == Atom::Reciprocal && atom.denominator == denominator)
      return &atom;
  atoms.push_back({Atom::Reciprocal, static_cast<unsigned>(atoms.size()),
                   "1 / " + parenthesised(denominator), origin, 1, denominator});
  return &atoms.back();
}

Polynomial AtomTable::divide(const Polynomial &numerator, const Polynomial &denominator,
                             llvm::SMRange origin) {
  if (numerator == denominator)
    return 1;
  // Reciprocals in the denominator go to the numerator.
  for (const auto &[product, coefficient] : denominator.terms)
    for (const Atom *atom : product)
      if (atom->kind == Atom::Reciprocal)
        return divide(numerator * atom->denominator, denominator * atom->denominator, origin);
  // What all terms of the denominator share is divided by on its own: a number, then atoms.
  Rational leading = denominator.terms.begin()->second;
  Polynomial inverse = Polynomial({}, Rational::divide(leading.denominator, leading.numerator));
  Polynomial quotient = numerator * inverse, rest = denominator * inverse;
  const Polynomial::Product shared = rest.terms.begin()->first;
  for (const Atom *atom : shared) {
    Polynomial without;
    bool isShared = true;
    for (const auto &[product, coefficient] : rest.terms) {
      Polynomial::Product others = product;
      isShared = isShared && takeOut(others, {atom});
      without.add(others, coefficient);
    }
    if (!isShared)
      continue;
    rest = without;
    quotient = quotient * reciprocal(atom, origin);
  }
  return rest.getConstant() ? quotient : quotient * reciprocal(rest, origin);
}

Polynomial AtomTable::divideRounding(const Polynomial &numerator, const Polynomial &denominator,
                                     llvm::SMRange origin) {
  if (numerator == denominator)
    return 1;
  if (denominator.terms.size() == 1) {
    const auto &[divisor, factor] = *denominator.terms.begin();
    Polynomial quotient;
    bool exact = true;
    for (const auto &[product, coefficient] : numerator.terms) {
      Polynomial::Product rest = product;
      Rational part = coefficient * Rational::divide(factor.denominator, factor.numerator);
      exact = exact && takeOut(rest, divisor) && (part.isInteger() || factor == 1);
      quotient.add(rest, part);
    }
    if (exact)
      return quotient;
  }
  for (const Atom &atom : atoms)
    if (atom.kind == Atom::Quotient && atom.numerator == numerator &&
        atom.denominator == denominator)
      return &atom;
  atoms.push_back({Atom::Quotient, static_cast<unsigned>(atoms.size()),
                   "div(" + numerator.str() + ", " + denominator.str() + ")", origin, numerator,
                   denominator});
  return &atoms.back();
}
