// Machine's pass; Passes.td describes it.
#ifndef RONDO_MACHINE_PASSES_H
#define RONDO_MACHINE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Machine/Passes.h.inc"

} // namespace rondo

#endif // RONDO_MACHINE_PASSES_H
