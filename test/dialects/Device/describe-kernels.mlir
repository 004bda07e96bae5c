// RUN: rondo-opt %s --rondo-describe-kernels --split-input-file --verify-diagnostics | FileCheck %s

// CHECK: {cooperative = true, name = "f$kernel$0", numbers = 2 : i64, shared_bytes = 112 : i64, symbol = "f.kernel.0", takes_rest = true, threads = 256 : i64}
// CHECK-SAME: {cooperative = false, name = "f$kernel$1", numbers = 0 : i64, shared_bytes = 0 : i64, symbol = "f.kernel.1", takes_rest = false, threads = 128 : i64}
module attributes {rondo.kernels = ["f.kernel.0", "f.kernel.1"]} {
  llvm.func @f.kernel.0(%call: !llvm.ptr, %n: i64, %i: i64)
      attributes {device.kernel = 256 : i64, device.cooperative} {
    %first = device.shared 64 at 0 : !llvm.ptr
    %second = device.shared 36 at 64 : !llvm.ptr
    %rest, %bytes = device.shared_rest : !llvm.ptr
    llvm.return
  }
  llvm.func @f.kernel.1(%call: !llvm.ptr) attributes {device.kernel = 128 : i64} {
    llvm.return
  }
}

// -----

// expected-error @below {{expected @f.kernel.1 to be a kernel}}
module attributes {rondo.kernels = ["f.kernel.1"]} {
  llvm.func @f.kernel.1(%call: !llvm.ptr) {
    llvm.return
  }
}
