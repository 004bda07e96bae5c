// The passes of Kernels.
#ifndef RONDO_KERNELS_PASSES_H
#define RONDO_KERNELS_PASSES_H

#include "Device/Device.h"
#include "Team/Team.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"

namespace rondo {

#define GEN_PASS_DECL
#include "Kernels/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "Kernels/Passes.h.inc"

} // namespace rondo

#endif // RONDO_KERNELS_PASSES_H
