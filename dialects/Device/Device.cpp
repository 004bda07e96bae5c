// The device dialect's registration and verifiers.
#include "Device/Device.h"

using namespace mlir;
using namespace rondo::device;

#include "Device/DeviceDialect.cpp.inc"

#define GET_OP_CLASSES
#include "Device/DeviceOps.cpp.inc"

void DeviceDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Device/DeviceOps.cpp.inc"
      >();
}

SharedMemory SharedMemory::of(LLVM::LLVMFuncOp kernel) {
  SharedMemory memory;
  kernel.walk([&](Operation *op) {
    if (auto shared = dyn_cast<SharedOp>(op))
      memory.bytes = std::max<int64_t>(memory.bytes, shared.getOffset() + shared.getBytes());
    memory.takesRest |= isa<SharedRestOp>(op);
  });
  memory.bytes = static_cast<int64_t>(llvm::alignTo(memory.bytes, 16));
  return memory;
}

LogicalResult SharedOp::verify() {
  if (getBytes() < 1 || getOffset() % 16 != 0 || static_cast<int64_t>(getOffset()) < 0)
    return emitOpError("expected some bytes from a multiple of 16 on, found ")
           << getBytes() << " at " << getOffset();
  return success();
}

LogicalResult CopyAsyncOp::verify() {
  if (!llvm::is_contained({4, 8, 16}, static_cast<int64_t>(getBytes())))
    return emitOpError("copies 4, 8 or 16 bytes, found ") << getBytes();
  return success();
}

LogicalResult ShuffleOp::verify() {
  if (getMask() < 1 || getMask() > 31)
    return emitOpError("expected a mask from 1 to 31, found ") << getMask();
  return success();
}

LogicalResult MmaOp::verify() {
  if (getKind() != "tf32" && getKind() != "bf16")
    return emitOpError("expected \"tf32\" or \"bf16\", found \"") << getKind() << "\"";
  return success();
}
