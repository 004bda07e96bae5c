// Plan's passes; Passes.td describes them.
#ifndef RONDO_PLAN_PASSES_H
#define RONDO_PLAN_PASSES_H

#include "Plan/Plan.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Plan/Passes.h.inc"

} // namespace rondo

#endif // RONDO_PLAN_PASSES_H
