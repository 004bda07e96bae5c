// RUN: rondo-opt %s --rondo-kernels | FileCheck %s

// What stands between two barriers is a kernel; loops around barriers stay on the host, which gives
// their positions as numbers; a persistent loop is one kernel, barriers of the grid included.

// CHECK: module attributes {rondo.kernels = ["f.kernel.0", "f.kernel.1", "f.kernel.2"], rondo.target
module attributes {rondo.target = {threads_per_block = 128 : i64}} {
func.func private @f() attributes {rondo.code = @f.code}

// CHECK-LABEL: llvm.func @f.kernel.0(%arg0: !llvm.ptr) attributes {device.kernel = 128 : i64}
// CHECK: device.thread
// CHECK: llvm.store
// CHECK-NOT: barrier
// CHECK-LABEL: llvm.func @f.kernel.1(%arg0: !llvm.ptr, %arg1: i64) attributes {device.kernel = 128 : i64}
// CHECK: llvm.load %arg0
// CHECK: llvm.getelementptr %{{.*}}[%arg1]
// CHECK-NOT: barrier
// CHECK-LABEL: llvm.func @f.kernel.2(%arg0: !llvm.ptr) attributes {device.cooperative, device.kernel = 128 : i64}
// CHECK: scf.for
// CHECK: device.grid_barrier
// CHECK-NOT: team.

// CHECK-LABEL: llvm.func @f.code
// CHECK: device.launch @f.kernel.0()
// CHECK-NEXT: scf.for %[[T:.*]] = %
// CHECK-NEXT: device.launch @f.kernel.1(%[[T]])
// CHECK-NEXT: }
// CHECK-NEXT: device.launch @f.kernel.2()
// CHECK-NEXT: llvm.return
llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %n = arith.constant 100 : i64
  %x = arith.constant 1.0 : f32
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  %id = team.id
  %size = team.size
  scf.for %i = %id to %n step %size : i64 {
    %at = llvm.getelementptr %arena[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %x, %at : f32, !llvm.ptr
  }
  scf.for %t = %zero to %n step %one : i64 {
    team.barrier
    %at = llvm.getelementptr %arena[%t] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %x, %at : f32, !llvm.ptr
  }
  team.barrier
  device.persistent {
    scf.for %t = %zero to %n step %one : i64 {
      team.barrier
      %at = llvm.getelementptr %arena[%t] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      llvm.store %x, %at : f32, !llvm.ptr
    }
  }
  llvm.return
}
}
