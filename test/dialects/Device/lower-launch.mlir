// RUN: rondo-opt %s --rondo-lower-launch --split-input-file --verify-diagnostics | FileCheck %s
// A launch is a call of the runtime with the kernel's number; numbers go through one array.

module attributes {rondo.kernels = ["f.kernel.0", "f.kernel.1"]} {
  // CHECK-LABEL: llvm.func @f.code
  // CHECK-SAME: %[[CALL:.*]]: !llvm.ptr, %[[N:.*]]: i64
  // CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[CALL]][72]
  // CHECK: %[[DEVICE:.*]] = llvm.load %[[FIELD]] : !llvm.ptr -> !llvm.ptr
  // CHECK: %[[ARRAY:.*]] = llvm.alloca %{{.*}} x !llvm.array<2 x i64>
  // CHECK: scf.for
  // CHECK: llvm.store %[[N]], %{{.*}} : i64, !llvm.ptr
  // CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[ARRAY]][8]
  // CHECK: llvm.store %{{.*}}, %[[SECOND]] : i64, !llvm.ptr
  // CHECK: %[[LAUNCH:.*]] = llvm.load %{{.*}} : !llvm.ptr -> !llvm.ptr
  // CHECK: %[[KERNEL:.*]] = llvm.mlir.constant(1 : i64)
  // CHECK: %[[COUNT:.*]] = llvm.mlir.constant(2 : i64)
  // CHECK: llvm.call %[[LAUNCH]](%[[DEVICE]], %[[KERNEL]], %[[ARRAY]], %[[COUNT]])
  // CHECK: %[[KERNEL:.*]] = llvm.mlir.constant(0 : i64)
  // CHECK: llvm.call %{{.*}}(%[[DEVICE]], %[[KERNEL]], %[[ARRAY]], %{{.*}})
  llvm.func @f.code(%call: !llvm.ptr, %n: i64) {
    %c0 = arith.constant 0 : i64
    %c1 = arith.constant 1 : i64
    scf.for %i = %c0 to %n step %c1 : i64 {
      device.launch @f.kernel.1(%n, %i)
    }
    device.launch @f.kernel.0()
    llvm.return
  }
  llvm.func @f.kernel.0(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
    llvm.return
  }
  llvm.func @f.kernel.1(%call: !llvm.ptr, %n: i64, %i: i64) attributes {device.kernel = 256 : i64} {
    llvm.return
  }
}

// -----

llvm.func @f.code(%call: !llvm.ptr, %n: i64) {
  // expected-error @below {{starts @f.kernel.0, which rondo.kernels does not list}}
  device.launch @f.kernel.0()
  llvm.return
}

// -----

module attributes {rondo.kernels = ["f.kernel.0"]} {
  llvm.func @f.code(%call: !llvm.ptr, %n: i64) {
    // expected-error @below {{expected @f.kernel.0 to be a kernel that is given the call and numbers: 1}}
    device.launch @f.kernel.0(%n)
    llvm.return
  }
  llvm.func @f.kernel.0(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
    llvm.return
  }
}
