// Differentiate's passes; Passes.td describes them.
#ifndef RONDO_DIFFERENTIATE_PASSES_H
#define RONDO_DIFFERENTIATE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Differentiate/Passes.h.inc"

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_PASSES_H
