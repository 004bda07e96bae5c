// The dims and lengths of calls, from arrays and scalars by name.
#include "Runtime/Feed.h"

#include <algorithm>
#include <cmath>

using namespace rondo;

Status rondo::checkScalar(const RondoEntry &entry, const RondoValue &value, const Feed &feed) {
  bool scalar = value.rank == 0 || (value.rank == 1 && isBatched(entry, value));
  if (scalar && (value.has_default || feed.scalars.find(value.name) != feed.scalars.end()))
    return {};
  return error("'%s' lacks its input %s, of type %s%s", entry.name, quote(value.name).c_str(),
               valueText(entry, value).c_str(), scalar ? "; give it with --set" : "");
}

/// Whether one of the given arrays has a dim that names the symbol outside of a division.
static bool isPlainIn(const std::vector<GivenSizes> &given, int64_t symbol) {
  for (const GivenSizes &array : given)
    for (int64_t i = 0; i < array.value->rank; ++i)
      for (int64_t k = 0; k < array.value->dims[i].num_terms; ++k)
        if (const RondoDimTerm &term = array.value->dims[i].terms[k];
            !term.divisor && term.symbol == symbol)
          return true;
  return false;
}

Status FeedShape::prepare(const RondoEntry &called, const Feed &from) {
  entry = &called;
  feed = &from;
  isSolved = false;
  inputs.clear();
  given.clear();
  for (int64_t i = 0; i < entry->num_arguments; ++i) {
    const RondoValue &value = entry->arguments[i];
    if (value.role != RONDO_INPUT)
      continue;
    if (auto found = feed->arrays.find(value.name); found != feed->arrays.end()) {
      inputs.push_back(&found->second);
      given.push_back({&value, {}});
    } else {
      RONDO_TRY(checkScalar(*entry, value, *feed));
    }
  }
  symbols.assign(static_cast<size_t>(entry->num_symbols), {});
  for (size_t s = 0; s < symbols.size(); ++s) {
    const RondoSymbol &symbol = entry->symbols[s];
    symbols[s].isPlain = isPlainIn(given, static_cast<int64_t>(s));
    if (symbol.kind == RONDO_UNIFORM) {
      if (auto found = feed->scalars.find(symbol.name); found != feed->scalars.end())
        symbols[s].count = &found->second;
    } else if (symbol.kind == RONDO_RAGGED) {
      std::string name = std::string("lengths.") + symbol.name;
      if (auto found = feed->arrays.find(name); found != feed->arrays.end())
        symbols[s].lengths = &found->second;
    }
  }
  return {};
}

/// What the lengths of a ragged symbol say about dims.
Status FeedShape::takeLengths(size_t symbol, const Array &array) {
  if (!isInteger(array.element()) || array.sizes().size() != 1)
    return error("%s holds %s of sizes %s, expected one integer for each example",
                 quote(std::string("lengths.") + entry->symbols[symbol].name).c_str(),
                 elementKind(array.element()), sizesText(array.sizes()).c_str());
  if (!symbols[symbol].isPlain) {
    known[symbol] = 0;
    for (int64_t i = 0; i < array.elements(); ++i)
      known[symbol] = std::max(known[symbol], array.integer(i));
  }
  if (int64_t batch = batchSymbol(*entry);
      batch >= 0 && !symbols[static_cast<size_t>(batch)].isPlain)
    known[static_cast<size_t>(batch)] = array.elements();
  return {};
}

Status FeedShape::takeKnown() {
  known.assign(symbols.size(), -1);
  for (size_t s = 0; s < symbols.size(); ++s) {
    if (const double *count = symbols[s].count) {
      if (!(*count >= 0 && *count < 0x1p53) || *count != std::floor(*count))
        return error("%s is %g, expected a count", quote(entry->symbols[s].name).c_str(), *count);
      known[s] = static_cast<int64_t>(*count);
    }
    if (symbols[s].lengths)
      RONDO_TRY(takeLengths(s, **symbols[s].lengths));
  }
  if (int64_t batch = batchSymbol(*entry); batch >= 0 && !feed->ordinals.empty())
    known[static_cast<size_t>(batch)] = static_cast<int64_t>(feed->ordinals.size());
  return {};
}

Status FeedShape::take(bool &isNew) {
  bool isSame = isSolved;
  isSolved = false;
  isNew = true;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (given[i].sizes == (*inputs[i])->sizes())
      continue;
    given[i].sizes = (*inputs[i])->sizes();
    isSame = false;
  }
  RONDO_TRY(takeKnown());
  isSame &= known == knownBefore;
  knownBefore = known;
  if (!isSame)
    RONDO_TRY(solveShape(*entry, given, known, shape));
  for (size_t s = 0; s < symbols.size(); ++s)
    if (symbols[s].lengths) {
      const Array &array = **symbols[s].lengths;
      shape.lengths[s].resize(static_cast<size_t>(array.elements()));
      for (int64_t i = 0; i < array.elements(); ++i)
        shape.lengths[s][static_cast<size_t>(i)] = array.integer(i);
    }
  isSolved = true;
  isNew = !isSame;
  return {};
}
