// RUN: rondo-opt --rondo-twins %s | FileCheck %s

// What is an entry's gradient, its clone or its check is said by an attribute, whatever the names.
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
// CHECK: func.func @slope(%{{.*}}: !rondo.array<[B, 4], f32>
func.func @slope(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.kind = "entry", rondo.gradient_of = "loss"} {
  %one = rondo.constant 1.0 : f32 -> !rondo.array<[B, 4], f32>
  return %one : !rondo.array<[B, 4], f32>
}
func.func @plain(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.kind = "entry"} {
  return %x : !rondo.array<[B, 4], f32>
}
func.func @plain.grad(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.kind = "entry"} {
  return %x : !rondo.array<[B, 4], f32>
}
// CHECK: func.func @loss.f64(%{{.*}}: !rondo.array<[B, 4], f64> {rondo.name = "w", rondo.role = "parameter"}) -> !rondo.array<[B], f64>
// CHECK-SAME: rondo.twin_of = "loss"
// CHECK: rondo.reduce sum {{.*}}<[B, 4], f64>
// CHECK: func.func @slope.f64(%{{.*}}: !rondo.array<[B, 4], f64>)
// CHECK-SAME: rondo.twin_of = "slope"
// CHECK-NOT: @plain
// CHECK-NOT: .f64.f64

// What is stopped is computed from the parameters a second time; that which a loop computes is
// stacked by the copy of the loop, and sliced by the loop.
// CHECK-LABEL: func.func @held.check(
// CHECK-SAME: %[[W:[^:]*]]: !rondo.array<[4], f64> {rondo.name = "w", rondo.role = "parameter"}
// CHECK-SAME: %[[X:[^:]*]]: !rondo.array<[B, T, 4], f64>
// CHECK-SAME: %[[V:[^:]*]]: !rondo.array<[4], f64> {rondo.name = "w", rondo.role = "gradient"}
// CHECK: %[[BASE:.*]]:2 = rondo.scan over <T> {{.*}} stack(1)
// CHECK: rondo.broadcast %[[V]]
// CHECK: rondo.scan over <T> {{.*}} slice(%[[X]] axis 1, %[[BASE]]#1 axis 1)
// CHECK: rondo.broadcast %[[W]]
// CHECK-NOT: rondo.stop_gradient
// CHECK: return
// DOUBLE: func.func @held.check
func.func @held(%w: !rondo.array<[4], f32> {rondo.role = "parameter", rondo.name = "w"}, %x: !rondo.array<[B, T, 4], f32>) -> !rondo.array<[B], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], rondo.kind = "entry"} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[B, 4], f32>
  %h = rondo.scan over <T> carry(%zero) slice(%x axis 1) : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) -> !rondo.array<[B, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %xt: !rondo.array<[B, 4], f32>):
    %s = rondo.stop_gradient %c : !rondo.array<[B, 4], f32>
    %v = rondo.broadcast %w dims [1] : !rondo.array<[4], f32> -> !rondo.array<[B, 4], f32>
    %p = rondo.mul %v, %xt : !rondo.array<[B, 4], f32>
    %n = rondo.add %p, %s : !rondo.array<[B, 4], f32>
    rondo.yield %n : !rondo.array<[B, 4], f32>
  }
  %r = rondo.reduce sum %h axes [1] : !rondo.array<[B, 4], f32> -> !rondo.array<[B], f32>
  return %r : !rondo.array<[B], f32>
}
func.func @held.grad(%w: !rondo.array<[4], f32>) -> !rondo.array<[4], f32>
    attributes {rondo.kind = "entry", rondo.gradient_of = "held"} {
  return %w : !rondo.array<[4], f32>
}
