// How much work an op is: floating-point operations and bytes, as polynomials in dims.
#ifndef RONDO_DIALECTS_COST_H
#define RONDO_DIALECTS_COST_H

#include "Rondo/DimPolynomial.h"

namespace rondo {

struct Work {
  /// Additions, multiplications, comparisons and elementwise functions of floats, each one.
  DimPolynomial flops;
  /// Read and written, if every op reads its operands from memory and writes its results there.
  DimPolynomial bytes;

  Work &operator+=(const Work &other) {
    flops += other.flops;
    bytes += other.bytes;
    return *this;
  }
};

} // namespace rondo

#include "Rondo/RondoCost.h.inc"

namespace rondo {

/// Attaches the implementations; the dialect does it as it is loaded.
void attachCosts(mlir::MLIRContext *context);

/// The work of a block's ops.
Work workOf(mlir::Block &block);
/// The work of one call of a function.
Work workOf(mlir::func::FuncOp function);

} // namespace rondo

#endif // RONDO_DIALECTS_COST_H
