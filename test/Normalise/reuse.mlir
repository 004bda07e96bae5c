// RUN: rondo-opt %s --rondo-reuse --canonicalize -split-input-file | FileCheck %s

// What is made of the product is stacked and read, since it is no larger and needs no work.
// CHECK-LABEL: func.func @product
func.func @product(%h0: !rondo.array<[B, 4], f32>, %u: !rondo.array<[4, 4], f32>, %d0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: %[[F:.*]]:2 = rondo.scan over <T> carry(%arg0) stack(1)
  // CHECK: %[[Z:.*]] = rondo.contract
  // CHECK: %[[N:.*]] = rondo.tanh %[[Z]]
  // CHECK: rondo.yield %[[N]], %[[N]]
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %z = rondo.contract %c, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %n = rondo.tanh %z : !rondo.array<[B, 4], f32>
    rondo.yield %n, %c : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  }
  // CHECK: rondo.scan over <T> reverse carry(%arg2) slice(%[[F]]#1 axis 1)
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[E:.*]]: !rondo.array<[B, 4], f32>, %[[M:.*]]: !rondo.array<[B, 4], f32>):
  // CHECK-NEXT: %[[P:.*]] = rondo.mul %[[E]], %[[M]]
  // CHECK-NEXT: rondo.contract %[[P]], %arg1 "bn,kn->bk"
  %d = rondo.scan over <T> reverse carry(%d0) slice(%hs axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) -> !rondo.array<[B, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %e: !rondo.array<[B, 4], f32>, %c: !rondo.array<[B, 4], f32>):
    %z = rondo.contract %c, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %n = rondo.tanh %z : !rondo.array<[B, 4], f32>
    %p = rondo.mul %e, %n : !rondo.array<[B, 4], f32>
    %q = rondo.contract %p, %u "bn,kn->bk" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    rondo.yield %q : !rondo.array<[B, 4], f32>
  }
  return %d : !rondo.array<[B, 4], f32>
}

// -----

// A whole loop that is computed again, layer by layer, is not: what it stacked in the forward layer is
// handed over, here the carries that the forward loop had no stack of.
// CHECK-LABEL: func.func @layers
func.func @layers(%x: !rondo.array<[T, 4], f32>, %us: !rondo.array<[3, 4, 4], f32>, %h0: !rondo.array<[4], f32>) -> !rondo.array<[T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: %[[F:.*]]:2 = rondo.scan over <3> carry(%arg0) slice(%arg1 axis 0) stack(0)
  // CHECK: %[[I:.*]]:3 = rondo.scan over <T> carry(%arg2) {{.*}} stack(0, 0)
  // CHECK: rondo.yield %[[I]]#1, %[[I]]#2
  %y, %ys = rondo.scan over <3> carry(%x) slice(%us axis 0) stack(0) : (!rondo.array<[T, 4], f32>, !rondo.array<[3, 4, 4], f32>) -> (!rondo.array<[T, 4], f32>, !rondo.array<[3, T, 4], f32>) {
  ^bb0(%l: !rondo.array<[], i64>, %s: !rondo.array<[T, 4], f32>, %u: !rondo.array<[4, 4], f32>):
    %h, %hs = rondo.scan over <T> carry(%h0) slice(%s axis 0) stack(0) : (!rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[4], f32>, %e: !rondo.array<[4], f32>):
      %z = rondo.contract %c, %u "k,kn->n" init %e : (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[4], f32>) -> !rondo.array<[4], f32>
      %n = rondo.tanh %z : !rondo.array<[4], f32>
      rondo.yield %n, %n : !rondo.array<[4], f32>, !rondo.array<[4], f32>
    }
    rondo.yield %hs, %s : !rondo.array<[T, 4], f32>, !rondo.array<[T, 4], f32>
  }
  // CHECK: rondo.scan over <3> reverse carry(%arg0) slice(%[[F]]#1 axis 0)
  // CHECK-NOT: rondo.scan
  // CHECK: rondo.mul
  %d = rondo.scan over <3> reverse carry(%x) slice(%us axis 0, %ys axis 0) : (!rondo.array<[T, 4], f32>, !rondo.array<[3, 4, 4], f32>, !rondo.array<[3, T, 4], f32>) -> !rondo.array<[T, 4], f32> {
  ^bb0(%l: !rondo.array<[], i64>, %e: !rondo.array<[T, 4], f32>, %u: !rondo.array<[4, 4], f32>, %s: !rondo.array<[T, 4], f32>):
    %h, %hs, %cs = rondo.scan over <T> carry(%h0) slice(%s axis 0) stack(0, 0) : (!rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[T, 4], f32>, !rondo.array<[T, 4], f32>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[4], f32>, %f: !rondo.array<[4], f32>):
      %z = rondo.contract %c, %u "k,kn->n" init %f : (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[4], f32>) -> !rondo.array<[4], f32>
      %n = rondo.tanh %z : !rondo.array<[4], f32>
      rondo.yield %n, %n, %c : !rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[4], f32>
    }
    %m = rondo.mul %e, %cs : !rondo.array<[T, 4], f32>
    rondo.yield %m : !rondo.array<[T, 4], f32>
  }
  return %d : !rondo.array<[T, 4], f32>
}

// -----

// A step that differs in one op is not the forward step.
// CHECK-LABEL: func.func @other
// CHECK: rondo.scan
// CHECK: rondo.contract
// CHECK: rondo.scan
// CHECK: rondo.contract
// CHECK: rondo.contract
func.func @other(%h0: !rondo.array<[B, 4], f32>, %u: !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %z = rondo.contract %c, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    rondo.yield %z, %c : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  }
  %d = rondo.scan over <T> reverse carry(%h0) slice(%hs axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) -> !rondo.array<[B, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %e: !rondo.array<[B, 4], f32>, %c: !rondo.array<[B, 4], f32>):
    %z = rondo.contract %c, %u "bk,nk->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %p = rondo.mul %e, %z : !rondo.array<[B, 4], f32>
    %q = rondo.contract %p, %u "bn,kn->bk" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    rondo.yield %q : !rondo.array<[B, 4], f32>
  }
  return %d : !rondo.array<[B, 4], f32>
}
