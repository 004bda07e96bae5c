// What run-time sizes are taken for where they decide something before they are known: what is
// larger than what, what fits a cache. Every pass takes the same numbers.
#ifndef RONDO_DIALECTS_TYPICALSIZES_H
#define RONDO_DIALECTS_TYPICALSIZES_H

#include "Rondo/DimPolynomial.h"
#include "Rondo/Rondo.h"

namespace rondo {

/// What every symbol counts as.
inline constexpr int64_t typicalSize = 64;

/// The value where every symbol is of typical size.
double typicalValue(const DimPolynomial &polynomial);
/// Elements of an array with these dims, of typical size; 1 at least and 2^40 at most.
int64_t typicalElements(llvm::ArrayRef<DimAttr> dims);

} // namespace rondo

#endif // RONDO_DIALECTS_TYPICALSIZES_H
