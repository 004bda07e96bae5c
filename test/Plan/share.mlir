// RUN: rondo-opt %s --rondo-plan --rondo-share --split-input-file | FileCheck %s
// Contractions are shared by columns; what reads them at the same positions needs no barrier, what
// reads all columns does, and small results are worker 0's.

// CHECK-LABEL: func.func @chain
// CHECK-SAME: rondo.barriers = "2"
func.func @chain(%x: !rondo.array<[B, 256], f32>, %w: !rondo.array<[256, 256], f32>)
    -> !rondo.array<[4], f32> attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  // CHECK: rondo.contract
  // CHECK: plan.share = [#plan.share<axis 1>]
  %0 = rondo.group : !rondo.array<[B, 256], f32> {
    %4 = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 256], f32>, !rondo.array<[256, 256], f32>) -> !rondo.array<[B, 256], f32>
    rondo.yield %4 : !rondo.array<[B, 256], f32>
  }
  // CHECK: rondo.tanh
  // CHECK: plan.share = [#plan.share<axis 1>]
  %1 = rondo.group : !rondo.array<[B, 256], f32> {
    %4 = rondo.tanh %0 : !rondo.array<[B, 256], f32>
    rondo.yield %4 : !rondo.array<[B, 256], f32>
  }
  // CHECK: rondo.contract
  // CHECK: plan.share = [#plan.share<barrier, axis 1>]
  %2 = rondo.group : !rondo.array<[B, 256], f32> {
    %4 = rondo.contract %1, %w "bk,kn->bn" : (!rondo.array<[B, 256], f32>, !rondo.array<[256, 256], f32>) -> !rondo.array<[B, 256], f32>
    rondo.yield %4 : !rondo.array<[B, 256], f32>
  }
  // CHECK: rondo.reduce
  // CHECK: plan.share = [#plan.share<barrier, worker 0>]
  %3 = rondo.group : !rondo.array<[4], f32> {
    %4 = rondo.reduce sum %2 axes [0] : !rondo.array<[B, 256], f32> -> !rondo.array<[256], f32>
    %5 = rondo.slice %4 axis 0 from <0> : !rondo.array<[256], f32> -> !rondo.array<[4], f32>
    rondo.yield %5 : !rondo.array<[4], f32>
  }
  return %3 : !rondo.array<[4], f32>
}

// -----

// A sum over the examples is not shared by examples, and waits for those who write them; rows that
// follow one another need nothing.
// CHECK-LABEL: func.func @rows
// CHECK-SAME: rondo.barriers = "1"
func.func @rows(%x: !rondo.array<[B, 3], f32>) -> !rondo.array<[3], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  // CHECK: rondo.tanh
  // CHECK: plan.share = [#plan.share<axis 0>]
  %0 = rondo.group : !rondo.array<[B, 3], f32> {
    %4 = rondo.tanh %x : !rondo.array<[B, 3], f32>
    rondo.yield %4 : !rondo.array<[B, 3], f32>
  }
  // CHECK: rondo.exp
  // CHECK: plan.share = [#plan.share<axis 0>]
  %1 = rondo.group : !rondo.array<[B, 3], f32> {
    %4 = rondo.exp %0 : !rondo.array<[B, 3], f32>
    rondo.yield %4 : !rondo.array<[B, 3], f32>
  }
  // CHECK: rondo.reduce
  // CHECK: plan.share = [#plan.share<barrier, worker 0>]
  %2 = rondo.group : !rondo.array<[3], f32> {
    %4 = rondo.reduce sum %1 axes [0] : !rondo.array<[B, 3], f32> -> !rondo.array<[3], f32>
    rondo.yield %4 : !rondo.array<[3], f32>
  }
  return %2 : !rondo.array<[3], f32>
}
