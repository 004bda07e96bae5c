// RUN: rondo-opt %s --rondo-persistent --remarks-filter=persistent 2>&1 | FileCheck %s

// The outermost loop over time, not the one over layers around it.

// CHECK-DAG: loop over T is one kernel
// CHECK-DAG: loop over T starts kernels at every step: one step is 33 million operations

// CHECK-LABEL: func.func @f
func.func @f(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: rondo.scan over <2>
  %r = rondo.scan over <2> carry(%x) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>) {
  ^bb0(%l: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    // CHECK: rondo.scan over <T>
    %h = rondo.scan over <T> carry(%c) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>) {
    ^bb0(%t: !rondo.array<[], i64>, %d: !rondo.array<[B, 4], f32>):
      // CHECK: rondo.tanh
      %n = rondo.tanh %d : !rondo.array<[B, 4], f32>
      rondo.yield %n : !rondo.array<[B, 4], f32>
    // CHECK: } {rondo.persistent}
    }
    rondo.yield %h : !rondo.array<[B, 4], f32>
  // CHECK: }{{$}}
  }
  return %r : !rondo.array<[B, 4], f32>
}

// CHECK-LABEL: func.func @large
// CHECK-NOT: {rondo.persistent}
func.func @large(%x: !rondo.array<[B, 4096], f32>, %u: !rondo.array<[4096, 4096], f32>) -> !rondo.array<[B, 4096], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h = rondo.scan over <T> carry(%x) : (!rondo.array<[B, 4096], f32>) -> (!rondo.array<[B, 4096], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %d: !rondo.array<[B, 4096], f32>):
    %n = rondo.contract %d, %u "bk,kn->bn" : (!rondo.array<[B, 4096], f32>, !rondo.array<[4096, 4096], f32>) -> !rondo.array<[B, 4096], f32>
    %m = rondo.tanh %n : !rondo.array<[B, 4096], f32>
    rondo.yield %m : !rondo.array<[B, 4096], f32>
  }
  return %h : !rondo.array<[B, 4096], f32>
}
