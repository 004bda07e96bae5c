// Sizes that a program learns when it runs decide things before that: which of two arrays is
// larger, and whether one fits a cache. Every pass takes the same numbers for them.
#ifndef RONDO_DIALECTS_TYPICALSIZES_H
#define RONDO_DIALECTS_TYPICALSIZES_H

#include "Rondo/DimPolynomial.h"
#include "Rondo/Rondo.h"

namespace rondo {

/// Every symbol counts as this many.
inline constexpr int64_t typicalSize = 64;

/// The value where every symbol is of typical size.
double typicalValue(const DimPolynomial &polynomial);
/// Elements of an array with these dims, of typical size; 1 at least and 2^40 at most.
int64_t typicalElements(llvm::ArrayRef<DimAttr> dims);

} // namespace rondo

#endif // RONDO_DIALECTS_TYPICALSIZES_H
