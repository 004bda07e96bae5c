// The passes of lib/Batch.
#ifndef RONDO_LIB_BATCH_PASSES_H
#define RONDO_LIB_BATCH_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Batch/Passes.h.inc"
} // namespace rondo

#endif // RONDO_LIB_BATCH_PASSES_H
