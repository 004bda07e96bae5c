// RUN: rondo-opt %s --rondo-annotate-cost | FileCheck %s

// CHECK: func.func @f({{.*}} attributes {rondo.flops = "2*B*T + B", rondo.flops_per_token = 2.0078125{{.*}} : f64
func.func @f(%x: !rondo.array<[B, T], f32>) -> !rondo.array<[B], f32>
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %q = rondo.mul %x, %x : !rondo.array<[B, T], f32>
  %s = rondo.reduce sum %q axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
  %r = rondo.tanh %s : !rondo.array<[B], f32>
  return %r : !rondo.array<[B], f32>
}

// The optimizer's step has no tokens, what is no entry is not called.
// CHECK: func.func @update() attributes {rondo.kind = "update"} {
func.func @update() attributes {rondo.kind = "update"} {
  return
}
// CHECK: func.func @helper({{.*}}) attributes {rondo.symbols
func.func @helper(%x: !rondo.array<[T], f32>) attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  return
}
