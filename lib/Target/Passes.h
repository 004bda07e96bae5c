// Target's passes; Passes.td describes them.
#ifndef RONDO_TARGET_PASSES_H
#define RONDO_TARGET_PASSES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace rondo {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Target/Passes.h.inc"

} // namespace rondo

#endif // RONDO_TARGET_PASSES_H
