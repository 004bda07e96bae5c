// RUN: rondo-opt %s | rondo-opt | FileCheck %s

// CHECK-LABEL: llvm.func @all
llvm.func @all(%call: !llvm.ptr, %n: i64) attributes {device.kernel = 256 : i64} {
  // CHECK: device.thread
  %thread = device.thread
  // CHECK: device.threads
  %threads = device.threads
  // CHECK: device.block
  %block = device.block
  // CHECK: device.blocks
  %blocks = device.blocks
  // CHECK: %[[S:.*]] = device.shared 4096 at 16 : !llvm.ptr
  %s = device.shared 4096 at 16 : !llvm.ptr
  // CHECK: device.shared_rest : !llvm.ptr
  %rest, %bytes = device.shared_rest : !llvm.ptr
  // CHECK: device.copy_async %[[S]], %{{.*}}, 16 : !llvm.ptr, !llvm.ptr
  device.copy_async %s, %call, 16 : !llvm.ptr, !llvm.ptr
  %isFirst = llvm.icmp "eq" %thread, %n : i64
  // CHECK: device.copy_async %[[S]], %{{.*}}, 4 if %{{.*}} : !llvm.ptr, !llvm.ptr
  device.copy_async %s, %call, 4 if %isFirst : !llvm.ptr, !llvm.ptr
  // CHECK: device.commit
  device.commit
  // CHECK: device.wait 1
  device.wait 1
  // CHECK: device.barrier
  device.barrier
  // CHECK: device.grid_barrier %{{.*}} : !llvm.ptr
  device.grid_barrier %call : !llvm.ptr
  // CHECK: device.shuffle %{{.*}} xor 16 : i64
  %other = device.shuffle %n xor 16 : i64
  %a = llvm.mlir.constant(0 : i32) : i32
  %c = llvm.mlir.constant(0.0 : f32) : f32
  // CHECK: device.mma "tf32" %{{.*}} by %{{.*}} add
  %d:4 = device.mma "tf32" %a, %a, %a, %a by %a, %a add %c, %c, %c, %c
  llvm.return
}

// CHECK-LABEL: llvm.func @host
llvm.func @host(%call: !llvm.ptr, %worker: i64) {
  // CHECK: device.persistent {
  device.persistent {
    team.barrier
  }
  // CHECK: device.launch @all(%{{.*}})
  device.launch @all(%worker)
  llvm.return
}
