// RUN: rondo-opt %s --rondo-unmap --canonicalize -split-input-file | FileCheck %s

// Maps inside maps, an array built elementwise, and a sum become ops over all steps.
// CHECK-LABEL: func.func @map
// CHECK-NOT: rondo.scan
func.func @map(%xs: !rondo.array<[T, 2], f32>, %w: !rondo.array<[2, 4], f32>)
    -> (!rondo.array<[T, 4], f32>, !rondo.array<[T, 3], i1>, !rondo.array<[4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK-DAG: %[[P:.*]] = rondo.iota axis 0 : <[T], i64>
  // CHECK-DAG: %[[Q:.*]] = rondo.iota axis 0 : <[3], i64>
  // CHECK-DAG: %[[Y:.*]] = rondo.contract %arg0, %arg1 "bk,kn->bn"
  // CHECK-DAG: %[[A:.*]] = rondo.broadcast %[[P]] dims [0] : <[T], i64> -> <[T, 3], i64>
  // CHECK-DAG: %[[B:.*]] = rondo.broadcast %[[Q]] dims [1] : <[3], i64> -> <[T, 3], i64>
  // CHECK-DAG: %[[M:.*]] = rondo.compare le %[[B]], %[[A]]
  // CHECK-DAG: %[[S:.*]] = rondo.reduce sum %[[Y]] axes [0]
  // CHECK: return %[[Y]], %[[M]], %[[S]]
  %ys, %ms, %s = rondo.scan over <T> slice(%xs axis 0) stack(0, 0) sums 1 : (!rondo.array<[T, 2], f32>)
      -> (!rondo.array<[T, 4], f32>, !rondo.array<[T, 3], i1>, !rondo.array<[4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    %y = rondo.contract %x, %w "k,kn->n" : (!rondo.array<[2], f32>, !rondo.array<[2, 4], f32>) -> !rondo.array<[4], f32>
    %row = rondo.scan over <3> stack(0) : () -> !rondo.array<[3], i1> {
    ^bb0(%u: !rondo.array<[], i64>):
      %m = rondo.compare le %u, %t : !rondo.array<[], i64>
      rondo.yield %m : !rondo.array<[], i1>
    }
    rondo.yield %y, %row, %y : !rondo.array<[4], f32>, !rondo.array<[3], i1>, !rondo.array<[4], f32>
  }
  return %ys, %ms, %s : !rondo.array<[T, 4], f32>, !rondo.array<[T, 3], i1>, !rondo.array<[4], f32>
}

// -----

// A loop with a carry stays, whatever could leave it.
// CHECK-LABEL: func.func @loop
// CHECK-NEXT: rondo.scan
// CHECK: rondo.exp
func.func @loop(%xs: !rondo.array<[T, 4], f32>, %h0: !rondo.array<[4], f32>) -> !rondo.array<[4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  %h = rondo.scan over <T> carry(%h0) slice(%xs axis 0) : (!rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) -> !rondo.array<[4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[4], f32>, %x: !rondo.array<[4], f32>):
    %e = rondo.exp %x : !rondo.array<[4], f32>
    %n = rondo.mul %c, %e : !rondo.array<[4], f32>
    rondo.yield %n : !rondo.array<[4], f32>
  }
  return %h : !rondo.array<[4], f32>
}
