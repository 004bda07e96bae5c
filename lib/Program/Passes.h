// Program's passes; Passes.td describes them.
#ifndef RONDO_PROGRAM_PASSES_H
#define RONDO_PROGRAM_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Program/Passes.h.inc"

} // namespace rondo

#endif // RONDO_PROGRAM_PASSES_H
