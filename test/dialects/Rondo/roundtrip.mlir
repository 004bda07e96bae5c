// RUN: rondo-opt %s | rondo-opt | FileCheck %s
// Every op and attribute prints as it is read.

// CHECK: rondo.param "embed" : !rondo.array<[256, 64], f32> = <"normal", [2.000000e-02]>
rondo.param "embed" : !rondo.array<[256, 64], f32> = #rondo.init<"normal", [2.0e-2]>
// CHECK: rondo.train loss "loss" update "train.update" source "text" {window = 128 : i64} batch 32 steps 1000
rondo.train loss "loss" update "train.update" source "text" {window = 128 : i64} batch 32 steps 1000

// CHECK-LABEL: func.func @dims
// CHECK-SAME: !rondo.array<[T, T - 1, 2 * P + n, (T + 1) floordiv 2 + 3], f32>
func.func @dims(%a: !rondo.array<[1 + (T - 1), T-1, n + 2*P, (T + 7) floordiv 2], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<P, ragged>, #rondo.symbol<n, uniform>]} {
  return
}

// CHECK-LABEL: func.func @ops
func.func @ops(%w: !rondo.array<[64, 256], f32> {rondo.role = "parameter", rondo.name = "w"},
               %x: !rondo.array<[B, T, 64], f32>, %i: !rondo.array<[B, T], i32>, %h0: !rondo.array<[B, 64], f32>,
               %seed: !rondo.array<[], i64>)
    -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], rondo.kind = "entry"} {
  // CHECK: rondo.constant 5.000000e-01 : f32 -> {{(!rondo.array)?}}<[B, 64], f32>
  %half = rondo.constant 0.5 : f32 -> !rondo.array<[B, 64], f32>
  // CHECK: rondo.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32> -> {{(!rondo.array)?}}<[2], f32>
  %dense = rondo.constant dense<[1.0, 2.0]> : tensor<2xf32> -> !rondo.array<[2], f32>
  // CHECK: rondo.length <T - 1> : {{(!rondo.array)?}}<[B], i64>
  %n = rondo.length <T - 1> : !rondo.array<[B], i64>
  // CHECK: rondo.iota axis 1 : {{(!rondo.array)?}}<[B, T], i64>
  %p = rondo.iota axis 1 : !rondo.array<[B, T], i64>
  // CHECK: rondo.random uniform "drop" elements "ij"(%{{.*}} : %{{.*}}) spec "b->bij"
  %u = rondo.random uniform "drop" elements "ij" (%seed : %n) spec "b->bij"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, 64], f32>
  // CHECK: rondo.contract %{{.*}}, %{{.*}} "btk,kn->btn" :
  %z = rondo.contract %x, %w "btk,kn->btn" : (!rondo.array<[B, T, 64], f32>, !rondo.array<[64, 256], f32>) -> !rondo.array<[B, T, 256], f32>
  // CHECK: rondo.contract {{.*}} init %
  %z2 = rondo.contract %x, %w "btk,kn->btn" init %z : (!rondo.array<[B, T, 64], f32>, !rondo.array<[64, 256], f32>, !rondo.array<[B, T, 256], f32>) -> !rondo.array<[B, T, 256], f32>
  // CHECK: rondo.reduce max %{{.*}} axes [1, 2]
  %m = rondo.reduce max %z2 axes [1, 2] : !rondo.array<[B, T, 256], f32> -> !rondo.array<[B], f32>
  %mb = rondo.broadcast %m dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 64], f32>
  // CHECK: rondo.gather %{{.*}}, %{{.*}} "nk,bt->btk"
  %wt = rondo.transpose %w [1, 0] : !rondo.array<[64, 256], f32> -> !rondo.array<[256, 64], f32>
  %e = rondo.gather %wt, %i "nk,bt->btk" : (!rondo.array<[256, 64], f32>, !rondo.array<[B, T], i32>) -> !rondo.array<[B, T, 64], f32>
  // CHECK: rondo.slice %{{.*}} axis 1 from <T - 1> :
  %last = rondo.slice %e axis 1 from <T - 1> : !rondo.array<[B, T, 64], f32> -> !rondo.array<[B, 1, 64], f32>
  // CHECK: rondo.compare lt
  %c = rondo.compare lt %half, %mb : !rondo.array<[B, 64], f32>
  %s = rondo.select %c, %half, %mb : !rondo.array<[B, 64], f32>
  // CHECK: %[[S:.*]]:3 = rondo.scan over <T> reverse carry(%{{.*}}) slice(%{{.*}} axis 1) stack(1) sums 1 : (
  %h, %ys, %g = rondo.scan over <T> reverse carry(%h0) slice(%e axis 1) stack(1) sums 1
      : (!rondo.array<[B, 64], f32>, !rondo.array<[B, T, 64], f32>) -> (!rondo.array<[B, 64], f32>, !rondo.array<[B, T, 64], f32>, !rondo.array<[64], f32>) {
  // CHECK-NEXT: ^bb0(
  ^bb0(%t: !rondo.array<[], i64>, %hh: !rondo.array<[B, 64], f32>, %xx: !rondo.array<[B, 64], f32>):
    %a = rondo.add %hh, %xx : !rondo.array<[B, 64], f32>
    %b = rondo.tanh %a : !rondo.array<[B, 64], f32>
    %r = rondo.reduce sum %b axes [0] : !rondo.array<[B, 64], f32> -> !rondo.array<[64], f32>
    rondo.yield %b, %b, %r : !rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>, !rondo.array<[64], f32>
  }
  // CHECK: rondo.grad(%
  %gr = rondo.grad(%h) : (!rondo.array<[B, 64], f32>) -> (!rondo.array<[B, 64], f32>) {
  ^bb0(%v: !rondo.array<[B, 64], f32>):
    %sq = rondo.reduce sum %v axes [1] : !rondo.array<[B, 64], f32> -> !rondo.array<[B], f32>
    rondo.yield %sq : !rondo.array<[B], f32>
  }
  // CHECK: rondo.group : !rondo.array<[B, 64], f32> {
  %q = rondo.group : !rondo.array<[B, 64], f32> {
    %k = rondo.mul %gr, %s : !rondo.array<[B, 64], f32>
    rondo.yield %k : !rondo.array<[B, 64], f32>
  }
  // CHECK: rondo.group rows 1 : !rondo.array<[B, 64], f32> {
  // CHECK-NEXT: rondo.group : !rondo.array<[B, 64], f32> {
  %rows = rondo.group rows 1 : !rondo.array<[B, 64], f32> {
    %step = rondo.group : !rondo.array<[B, 64], f32> {
      %k = rondo.mul %q, %s : !rondo.array<[B, 64], f32>
      rondo.yield %k : !rondo.array<[B, 64], f32>
    }
    rondo.yield %step : !rondo.array<[B, 64], f32>
  }
  return %rows : !rondo.array<[B, 64], f32>
}
