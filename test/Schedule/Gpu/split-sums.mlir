// RUN: rondo-opt %s --rondo-split-sums | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%a: !rondo.array<[B, T, 4, 16], f32>) -> (!rondo.array<[], f32>, !rondo.array<[16], f32>, !rondo.array<[B, T], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: %[[A:.*]] = rondo.reduce sum %{{.*}} axes [3] : {{.*}} -> <[B, T, 4], f32>
  // CHECK: %[[B:.*]] = rondo.reduce sum %[[A]] axes [1, 2] : {{.*}} -> <[B], f32>
  // CHECK: rondo.reduce sum %[[B]] axes [0] : {{.*}} -> <[], f32>
  %s = rondo.reduce sum %a axes [0, 1, 2, 3] : !rondo.array<[B, T, 4, 16], f32> -> <[], f32>
  // CHECK: %[[C:.*]] = rondo.reduce max %{{.*}} axes [1, 2] : {{.*}} -> <[B, 16], f32>
  // CHECK: rondo.reduce max %[[C]] axes [0] : {{.*}} -> <[16], f32>
  %m = rondo.reduce max %a axes [0, 1, 2] : !rondo.array<[B, T, 4, 16], f32> -> <[16], f32>
  // CHECK: rondo.reduce sum %{{.*}} axes [2, 3]
  %r = rondo.reduce sum %a axes [2, 3] : !rondo.array<[B, T, 4, 16], f32> -> <[B, T], f32>
  return %s, %m, %r : !rondo.array<[], f32>, !rondo.array<[16], f32>, !rondo.array<[B, T], f32>
}
