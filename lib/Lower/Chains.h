// Sums that keep what each addition loses (Chains.cpp).
#ifndef RONDO_LOWER_CHAINS_H
#define RONDO_LOWER_CHAINS_H

#include "Lower/Code.h"

namespace rondo {

/// Terms of a contraction's sum that an accumulator takes as they are: many, since its accumulators
/// are many and its terms, products, seldom equal. (The error of so many equal ones is 1.5e-5 at
/// most. Chains of 128 were measured: an LSTM of 512 or 1024 units runs 10 % slower.)
inline constexpr int64_t chainProducts = 512;

/// The sum of a number, or of each lane, with one more, and what it has lost so far, of which
/// `lost` comes from the additions before. What is not finite has lost nothing.
std::pair<Value, Value> compensated(Code &code, Value sum, Value lost, Value more);

} // namespace rondo

#endif // RONDO_LOWER_CHAINS_H
