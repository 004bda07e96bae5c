// Taking contractions of joined values apart, where the parts belong to different loops.
#ifndef RONDO_LIB_NORMALISE_PARTING_H
#define RONDO_LIB_NORMALISE_PARTING_H

#include "Rondo/Rondo.h"

namespace rondo {

/// A contraction over the dim of a joint of values, of which a carry reaches some and not others,
/// becomes a sum of two: `[x; h] W` is `x Wx + h Wh`, and the first can leave the loop.
void partJoints(ScanOp scan);

/// A contraction of which only parts are read, some for the next carries and others not, becomes
/// one per part: of `[dx; dh] = W dz` the first can leave the loop.
void partResults(ScanOp scan);

} // namespace rondo

#endif // RONDO_LIB_NORMALISE_PARTING_H
