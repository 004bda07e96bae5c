#ifndef DEVICE_PASSES_TD
#define DEVICE_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerLaunch : Pass<"rondo-lower-launch", "::mlir::ModuleOp"> {
  let summary = "turns launches into calls of the runtime";
  let description = [{
    The kernel becomes its number, its place in the module's `rondo.kernels`; the numbers that it is
    given go through an array on the stack. Who starts it is found in the call (RondoCall.device in
    include/rondo/Abi.h).

    Before:
    ```mlir
    llvm.func @cuda.f.code(%call: !llvm.ptr, %worker: i64) {
      device.launch @cuda.f.kernel.0(%t)
    ```
    After:
    ```mlir
    llvm.func @cuda.f.code(%call: !llvm.ptr, %worker: i64) {
      %numbers = llvm.alloca %one x !llvm.array<1 x i64>
      %device = llvm.load %deviceField : !llvm.ptr -> !llvm.ptr
      llvm.store %t, %numbers
      %launch = llvm.load %device : !llvm.ptr -> !llvm.ptr
      llvm.call %launch(%device, %zero, %numbers, %one)
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def DescribeKernels : Pass<"rondo-describe-kernels", "::mlir::ModuleOp"> {
  let summary = "notes what a launch of each kernel needs";
  let description = [{
    What the descriptor says of kernels (RondoKernel in include/rondo/Abi.h) is in their ops, which
    lowering takes away. Each name in the module's `rondo.kernels` becomes a dictionary: the kernel's
    symbol, its name (a legal identifier of PTX), its threads per block, its bytes of shared memory
    and whether it takes the rest, whether it is cooperative, how many numbers it is given.

    Before:
    ```mlir
    module attributes {rondo.kernels = ["cuda.f.kernel.0"]}
    ```
    After:
    ```mlir
    module attributes {rondo.kernels = [ {
        symbol = "cuda.f.kernel.0", name = "cuda$f$kernel$0", threads = 256 : i64,
        shared_bytes = 4096 : i64, takes_rest = false, cooperative = true, numbers = 0 : i64
    } ]}
    ```

    Assumptions: runs after rondo-lower-launch and before kernels are lowered.
  }];
}

def LowerToPtx : Pass<"rondo-lower-ptx", "::mlir::ModuleOp"> {
  let summary = "turns the device ops of kernels into what LLVM has for NVIDIA GPUs";
  let description = [{
    Special registers, intrinsics of NVPTX, and PTX in place where LLVM has nothing that is right.
    Shared memory is dynamic: one array without a size, as large as the launch says. The barrier of
    the grid is written out with atomics and fences; LowerToPtx.cpp says why it is right. Pointers
    that a kernel loads are known to be of global memory.

    Before:
    ```mlir
    llvm.func @k(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
      %thread = device.thread
      device.barrier
    ```
    After:
    ```mlir
    llvm.func ptx_kernelcc @k(%call: !llvm.ptr) attributes {passthrough = [["nvvm.maxntid", "256"]]} {
      %number = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.tid.x"() : () -> i32
      %thread = llvm.zext %number : i32 to i64
      llvm.call_intrinsic "llvm.nvvm.barrier.cta.sync.aligned.all"(%zero)
    ```

    Assumptions: runs before scf is converted to branches, on a module of kernels and what they call;
    no address of shared memory is ever stored. Limits: `device.mma` becomes inline assembly, which
    must be made convergent once it is LLVM IR (lib/Target/Ptx.cpp does so).
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect"
  ];
}

def LowerEmulated : Pass<"rondo-lower-emulated", "::mlir::ModuleOp"> {
  let summary = "turns kernels into host functions that ask the emulator";
  let description = [{
    A kernel becomes a function of an emulated thread, the call and the kernel's numbers
    (RondoEmulatedKernel in include/rondo/Abi.h). Ops that say who a thread is become loads of its
    RondoThread, the others calls through its RondoEmulator. Before every load and store stands a call
    of `access`, with the address, the bytes, and the line of the model: all but those of the thread's
    own stack and of constants. The lanes that a mask leaves out have 0 bytes.

    Before:
    ```mlir
    llvm.func @kernel(%call: !llvm.ptr, %n: i64) attributes {device.kernel = 256 : i64} {
      %thread = device.thread
      %x = llvm.load %call : !llvm.ptr -> f32
      device.barrier
    ```
    After:
    ```mlir
    llvm.mlir.global internal constant @rondo.source.0() : !llvm.struct<"RondoSource", (ptr, i64, i64)>
    llvm.func @kernel(%self: !llvm.ptr, %call: !llvm.ptr, %numbers: !llvm.ptr)
        attributes {device.kernel = 256 : i64} {
      %n = llvm.load %numbers : !llvm.ptr -> i64
      %emulator = llvm.load %selfEmulator : !llvm.ptr -> !llvm.ptr
      %access = llvm.load %emulatorAccess : !llvm.ptr -> !llvm.ptr
      %thread = llvm.load %selfThread : !llvm.ptr -> i64
      llvm.call %access(%self, %call, %c4, %c0, %source) : !llvm.ptr, (...) -> ()
      %x = llvm.load %call : !llvm.ptr -> f32
      llvm.call %barrier(%self, %source) : !llvm.ptr, (!llvm.ptr, !llvm.ptr) -> ()
    ```

    Places where threads meet have a source each, even if they are of one line: the emulator knows by
    it whether all threads are at the same one.

    Assumptions: runs after rondo-lower-launch, which knows kernels by their arguments, and before scf
    is converted to branches. Limits: kernels have no atomics; what a kernel calls touches
    its own stack and constants only.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect"];
}

#endif // DEVICE_PASSES_TD
