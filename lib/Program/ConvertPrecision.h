// What rondo-precision and rondo-twins share: single to double precision, everywhere below an op.
#ifndef RONDO_PROGRAM_CONVERTPRECISION_H
#define RONDO_PROGRAM_CONVERTPRECISION_H

#include "mlir/IR/Operation.h"

namespace rondo {

/// Turns every f32 in `root` and below (types, attributes, constants) into f64; conversions that
/// change nothing any more are dropped. Returns the number of ops that changed.
int64_t convertToDouble(mlir::Operation *root);

} // namespace rondo

#endif // RONDO_PROGRAM_CONVERTPRECISION_H
