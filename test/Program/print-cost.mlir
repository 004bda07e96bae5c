// RUN: rondo-opt %s --rondo-print-cost -verify-diagnostics

// A contraction has two operations per combination; reading x and writing y is 4 bytes each.
// expected-remark @+1 {{flops: 4096*B*T, bytes: 384*B*T + 8192}}
func.func @contract(%x: !rondo.array<[B, T, 32], f32>, %w: !rondo.array<[32, 64], f32>) -> !rondo.array<[B, T, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %y = rondo.contract %x, %w "btk,kn->btn" : (!rondo.array<[B, T, 32], f32>, !rondo.array<[32, 64], f32>) -> !rondo.array<[B, T, 64], f32>
  return %y : !rondo.array<[B, T, 64], f32>
}

// A scan is its body, times its steps: a multiplication and an addition to the sum of 8.
// expected-remark @+1 {{flops: 16*T - 16, bytes: 96*T - 96}}
func.func @scan(%x: !rondo.array<[T - 1, 8], f32>) -> !rondo.array<[8], f32> attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  %s = rondo.scan over <T - 1> slice(%x axis 0) sums 1 : (!rondo.array<[T - 1, 8], f32>) -> !rondo.array<[8], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %v: !rondo.array<[8], f32>):
    %p = rondo.mul %v, %v : !rondo.array<[8], f32>
    rondo.yield %p : !rondo.array<[8], f32>
  }
  return %s : !rondo.array<[8], f32>
}

// Squares and floor divisions are terms of their own; integers compute no floats.
// expected-remark @+1 {{flops: ((T + 1) floordiv 2)*T*T, bytes: 4*((T + 1) floordiv 2)*T*T + 4*T*T + 16*T}}
func.func @terms(%x: !rondo.array<[T, T, (T + 1) floordiv 2], f32>, %i: !rondo.array<[T], i64>) -> !rondo.array<[T, T], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, uniform>]} {
  %s = rondo.reduce sum %x axes [2] : !rondo.array<[T, T, (T + 1) floordiv 2], f32> -> !rondo.array<[T, T], f32>
  %n = rondo.neg %i : !rondo.array<[T], i64>
  return %s : !rondo.array<[T, T], f32>
}
