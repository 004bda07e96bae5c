// RUN: rondo-opt %s | FileCheck %s
// RUN: rondo-opt %s | rondo-opt | FileCheck %s
// RUN: rondo-opt %s --mlir-print-op-generic | rondo-opt | FileCheck %s

// CHECK-LABEL: func.func @loop
// CHECK-SAME: plan.below = [array<i64>, array<i64: 0>]
// CHECK-SAME: plan.slots = [!rondo.array<[T + 1, B, 4], f32>, !rondo.array<[2, B, 4], f32>]
// CHECK-SAME: plan.sorted_by = "T"
func.func @loop(%h0: !rondo.array<[B, 4], f32>, %xs: !rondo.array<[B, T, 4], f32>)
    -> (!rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>)
    attributes {plan.below = [array<i64>, array<i64: 0>],
                plan.slots = [!rondo.array<[T + 1, B, 4], f32>, !rondo.array<[2, B, 4], f32>],
                plan.sorted_by = "T", plan.share = [#plan.share<worker 0>, #plan.share<barrier, axis 0>],
                rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %k, %l, %hs, %g = rondo.scan over <T> carry(%h0, %h0, %h0) slice(%xs axis 1) stack(1) sums 1
      : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %a: !rondo.array<[B, 4], f32>, %b: !rondo.array<[B, 4], f32>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 4], f32>):
    // CHECK: {plan.share = [#plan.share<barrier, axis 1>], plan.storage = [#plan.storage<next 0>, #plan.storage<next 1, next 2>]}
    %n:2 = rondo.group : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32> {
      %s = rondo.add %a, %x : !rondo.array<[B, 4], f32>
      %m = rondo.add %b, %c : !rondo.array<[B, 4], f32>
      rondo.yield %s, %m : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
    } {plan.share = [#plan.share<barrier, axis 1>], plan.storage = [#plan.storage<next 0>, #plan.storage<next 1, next 2>]}
    // CHECK: {plan.share = [#plan.share<threads>], plan.storage = [#plan.storage<sum 0>]}
    %r = rondo.group : !rondo.array<[4], f32> {
      %s = rondo.reduce sum %x axes [0] : !rondo.array<[B, 4], f32> -> !rondo.array<[4], f32>
      rondo.yield %s : !rondo.array<[4], f32>
    } {plan.share = [#plan.share<threads>], plan.storage = [#plan.storage<sum 0>]}
    rondo.yield %n#0, %n#1, %n#1, %n#0, %r : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[4], f32>
  // CHECK: plan.carries = [#plan.carry<history 0>, #plan.carry<pair 1>, #plan.carry<in_place>]
  // CHECK-SAME: plan.storage = [#plan.storage<none>, #plan.storage<none>, #plan.storage<none>, #plan.storage<after 0>, #plan.storage<result 1>]
  } {plan.carries = [#plan.carry<history 0>, #plan.carry<pair 1>, #plan.carry<in_place>],
     plan.storage = [#plan.storage<none>, #plan.storage<none>, #plan.storage<none>, #plan.storage<after 0>, #plan.storage<result 1>]}
  return %hs, %g : !rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>
}
