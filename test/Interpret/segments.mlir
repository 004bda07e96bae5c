// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s | rondo-opt --rondo-interpret
// A scan over segments of two positions, by hand: examples have 3, 0 and 1 positions.

func.func @segments() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, segment of T>, #rondo.symbol<N, segments of S>], check.bindings = {B = 3, T = [3, 0, 1], S = 2}} {
  %x = check.input dense<[[1.0, 2.0, 4.0], [9.0, 9.0, 9.0], [8.0, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %h0 = check.input dense<[0.5, 2.0, -1.0]> : tensor<3xf64> -> !rondo.array<[B], f64>
  %h, %ys, %hs, %sum = rondo.scan over <N> carry(%h0) slice(%x axis 1) stack(1, 1) sums 1 : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>, !rondo.array<[B, N], f64>, !rondo.array<[], f64>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %part: !rondo.array<[B, S], f64>):
    %s = rondo.reduce sum %part axes [1] : !rondo.array<[B, S], f64> -> !rondo.array<[B], f64>
    %tf = rondo.convert %t : !rondo.array<[], i64> -> !rondo.array<[], f64>
    %tb = rondo.broadcast %tf dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
    %cs = rondo.add %c, %s : !rondo.array<[B], f64>
    %n = rondo.add %cs, %tb : !rondo.array<[B], f64>
    %y = rondo.add %part, %part : !rondo.array<[B, S], f64>
    %all = rondo.reduce sum %s axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %n, %y, %c, %all : !rondo.array<[B], f64>, !rondo.array<[B, S], f64>, !rondo.array<[B], f64>, !rondo.array<[], f64>
  }
  // The segments of the first example begin at 0 and 2.
  check.expect_close_const %h, dense<[9.5, 2.0, 7.0]> : tensor<3xf64> : !rondo.array<[B], f64>
  check.expect_close_const %ys, dense<[[2.0, 4.0, 8.0], [0.0, 0.0, 0.0], [16.0, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[B, T], f64>
  check.expect_close_const %hs, dense<[[0.5, 3.5], [0.0, 0.0], [-1.0, 0.0]]> : tensor<3x2xf64> : !rondo.array<[B, N], f64>
  check.expect_close_const %sum, dense<15.0> : tensor<f64> : !rondo.array<[], f64>
  return
}

// More examples than a few: each has its own number of positions in each segment.
func.func @many() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, segment of T>, #rondo.symbol<N, segments of S>], check.bindings = {B = 20, T = [0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1], S = 2}} {
  %x = check.input dense<1.0> : tensor<20x3xf64> -> !rondo.array<[B, T], f64>
  %h0 = check.input dense<0.5> : tensor<20xf64> -> !rondo.array<[B], f64>
  %h = rondo.scan over <N> carry(%h0) slice(%x axis 1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> !rondo.array<[B], f64> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %part: !rondo.array<[B, S], f64>):
    %s = rondo.reduce sum %part axes [1] : !rondo.array<[B, S], f64> -> !rondo.array<[B], f64>
    %n = rondo.add %c, %s : !rondo.array<[B], f64>
    rondo.yield %n : !rondo.array<[B], f64>
  }
  check.expect_close_const %h, dense<[0.5, 3.5, 2.5, 1.5, 0.5, 3.5, 2.5, 1.5, 0.5, 3.5, 2.5, 1.5, 0.5, 3.5, 2.5, 1.5, 0.5, 3.5, 2.5, 1.5]> : tensor<20xf64> : !rondo.array<[B], f64>
  return
}
