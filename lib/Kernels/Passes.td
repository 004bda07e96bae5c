//===- Passes.td - Kernels' passes --------------------------------*- tablegen -*-===//
#ifndef RONDO_KERNELS_PASSES_TD
#define RONDO_KERNELS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Kernels : Pass<"rondo-kernels", "::mlir::ModuleOp"> {
  let summary = "cut the code of a device's threads into kernels and the host's code";
  let description = [{
    What stands between two barriers becomes a kernel, an `llvm.func` with `device.kernel` that is
    given the call and what it needs of the host's loops, as numbers; the barriers and the loops
    around them stay on the host, which starts the kernels in order. A `device.persistent` becomes one
    cooperative kernel, loops and all; its barriers are barriers of the grid. Both sides compute sizes
    and addresses for themselves: dims and lengths are on the device and on the host.

    Before:
    ```mlir
    llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
      %id = team.id
      scf.for %i = %id to %n step %size {... llvm.store ...}
      team.barrier
      device.persistent {
        scf.for %t = %c0 to %steps step %c1 {... team.barrier}
      }
    ```
    After:
    ```mlir
    llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
      device.launch @f.kernel.0()
      device.launch @f.kernel.1()
    }
    llvm.func @f.kernel.0(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
      %thread = device.thread
      ...
    ```

    Assumptions: runs after Lower, on the module of a device; loads that are wanted on both sides are
    of what a call says and nobody writes. Limits: values that a kernel takes from the host's loops are
    64-bit integers.
  }];
  let statistics = [Statistic<"numKernels", "num-kernels", "kernels that were made">];
  let dependentDialects = ["::rondo::device::DeviceDialect", "::mlir::LLVM::LLVMDialect"];
}

def JoinDevices : Pass<"rondo-join-devices", "::mlir::ModuleOp"> {
  let summary = "make the modules of devices part of the program";
  let description = [{
    Up to Lower each device has a module of its own within the program, whose functions have the names
    that the program's have. What is in it moves to the program then, and names get the module's before
    them; what Lower left of a function gets `rondo.device_of`. Of constants, and of functions that code
    brought along for itself, the program keeps one where both have the same.

    Before:
    ```mlir
    func.func private @f(...) attributes {rondo.code = @f.code, ...}
    module @cuda attributes {rondo.kernels = ["f.kernel.0"]} {
      func.func private @f(...) attributes {rondo.code = @f.code, ...}
      llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {device.launch @f.kernel.0() ...}
    }
    ```
    After:
    ```mlir
    module attributes {rondo.kernels = ["cuda.f.kernel.0"]} {
      func.func private @f(...) attributes {rondo.code = @f.code, ...}
      func.func private @cuda.f(...) attributes {rondo.code = @cuda.f.code, rondo.device_of = "f", ...}
      llvm.func @cuda.f.code(%call: !llvm.ptr, %worker: i64) {device.launch @cuda.f.kernel.0() ...}
    ```

    Assumptions: runs after rondo-kernels.
  }];
}

#endif // RONDO_KERNELS_PASSES_TD
