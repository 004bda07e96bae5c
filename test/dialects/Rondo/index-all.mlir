// RUN: rondo-opt %s --canonicalize | FileCheck %s
// To index by all positions is to do nothing, or to reorder axes; by some, or with a base, it is not.

// CHECK-LABEL: @gather
// CHECK-NEXT: return %arg0
func.func @gather(%x: !rondo.array<[B, 6, 3], f32>) -> !rondo.array<[B, 6, 3], f32> attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %i = rondo.iota axis 0 : <[6], i64>
  %j = rondo.convert %i : <[6], i64> -> <[6], i32>
  %y = rondo.gather %x, %j "abc,d->adc" : (!rondo.array<[B, 6, 3], f32>, !rondo.array<[6], i32>) -> !rondo.array<[B, 6, 3], f32>
  return %y : !rondo.array<[B, 6, 3], f32>
}
// CHECK-LABEL: @scatter_transposed
// CHECK-NEXT: rondo.transpose %arg0 [1, 0]
// CHECK-NEXT: return
func.func @scatter_transposed(%u: !rondo.array<[6, 3], f32>) -> !rondo.array<[3, 6], f32> {
  %z = rondo.constant 0.0 : f32 -> <[3, 6], f32>
  %i = rondo.iota axis 0 : <[6], i64>
  %y = rondo.scatter %z, %i, %u "ab,c->ca" : (!rondo.array<[3, 6], f32>, !rondo.array<[6], i64>, !rondo.array<[6, 3], f32>) -> !rondo.array<[3, 6], f32>
  return %y : !rondo.array<[3, 6], f32>
}
// CHECK-LABEL: @some
// CHECK: rondo.gather
func.func @some(%x: !rondo.array<[6], f32>) -> !rondo.array<[4], f32> {
  %i = rondo.iota axis 0 : <[4], i64>
  %y = rondo.gather %x, %i "b,d->d" : (!rondo.array<[6], f32>, !rondo.array<[4], i64>) -> !rondo.array<[4], f32>
  return %y : !rondo.array<[4], f32>
}
// CHECK-LABEL: @added
// CHECK: rondo.scatter
func.func @added(%x: !rondo.array<[6], f32>, %u: !rondo.array<[6], f32>) -> !rondo.array<[6], f32> {
  %i = rondo.iota axis 0 : <[6], i64>
  %y = rondo.scatter %x, %i, %u "b,d->d" : (!rondo.array<[6], f32>, !rondo.array<[6], i64>, !rondo.array<[6], f32>) -> !rondo.array<[6], f32>
  return %y : !rondo.array<[6], f32>
}
// CHECK-LABEL: @first_or_second
// CHECK: rondo.gather
func.func @first_or_second(%x: !rondo.array<[6], f32>) -> !rondo.array<[6], f32> {
  %i = rondo.iota axis 0 : <[6], i64>
  %b = rondo.convert %i : <[6], i64> -> <[6], i1>
  %j = rondo.convert %b : <[6], i1> -> <[6], i32>
  %y = rondo.gather %x, %j "b,d->d" : (!rondo.array<[6], f32>, !rondo.array<[6], i32>) -> !rondo.array<[6], f32>
  return %y : !rondo.array<[6], f32>
}
