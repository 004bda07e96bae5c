//===- Passes.td - Lower's passes --------------------------------*- tablegen -*-===//
#ifndef RONDO_LOWER_PASSES_TD
#define RONDO_LOWER_PASSES_TD

include "mlir/Pass/PassBase.td"

def Lower : Pass<"rondo-lower", "::mlir::ModuleOp"> {
  let summary = "emit loops over vectors for planned functions";
  let description = [{
    Every function becomes three: a declaration of the same name and type with all its attributes,
    which the descriptor is made of, and `NAME.code` and `NAME.arena` with the C signatures of
    include/rondo/Abi.h. Groups become nests of scf loops over scalars and vectors, scans loops over
    positions that run over the rows still active, checks set the failure and go on.

    Functions for a device become the code of one of its threads: scalars instead of vectors, tiles of
    products in shared memory (`device` ops), loops over time in `device.persistent`.

    Before:
    ```mlir
    func.func @f(%a: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32> {...}
    ```
    After:
    ```mlir
    func.func private @f(!rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
        attributes {rondo.code = "f.code", rondo.arena = "f.arena", rondo.checks = [], ...}
    llvm.func @f.code(%call: !llvm.ptr, %worker: i64)
    llvm.func @f.arena(%dims: !llvm.ptr) -> i64
    ```

    Assumptions: runs after rondo-plan and rondo-tile. Limits: elements are f32, f64, i32, i64 and i1.
  }];
  let options = [
    Option<"isProfiled", "profile", "bool", "false", "time every group and loop (Lower/Profile.h)">
  ];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::rondo::team::TeamDialect",
    "::rondo::device::DeviceDialect"
  ];
}

#endif // RONDO_LOWER_PASSES_TD
