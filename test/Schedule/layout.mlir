// RUN: rondo-opt %s --rondo-layout | FileCheck %s
// A weight that is the same at every step is transposed before the loop.

// CHECK-LABEL: func.func @loop
// CHECK: %[[G:.*]] = rondo.group
// CHECK-NEXT: rondo.transpose %arg1 [1, 0]
// CHECK: rondo.scan
// CHECK: rondo.contract %{{.*}}, %[[G]] "bk,kn->bn"
func.func @loop(%h0: !rondo.array<[B, 8], f32>, %u: !rondo.array<[8, 8], f32>) -> !rondo.array<[B, 8], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %h = rondo.scan over <5> carry(%h0) : (!rondo.array<[B, 8], f32>) -> (!rondo.array<[B, 8], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 8], f32>):
    %z = rondo.contract %c, %u "bk,nk->bn" : (!rondo.array<[B, 8], f32>, !rondo.array<[8, 8], f32>) -> !rondo.array<[B, 8], f32>
    rondo.yield %z : !rondo.array<[B, 8], f32>
  }
  return %h : !rondo.array<[B, 8], f32>
}

// Without rows to use it again, a matrix stays as it is.
// CHECK-LABEL: func.func @once
// CHECK-NOT: rondo.group
func.func @once(%x: !rondo.array<[8], f32>, %u: !rondo.array<[8, 8], f32>) -> !rondo.array<[8], f32> {
  %z = rondo.contract %x, %u "k,nk->n" : (!rondo.array<[8], f32>, !rondo.array<[8, 8], f32>) -> !rondo.array<[8], f32>
  return %z : !rondo.array<[8], f32>
}
