// RUN: rondo-opt %s --rondo-merge --canonicalize -split-input-file | FileCheck %s

// Matrices that meet one value stand side by side, whatever their shape and order of dims; their
// products are parts of one.
// CHECK-LABEL: func.func @shared
func.func @shared(%wi: !rondo.array<[4, 3], f32>, %wf: !rondo.array<[3, 4], f32>, %wg: !rondo.array<[2, 3, 5], f32>, %h0: !rondo.array<[B, 3], f32>, %xs: !rondo.array<[B, T, 4], f32>)
    -> (!rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 2, 5], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK-DAG: %[[F:.*]] = rondo.transpose %arg1 [1, 0] : <[3, 4], f32> -> <[4, 3], f32>
  // CHECK-DAG: %[[G0:.*]] = rondo.transpose %arg2 [0, 2, 1] : <[2, 3, 5], f32> -> <[2, 5, 3], f32>
  // CHECK-DAG: %[[G:.*]] = rondo.reshape %[[G0]] : <[2, 5, 3], f32> -> <[10, 3], f32>
  // CHECK-DAG: %[[W:.*]] = rondo.concat %arg0, %[[F]], %[[G]] axis 0
  // CHECK: rondo.scan
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[H:.*]]: !rondo.array<[B, 3], f32>, %[[X:.*]]: !rondo.array<[B, 4], f32>):
  // CHECK-NEXT: %[[ALL:.*]] = rondo.contract %[[H]], %[[W]] {{.*}} -> !rondo.array<[B, 18], f32>
  // CHECK-NOT: rondo.contract
  // CHECK-DAG: rondo.slice %[[ALL]] axis 1 from <0> : <[B, 18], f32> -> <[B, 4], f32>
  // CHECK-DAG: %[[P:.*]] = rondo.slice %[[ALL]] axis 1 from <4> : <[B, 18], f32> -> <[B, 4], f32>
  // CHECK-DAG: rondo.add %[[P]], %[[X]]
  // CHECK-DAG: %[[Q:.*]] = rondo.slice %[[ALL]] axis 1 from <8> : <[B, 18], f32> -> <[B, 10], f32>
  // CHECK-DAG: rondo.reshape %[[Q]] : <[B, 10], f32> -> <[B, 2, 5], f32>
  %h, %i, %f, %g = rondo.scan over <T> carry(%h0) slice(%xs axis 1) stack(1, 1, 1)
      : (!rondo.array<[B, 3], f32>, !rondo.array<[B, T, 4], f32>)
      -> (!rondo.array<[B, 3], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 2, 5], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 3], f32>, %x: !rondo.array<[B, 4], f32>):
    %a = rondo.contract %c, %wi "bk,nk->bn" : (!rondo.array<[B, 3], f32>, !rondo.array<[4, 3], f32>) -> !rondo.array<[B, 4], f32>
    %b = rondo.contract %wf, %c "kn,bk->bn" init %x : (!rondo.array<[3, 4], f32>, !rondo.array<[B, 3], f32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    %d = rondo.contract %wg, %c "gkn,bk->bgn" : (!rondo.array<[2, 3, 5], f32>, !rondo.array<[B, 3], f32>) -> !rondo.array<[B, 2, 5], f32>
    %e = rondo.tanh %c : !rondo.array<[B, 3], f32>
    rondo.yield %e, %a, %b, %d : !rondo.array<[B, 3], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, 2, 5], f32>
  }
  return %i, %f, %g : !rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 2, 5], f32>
}

// -----

