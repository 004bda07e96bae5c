// One compilation, from a file of any stage to a file of a later one.
#ifndef RONDO_DRIVER_COMPILE_H
#define RONDO_DRIVER_COMPILE_H

#include "Driver/Options.h"

namespace rondo {

/// Compiles as the options say and prints what is wrong; returns the exit status, 0 or 1.
int compile(const Options &options);

} // namespace rondo

#endif // RONDO_DRIVER_COMPILE_H
