// Transcendental functions as vector code, on scalars or vectors of f32 or f64. Nothing calls libm.
//
// The errors of each, in units in the last place, are in README.md and swept by test/Lower/ulp;
// NaN, infinities and zeros behave as in libm.
#ifndef RONDO_LOWER_MATH_H
#define RONDO_LOWER_MATH_H

#include "Lower/Code.h"

namespace rondo::math {

Value exp(Code &code, Value x);
Value log(Code &code, Value x);
Value log1p(Code &code, Value x);
Value expm1(Code &code, Value x);
Value tanh(Code &code, Value x);
Value sigmoid(Code &code, Value x);
Value erf(Code &code, Value x);
Value sin(Code &code, Value x);
Value cos(Code &code, Value x);
Value pow(Code &code, Value x, Value y);
/// cos(2 pi u) for 0 <= u <= 1: what Box and Muller's transform needs.
Value cosTurn(Code &code, Value u);
Value floor(Code &code, Value x);
Value ceil(Code &code, Value x);
Value sqrt(Code &code, Value x);
Value rsqrt(Code &code, Value x);
Value abs(Code &code, Value x);

} // namespace rondo::math

#endif // RONDO_LOWER_MATH_H
