// RUN: rondo-opt --rondo-precision="to=f64" %s | FileCheck %s
// RUN: rondo-opt --rondo-precision="to=f32" %s | FileCheck %s --check-prefix=SAME
// RUN: not rondo-opt --rondo-precision="to=f16" %s 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: unknown precision 'f16', expected f32 or f64

// CHECK: rondo.param "w" : !rondo.array<[4], f64>
// SAME: rondo.param "w" : !rondo.array<[4], f32>
rondo.param "w" : !rondo.array<[4], f32> = #rondo.init<"normal", [2.0e-2]>

// CHECK-LABEL: func.func @loss(
// CHECK-SAME: %[[X:.*]]: !rondo.array<[T, 4], f64>, %[[I:.*]]: !rondo.array<[T], i32>
// SAME-LABEL: func.func @loss(
// SAME-SAME: !rondo.array<[T, 4], f32>
func.func @loss(%x: !rondo.array<[T, 4], f32>, %i: !rondo.array<[T], i32>) -> !rondo.array<[T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>], rondo.kind = "entry"} {
  // A constant keeps its rounded value.
  // CHECK: rondo.constant 0.10000000149011612 : f64
  // SAME: rondo.constant 1.000000e-01 : f32
  %tenth = rondo.constant 0.1 : f32 -> !rondo.array<[T, 4], f32>
  // CHECK: rondo.constant dense<[1.000000e+00, 2.500000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf64>
  %dense = rondo.constant dense<[1.0, 2.5, 3.0, 4.0]> : tensor<4xf32> -> !rondo.array<[4], f32>
  %b = rondo.broadcast %dense dims [1] : !rondo.array<[4], f32> -> !rondo.array<[T, 4], f32>
  // A conversion between the two is none any more.
  // CHECK-NOT: rondo.convert %[[X]]
  %wide = rondo.convert %x : !rondo.array<[T, 4], f32> -> !rondo.array<[T, 4], f64>
  %narrow = rondo.convert %wide : !rondo.array<[T, 4], f64> -> !rondo.array<[T, 4], f32>
  // CHECK: rondo.scan
  // CHECK-NEXT: ^bb0({{.*}}: !rondo.array<[4], f64>):
  %r = rondo.scan over <T> slice(%x axis 0) stack(0) sums 0
      : (!rondo.array<[T, 4], f32>) -> !rondo.array<[T, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %row: !rondo.array<[4], f32>):
    %y = rondo.tanh %row : !rondo.array<[4], f32>
    rondo.yield %y : !rondo.array<[4], f32>
  }
  %s = rondo.add %tenth, %b : !rondo.array<[T, 4], f32>
  %p = rondo.add %s, %narrow : !rondo.array<[T, 4], f32>
  %q = rondo.add %p, %r : !rondo.array<[T, 4], f32>
  return %q : !rondo.array<[T, 4], f32>
}
