// RUN: rondo-opt %s --rondo-interpret

// Carries, stacks and sums see each example's own steps; without a step a carry is its start.
func.func @ragged() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                check.bindings = {B = 3, T = [3, 1, 0]}} {
  %x = check.input dense<[[1.0, 2.0, 3.0], [4.0, 0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000, 0x7FC00000]]>
      : tensor<3x3xf32> -> !rondo.array<[B, T], f32>
  %h0 = check.input dense<[10.0, 20.0, 30.0]> : tensor<3xf32> -> !rondo.array<[B], f32>
  %two = rondo.constant 2.0 : f32 -> !rondo.array<[B], f32>
  %h, %ys, %own, %all = rondo.scan over <T> carry(%h0) slice(%x axis 1) stack(1) sums 2
      : (!rondo.array<[B], f32>, !rondo.array<[B, T], f32>)
      -> (!rondo.array<[B], f32>, !rondo.array<[B, T], f32>, !rondo.array<[B], f32>, !rondo.array<[], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f32>, %v: !rondo.array<[B], f32>):
    %d = rondo.mul %c, %two : !rondo.array<[B], f32>
    %n = rondo.add %d, %v : !rondo.array<[B], f32>
    %s = rondo.reduce sum %v axes [0] : !rondo.array<[B], f32> -> !rondo.array<[], f32>
    rondo.yield %n, %c, %v, %s : !rondo.array<[B], f32>, !rondo.array<[B], f32>, !rondo.array<[B], f32>, !rondo.array<[], f32>
  }
  check.expect_equal_const %h, dense<[91.0, 44.0, 30.0]> : tensor<3xf32> : !rondo.array<[B], f32>
  check.expect_equal_const %ys, dense<[[10.0, 21.0, 44.0], [20.0, 0.0, 0.0], [0.0, 0.0, 0.0]]> : tensor<3x3xf32> : !rondo.array<[B, T], f32>
  check.expect_equal_const %own, dense<[6.0, 4.0, 0.0]> : tensor<3xf32> : !rondo.array<[B], f32>
  check.expect_equal_const %all, dense<10.0> : tensor<f32> : !rondo.array<[], f32>
  return
}

// In reverse each example starts at its own last step; %t is the position.
func.func @reverse() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                 check.bindings = {B = 2, T = [3, 1]}} {
  %x = check.input dense<[[1, 2, 3], [4, 0, 0]]> : tensor<2x3xi64> -> !rondo.array<[B, T], i64>
  %h0 = rondo.constant 0 : i64 -> !rondo.array<[B], i64>
  %ten = rondo.constant 10 : i64 -> !rondo.array<[B], i64>
  %h, %ps = rondo.scan over <T> reverse carry(%h0) slice(%x axis 1) stack(1)
      : (!rondo.array<[B], i64>, !rondo.array<[B, T], i64>) -> (!rondo.array<[B], i64>, !rondo.array<[B, T], i64>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], i64>, %v: !rondo.array<[B], i64>):
    %d = rondo.mul %c, %ten : !rondo.array<[B], i64>
    %n = rondo.add %d, %v : !rondo.array<[B], i64>
    %p = rondo.broadcast %t dims [] : !rondo.array<[], i64> -> !rondo.array<[B], i64>
    rondo.yield %n, %p : !rondo.array<[B], i64>, !rondo.array<[B], i64>
  }
  check.expect_equal_const %h, dense<[321, 4]> : tensor<2xi64> : !rondo.array<[B], i64>
  check.expect_equal_const %ps, dense<[[0, 1, 2], [0, 9, 9]]> : tensor<2x3xi64> : !rondo.array<[B, T], i64>
  return
}

