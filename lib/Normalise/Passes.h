// Normalise's passes; Passes.td describes them.
#ifndef RONDO_LIB_NORMALISE_PASSES_H
#define RONDO_LIB_NORMALISE_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Normalise/Passes.h.inc"
} // namespace rondo

#endif // RONDO_LIB_NORMALISE_PASSES_H
