// The convention of choices: nothing flows through what was not chosen, not even 0 times infinity.
//
// The adjoint of a choice gives an exact 0 to what it did not take, whose derivative may be
// infinite or NaN (the root of a negative number, the logarithm of 0). So in every adjoint an exact
// 0 wins over a derivative that is not finite. The guard costs something and stands only where
// Ranges.h cannot tell that the derivative is finite.
#ifndef RONDO_DIFFERENTIATE_ZEROS_H
#define RONDO_DIFFERENTIATE_ZEROS_H

#include "Differentiate/Ranges.h"

namespace rondo {

/// The adjoint that the rule of `op` gave one of its operands, for the cotangent of its result, so
/// that it is 0 where the cotangent is. The condition names the derivative too, so that the
/// derivative of the guard is right where the cotangent happens to be 0.
mlir::Value keepZeros(mlir::OpBuilder &builder, Ranges &ranges, mlir::Operation *op,
                      mlir::Value cotangent, mlir::Value adjoint);

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_ZEROS_H
