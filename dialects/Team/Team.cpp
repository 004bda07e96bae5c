// The team dialect's registration and verifiers.
#include "Team/Team.h"

using namespace mlir;
using namespace rondo::team;

#include "Team/TeamDialect.cpp.inc"

#define GET_OP_CLASSES
#include "Team/TeamOps.cpp.inc"

void TeamDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Team/TeamOps.cpp.inc"
      >();
}

/// The call and the worker's number are the first arguments of the function around.
static LogicalResult verifyInTeam(Operation *op) {
  auto function = op->getParentOfType<LLVM::LLVMFuncOp>();
  if (!function)
    return op->emitOpError("expected to be in an 'llvm.func'");
  ArrayRef<Type> arguments = function.getArgumentTypes();
  if (arguments.size() < 2 || !isa<LLVM::LLVMPointerType>(arguments[0]) ||
      !arguments[1].isInteger(64))
    return op->emitOpError("expected a function of a call and a worker's number, "
                           "(!llvm.ptr, i64, ...), found ")
           << function.getFunctionType();
  return success();
}

LogicalResult IdOp::verify() { return verifyInTeam(*this); }
LogicalResult SizeOp::verify() { return verifyInTeam(*this); }
LogicalResult BarrierOp::verify() { return verifyInTeam(*this); }
LogicalResult ShareOp::verify() {
  if (getQuantum() < 1)
    return emitOpError("expected a quantum of at least 1, found ") << getQuantum();
  return verifyInTeam(*this);
}
