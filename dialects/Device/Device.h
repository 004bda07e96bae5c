// The device dialect: threads of a kernel on a device.
#ifndef RONDO_DIALECTS_DEVICE_H
#define RONDO_DIALECTS_DEVICE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"

#include "Device/DeviceDialect.h.inc"

#define GET_OP_CLASSES
#include "Device/DeviceOps.h.inc"

namespace rondo::device {

#define GEN_PASS_DECL
#include "Device/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "Device/Passes.h.inc"

namespace names {
/// On an `llvm.func`: it is a kernel, whose blocks have so many threads.
inline constexpr llvm::StringLiteral kernel = "device.kernel";
/// On a kernel: it has barriers of the grid, so all of its blocks must run at once.
inline constexpr llvm::StringLiteral cooperative = "device.cooperative";
/// On the module: the kernels' names, in the order of their numbers (RondoDeviceCode); behind
/// rondo-describe-kernels, dictionaries.
inline constexpr llvm::StringLiteral kernels = "rondo.kernels";
} // namespace names

/// Threads of a kernel's blocks; 0 where a function is no kernel.
inline int64_t threadsOf(mlir::LLVM::LLVMFuncOp kernel) {
  auto threads = kernel->getAttrOfType<mlir::IntegerAttr>(names::kernel);
  return threads ? threads.getInt() : 0;
}

/// What a kernel needs of a block's shared memory: the bytes that its ops name, and whether it
/// takes the rest.
struct SharedMemory {
  int64_t bytes = 0;
  bool takesRest = false;
  static SharedMemory of(mlir::LLVM::LLVMFuncOp kernel);
};

} // namespace rondo::device

#endif // RONDO_DIALECTS_DEVICE_H
