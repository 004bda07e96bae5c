// RUN: rondo-opt %s --rondo-batch --rondo-interpret
// RUN: rondo-opt %s --rondo-batch --rondo-differentiate --rondo-interpret
// A loss that returns a value and a weight per example: sum of values / sum of weights.

// Values w * (6, 4), weights the lengths 3 and 1: the loss is 20 / 4, its derivative 10 / 4.
func.func @per_element(%x: !rondo.array<[T], f64> {rondo.role = "input", rondo.name = "x", check.value = dense<[[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]> : tensor<2x3xf64>},
                       %w: !rondo.array<[], f64> {rondo.role = "parameter", rondo.name = "w", check.value = dense<2.0> : tensor<f64>})
    -> (!rondo.array<[], f64> {rondo.role = "result", rondo.name = "result.0"}, !rondo.array<[], i64> {rondo.role = "result", rondo.name = "result.1"})
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [3, 1]},
                check.expect = [{actual = 0 : i64, value = dense<[12.0, 8.0]> : tensor<2xf64>, tolerance = 1.0e-12 : f64}],
                check.expect_grad = [{actual = 0 : i64, value = dense<5.0> : tensor<f64>, tolerance = 1.0e-12 : f64},
                                     {actual = 1 : i64, value = dense<2.5> : tensor<f64>, tolerance = 1.0e-12 : f64}]} {
  %s = rondo.reduce sum %x axes [0] : !rondo.array<[T], f64> -> !rondo.array<[], f64>
  %y = rondo.mul %s, %w : !rondo.array<[], f64>
  %n = rondo.length <T> : !rondo.array<[], i64>
  return %y, %n : !rondo.array<[], f64>, !rondo.array<[], i64>
}

// A weight that depends on the parameter has a part in the derivative: 10 w / (2 w^2) = 5 / w.
func.func @weight_too(%x: !rondo.array<[T], f64> {rondo.role = "input", rondo.name = "x", check.value = dense<[[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]> : tensor<2x3xf64>},
                      %w: !rondo.array<[], f64> {rondo.role = "parameter", rondo.name = "w", check.value = dense<2.0> : tensor<f64>})
    -> (!rondo.array<[], f64> {rondo.role = "result", rondo.name = "result.0"}, !rondo.array<[], f64> {rondo.role = "result", rondo.name = "result.1"})
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [3, 1]},
                check.expect_grad = [{actual = 0 : i64, value = dense<2.5> : tensor<f64>, tolerance = 1.0e-12 : f64},
                                     {actual = 1 : i64, value = dense<-1.25> : tensor<f64>, tolerance = 1.0e-12 : f64}]} {
  %s = rondo.reduce sum %x axes [0] : !rondo.array<[T], f64> -> !rondo.array<[], f64>
  %y = rondo.mul %s, %w : !rondo.array<[], f64>
  %n = rondo.mul %w, %w : !rondo.array<[], f64>
  return %y, %n : !rondo.array<[], f64>, !rondo.array<[], f64>
}
