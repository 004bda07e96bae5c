// The team dialect: all workers run the same program.
#ifndef RONDO_DIALECTS_TEAM_H
#define RONDO_DIALECTS_TEAM_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"

#include "Team/TeamDialect.h.inc"

#define GET_OP_CLASSES
#include "Team/TeamOps.h.inc"

namespace rondo::team {

#define GEN_PASS_DECL
#include "Team/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "Team/Passes.h.inc"

} // namespace rondo::team

#endif // RONDO_DIALECTS_TEAM_H
