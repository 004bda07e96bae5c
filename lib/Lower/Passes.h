// Lower's passes; Passes.td describes them.
#ifndef RONDO_LOWER_PASSES_H
#define RONDO_LOWER_PASSES_H

#include "Device/Device.h"
#include "Machine/TargetDescription.h"
#include "Team/Team.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Lower/Passes.h.inc"

} // namespace rondo

#endif // RONDO_LOWER_PASSES_H
