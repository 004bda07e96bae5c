// RUN: rondo-opt %s --check-outline | FileCheck %s
// RUN: rondo-opt %s | rondo-opt | rondo-opt --check-outline | FileCheck %s

// CHECK-LABEL: func.func @test(
// CHECK-SAME: %[[X:.*]]: !rondo.array<[2], f32> {check.value = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>})
// CHECK-SAME: -> (!rondo.array<[2], f32>, !rondo.array<[2], f32>, !rondo.array<[2], f32>)
// CHECK-SAME: check.expect = [{actual = 0 : i64, expected = 1 : i64, floor = 0.000000e+00 : f64, location = #loc{{[0-9]*}}, tolerance = 1.000000e-09 : f64}, {actual = 2 : i64, location = #loc{{[0-9]*}}, value = dense<[2.000000e+00, 4.000000e+00]> : tensor<2xf32>}]
func.func @test() {
  %x = check.input dense<[1.0, 2.0]> : tensor<2xf32> -> !rondo.array<[2], f32>
  // CHECK-NEXT: %[[Y:.*]] = rondo.add %[[X]], %[[X]]
  %y = rondo.add %x, %x : !rondo.array<[2], f32>
  check.expect_close %x, %x {tolerance = 1.0e-9 : f64} : !rondo.array<[2], f32>
  check.expect_equal_const %y, dense<[2.0, 4.0]> : tensor<2xf32> : !rondo.array<[2], f32>
  // CHECK-NEXT: return %[[X]], %[[X]], %[[Y]]
  return
}

// A function without the dialect's ops stays as it is.
// CHECK-LABEL: func.func @other() {
func.func @other() {
  return
}
