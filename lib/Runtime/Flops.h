// The operations of a call, which the descriptor holds as the text of a polynomial.
#ifndef RONDO_RUNTIME_FLOPS_H
#define RONDO_RUNTIME_FLOPS_H

#include "rondo/Abi.h"

namespace rondo::inline runtime {

/// The floating-point operations of one call where symbol s has the value dims[s]; 0 where the
/// descriptor does not say.
double countFlops(const RondoEntry &entry, const int64_t *dims);
/// The value of a polynomial in the entry's symbols, 0 where it is none.
double evaluatePolynomial(const char *text, const RondoEntry &entry, const int64_t *dims);

/// How many workers a call is worth, at most `most`: each has this much to do between two barriers,
/// which take some microseconds with what each must fetch from the other's cache. What they cost
/// on a machine of this moment is seen while calls repeat (Pace.h); a call that stands alone has
/// only this.
inline constexpr double leastWork = 300e3;
int64_t usefulWorkers(const RondoEntry &entry, const int64_t *dims, int64_t most);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_FLOPS_H
