// Passes that need the whole compiler; Passes.td describes them.
#ifndef RONDO_DRIVER_PASSES_H
#define RONDO_DRIVER_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Driver/Passes.h.inc"

} // namespace rondo

#endif // RONDO_DRIVER_PASSES_H
