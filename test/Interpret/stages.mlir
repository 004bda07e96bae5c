// RUN: rondo-opt %s --rondo-batch --rondo-interpret
// RUN: rondo-opt %s --rondo-batch --rondo-differentiate --rondo-interpret
// RUN: rondo-opt %s --rondo-batch --rondo-differentiate --canonicalize --cse --rondo-sink --rondo-hoist --canonicalize --cse --rondo-interpret
// A test in the form of attributes goes through the passes; the numbers are of the batch.

// f(x) = w * sum x, so that the loss is the mean of 12 and 8 and its derivative the mean of 6 and 4.
func.func @f(%x: !rondo.array<[T], f64> {rondo.role = "input", rondo.name = "x", check.value = dense<[[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]> : tensor<2x3xf64>},
             %w: !rondo.array<[], f64> {rondo.role = "parameter", rondo.name = "w", check.value = dense<2.0> : tensor<f64>})
    -> (!rondo.array<[], f64> {rondo.role = "result", rondo.name = "result"})
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [3, 1]},
                check.expect = [{actual = 0 : i64, value = dense<[12.0, 8.0]> : tensor<2xf64>, tolerance = 1.0e-12 : f64}],
                check.expect_grad = [{actual = 0 : i64, value = dense<10.0> : tensor<f64>, tolerance = 1.0e-12 : f64},
                                     {actual = 1 : i64, value = dense<5.0> : tensor<f64>, tolerance = 1.0e-12 : f64}]} {
  %s = rondo.reduce sum %x axes [0] : !rondo.array<[T], f64> -> !rondo.array<[], f64>
  %y = rondo.mul %s, %w : !rondo.array<[], f64>
  return %y : !rondo.array<[], f64>
}

// h' = tanh(w h + x), a loss of two steps and of one, with the sum of h as the loss; by hand for
// w = 0: h = tanh(last x), and d/dw = (1 - tanh(x1)^2) tanh(x0) for two steps, 0 for one from 0.
func.func @rnn(%x: !rondo.array<[T], f64> {rondo.role = "input", rondo.name = "x", check.value = dense<[[0.5, 1.0], [2.0, 0.0]]> : tensor<2x2xf64>},
               %w: !rondo.array<[], f64> {rondo.role = "parameter", rondo.name = "w", check.value = dense<0.0> : tensor<f64>})
    -> (!rondo.array<[], f64> {rondo.role = "result", rondo.name = "result"})
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [2, 1]},
                check.expect = [{actual = 0 : i64, value = dense<[0.7615941559557649, 0.9640275800758169]> : tensor<2xf64>, tolerance = 1.0e-12 : f64}],
                check.expect_grad = [{actual = 0 : i64, value = dense<0.8628108680157909> : tensor<f64>, tolerance = 1.0e-12 : f64},
                                     {actual = 1 : i64, value = dense<0.09703867443440899> : tensor<f64>, tolerance = 1.0e-12 : f64}]} {
  %h0 = rondo.constant 0.0 : f64 -> !rondo.array<[], f64>
  %h = rondo.scan over <T> carry(%h0) slice(%x axis 0) : (!rondo.array<[], f64>, !rondo.array<[T], f64>) -> !rondo.array<[], f64> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[], f64>, %xt: !rondo.array<[], f64>):
    %p = rondo.mul %w, %c : !rondo.array<[], f64>
    %n = rondo.add %p, %xt : !rondo.array<[], f64>
    %a = rondo.tanh %n : !rondo.array<[], f64>
    rondo.yield %a : !rondo.array<[], f64>
  }
  return %h : !rondo.array<[], f64>
}
