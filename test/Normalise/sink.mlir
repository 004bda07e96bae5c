// RUN: rondo-opt %s --rondo-sink --canonicalize -split-input-file | FileCheck %s

// Each weight gradient is one contraction over the steps too; the bias' is one reduction; of a sum
// of both kinds each part leaves, what is neither stays.
// CHECK-LABEL: func.func @gradients
func.func @gradients(%xs: !rondo.array<[B, T, 2], f32>, %is: !rondo.array<[B, T], i32>, %d0: !rondo.array<[B, 4], f32>, %u: !rondo.array<[4, 4], f32>)
    -> (!rondo.array<[2, 4], f32>, !rondo.array<[4], f32>, !rondo.array<[9, 4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[1, 4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: %[[R:.*]]:3 = rondo.scan over <T> reverse carry(%arg2) stack(1) sums 1 :
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[C:.*]]: !rondo.array<[B, 4], f32>):
  // CHECK-NEXT: %[[N:.*]] = rondo.contract %[[C]], %arg3
  // CHECK-NEXT: %[[M:.*]] = rondo.mul %arg3, %arg3
  // CHECK-NEXT: rondo.yield %[[N]], %[[N]], %[[M]]
  // CHECK-DAG: %[[W:.*]] = rondo.contract %arg0, %[[R]]#1 "bck,bcn->kn"
  // CHECK-DAG: %[[B:.*]] = rondo.reduce sum %[[R]]#1 axes [0, 1]
  // CHECK-DAG: %[[E:.*]] = rondo.scatter %{{.*}}, %arg1, %[[R]]#1 "vd,bc->bcd"
  // CHECK-DAG: %[[D:.*]] = rondo.contract %[[R]]#1, %[[R]]#1 "bck,bcn->kn"
  // CHECK-DAG: %[[S:.*]] = rondo.neg %[[D]]
  // CHECK-DAG: %[[A:.*]] = rondo.add %[[S]], %{{.*}}
  // CHECK-DAG: rondo.add %[[R]]#2, %[[A]]
  // CHECK-DAG: rondo.reshape
  %d, %gw, %gb, %ge, %gu, %gr = rondo.scan over <T> reverse carry(%d0) slice(%xs axis 1, %is axis 1) sums 5
      : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 2], f32>, !rondo.array<[B, T], i32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[2, 4], f32>, !rondo.array<[4], f32>, !rondo.array<[9, 4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[1, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 2], f32>, %i: !rondo.array<[B], i32>):
    %n = rondo.contract %c, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %w = rondo.contract %x, %n "bk,bn->kn" : (!rondo.array<[B, 2], f32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[2, 4], f32>
    %b = rondo.reduce sum %n axes [0] : !rondo.array<[B, 4], f32> -> !rondo.array<[4], f32>
    %z = rondo.constant 0.0 : f32 -> !rondo.array<[9, 4], f32>
    %e = rondo.scatter %z, %i, %n "vd,b->bd" : (!rondo.array<[9, 4], f32>, !rondo.array<[B], i32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[9, 4], f32>
    %p = rondo.contract %n, %n "bk,bn->kn" : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[4, 4], f32>
    %m = rondo.mul %u, %u : !rondo.array<[4, 4], f32>
    %q = rondo.sub %m, %p : !rondo.array<[4, 4], f32>
    %o = rondo.contract %n, %x "bn,bk->nk" : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 2], f32>) -> !rondo.array<[4, 2], f32>
    %v = rondo.constant 1.0 : f32 -> !rondo.array<[2, 4], f32>
    %ov = rondo.contract %o, %v "nk,km->nm" : (!rondo.array<[4, 2], f32>, !rondo.array<[2, 4], f32>) -> !rondo.array<[4, 4], f32>
    %s = rondo.add %q, %ov : !rondo.array<[4, 4], f32>
    %r = rondo.reshape %b : !rondo.array<[4], f32> -> !rondo.array<[1, 4], f32>
    rondo.yield %n, %w, %b, %e, %s, %r : !rondo.array<[B, 4], f32>, !rondo.array<[2, 4], f32>, !rondo.array<[4], f32>, !rondo.array<[9, 4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[1, 4], f32>
  }
  return %gw, %gb, %ge, %gu, %gr : !rondo.array<[2, 4], f32>, !rondo.array<[4], f32>, !rondo.array<[9, 4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[1, 4], f32>
}

// -----

// What cheap ops make of a stack is made outside, not stacked; a value with another run-time dim is
// not stacked.
// CHECK-LABEL: func.func @derived
func.func @derived(%xs: !rondo.array<[B, T, 4], f32>, %mem: !rondo.array<[B, S, 4], f32>, %d0: !rondo.array<[B, 4], f32>)
    -> (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<S, ragged>, #rondo.symbol<T, ragged>]} {
  // CHECK: %[[R:.*]]:3 = rondo.scan over <T> reverse carry(%arg2) stack(1) sums 1 :
  // CHECK-SAME: -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>)
  // CHECK-DAG: rondo.contract %arg0, %[[R]]#1 "bck,bcn->kn"
  // CHECK-DAG: %[[P:.*]] = rondo.mul %[[R]]#1, %arg0
  // CHECK-DAG: rondo.reduce sum %[[P]] axes [0, 1]
  %d, %gp, %gw, %gm = rondo.scan over <T> reverse carry(%d0) slice(%xs axis 1) sums 3
      : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 4], f32>):
    %m = rondo.broadcast %c dims [0, 2] : !rondo.array<[B, 4], f32> -> !rondo.array<[B, S, 4], f32>
    %ms = rondo.mul %m, %mem : !rondo.array<[B, S, 4], f32>
    %gm1 = rondo.reduce sum %ms axes [0, 1] : !rondo.array<[B, S, 4], f32> -> !rondo.array<[4], f32>
    %n = rondo.reduce sum %ms axes [1] : !rondo.array<[B, S, 4], f32> -> !rondo.array<[B, 4], f32>
    %w = rondo.contract %x, %n "bk,bn->kn" : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[4, 4], f32>
    %p = rondo.mul %n, %x : !rondo.array<[B, 4], f32>
    %b = rondo.reduce sum %p axes [0] : !rondo.array<[B, 4], f32> -> !rondo.array<[4], f32>
    rondo.yield %n, %b, %w, %gm1 : !rondo.array<[B, 4], f32>, !rondo.array<[4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[4], f32>
  }
  return %gp, %gw, %gm : !rondo.array<[4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[4], f32>
}
