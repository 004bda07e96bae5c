// RUN: rondo-opt %s --rondo-interpret
// Slices, pads and joints count from each example's own length.

func.func @own_ends() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<n, uniform>],
                                  check.bindings = {B = 2, T = [3, 1], n = 2}} {
  %x = check.input dense<[[1.0, 2.0, 3.0], [4.0, 0x7FC00000, 0x7FC00000]]> : tensor<2x3xf32> -> !rondo.array<[B, T], f32>
  %last = rondo.slice %x axis 1 from <T - 1> : !rondo.array<[B, T], f32> -> !rondo.array<[B, 1], f32>
  check.expect_equal_const %last, dense<[[3.0], [4.0]]> : tensor<2x1xf32> : !rondo.array<[B, 1], f32>
  %tail = rondo.slice %x axis 1 from <1> : !rondo.array<[B, T], f32> -> !rondo.array<[B, T - 1], f32>
  check.expect_equal_const %tail, dense<[[2.0, 3.0], [0.0, 0.0]]> : tensor<2x2xf32> : !rondo.array<[B, T - 1], f32>
  %every = rondo.slice %x axis 1 from <0> step 2 : !rondo.array<[B, T], f32> -> !rondo.array<[B, (T + 1) floordiv 2], f32>
  check.expect_equal_const %every, dense<[[1.0, 3.0], [4.0, 0.0]]> : tensor<2x2xf32> : !rondo.array<[B, (T + 1) floordiv 2], f32>
  %back = rondo.pad %last axis 1 at <T - 1> : !rondo.array<[B, 1], f32> -> !rondo.array<[B, T], f32>
  check.expect_equal_const %back, dense<[[0.0, 0.0, 3.0], [4.0, 9.0, 9.0]]> : tensor<2x3xf32> : !rondo.array<[B, T], f32>
  %spread = rondo.pad %every axis 1 at <0> step 2 : !rondo.array<[B, (T + 1) floordiv 2], f32> -> !rondo.array<[B, T], f32>
  check.expect_equal_const %spread, dense<[[1.0, 0.0, 3.0], [4.0, 9.0, 9.0]]> : tensor<2x3xf32> : !rondo.array<[B, T], f32>
  %y = check.input dense<[[7.0, 8.0], [5.0, 6.0]]> : tensor<2x2xf32> -> !rondo.array<[B, n], f32>
  %both = rondo.concat %x, %y axis 1 : (!rondo.array<[B, T], f32>, !rondo.array<[B, n], f32>) -> !rondo.array<[B, T + n], f32>
  check.expect_equal_const %both, dense<[[1.0, 2.0, 3.0, 7.0, 8.0], [4.0, 5.0, 6.0, 0.0, 0.0]]> : tensor<2x5xf32> : !rondo.array<[B, T + n], f32>
  return
}

func.func @reorder() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                 check.bindings = {B = 2, T = [1, 2]}} {
  %x = check.input dense<[[[1, 2], [0, 0]], [[3, 4], [5, 6]]]> : tensor<2x2x2xi64> -> !rondo.array<[B, T, 2], i64>
  %t = rondo.transpose %x [2, 1, 0] : !rondo.array<[B, T, 2], i64> -> !rondo.array<[2, T, B], i64>
  check.expect_equal_const %t, dense<[[[1, 3], [9, 5]], [[2, 4], [9, 6]]]> : tensor<2x2x2xi64> : !rondo.array<[2, T, B], i64>
  %r = rondo.reshape %x : !rondo.array<[B, T, 2], i64> -> !rondo.array<[B, T, 1, 2], i64>
  check.expect_equal_const %r, dense<[[[[1, 2]], [[9, 9]]], [[[3, 4]], [[5, 6]]]]> : tensor<2x2x1x2xi64> : !rondo.array<[B, T, 1, 2], i64>
  %v = check.input dense<[10, 20]> : tensor<2xi64> -> !rondo.array<[2], i64>
  %b = rondo.broadcast %v dims [2] : !rondo.array<[2], i64> -> !rondo.array<[B, T, 2], i64>
  %s = rondo.add %x, %b : !rondo.array<[B, T, 2], i64>
  check.expect_equal_const %s, dense<[[[11, 22], [0, 0]], [[13, 24], [15, 26]]]> : tensor<2x2x2xi64> : !rondo.array<[B, T, 2], i64>
  return
}

// An example of length 0 has no last element; what is sliced there is not valid and select drops it.
func.func @empty() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                               check.poison, check.bindings = {B = 2, T = [0, 2]}} {
  %x = check.input dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> -> !rondo.array<[B, T], f32>
  %last = rondo.slice %x axis 1 from <T - 1> : !rondo.array<[B, T], f32> -> !rondo.array<[B, 1], f32>
  check.expect_equal_const %last, dense<[[0x7FC00000], [4.0]]> : tensor<2x1xf32> : !rondo.array<[B, 1], f32>
  %n = rondo.length <T> : !rondo.array<[B], i64>
  %one = rondo.broadcast %n dims [0] : !rondo.array<[B], i64> -> !rondo.array<[B, 1], i64>
  %zero = rondo.constant 0 : i64 -> !rondo.array<[B, 1], i64>
  %some = rondo.compare gt %one, %zero : !rondo.array<[B, 1], i64>
  %none = rondo.constant 0.0 : f32 -> !rondo.array<[B, 1], f32>
  %r = rondo.select %some, %last, %none : !rondo.array<[B, 1], f32>
  check.expect_equal_const %r, dense<[[0.0], [4.0]]> : tensor<2x1xf32> : !rondo.array<[B, 1], f32>
  return
}
