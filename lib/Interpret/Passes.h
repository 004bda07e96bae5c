// The passes of lib/Interpret.
#ifndef RONDO_INTERPRET_PASSES_H
#define RONDO_INTERPRET_PASSES_H

#include "Rondo/Rondo.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {

#define GEN_PASS_DECL
#include "Interpret/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "Interpret/Passes.h.inc"

} // namespace rondo

#endif // RONDO_INTERPRET_PASSES_H
