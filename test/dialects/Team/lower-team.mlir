// RUN: rondo-opt %s --rondo-lower-team | FileCheck %s
// A barrier is one branch for a team of one; else atomics inline, with calls only to sleep and wake.

// CHECK-LABEL: llvm.func @barrier(
// CHECK-SAME: %[[CALL:.*]]: !llvm.ptr, %{{.*}}: i64
// CHECK: %[[IS_TEAM:.*]] = arith.cmpi ne
// CHECK: scf.if %[[IS_TEAM]] {
// CHECK: %[[BEFORE:.*]] = llvm.load %[[PHASE:.*]] atomic monotonic
// CHECK: llvm.atomicrmw add %[[ARRIVED:.*]], %{{.*}} acq_rel
// The last worker clears the count before it moves the phase on, and looks for sleepers after.
// CHECK: scf.if
// CHECK: llvm.store %{{.*}}, %[[ARRIVED]] atomic monotonic
// CHECK: llvm.atomicrmw xchg %[[PHASE]], %{{.*}} seq_cst
// CHECK: llvm.load %{{.*}} atomic seq_cst
// CHECK: llvm.call
// CHECK: } else {
// CHECK: scf.while
// CHECK: llvm.load %[[PHASE]] atomic acquire
// CHECK: llvm.call %{{.*}}(%{{.*}}, %[[BEFORE]])
llvm.func @barrier(%call: !llvm.ptr, %worker: i64) {
  team.barrier
  llvm.return
}

// CHECK-LABEL: llvm.func @share(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %[[WORKER:.*]]: i64
// CHECK: %[[SIZE:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: %[[BLOCKS:.*]] = arith.divui
// CHECK: %[[SCALED:.*]] = arith.muli %[[BLOCKS]], %[[WORKER]]
// CHECK: arith.divui %[[SCALED]], %[[SIZE]]
// CHECK: arith.minsi
// CHECK-NOT: team.
llvm.func @share(%call: !llvm.ptr, %worker: i64) -> i64 {
  %low = llvm.mlir.constant(0 : i64) : i64
  %high = llvm.mlir.constant(100 : i64) : i64
  %from, %to = team.share %low, %high by 16
  %count = llvm.sub %to, %from : i64
  llvm.return %count : i64
}
