// RUN: rondo-opt %s --rondo-hoist --canonicalize -split-input-file | FileCheck %s

// The product with the slices leaves the loop behind the batch; what reads the carry stays.
// CHECK-LABEL: func.func @product
func.func @product(%xs: !rondo.array<[B, T, 2], f32>, %w: !rondo.array<[2, 4], f32>, %u: !rondo.array<[4, 4], f32>,
                   %h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: %[[A:.*]] = rondo.contract %arg0, %arg1 "bck,kn->bcn" : {{.*}} -> !rondo.array<[B, T, 4], f32>
  // CHECK: rondo.scan over <T> carry(%arg3) slice(%[[A]] axis 1) :
  // CHECK-NEXT: ^bb0(%{{.*}}: !rondo.array<[], i64>, %[[C:.*]]: !rondo.array<[B, 4], f32>, %[[S:.*]]: !rondo.array<[B, 4], f32>):
  // CHECK-NEXT: rondo.contract %[[C]], %arg2 "bk,kn->bn" init %[[S]]
  // CHECK-NEXT: rondo.tanh
  // CHECK-NEXT: rondo.yield
  %h = rondo.scan over <T> carry(%h0) slice(%xs axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 2], f32>) -> !rondo.array<[B, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 2], f32>):
    %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 2], f32>, !rondo.array<[2, 4], f32>) -> !rondo.array<[B, 4], f32>
    %b = rondo.contract %c, %u "bk,kn->bn" init %a : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    %d = rondo.tanh %b : !rondo.array<[B, 4], f32>
    rondo.yield %d : !rondo.array<[B, 4], f32>
  }
  return %h : !rondo.array<[B, 4], f32>
}

// -----

// What is the same at every step moves as it is; a broadcast of it stays, as do cheap ops of a slice
// and of the position; so does a check of outside values, since no step may be made.
// CHECK-LABEL: func.func @invariant
func.func @invariant(%xs: !rondo.array<[T, 4], f32>, %v: !rondo.array<[4], f32>, %h0: !rondo.array<[3, 4], f32>, %ok: !rondo.array<[], i1>)
    -> !rondo.array<[3, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: %[[V:.*]] = rondo.exp %arg1
  // CHECK-NEXT: rondo.scan over <T> reverse carry(%arg2) slice(%arg0 axis 0)
  // CHECK: rondo.broadcast %[[V]] dims [1]
  // CHECK: rondo.check %[[V]] if %arg3 "no"
  // CHECK: rondo.convert
  %h = rondo.scan over <T> reverse carry(%h0) slice(%xs axis 0) : (!rondo.array<[3, 4], f32>, !rondo.array<[T, 4], f32>) -> !rondo.array<[3, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[3, 4], f32>, %x: !rondo.array<[4], f32>):
    %e = rondo.exp %v : !rondo.array<[4], f32>
    %eb = rondo.broadcast %e dims [1] : !rondo.array<[4], f32> -> !rondo.array<[3, 4], f32>
    %k = rondo.check %e if %ok "no" : !rondo.array<[4], f32>, !rondo.array<[], i1>
    %kb = rondo.broadcast %k dims [1] : !rondo.array<[4], f32> -> !rondo.array<[3, 4], f32>
    %p = rondo.convert %t : !rondo.array<[], i64> -> !rondo.array<[], f32>
    %pb = rondo.broadcast %p dims [] : !rondo.array<[], f32> -> !rondo.array<[3, 4], f32>
    %n = rondo.neg %x : !rondo.array<[4], f32>
    %nb = rondo.broadcast %n dims [1] : !rondo.array<[4], f32> -> !rondo.array<[3, 4], f32>
    %s0 = rondo.add %c, %eb : !rondo.array<[3, 4], f32>
    %s1 = rondo.mul %s0, %kb : !rondo.array<[3, 4], f32>
    %s2 = rondo.mul %s1, %pb : !rondo.array<[3, 4], f32>
    %s3 = rondo.mul %s2, %nb : !rondo.array<[3, 4], f32>
    rondo.yield %s3 : !rondo.array<[3, 4], f32>
  }
  return %h : !rondo.array<[3, 4], f32>
}

// -----

// A parallel map disappears; the position becomes iota.
// CHECK-LABEL: func.func @map
// CHECK-NOT: rondo.scan
func.func @map(%xs: !rondo.array<[B, T, 2], f32>, %w: !rondo.array<[2, 4], f32>)
    -> (!rondo.array<[B, 4, T], f32>, !rondo.array<[T], f32>, !rondo.array<[T, 4, 2], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: %[[P:.*]] = rondo.iota axis 0 : <[T], i64>
  // CHECK: %[[Y:.*]] = rondo.contract %arg0, %arg1 "bck,kn->bcn"
  // CHECK: %[[F:.*]] = rondo.convert %[[P]]
  // CHECK: %[[YT:.*]] = rondo.transpose %[[Y]] [0, 2, 1]
  // CHECK: return %[[YT]], %[[F]], %{{.*}}
  %y, %p, %v = rondo.scan over <T> slice(%xs axis 1) stack(2, 0, 0) : (!rondo.array<[B, T, 2], f32>)
      -> (!rondo.array<[B, 4, T], f32>, !rondo.array<[T], f32>, !rondo.array<[T, 4, 2], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[B, 2], f32>):
    %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 2], f32>, !rondo.array<[2, 4], f32>) -> !rondo.array<[B, 4], f32>
    %f = rondo.convert %t : !rondo.array<[], i64> -> !rondo.array<[], f32>
    %wt = rondo.transpose %w [1, 0] : !rondo.array<[2, 4], f32> -> !rondo.array<[4, 2], f32>
    rondo.yield %a, %f, %wt : !rondo.array<[B, 4], f32>, !rondo.array<[], f32>, !rondo.array<[4, 2], f32>
  }
  return %y, %p, %v : !rondo.array<[B, 4, T], f32>, !rondo.array<[T], f32>, !rondo.array<[T, 4, 2], f32>
}

