// Taking what no carry reaches out of a loop.
#ifndef RONDO_LIB_NORMALISE_HOISTING_H
#define RONDO_LIB_NORMALISE_HOISTING_H

#include "Rondo/Rondo.h"

namespace rondo {

/// Moves out of a scan what its body computes from outside values alone.
void moveInvariants(ScanOp scan);

/// Computes before a scan, for all steps at once, what its body computes from slices and the
/// position and from no carry. True if the scan changed; it is gone or replaced then.
bool moveSteps(ScanOp scan);

} // namespace rondo

#endif // RONDO_LIB_NORMALISE_HOISTING_H
