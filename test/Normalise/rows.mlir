// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-hoist --rondo-interpret
// RUN: rondo-opt %s --rondo-unmap --rondo-interpret
// RUN: rondo-opt %s --rondo-to-normalise --rondo-interpret
// A sum over the examples in a step is one over those that have the step, though it reads nothing of
// the step: it stays in the loop.

func.func @active(%c: !rondo.array<[B], f64> {check.value = dense<[1.0, 10.0, 100.0]> : tensor<3xf64>}) -> !rondo.array<[], f64>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 0, 1]},
                check.expect = [{actual = 0 : i64, value = dense<103.0> : tensor<f64>, tolerance = 1.0e-12 : f64, floor = 0.0 : f64}]} {
  %s = rondo.scan over <T> sums 1 : () -> !rondo.array<[], f64> {
  ^bb0(%t: !rondo.array<[], i64>):
    %r = rondo.reduce sum %c axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %r : !rondo.array<[], f64>
  }
  return %s : !rondo.array<[], f64>
}
