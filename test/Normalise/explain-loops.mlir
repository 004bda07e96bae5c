// RUN: rondo-opt %s --rondo-explain-loops --remarks-filter='.*' --remark-format=emitRemark -o %t 2>&1 | FileCheck %s
// RUN: rondo-opt %s --rondo-explain-loops 2>&1 | FileCheck %s --check-prefix=SILENT

// What a loop holds, why each product is in there, and what is summed in it; nothing changes.

// CHECK: explain-loops.mlir:[[#@LINE+8]]:{{.*}} [Passed] loop {{.*}}"loop over T: 1 carried, 2 products, 68*B operations a step"
// CHECK: explain-loops.mlir:[[#@LINE+9]]:{{.*}} [Missed] hoist {{.*}}"product bk,kn->bn stays in the loop over T: it depends on the step before"
// CHECK: explain-loops.mlir:[[#@LINE+9]]:{{.*}} [Missed] hoist {{.*}}"product bk,kn->bn stays in the loop over T: it does not depend on the step before, but to read it for all steps would cost more"
// CHECK: explain-loops.mlir:[[#@LINE+9]]:{{.*}} [Missed] sink {{.*}}"mul is summed in the loop over T
// SILENT-NOT: remark
func.func @f(%h0: !rondo.array<[B, 4], f32>, %xs: !rondo.array<[B, T, 4], f32>, %w: !rondo.array<[4, 4], f32>)
    -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, uniform>]} {
  %h:2 = rondo.scan over <T> carry(%h0) slice(%xs axis 1) sums 1 : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 4], f32>):
    %a = rondo.contract %c, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %b = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
    %d = rondo.mul %a, %b : !rondo.array<[B, 4], f32>
    rondo.yield %b, %d : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  }
  return %h#0, %h#1 : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
}
