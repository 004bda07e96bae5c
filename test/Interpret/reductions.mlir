// RUN: rondo-opt %s --rondo-interpret
// Reductions see valid positions only: the padding below holds NaN.

func.func @sum() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                             check.bindings = {B = 3, T = [3, 1, 0]}} {
  %x = check.input dense<[[1.0, 2.0, 3.0], [4.0, 0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000, 0x7FC00000]]>
      : tensor<3x3xf32> -> !rondo.array<[B, T], f32>
  %s = rondo.reduce sum %x axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
  check.expect_close_const %s, dense<[6.0, 4.0, 0.0]> : tensor<3xf32> : !rondo.array<[B], f32>
  %all = rondo.reduce sum %x axes [0, 1] : !rondo.array<[B, T], f32> -> !rondo.array<[], f32>
  check.expect_close_const %all, dense<10.0> : tensor<f32> : !rondo.array<[], f32>
  %t = rondo.reduce product %x axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
  check.expect_close_const %t, dense<[6.0, 4.0, 1.0]> : tensor<3xf32> : !rondo.array<[B], f32>
  // The largest and smallest of nothing are minus and plus infinity.
  %m = rondo.reduce max %x axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
  check.expect_equal_const %m, dense<[3.0, 4.0, 0xFF800000]> : tensor<3xf32> : !rondo.array<[B], f32>
  %n = rondo.reduce min %x axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
  check.expect_equal_const %n, dense<[1.0, 4.0, 0x7F800000]> : tensor<3xf32> : !rondo.array<[B], f32>
  %i = rondo.argmax %x axis 1 : !rondo.array<[B, T], f32> -> !rondo.array<[B], i32>
  check.expect_equal_const %i, dense<[2, 0, 0]> : tensor<3xi32> : !rondo.array<[B], i32>
  return
}

// A valid NaN is seen, and is the largest.
func.func @nan() {
  %x = check.input dense<[[1.0, 0x7FC00000, 3.0], [5.0, 5.0, 1.0]]> : tensor<2x3xf32> -> !rondo.array<[2, 3], f32>
  %m = rondo.reduce max %x axes [1] : !rondo.array<[2, 3], f32> -> !rondo.array<[2], f32>
  check.expect_equal_const %m, dense<[0x7FC00000, 5.0]> : tensor<2xf32> : !rondo.array<[2], f32>
  %i = rondo.argmax %x axis 1 : !rondo.array<[2, 3], f32> -> !rondo.array<[2], i32>
  check.expect_equal_const %i, dense<[1, 0]> : tensor<2xi32> : !rondo.array<[2], i32>
  return
}

func.func @integers() {
  %x = check.input dense<[[1, -2, 3], [5, 5, 1]]> : tensor<2x3xi64> -> !rondo.array<[2, 3], i64>
  %m = rondo.reduce max %x axes [1] : !rondo.array<[2, 3], i64> -> !rondo.array<[2], i64>
  check.expect_equal_const %m, dense<[3, 5]> : tensor<2xi64> : !rondo.array<[2], i64>
  %s = rondo.reduce sum %x axes [0] : !rondo.array<[2, 3], i64> -> !rondo.array<[3], i64>
  check.expect_equal_const %s, dense<[6, 3, 4]> : tensor<3xi64> : !rondo.array<[3], i64>
  return
}

// A weight gradient: the sum runs over examples and each one's own steps, bounded on both operands.
func.func @contract() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                  check.bindings = {B = 2, T = [2, 1]}} {
  %x = check.input dense<[[[1.0], [2.0]], [[3.0], [0x7FC00000]]]> : tensor<2x2x1xf32> -> !rondo.array<[B, T, 1], f32>
  %y = check.input dense<[[[1.0, 10.0], [2.0, 20.0]], [[3.0, 30.0], [0.0, 0.0]]]> : tensor<2x2x2xf32> -> !rondo.array<[B, T, 2], f32>
  %z = rondo.contract %x, %y "btk,btn->kn" : (!rondo.array<[B, T, 1], f32>, !rondo.array<[B, T, 2], f32>) -> !rondo.array<[1, 2], f32>
  check.expect_close_const %z, dense<[[14.0, 140.0]]> : tensor<1x2xf32> : !rondo.array<[1, 2], f32>
  %z2 = rondo.contract %x, %y "btk,btn->kn" init %z : (!rondo.array<[B, T, 1], f32>, !rondo.array<[B, T, 2], f32>, !rondo.array<[1, 2], f32>) -> !rondo.array<[1, 2], f32>
  check.expect_close_const %z2, dense<[[28.0, 280.0]]> : tensor<1x2xf32> : !rondo.array<[1, 2], f32>
  return
}