// A sum of products of computed values is one product of the values side by side; a carry and a
// slice are not copied, their products chain on the accumulator, which starts with what is left.
// CHECK-LABEL: func.func @sum
func.func @sum(%u: !rondo.array<[3, 4], f32>, %v: !rondo.array<[2, 3, 4], f32>, %w: !rondo.array<[4, 4], f32>, %h0: !rondo.array<[B, 4], f32>, %xs: !rondo.array<[B, T, 4], f32>)
    -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK-DAG: %[[V:.*]] = rondo.reshape %arg1 : <[2, 3, 4], f32> -> <[6, 4], f32>
  // CHECK-DAG: %[[W:.*]] = rondo.concat %arg0, %[[V]] axis 0
  // CHECK: rondo.scan
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[H:.*]]: !rondo.array<[B, 4], f32>, %[[X:.*]]: !rondo.array<[B, 4], f32>):
  // CHECK-DAG: %[[T:.*]] = rondo.tanh
  // CHECK-DAG: %[[E:.*]] = rondo.exp
  // CHECK-DAG: %[[R:.*]] = rondo.add %[[X]], %[[H]]
  // CHECK-DAG: %[[C:.*]] = rondo.contract %[[H]], %arg2 "bk,kn->bn" init %[[R]]
  // CHECK-DAG: %[[ER:.*]] = rondo.reshape %[[E]] : <[B, 2, 3], f32> -> <[B, 6], f32>
  // CHECK-DAG: %[[S:.*]] = rondo.concat %[[T]], %[[ER]] axis 1
  // CHECK-DAG: %[[N:.*]] = rondo.contract %[[S]], %[[W]] {{.*}} init %[[C]]
  // CHECK: rondo.yield %[[N]]
  %h = rondo.scan over <T> carry(%h0) slice(%xs axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) -> !rondo.array<[B, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 4], f32>):
    %p = rondo.slice %c axis 1 from <0> : !rondo.array<[B, 4], f32> -> !rondo.array<[B, 3], f32>
    %a = rondo.tanh %p : !rondo.array<[B, 3], f32>
    %q = rondo.broadcast %p dims [0, 2] : !rondo.array<[B, 3], f32> -> !rondo.array<[B, 2, 3], f32>
    %b = rondo.exp %q : !rondo.array<[B, 2, 3], f32>
    %ua = rondo.contract %a, %u "bk,kn->bn" : (!rondo.array<[B, 3], f32>, !rondo.array<[3, 4], f32>) -> !rondo.array<[B, 4], f32>
    %vb = rondo.contract %v, %b "gkn,bgk->bn" : (!rondo.array<[2, 3, 4], f32>, !rondo.array<[B, 2, 3], f32>) -> !rondo.array<[B, 4], f32>
    %wc = rondo.contract %c, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %s0 = rondo.add %ua, %x : !rondo.array<[B, 4], f32>
    %s1 = rondo.add %wc, %vb : !rondo.array<[B, 4], f32>
    %s2 = rondo.add %s0, %s1 : !rondo.array<[B, 4], f32>
    %s3 = rondo.add %s2, %c : !rondo.array<[B, 4], f32>
    rondo.yield %s3 : !rondo.array<[B, 4], f32>
  }
  return %h : !rondo.array<[B, 4], f32>
}

// -----

// The adjoint of slices is a joint; gaps are zeros; what overlaps is added.
// CHECK-LABEL: func.func @pads
func.func @pads(%a: !rondo.array<[T, 2], f32>, %b: !rondo.array<[T, 1], f32>, %c: !rondo.array<[T, 1], f32>) -> !rondo.array<[T, 6], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK-DAG: %[[Z1:.*]] = rondo.constant 0.000000e+00 : f32 -> <[T, 1], f32>
  // CHECK-DAG: %[[Z2:.*]] = rondo.constant 0.000000e+00 : f32 -> <[T, 2], f32>
  // CHECK: %[[P:.*]] = rondo.pad %arg2 axis 1 at <2>
  // CHECK: %[[J:.*]] = rondo.concat %[[Z1]], %arg0, %arg1, %[[Z2]] axis 1
  // CHECK: rondo.add %[[J]], %[[P]]
  %pa = rondo.pad %a axis 1 at <1> : !rondo.array<[T, 2], f32> -> !rondo.array<[T, 6], f32>
  %pb = rondo.pad %b axis 1 at <3> : !rondo.array<[T, 1], f32> -> !rondo.array<[T, 6], f32>
  %pc = rondo.pad %c axis 1 at <2> : !rondo.array<[T, 1], f32> -> !rondo.array<[T, 6], f32>
  %s = rondo.add %pb, %pa : !rondo.array<[T, 6], f32>
  %r = rondo.add %s, %pc : !rondo.array<[T, 6], f32>
  return %r : !rondo.array<[T, 6], f32>
}
