// RUN: rondo-opt %s --rondo-recompute --rondo-group --split-input-file | FileCheck %s
// Softmax: its exponentials are computed twice and stored never; three groups read the argument.

// CHECK-LABEL: func.func @softmax
// CHECK: rondo.group : !rondo.array<[B, T], f32>
// CHECK: rondo.reduce max
// CHECK: rondo.group : !rondo.array<[B, T], f32>
// CHECK: rondo.exp
// CHECK: rondo.reduce sum
// CHECK: rondo.group : !rondo.array<[B, T, 1000], f32>
// CHECK: rondo.exp
// CHECK: rondo.div
// CHECK-NOT: rondo.group
func.func @softmax(%x: !rondo.array<[B, T, 1000], f32>) -> !rondo.array<[B, T, 1000], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %m = rondo.reduce max %x axes [2] : !rondo.array<[B, T, 1000], f32> -> !rondo.array<[B, T], f32>
  %mb = rondo.broadcast %m dims [0, 1] : !rondo.array<[B, T], f32> -> !rondo.array<[B, T, 1000], f32>
  %d = rondo.sub %x, %mb : !rondo.array<[B, T, 1000], f32>
  %e = rondo.exp %d : !rondo.array<[B, T, 1000], f32>
  %s = rondo.reduce sum %e axes [2] : !rondo.array<[B, T, 1000], f32> -> !rondo.array<[B, T], f32>
  %sb = rondo.broadcast %s dims [0, 1] : !rondo.array<[B, T], f32> -> !rondo.array<[B, T, 1000], f32>
  %p = rondo.div %e, %sb : !rondo.array<[B, T, 1000], f32>
  return %p : !rondo.array<[B, T, 1000], f32>
}

// -----

// A row that a near cache holds: its exponentials are kept.
// CHECK-LABEL: func.func @small
// CHECK: rondo.exp
// CHECK-NOT: rondo.exp
func.func @small(%x: !rondo.array<[32], f32>) -> !rondo.array<[32], f32> {
  %e = rondo.exp %x : !rondo.array<[32], f32>
  %s = rondo.reduce sum %e axes [0] : !rondo.array<[32], f32> -> !rondo.array<[], f32>
  %sb = rondo.broadcast %s dims [] : !rondo.array<[], f32> -> !rondo.array<[32], f32>
  %p = rondo.div %e, %sb : !rondo.array<[32], f32>
  return %p : !rondo.array<[32], f32>
}

// -----

// What takes two arrays to compute is kept: reading it is cheaper.
// CHECK-LABEL: func.func @two
// CHECK: rondo.mul
// CHECK-NOT: rondo.mul
func.func @two(%x: !rondo.array<[32], f32>, %y: !rondo.array<[32], f32>) -> !rondo.array<[32], f32> {
  %e = rondo.mul %x, %y : !rondo.array<[32], f32>
  %s = rondo.reduce sum %e axes [0] : !rondo.array<[32], f32> -> !rondo.array<[], f32>
  %sb = rondo.broadcast %s dims [] : !rondo.array<[], f32> -> !rondo.array<[32], f32>
  %p = rondo.div %e, %sb : !rondo.array<[32], f32>
  return %p : !rondo.array<[32], f32>
}

// -----

// The gradient of picking one element of each row: no array of zeros is made.
// CHECK-LABEL: func.func @pick
// CHECK-NOT: rondo.scatter
// CHECK: rondo.compare eq
// CHECK: rondo.select
func.func @pick(%i: !rondo.array<[B, T], i32>, %u: !rondo.array<[B, T], f32>, %x: !rondo.array<[B, T, 7], f32>)
    -> !rondo.array<[B, T, 7], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %z = rondo.constant 0.0 : f32 -> !rondo.array<[B, T, 7], f32>
  %s = rondo.scatter %z, %i, %u "bta,bt->bt" : (!rondo.array<[B, T, 7], f32>, !rondo.array<[B, T], i32>, !rondo.array<[B, T], f32>) -> !rondo.array<[B, T, 7], f32>
  %r = rondo.add %s, %x : !rondo.array<[B, T, 7], f32>
  return %r : !rondo.array<[B, T, 7], f32>
}
