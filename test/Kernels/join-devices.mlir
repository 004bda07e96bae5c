// RUN: rondo-opt %s --rondo-join-devices | FileCheck %s

// Names get the module's before them, wherever they stand; what is declared, and constants that both
// have, are there once. A constant of the same name that is another one stays, and so does a function
// that uses it.

// CHECK: module attributes {rondo.kernels = ["cuda.f.kernel.0"]}
// CHECK: llvm.mlir.global internal constant @table(1 : i64)
// CHECK: llvm.mlir.global internal constant @other(2 : i64)
// CHECK-NOT: module
// CHECK: func.func private @cuda.f() attributes {rondo.arena = @cuda.f.arena, rondo.code = @cuda.f.code, rondo.device_of = "f", rondo.kind = "entry"}
// CHECK-NOT: @cuda.memset
// CHECK-NOT: @cuda.table
// CHECK: llvm.mlir.global internal constant @cuda.other(3 : i64)
// CHECK: llvm.mlir.global internal constant @alone(4 : i64)
// CHECK-NOT: @cuda.reads_table
// CHECK: llvm.func internal @cuda.reads_other
// CHECK-NEXT: llvm.mlir.addressof @cuda.other
// CHECK: llvm.func @cuda.f.code(
// CHECK: llvm.mlir.addressof @table
// CHECK: llvm.mlir.addressof @cuda.other
// CHECK: llvm.mlir.addressof @alone
// CHECK: device.launch @cuda.f.kernel.0()
// CHECK: llvm.func @cuda.f.arena
// CHECK: llvm.func @cuda.f.kernel.0
llvm.func @memset(!llvm.ptr, i32, i64)
llvm.mlir.global internal constant @table(1 : i64) : i64
llvm.mlir.global internal constant @other(2 : i64) : i64
llvm.func internal @reads_table() -> !llvm.ptr {
  %0 = llvm.mlir.addressof @table : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}
llvm.func internal @reads_other() -> !llvm.ptr {
  %0 = llvm.mlir.addressof @other : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}
func.func private @f() attributes {rondo.kind = "entry"}
module @cuda attributes {rondo.kernels = ["f.kernel.0"]} {
  func.func private @f() attributes {rondo.arena = @f.arena, rondo.code = @f.code, rondo.kind = "entry"}
  llvm.func @memset(!llvm.ptr, i32, i64)
  llvm.mlir.global internal constant @table(1 : i64) : i64
  llvm.mlir.global internal constant @other(3 : i64) : i64
  llvm.mlir.global internal constant @alone(4 : i64) : i64
  llvm.func internal @reads_table() -> !llvm.ptr {
    %0 = llvm.mlir.addressof @table : !llvm.ptr
    llvm.return %0 : !llvm.ptr
  }
  llvm.func internal @reads_other() -> !llvm.ptr {
    %0 = llvm.mlir.addressof @other : !llvm.ptr
    llvm.return %0 : !llvm.ptr
  }
  llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
    %0 = llvm.mlir.addressof @table : !llvm.ptr
    %1 = llvm.mlir.addressof @other : !llvm.ptr
    %2 = llvm.mlir.addressof @alone : !llvm.ptr
    device.launch @f.kernel.0()
    llvm.return
  }
  llvm.func @f.arena(%dims: !llvm.ptr) -> i64 {
    %zero = llvm.mlir.constant(0 : i64) : i64
    llvm.return %zero : i64
  }
  llvm.func @f.kernel.0(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
    llvm.return
  }
}
