// RUN: rondo-opt %s --rondo-group --rondo-plan | FileCheck %s
// Values that are not alive at the same time share bytes, whatever their sizes. Each of these is in
// use together with the one before it and the one after it, and with no other: the arena is as large
// as the largest two neighbours, though slot 2 is on top of whichever of its two is larger.

// CHECK-LABEL: func.func @sizes
// CHECK-SAME: plan.below = [array<i64: 1>, array<i64>, array<i64: 3, 1>, array<i64>]
// CHECK-SAME: plan.slots = [!rondo.array<[B, 4], f32>, !rondo.array<[B, 64], f32>, !rondo.array<[B, 8], f32>, !rondo.array<[B, 16], f32>]
// CHECK: plan.storage = [#plan.storage<slot 0>]
// CHECK: plan.storage = [#plan.storage<slot 1>]
// CHECK: plan.storage = [#plan.storage<slot 2>]
// CHECK: plan.storage = [#plan.storage<slot 3>]
// CHECK: plan.storage = [#plan.storage<result 0>]
func.func @sizes(%x: !rondo.array<[B, 4], f32>, %w: !rondo.array<[4, 4], f32>,
                 %u: !rondo.array<[4, 64], f32>, %v: !rondo.array<[64, 8], f32>,
                 %s: !rondo.array<[8, 16], f32>, %r: !rondo.array<[16, 16], f32>)
    -> !rondo.array<[B, 16], f32> attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  %b = rondo.contract %a, %u "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 64], f32>) -> !rondo.array<[B, 64], f32>
  %c = rondo.contract %b, %v "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 8], f32>) -> !rondo.array<[B, 8], f32>
  %d = rondo.contract %c, %s "bk,kn->bn" : (!rondo.array<[B, 8], f32>, !rondo.array<[8, 16], f32>) -> !rondo.array<[B, 16], f32>
  %e = rondo.contract %d, %r "bk,kn->bn" : (!rondo.array<[B, 16], f32>, !rondo.array<[16, 16], f32>) -> !rondo.array<[B, 16], f32>
  return %e : !rondo.array<[B, 16], f32>
}
