// RUN: rondo-opt --rondo-twins %s | FileCheck %s
// RUN: rondo-opt --rondo-twins --rondo-twins %s | FileCheck %s
// RUN: rondo-opt --rondo-precision --rondo-twins %s | FileCheck %s --check-prefix=DOUBLE

// A program that is compiled in double precision needs no twins.
// DOUBLE-NOT: twin_of

// CHECK: func.func @loss(%{{.*}}: !rondo.array<[B, 4], f32>
func.func @loss(%x: !rondo.array<[B, 4], f32> {rondo.role = "parameter", rondo.name = "w"}) -> !rondo.array<[B], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.kind = "entry"} {
  %s = rondo.reduce sum %x axes [1] : !rondo.array<[B, 4], f32> -> !rondo.array<[B], f32>
  return %s : !rondo.array<[B], f32>
}
// CHECK: func.func @loss.grad(%{{.*}}: !rondo.array<[B, 4], f32>
func.func @loss.grad(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.kind = "entry"} {
  %one = rondo.constant 1.0 : f32 -> !rondo.array<[B, 4], f32>
  return %one : !rondo.array<[B, 4], f32>
}
func.func @plain(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.kind = "entry"} {
  return %x : !rondo.array<[B, 4], f32>
}
// CHECK: func.func @loss.f64(%{{.*}}: !rondo.array<[B, 4], f64> {rondo.name = "w", rondo.role = "parameter"}) -> !rondo.array<[B], f64>
// CHECK-SAME: rondo.twin_of = "loss"
// CHECK: rondo.reduce sum {{.*}}<[B, 4], f64>
// CHECK: func.func @loss.grad.f64(%{{.*}}: !rondo.array<[B, 4], f64>)
// CHECK-SAME: rondo.twin_of = "loss.grad"
// CHECK-NOT: @plain.f64
// CHECK-NOT: .f64.f64
