// RUN: rondo-opt %s --rondo-group --rondo-plan --rondo-explain-plan --remarks-filter='plan' --remark-format=emitRemark -o %t 2>&1 | FileCheck %s
// RUN: rondo-opt %s --rondo-group --rondo-plan --rondo-explain-plan -o /dev/null 2>&1 | count 0
// Where things are kept is said at the function, the loops and the groups.

// CHECK: [[#@LINE+5]]:{{.*}} plan {{.*}}"1 array takes 32*B bytes of work space where dims are alike, 32*B if none shared bytes with a later one"
// CHECK: [[#@LINE+4]]:{{.*}} plan {{.*}}"examples are sorted by T: those that a step is for are the first ones"
// CHECK: [[#@LINE+7]]:{{.*}} plan {{.*}}"f32[4, 4] is kept from call to call: it follows from parameters alone"
// CHECK: [[#@LINE+7]]:{{.*}} plan {{.*}}"loop over T: carry 0, f32[B, 4], is in two places by turns: a step still reads it where it has written it"
// CHECK: [[#@LINE+6]]:{{.*}} plan {{.*}}"loop over T: carry 1, f32[B, 4], is updated in place: a step reads it only where it writes it"
func.func @f(%h0: !rondo.array<[B, 4], f32>, %xs: !rondo.array<[B, T, 4], f32>,
             %w: !rondo.array<[4, 4], f32> {rondo.role = "parameter"})
    -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %v = rondo.tanh %w : !rondo.array<[4, 4], f32>
  %h, %s = rondo.scan over <T> carry(%h0, %h0) slice(%xs axis 1)
      : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>)
      -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %d: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 4], f32>):
    %p = rondo.contract %c, %v "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %e = rondo.add %d, %x : !rondo.array<[B, 4], f32>
    rondo.yield %p, %e : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  }
  return %h, %s : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
}
