// RUN: rondo-opt %s --rondo-group --rondo-plan | FileCheck %s
// How carries are kept from step to step.

// Read at other positions than are stored: two places by turns.
// CHECK-LABEL: func.func @pair
// CHECK: plan.storage = [#plan.storage<next 0>]
// CHECK: plan.carries = [#plan.carry<pair 0>], plan.storage = [#plan.storage<result 0>]
func.func @pair(%h0: !rondo.array<[B, 4], f32>, %u: !rondo.array<[4, 4], f32>)
    -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h = rondo.scan over <T> carry(%h0)
      : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %z = rondo.contract %c, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    rondo.yield %z : !rondo.array<[B, 4], f32>
  }
  return %h : !rondo.array<[B, 4], f32>
}

// What the carry is before and after the steps is one history.
// CHECK-LABEL: func.func @history
// CHECK-SAME: plan.slots = [!rondo.array<[T + 1, B, 4], f32>]
// CHECK: plan.storage = [#plan.storage<next 0>]
// CHECK-NOT: rondo.group
// CHECK: plan.carries = [#plan.carry<history 0>], plan.storage = [#plan.storage<none>, #plan.storage<before 0>, #plan.storage<after 0>]
func.func @history(%h0: !rondo.array<[B, 4], f32>, %u: !rondo.array<[4, 4], f32>)
    -> !rondo.array<[B, T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %b, %a = rondo.scan over <T> carry(%h0) stack(1, 1)
      : (!rondo.array<[B, 4], f32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %z = rondo.contract %c, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    rondo.yield %z, %c, %z : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  }
  %s = rondo.add %a, %b : !rondo.array<[B, T, 4], f32>
  return %s : !rondo.array<[B, T, 4], f32>
}

// Another group reads the carry after it would have been overwritten.
// CHECK-LABEL: func.func @later
// CHECK: plan.carries = [#plan.carry<pair {{[0-9]+}}>, #plan.carry<in_place>]
func.func @later(%h0: !rondo.array<[B, 4], f32>, %u: !rondo.array<[4, 4], f32>)
    -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %g = rondo.scan over <T> carry(%h0, %h0)
      : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %d: !rondo.array<[B, 4], f32>):
    %e = rondo.tanh %c : !rondo.array<[B, 4], f32>
    %z = rondo.contract %e, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %0 = rondo.mul %z, %c : !rondo.array<[B, 4], f32>
    %1 = rondo.add %0, %d : !rondo.array<[B, 4], f32>
    rondo.yield %e, %1 : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  }
  return %h, %g : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
}

// A carry that becomes another carry has to move, and the plan shows it.
// CHECK-LABEL: func.func @delay
// CHECK: %[[NEXT:.*]] = rondo.group
// CHECK: plan.storage = [#plan.storage<next 0>]
// CHECK: rondo.group
// CHECK-NEXT: rondo.yield %arg
// CHECK-NEXT: plan.storage = [#plan.storage<next 1>]
// CHECK: plan.carries = [#plan.carry<pair 0>, #plan.carry<in_place>]
func.func @delay(%h0: !rondo.array<[B, 4], f32>)
    -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %g = rondo.scan over <T> carry(%h0, %h0)
      : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %d: !rondo.array<[B, 4], f32>):
    %e = rondo.tanh %c : !rondo.array<[B, 4], f32>
    rondo.yield %e, %c : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  }
  return %h, %g : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
}
