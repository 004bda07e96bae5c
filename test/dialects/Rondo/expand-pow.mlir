// RUN: rondo-opt %s --canonicalize | FileCheck %s
// Powers whose exponent is a small integer or a half are products, quotients and roots.

// CHECK-LABEL: func.func @square
// CHECK: rondo.mul %arg0, %arg0
// CHECK-NOT: rondo.pow
func.func @square(%x: !rondo.array<[8], f32>) -> !rondo.array<[8], f32> {
  %y = rondo.constant 2.0 : f32 -> !rondo.array<[], f32>
  %b = rondo.broadcast %y dims [] : !rondo.array<[], f32> -> !rondo.array<[8], f32>
  %r = rondo.pow %x, %b : !rondo.array<[8], f32>
  return %r : !rondo.array<[8], f32>
}

// CHECK-LABEL: func.func @cube
// CHECK: %[[S:.*]] = rondo.mul %arg0, %arg0
// CHECK: rondo.mul %[[S]], %arg0
func.func @cube(%x: !rondo.array<[8], f32>) -> !rondo.array<[8], f32> {
  %y = rondo.constant 3.0 : f32 -> !rondo.array<[8], f32>
  %r = rondo.pow %x, %y : !rondo.array<[8], f32>
  return %r : !rondo.array<[8], f32>
}

// CHECK-LABEL: func.func @reciprocal
// CHECK: %[[ONE:.*]] = rondo.constant 1.0
// CHECK: rondo.div %[[ONE]], %arg0
func.func @reciprocal(%x: !rondo.array<[8], f32>) -> !rondo.array<[8], f32> {
  %y = rondo.constant -1.0 : f32 -> !rondo.array<[8], f32>
  %r = rondo.pow %x, %y : !rondo.array<[8], f32>
  return %r : !rondo.array<[8], f32>
}

// CHECK-LABEL: func.func @roots
// CHECK-DAG: rondo.sqrt
// CHECK-DAG: rondo.rsqrt
func.func @roots(%x: !rondo.array<[8], f32>) -> (!rondo.array<[8], f32>, !rondo.array<[8], f32>) {
  %half = rondo.constant 0.5 : f32 -> !rondo.array<[8], f32>
  %minus = rondo.constant -0.5 : f32 -> !rondo.array<[8], f32>
  %r = rondo.pow %x, %half : !rondo.array<[8], f32>
  %s = rondo.pow %x, %minus : !rondo.array<[8], f32>
  return %r, %s : !rondo.array<[8], f32>, !rondo.array<[8], f32>
}

// CHECK-LABEL: func.func @stays
// CHECK: rondo.pow
func.func @stays(%x: !rondo.array<[8], f32>) -> !rondo.array<[8], f32> {
  %y = rondo.constant 1.7 : f32 -> !rondo.array<[8], f32>
  %r = rondo.pow %x, %y : !rondo.array<[8], f32>
  return %r : !rondo.array<[8], f32>
}
