// Dim expressions: evaluation, text, and solving for symbols.
#include "Runtime/Dims.h"
#include "Runtime/Array.h"

#include <algorithm>

using namespace rondo;

static int64_t floorDivide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return a % b != 0 && ((a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

int64_t rondo::evaluateDim(const RondoDim &dim, const int64_t *dims) {
  int64_t value = dim.constant;
  for (int64_t i = 0; i < dim.num_terms; ++i) {
    const RondoDimTerm &term = dim.terms[i];
    value +=
        term.coefficient * (term.divisor ? floorDivide(evaluateDim(term.inner, dims), term.divisor)
                                         : dims[term.symbol]);
  }
  return value;
}

std::vector<int64_t> rondo::evaluateDims(const RondoValue &value, const int64_t *dims) {
  std::vector<int64_t> sizes;
  for (int64_t i = 0; i < value.rank; ++i)
    sizes.push_back(evaluateDim(value.storage[i], dims));
  return sizes;
}

bool rondo::isGradient(const RondoEntry &entry) {
  return std::any_of(entry.results, entry.results + entry.num_results,
                     [](const RondoValue &value) { return value.role == RONDO_GRADIENT; });
}

bool rondo::usesSymbol(const RondoDim &dim, int64_t symbol) {
  for (int64_t i = 0; i < dim.num_terms; ++i) {
    const RondoDimTerm &term = dim.terms[i];
    if (term.divisor ? usesSymbol(term.inner, symbol) : term.symbol == symbol)
      return true;
  }
  return false;
}

bool rondo::isRagged(const RondoEntry &entry, const RondoDim &dim) {
  for (int64_t s = 0; s < entry.num_symbols; ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    if (usesSymbol(dim, s) &&
        (symbol.kind == RONDO_RAGGED || (isChosen(symbol) && isRagged(entry, symbol.of))))
      return true;
  }
  return false;
}

bool rondo::isRagged(const RondoEntry &entry, const RondoValue &value) {
  for (int64_t i = 0; i < value.rank; ++i)
    if (isRagged(entry, value.dims[i]))
      return true;
  return false;
}

int64_t rondo::batchSymbol(const RondoEntry &entry) {
  for (int64_t s = 0; s < entry.num_symbols; ++s)
    if (entry.symbols[s].kind == RONDO_BATCH)
      return s;
  return -1;
}

bool rondo::isBatched(const RondoEntry &entry, const RondoValue &value) {
  int64_t batch = batchSymbol(entry);
  if (batch < 0 || value.rank == 0)
    return false;
  const RondoDim &dim = value.dims[0];
  return dim.constant == 0 && dim.num_terms == 1 && dim.terms[0].divisor == 0 &&
         dim.terms[0].coefficient == 1 && dim.terms[0].symbol == batch;
}

std::string rondo::dimText(const RondoEntry &entry, const RondoDim &dim) {
  std::string text;
  for (int64_t i = 0; i < dim.num_terms; ++i) {
    const RondoDimTerm &term = dim.terms[i];
    std::string name = term.divisor
                           ? format("((%s) floordiv %lld)", dimText(entry, term.inner).c_str(),
                                    static_cast<long long>(term.divisor))
                           : entry.symbols[term.symbol].name;
    int64_t coefficient = term.coefficient;
    if (text.empty())
      text = coefficient < 0 ? "-" : "";
    else
      text += coefficient < 0 ? " - " : " + ";
    if (coefficient != 1 && coefficient != -1)
      text += std::to_string(coefficient < 0 ? -coefficient : coefficient) + " * ";
    text += name;
  }
  if (text.empty())
    return std::to_string(dim.constant);
  if (dim.constant != 0)
    text += (dim.constant < 0 ? " - " : " + ") +
            std::to_string(dim.constant < 0 ? -dim.constant : dim.constant);
  return text;
}

std::string rondo::symbolsText(const RondoEntry &entry, const RondoDim &dim, const int64_t *dims) {
  std::string text;
  for (int64_t i = 0; i < dim.num_terms; ++i) {
    const RondoDimTerm &term = dim.terms[i];
    text += text.empty() ? "" : ", ";
    text += term.divisor ? symbolsText(entry, term.inner, dims)
                         : format("%s is %lld", entry.symbols[term.symbol].name,
                                  static_cast<long long>(dims[term.symbol]));
  }
  return text;
}

std::string rondo::valueText(const RondoEntry &entry, const RondoValue &value) {
  std::string text = value.is_index ? "idx<" + dimText(entry, value.index_bound) + ">"
                                    : std::string(elementName(value.element));
  if (value.rank == 0)
    return text;
  text += "[";
  for (int64_t i = 0; i < value.rank; ++i)
    text += (i ? ", " : "") + dimText(entry, value.dims[i]);
  return text + "]";
}

namespace {
/// A symbol's value while solving, and the array that told it.
struct Found {
  bool known = false;
  int64_t value = 0;
  std::string origin;
};
} // namespace

/// The number of unknown symbols in `dim`; `only` is the last plain one found, or -1 when an
/// unknown hides inside a division.
static int64_t countUnknown(const RondoDim &dim, const std::vector<Found> &found, int64_t &only,
                            int64_t &coefficient) {
  int64_t unknown = 0;
  for (int64_t i = 0; i < dim.num_terms; ++i) {
    const RondoDimTerm &term = dim.terms[i];
    if (term.divisor) {
      int64_t ignoredSymbol = 0, ignoredCoefficient = 0;
      if (countUnknown(term.inner, found, ignoredSymbol, ignoredCoefficient))
        unknown += 2; // not solvable through a division
    } else if (!found[term.symbol].known) {
      ++unknown;
      only = term.symbol;
      coefficient = term.coefficient;
    }
  }
  return unknown;
}

/// Solves every dim that has one unknown left; true when something was found.
static bool solveOnce(const std::vector<GivenSizes> &given, std::vector<Found> &found) {
  bool changed = false;
  std::vector<int64_t> values(found.size());
  for (const GivenSizes &array : given) {
    for (int64_t i = 0; i < array.value->rank; ++i) {
      int64_t symbol = -1, coefficient = 0;
      if (countUnknown(array.value->dims[i], found, symbol, coefficient) != 1)
        continue;
      for (size_t s = 0; s < found.size(); ++s)
        values[s] = found[s].known ? found[s].value : 0;
      int64_t rest = array.sizes[i] - evaluateDim(array.value->dims[i], values.data());
      if (coefficient == 0 || rest % coefficient != 0)
        continue; // the comparison afterwards reports it
      found[symbol].known = true;
      found[symbol].value = rest / coefficient;
      found[symbol].origin = format(" (from %s, dim %lld)", quote(array.value->name).c_str(),
                                    static_cast<long long>(i));
      changed = true;
    }
  }
  return changed;
}

/// The values and origins of the symbols in `dim`, for a message.
static std::string originsText(const RondoEntry &entry, const RondoDim &dim,
                               const std::vector<Found> &found) {
  std::string text;
  for (int64_t i = 0; i < dim.num_terms; ++i) {
    const RondoDimTerm &term = dim.terms[i];
    if (!text.empty())
      text += ", ";
    text += term.divisor ? originsText(entry, term.inner, found)
                         : format("%s is %lld%s", entry.symbols[term.symbol].name,
                                  static_cast<long long>(found[term.symbol].value),
                                  found[term.symbol].origin.c_str());
  }
  return text;
}

Status rondo::solveShape(const RondoEntry &entry, const std::vector<GivenSizes> &given,
                         const std::vector<int64_t> &known, CallShape &shape) {
  std::vector<Found> found(static_cast<size_t>(entry.num_symbols));
  for (size_t s = 0; s < found.size(); ++s) {
    if (known[s] >= 0)
      found[s] = {true, known[s], " (as given)"};
  }
  for (const GivenSizes &array : given) {
    if (static_cast<int64_t>(array.sizes.size()) != array.value->rank)
      return error("%s has sizes %s, expected %s", quote(array.value->name).c_str(),
                   sizesText(array.sizes).c_str(), valueText(entry, *array.value).c_str());
  }
  while (solveOnce(given, found)) {
  }
  for (size_t s = 0; s < found.size(); ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    if (found[s].known)
      continue;
    if (symbol.kind == RONDO_UNIFORM && symbol.has_default)
      found[s] = {true, symbol.default_value, " (its default)"};
    else if (symbol.kind == RONDO_BATCH)
      found[s] = {true, 1, " (one row)"};
    else if (isChosen(symbol))
      found[s] = {true, 0, ""};
  }
  while (solveOnce(given, found)) {
  }
  shape.dims.assign(found.size(), 0);
  shape.lengths.assign(found.size(), {});
  for (size_t s = 0; s < found.size(); ++s) {
    const RondoSymbol &symbol = entry.symbols[s];
    if (!found[s].known)
      return symbol.kind == RONDO_RAGGED
                 ? error("the dim %s of '%s' does not follow from its inputs, give lengths.%s",
                         symbol.name, entry.name, symbol.name)
                 : error("the dim %s of '%s' is not known, give it with --set %s=N", symbol.name,
                         entry.name, symbol.name);
    if (found[s].value < 0)
      return error("the dim %s of '%s' would be %lld%s", symbol.name, entry.name,
                   static_cast<long long>(found[s].value), found[s].origin.c_str());
    // Far below where sizes in bytes, which generated code computes, could overflow.
    if (found[s].value > INT32_MAX)
      return error("the dim %s of '%s' would be %lld%s, at most %d is possible", symbol.name,
                   entry.name, static_cast<long long>(found[s].value), found[s].origin.c_str(),
                   INT32_MAX);
    shape.dims[s] = found[s].value;
  }
  for (const GivenSizes &array : given) {
    for (int64_t i = 0; i < array.value->rank; ++i) {
      const RondoDim &dim = array.value->dims[i];
      int64_t expected = evaluateDim(dim, shape.dims.data());
      if (array.sizes[i] == expected || isTrimmed(*array.value)) // which lengths decide
        continue;
      std::string origins = originsText(entry, dim, found);
      return error("dim %lld of %s has size %lld, expected %s%s%s", static_cast<long long>(i),
                   quote(array.value->name).c_str(), static_cast<long long>(array.sizes[i]),
                   dim.num_terms ? format("%s = %lld", dimText(entry, dim).c_str(),
                                          static_cast<long long>(expected))
                                       .c_str()
                                 : std::to_string(expected).c_str(),
                   origins.empty() ? "" : ", where ", origins.c_str());
    }
  }
  int64_t batch = batchSymbol(entry);
  int64_t rows = batch < 0 ? 1 : shape.dims[batch];
  for (size_t s = 0; s < found.size(); ++s)
    if (entry.symbols[s].kind == RONDO_RAGGED)
      shape.lengths[s].assign(static_cast<size_t>(rows), shape.dims[s]);
  return {};
}
