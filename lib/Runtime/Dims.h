// Dims of the descriptor: their values, their text, and finding a call's symbols from the sizes of
// the arrays it is given.
#ifndef RONDO_RUNTIME_DIMS_H
#define RONDO_RUNTIME_DIMS_H

#include "Runtime/Status.h"
#include "rondo/Abi.h"

#include <vector>

namespace rondo::inline runtime {

/// The values of an entry's symbols for one call: rows, padded length or value for each, and for
/// each ragged one the length of every example.
struct CallShape {
  std::vector<int64_t> dims;
  std::vector<std::vector<int64_t>> lengths;
};

/// The dim's value where symbol s has the value dims[s].
int64_t evaluateDim(const RondoDim &dim, const int64_t *dims);
/// The sizes of a value's storage (padded where ragged).
std::vector<int64_t> evaluateDims(const RondoValue &value, const int64_t *dims);
/// Whether storage may be larger than all examples' own sizes, so that callers see less of it.
inline bool isTrimmed(const RondoValue &value) { return value.storage != value.dims; }
/// The element type of an argument or result, in the program's precision or in that of its twin.
inline int32_t elementIn(const RondoValue &value, bool twin) {
  return twin && value.element == RONDO_F32 ? static_cast<int32_t>(RONDO_F64) : value.element;
}
/// Whether the symbol's value is chosen by the call (0 in its shape) rather than given.
inline bool isChosen(const RondoSymbol &symbol) {
  return symbol.kind == RONDO_SEGMENT || symbol.kind == RONDO_SEGMENTS;
}
/// Whether the entry computes gradients, which keep to the memory budget.
bool isGradient(const RondoEntry &entry);
/// Whether the dim depends on the symbol.
bool usesSymbol(const RondoDim &dim, int64_t symbol);
/// Whether the dim, or a dim of the value, uses a ragged symbol.
bool isRagged(const RondoEntry &entry, const RondoDim &dim);
bool isRagged(const RondoEntry &entry, const RondoValue &value);
/// The entry's batch symbol, or -1.
int64_t batchSymbol(const RondoEntry &entry);
/// Whether the value has the batch as its first dim.
bool isBatched(const RondoEntry &entry, const RondoValue &value);

/// "T - 1", "P + n", "2 * (T floordiv 2)".
std::string dimText(const RondoEntry &entry, const RondoDim &dim);
/// "T is 2, n is 3": the dim's symbols.
std::string symbolsText(const RondoEntry &entry, const RondoDim &dim, const int64_t *dims);
/// "idx<256>[B, T]".
std::string valueText(const RondoEntry &entry, const RondoValue &value);

/// One array that a call is given.
struct GivenSizes {
  const RondoValue *value;
  std::vector<int64_t> sizes;
};

/// Finds the entry's symbols. `known` holds, per symbol, a value given by the caller or -1; the
/// rest is solved from the arrays' sizes. An unknown batch is one row; an error names the dims and
/// both values where sizes contradict each other. Lengths are left full.
Status solveShape(const RondoEntry &entry, const std::vector<GivenSizes> &given,
                  const std::vector<int64_t> &known, CallShape &shape);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_DIMS_H
