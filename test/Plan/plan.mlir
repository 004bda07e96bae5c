// RUN: rondo-opt %s --rondo-group --rondo-plan | FileCheck %s
// Results are written where they are wanted; slots 0 and 2, which are not in use at the same time,
// share bytes below slot 1.

// CHECK-LABEL: func.func @reuse
// CHECK-SAME: plan.below = [array<i64>, array<i64: 2, 0>, array<i64>]
// CHECK: plan.storage = [#plan.storage<slot 0>]
// CHECK: plan.storage = [#plan.storage<slot 1>]
// CHECK: plan.storage = [#plan.storage<slot 2>]
// CHECK: plan.storage = [#plan.storage<result 0>]
func.func @reuse(%x: !rondo.array<[B, 4], f32>, %w: !rondo.array<[4, 4], f32>)
    -> !rondo.array<[B, 4], f32> attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  %b = rondo.contract %a, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  %c = rondo.contract %b, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  %d = rondo.contract %c, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  return %d : !rondo.array<[B, 4], f32>
}

// CHECK-LABEL: func.func @scan
// CHECK-SAME: plan.sorted_by = "T"
// CHECK: plan.storage = [#plan.storage<next 0, stack 0>]
// CHECK: plan.storage = [#plan.storage<sum 0>]
// CHECK: plan.carries = [#plan.carry<in_place>], plan.rests = array<i64: -1, -1, 1>, plan.storage = [#plan.storage<slot 0>, #plan.storage<result 0>, #plan.storage<result 1>]
func.func @scan(%h0: !rondo.array<[B, 4], f32>, %xs: !rondo.array<[B, T, 4], f32>)
    -> (!rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %ys, %g = rondo.scan over <T> carry(%h0) slice(%xs axis 1) stack(1) sums 1
      : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 4], f32>):
    %a = rondo.add %c, %x : !rondo.array<[B, 4], f32>
    %r = rondo.reduce sum %a axes [0] : !rondo.array<[B, 4], f32> -> !rondo.array<[4], f32>
    rondo.yield %a, %a, %r : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[4], f32>
  }
  return %ys, %g : !rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>
}

// Additions in memory keep what they lose: groups of blocks in two arrays, unless the sum's size is
// known at run time only; updates of a table, unless they are few.
// CHECK-LABEL: func.func @rests
// CHECK-SAME: plan.slots = [!rondo.array<[2, 4, 3], f32>, !rondo.array<[9, 3], f32>]
// CHECK: rondo.contract
// CHECK: {plan.rests = array<i64: 0>, plan.storage = [#plan.storage<result 0>]}
// CHECK: rondo.contract
// CHECK: {plan.storage = [#plan.storage<result 1>]}
// CHECK: rondo.scatter
// CHECK: {plan.rests = array<i64: 1>, plan.storage = [#plan.storage<result 2>]}
// CHECK: rondo.scatter
// CHECK: {plan.storage = [#plan.storage<result 3>]}
// CHECK: rondo.scatter
// CHECK: {plan.storage = [#plan.storage<result 4>]}
func.func @rests(%x: !rondo.array<[B, T, 4], f32>, %d: !rondo.array<[B, T, 3], f32>,
                 %i: !rondo.array<[B, T], i32>, %j: !rondo.array<[4], i32>,
                 %e: !rondo.array<[4, 3], f32>)
    -> (!rondo.array<[4, 3], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[9, 3], f32>,
        !rondo.array<[9, 3], f32>, !rondo.array<[B, T, 9, 3], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>,
                                 #rondo.symbol<S, ragged>]} {
  %w = rondo.contract %x, %d "btk,btn->kn"
      : (!rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 3], f32>) -> !rondo.array<[4, 3], f32>
  %all = rondo.constant 1.0 : f32 -> !rondo.array<[B, T, S, 4], f32>
  %ones = rondo.constant 1.0 : f32 -> !rondo.array<[B, T, S], f32>
  %s = rondo.contract %all, %ones "btsk,bts->bk"
      : (!rondo.array<[B, T, S, 4], f32>, !rondo.array<[B, T, S], f32>) -> !rondo.array<[B, 4], f32>
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[9, 3], f32>
  %many = rondo.scatter %zero, %i, %d "vn,bt->btn"
      : (!rondo.array<[9, 3], f32>, !rondo.array<[B, T], i32>, !rondo.array<[B, T, 3], f32>)
      -> !rondo.array<[9, 3], f32>
  %few = rondo.scatter %zero, %j, %e "vn,k->kn"
      : (!rondo.array<[9, 3], f32>, !rondo.array<[4], i32>, !rondo.array<[4, 3], f32>)
      -> !rondo.array<[9, 3], f32>
  // One update for each position's table.
  %zeros = rondo.constant 0.0 : f32 -> !rondo.array<[B, T, 9, 3], f32>
  %one = rondo.scatter %zeros, %i, %d "btvn,bt->btn"
      : (!rondo.array<[B, T, 9, 3], f32>, !rondo.array<[B, T], i32>, !rondo.array<[B, T, 3], f32>)
      -> !rondo.array<[B, T, 9, 3], f32>
  return %w, %s, %many, %few, %one
      : !rondo.array<[4, 3], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[9, 3], f32>,
        !rondo.array<[9, 3], f32>, !rondo.array<[B, T, 9, 3], f32>
}
