// RUN: rondo-opt %s --check-fill="bindings=B=2,T=3:1" | FileCheck %s
// RUN: rondo-opt %s --check-fill --rondo-record | rondo-opt --canonicalize --rondo-interpret
// RUN: not rondo-opt %s --check-fill="bindings=B=two" 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: error: expected a binding such as B=2 or T=3:1, found B=two

// Indices stay below their dim, state starts as it says; the same name has the same numbers.
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %{{.*}}: !rondo.array<[B, T], i32> {check.value = dense<0> : tensor<2x3xi32>
// CHECK-SAME: %{{.*}}: !rondo.array<[2], f32> {check.value = dense<2.500000e-01> : tensor<2xf32>
// CHECK-SAME: %{{.*}}: !rondo.array<[2], f32> {check.value = dense<[[W:[^>]*]]> : tensor<2xf32>
// CHECK-SAME: check.bindings = {B = 2 : i64, T = [3, 1]}
func.func @f(%i: !rondo.array<[B, T], i32> {rondo.role = "input", rondo.name = "i", rondo.index = #rondo.dim<1>},
             %s: !rondo.array<[2], f32> {rondo.role = "state", rondo.name = "s", rondo.default = 0.25},
             %w: !rondo.array<[2], f32> {rondo.role = "parameter", rondo.name = "w"}) -> !rondo.array<[2], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %r = rondo.mul %s, %w : !rondo.array<[2], f32>
  return %r : !rondo.array<[2], f32>
}

// CHECK-LABEL: func.func @g(
// CHECK-SAME: check.value = dense<[[W]]> : tensor<2xf32>
func.func @g(%w: !rondo.array<[2], f32> {rondo.role = "parameter", rondo.name = "w"}) {
  return
}
