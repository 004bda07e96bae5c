// RUN: rondo-opt %s --rondo-plan --rondo-share | FileCheck %s
// Steps of rows: what only they read is local to a worker, the rest is where the rows' results are.
// Workers share the rows, or the columns if each step has them and none sums over them; and no step
// waits for another.

// CHECK-LABEL: func.func @shares
// CHECK-SAME: rondo.barriers = "0"
func.func @shares(%x: !rondo.array<[B, 64], f32>)
    -> !rondo.array<[B, 64], f32> attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  // CHECK: rondo.reduce
  // CHECK: {plan.storage = [#plan.storage<local 0>]}
  // CHECK: rondo.div
  // CHECK: {plan.storage = [#plan.storage<yield 0>]}
  // CHECK: {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<result 0>]}
  %0 = rondo.group rows 1 : !rondo.array<[B, 64], f32> {
    %s = rondo.group : !rondo.array<[B], f32> {
      %1 = rondo.reduce sum %x axes [1] : !rondo.array<[B, 64], f32> -> !rondo.array<[B], f32>
      rondo.yield %1 : !rondo.array<[B], f32>
    }
    %b = rondo.broadcast %s dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 64], f32>
    %d = rondo.group : !rondo.array<[B, 64], f32> {
      %1 = rondo.div %x, %b : !rondo.array<[B, 64], f32>
      rondo.yield %1 : !rondo.array<[B, 64], f32>
    }
    rondo.yield %d : !rondo.array<[B, 64], f32>
  }
  return %0 : !rondo.array<[B, 64], f32>
}

// The product's columns are shared, and so are those of the rows that read it.
// CHECK-LABEL: func.func @columns
// CHECK-SAME: rondo.barriers = "0"
// CHECK: {plan.share = [#plan.share<axis 1>], plan.storage = [#plan.storage<slot 0>]}
// CHECK: {plan.storage = [#plan.storage<local 0>]}
// CHECK: {plan.share = [#plan.share<axis 2>], plan.storage = [#plan.storage<result 0>]}
func.func @columns(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 256], f32>)
    -> !rondo.array<[B, 2, 256], f32> attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %p = rondo.group : !rondo.array<[B, 256], f32> {
    %1 = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 256], f32>) -> !rondo.array<[B, 256], f32>
    rondo.yield %1 : !rondo.array<[B, 256], f32>
  }
  %0 = rondo.group rows 1 : !rondo.array<[B, 2, 256], f32> {
    %t = rondo.group : !rondo.array<[B, 256], f32> {
      %1 = rondo.tanh %p : !rondo.array<[B, 256], f32>
      rondo.yield %1 : !rondo.array<[B, 256], f32>
    }
    %b = rondo.broadcast %t dims [0, 2] : !rondo.array<[B, 256], f32> -> !rondo.array<[B, 2, 256], f32>
    %d = rondo.group : !rondo.array<[B, 2, 256], f32> {
      %1 = rondo.mul %b, %b : !rondo.array<[B, 2, 256], f32>
      rondo.yield %1 : !rondo.array<[B, 2, 256], f32>
    }
    rondo.yield %d : !rondo.array<[B, 2, 256], f32>
  }
  return %0 : !rondo.array<[B, 2, 256], f32>
}

// A carry that steps read until its next value is stored is overwritten, one that is read later is
// not.
// CHECK-LABEL: func.func @carries
// CHECK: plan.carries = [#plan.carry<in_place>, #plan.carry<pair
func.func @carries(%x: !rondo.array<[B, 64], f32>)
    -> (!rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, uniform>]} {
  %0:2 = rondo.scan over <T> carry(%x, %x) : (!rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>) -> (!rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 64], f32>, %d: !rondo.array<[B, 64], f32>):
    %1:2 = rondo.group rows 1 : !rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32> {
      %e = rondo.group : !rondo.array<[B, 64], f32> {
        %2 = rondo.mul %c, %d : !rondo.array<[B, 64], f32>
        rondo.yield %2 : !rondo.array<[B, 64], f32>
      }
      %f = rondo.group : !rondo.array<[B, 64], f32> {
        %2 = rondo.add %e, %d : !rondo.array<[B, 64], f32>
        rondo.yield %2 : !rondo.array<[B, 64], f32>
      }
      rondo.yield %f, %e : !rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>
    }
    rondo.yield %1#0, %1#1 : !rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>
  }
  return %0#0, %0#1 : !rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>
}