// One example: no batch among the symbols, the length is the dim.
func.func @one_example() attributes {rondo.symbols = [#rondo.symbol<T, ragged>], check.bindings = {T = [2]}} {
  %x = check.input dense<[[1, 2], [3, 4]]> : tensor<2x2xi64> -> !rondo.array<[2, T], i64>
  %zero = rondo.constant 0 : i64 -> !rondo.array<[2], i64>
  %h = rondo.scan over <T> carry(%zero) slice(%x axis 1) : (!rondo.array<[2], i64>, !rondo.array<[2, T], i64>) -> !rondo.array<[2], i64> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[2], i64>, %v: !rondo.array<[2], i64>):
    %n = rondo.add %c, %v : !rondo.array<[2], i64>
    rondo.yield %n : !rondo.array<[2], i64>
  }
  check.expect_equal_const %h, dense<[3, 7]> : tensor<2xi64> : !rondo.array<[2], i64>
  return
}

// A loop in a loop: the inner one over equal layers runs for the examples that the outer one has.
func.func @nested() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                check.bindings = {B = 2, T = [2, 1]}} {
  %x = check.input dense<[[1, 2], [3, 0]]> : tensor<2x2xi64> -> !rondo.array<[B, T], i64>
  %w = check.input dense<[2, 3, 5]> : tensor<3xi64> -> !rondo.array<[3], i64>
  %zero = rondo.constant 0 : i64 -> !rondo.array<[B], i64>
  %h = rondo.scan over <T> carry(%zero) slice(%x axis 1) : (!rondo.array<[B], i64>, !rondo.array<[B, T], i64>) -> !rondo.array<[B], i64> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], i64>, %v: !rondo.array<[B], i64>):
    %d = rondo.scan over <3> carry(%v) slice(%w axis 0) : (!rondo.array<[B], i64>, !rondo.array<[3], i64>) -> !rondo.array<[B], i64> {
    ^bb0(%l: !rondo.array<[], i64>, %y: !rondo.array<[B], i64>, %k: !rondo.array<[], i64>):
      %kb = rondo.broadcast %k dims [] : !rondo.array<[], i64> -> !rondo.array<[B], i64>
      %p = rondo.mul %y, %kb : !rondo.array<[B], i64>
      rondo.yield %p : !rondo.array<[B], i64>
    }
    %n = rondo.add %c, %d : !rondo.array<[B], i64>
    rondo.yield %n : !rondo.array<[B], i64>
  }
  check.expect_equal_const %h, dense<[90, 90]> : tensor<2xi64> : !rondo.array<[B], i64>
  return
}

// A stream's value at a step is the last element of its function of all inputs so far.
func.func @stream() attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>],
                                check.bindings = {T = [4], S = 0}} {
  %x = check.input dense<[1, 2, 3, 4]> : tensor<4xi64> -> !rondo.array<[T], i64>
  %ys = rondo.scan over <T> slice(%x axis 0) stack(0) : (!rondo.array<[T], i64>) -> !rondo.array<[T], i64> {
  ^bb0(%t: !rondo.array<[], i64>, %v: !rondo.array<[], i64>):
    %y = rondo.stream over <S> (%v) : (!rondo.array<[], i64>) -> !rondo.array<[], i64> {
    ^bb0(%xs: !rondo.array<[S], i64>):
      %zero = rondo.constant 0 : i64 -> !rondo.array<[], i64>
      %h, %sums = rondo.scan over <S> carry(%zero) slice(%xs axis 0) stack(0) : (!rondo.array<[], i64>, !rondo.array<[S], i64>) -> (!rondo.array<[], i64>, !rondo.array<[S], i64>) {
      ^bb0(%u: !rondo.array<[], i64>, %c: !rondo.array<[], i64>, %w: !rondo.array<[], i64>):
        %n = rondo.add %c, %w : !rondo.array<[], i64>
        rondo.yield %n, %n : !rondo.array<[], i64>, !rondo.array<[], i64>
      }
      %p = rondo.iota axis 0 : !rondo.array<[S], i64>
      %r = rondo.mul %sums, %p : !rondo.array<[S], i64>
      rondo.yield %r : !rondo.array<[S], i64>
    }
    rondo.yield %y : !rondo.array<[], i64>
  }
  check.expect_equal_const %ys, dense<[0, 3, 12, 30]> : tensor<4xi64> : !rondo.array<[T], i64>
  return
}
