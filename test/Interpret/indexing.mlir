// RUN: rondo-opt %s --rondo-interpret

func.func @rows() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                              check.bindings = {B = 2, T = [2, 1]}} {
  %table = check.input dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32> -> !rondo.array<[3, 2], f32>
  // The index at the padding is out of range and is not read.
  %i = check.input dense<[[2, 0], [2, 99]]> : tensor<2x2xi32> -> !rondo.array<[B, T], i32>
  %e = rondo.gather %table, %i "vd,bt->btd" : (!rondo.array<[3, 2], f32>, !rondo.array<[B, T], i32>) -> !rondo.array<[B, T, 2], f32>
  check.expect_equal_const %e, dense<[[[5.0, 6.0], [1.0, 2.0]], [[5.0, 6.0], [0.0, 0.0]]]> : tensor<2x2x2xf32> : !rondo.array<[B, T, 2], f32>
  %back = rondo.scatter %table, %i, %e "vd,bt->btd" : (!rondo.array<[3, 2], f32>, !rondo.array<[B, T], i32>, !rondo.array<[B, T, 2], f32>) -> !rondo.array<[3, 2], f32>
  check.expect_equal_const %back, dense<[[2.0, 4.0], [3.0, 4.0], [15.0, 18.0]]> : tensor<3x2xf32> : !rondo.array<[3, 2], f32>
  return
}

// A table per example: the dims that table and index share go side by side.
func.func @own_tables() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                    check.bindings = {B = 2, T = [3, 2]}} {
  %table = check.input dense<[[1, 2, 3], [4, 5, 0]]> : tensor<2x3xi64> -> !rondo.array<[B, T], i64>
  %i = check.input dense<[2, 1]> : tensor<2xi32> -> !rondo.array<[B], i32>
  %e = rondo.gather %table, %i "bv,b->b" : (!rondo.array<[B, T], i64>, !rondo.array<[B], i32>) -> !rondo.array<[B], i64>
  check.expect_equal_const %e, dense<[3, 5]> : tensor<2xi64> : !rondo.array<[B], i64>
  return
}

func.func @sources() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<n, uniform>],
                                 check.bindings = {B = 2, T = [3, 2], n = 5}} {
  %p = rondo.iota axis 1 : !rondo.array<[B, T], i64>
  check.expect_equal_const %p, dense<[[0, 1, 2], [0, 1, 9]]> : tensor<2x3xi64> : !rondo.array<[B, T], i64>
  %l = rondo.length <T - 1> : !rondo.array<[B], i64>
  check.expect_equal_const %l, dense<[2, 1]> : tensor<2xi64> : !rondo.array<[B], i64>
  %n = rondo.length <n> : !rondo.array<[], i64>
  check.expect_equal_const %n, dense<5> : tensor<i64> : !rondo.array<[], i64>
  %b = rondo.length <B> : !rondo.array<[], i64>
  check.expect_equal_const %b, dense<2> : tensor<i64> : !rondo.array<[], i64>
  %g = rondo.group : !rondo.array<[B], i64> {
    %twice = rondo.add %l, %l : !rondo.array<[B], i64>
    rondo.yield %twice : !rondo.array<[B], i64>
  }
  check.expect_equal_const %g, dense<[4, 2]> : tensor<2xi64> : !rondo.array<[B], i64>
  return
}