// -----

// A loop that depends on no carry leaves as a whole, and gets the dim.
// CHECK-LABEL: func.func @inner
func.func @inner(%xs: !rondo.array<[B, S, T, 4], f32>, %h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<S, ragged>, #rondo.symbol<T, ragged>]} {
  // CHECK: %[[I:.*]] = rondo.scan over <T> carry(%{{.*}}) slice(%arg0 axis 2) : (!rondo.array<[B, S, 4], f32>, !rondo.array<[B, S, T, 4], f32>) -> !rondo.array<[B, S, 4], f32>
  // CHECK: rondo.scan over <S> carry(%arg1) slice(%[[I]] axis 1)
  // CHECK-NOT: rondo.scan
  %h = rondo.scan over <S> carry(%h0) slice(%xs axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, S, T, 4], f32>) -> !rondo.array<[B, 4], f32> {
  ^bb0(%s: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, T, 4], f32>):
    %i = rondo.scan over <T> carry(%h0) slice(%x axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) -> !rondo.array<[B, 4], f32> {
    ^bb0(%t: !rondo.array<[], i64>, %d: !rondo.array<[B, 4], f32>, %e: !rondo.array<[B, 4], f32>):
      %f = rondo.mul %d, %e : !rondo.array<[B, 4], f32>
      %g = rondo.tanh %f : !rondo.array<[B, 4], f32>
      rondo.yield %g : !rondo.array<[B, 4], f32>
    }
    %n = rondo.add %c, %i : !rondo.array<[B, 4], f32>
    rondo.yield %n : !rondo.array<[B, 4], f32>
  }
  return %h : !rondo.array<[B, 4], f32>
}

// -----

// Of the product with [x; h] the part of x leaves the loop.
// CHECK-LABEL: func.func @joint
func.func @joint(%xs: !rondo.array<[B, T, 2], f32>, %w: !rondo.array<[6, 4], f32>, %h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK-DAG: %[[WX:.*]] = rondo.slice %arg1 axis 0 from <0> : <[6, 4], f32> -> <[2, 4], f32>
  // CHECK-DAG: %[[WH:.*]] = rondo.slice %arg1 axis 0 from <2> : <[6, 4], f32> -> <[4, 4], f32>
  // CHECK: %[[A:.*]] = rondo.contract %arg0, %[[WX]] "bck,kn->bcn"
  // CHECK: rondo.scan over <T> carry(%arg2) slice(%[[A]] axis 1)
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[C:.*]]: !rondo.array<[B, 4], f32>, %[[S:.*]]: !rondo.array<[B, 4], f32>):
  // CHECK-NEXT: %[[Z:.*]] = rondo.contract %[[C]], %[[WH]] "bk,kn->bn"
  // CHECK-NEXT: rondo.add %[[S]], %[[Z]]
  %h = rondo.scan over <T> carry(%h0) slice(%xs axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 2], f32>) -> !rondo.array<[B, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 2], f32>):
    %xh = rondo.concat %x, %c axis 1 : (!rondo.array<[B, 2], f32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 6], f32>
    %z = rondo.contract %xh, %w "bk,kn->bn" : (!rondo.array<[B, 6], f32>, !rondo.array<[6, 4], f32>) -> !rondo.array<[B, 4], f32>
    rondo.yield %z : !rondo.array<[B, 4], f32>
  }
  return %h : !rondo.array<[B, 4], f32>
}

// -----

// A product that makes more than it reads, all of which changes from step to step, is made in every
// step: to keep 64 numbers of each would take more than the 32 of which they are made, which are
// kept already.
// CHECK-LABEL: func.func @makes_more
func.func @makes_more(%xs: !rondo.array<[B, T, 8, 2], f32>, %ys: !rondo.array<[B, T, 2, 8], f32>, %h0: !rondo.array<[B, 8, 8], f32>)
    -> !rondo.array<[B, 8, 8], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK-NOT: rondo.contract
  // CHECK: rondo.scan over <T> carry(%arg2) slice(%arg0 axis 1, %arg1 axis 1)
  // CHECK: rondo.contract %{{.*}}, %{{.*}} "bik,bkj->bij"
  %h = rondo.scan over <T> carry(%h0) slice(%xs axis 1, %ys axis 1)
      : (!rondo.array<[B, 8, 8], f32>, !rondo.array<[B, T, 8, 2], f32>, !rondo.array<[B, T, 2, 8], f32>) -> !rondo.array<[B, 8, 8], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 8, 8], f32>, %x: !rondo.array<[B, 8, 2], f32>, %y: !rondo.array<[B, 2, 8], f32>):
    %a = rondo.contract %x, %y "bik,bkj->bij" : (!rondo.array<[B, 8, 2], f32>, !rondo.array<[B, 2, 8], f32>) -> !rondo.array<[B, 8, 8], f32>
    %d = rondo.mul %c, %a : !rondo.array<[B, 8, 8], f32>
    rondo.yield %d : !rondo.array<[B, 8, 8], f32>
  }
  return %h : !rondo.array<[B, 8, 8], f32>
}
