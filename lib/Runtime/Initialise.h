// First values of parameters, from a seed.
#ifndef RONDO_RUNTIME_INITIALISE_H
#define RONDO_RUNTIME_INITIALISE_H

#include "Runtime/Array.h"

namespace rondo::inline runtime {

/// Fills `array` with the parameter's initial values. Every parameter has its own key, folded from
/// the seed and its path, so that adding a parameter changes no other. Draws are made in double
/// precision and rounded once, so the f64 twin starts from the same numbers. `element` is the
/// type to make: the parameter's own, or f64 for the twin.
Status initialiseParameter(const RondoParameter &parameter, int64_t seed, int32_t element,
                           Array &array);

} // namespace rondo::inline runtime

#endif // RONDO_RUNTIME_INITIALISE_H
