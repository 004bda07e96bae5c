// What gradcheck's differences vary: with what stop_gradient (and truncation, which is made of it)
// cuts held at the parameters as they are.
#ifndef RONDO_PROGRAM_HOLDSTOPPED_H
#define RONDO_PROGRAM_HOLDSTOPPED_H

#include "Rondo/Rondo.h"

namespace rondo {

/// Makes the function take every parameter a second time, as an argument with role "gradient", and
/// compute what stop_gradient gives from those. The difference quotient of the result by the first
/// is then the derivative that reverse mode computes. False, and nothing is done, where nothing
/// that depends on a parameter is stopped, or only the extremum that softmax subtracts and that
/// cancels.
bool holdStopped(mlir::func::FuncOp function);

} // namespace rondo

#endif // RONDO_PROGRAM_HOLDSTOPPED_H
