// Transcendental functions as vector code, on scalars or vectors of f32 or f64.
//
// Rounding errors are a few units in the last place unless said otherwise; NaN and infinities
// behave as in libm. What has no expansion here calls libm lane by lane.
#ifndef RONDO_LOWER_MATH_H
#define RONDO_LOWER_MATH_H

#include "Lower/Code.h"

namespace rondo::math {

Value exp(Code &code, Value x);
Value log(Code &code, Value x);
Value log1p(Code &code, Value x);
Value tanh(Code &code, Value x);
Value sigmoid(Code &code, Value x);
/// cos(2 pi u) for 0 <= u <= 1: what Box and Muller's transform needs.
Value cosTurn(Code &code, Value u);
Value floor(Code &code, Value x);
Value ceil(Code &code, Value x);
Value sqrt(Code &code, Value x);
Value abs(Code &code, Value x);

/// Calls libm's `name` ("sin"; with an f for single precision) on each lane.
Value libm(Code &code, llvm::StringRef name, ValueRange operands);

} // namespace rondo::math

#endif // RONDO_LOWER_MATH_H
