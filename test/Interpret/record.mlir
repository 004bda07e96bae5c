// RUN: rondo-opt %s --rondo-record | FileCheck %s
// RUN: rondo-opt %s --rondo-record | rondo-opt --rondo-interpret
// RUN: rondo-opt %s --rondo-record | sed 's/rondo.add/rondo.mul/' | not rondo-opt --rondo-interpret 2>&1 | FileCheck %s --check-prefix=CHANGED

// CHECK: check.expect = [{actual = 0 : i64, floor = 1.000000e-13 : f64, tolerance = {{.*}} : f64, value = dense<[2.000000e+00, 6.000000e+00]> : tensor<2xf64>}]
// CHANGED: error: expected 6, found 9 at [1]
func.func @f(%x: !rondo.array<[2], f32> {check.value = dense<[1.0, 3.0]> : tensor<2xf32>}) -> !rondo.array<[2], f32> {
  %y = rondo.add %x, %x : !rondo.array<[2], f32>
  return %y : !rondo.array<[2], f32>
}
