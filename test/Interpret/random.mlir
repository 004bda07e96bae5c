// RUN: rondo-opt %s --rondo-interpret
// The numbers were computed by another program from the definition in include/rondo/Philox.h, whose
// ten rounds were first held against Random123's known answer.

func.func @uniform() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                 check.bindings = {B = 2, T = [3, 2]}} {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %step = rondo.constant 5 : i64 -> !rondo.array<[], i64>
  %ordinal = check.input dense<[10, 11]> : tensor<2xi64> -> !rondo.array<[B], i64>
  // Elements count over each example's own, unpadded dims.
  %u = rondo.random uniform "drop" elements "ij" (%seed : %step, %ordinal) spec ",b->bij"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, 2, T], f64>
  check.expect_close_const %u, dense<[
      [[0.13951176404953003, 0.7782610058784485, 0.27073365449905396], [0.11744147539138794, 0.32121795415878296, 0.9519136548042297]],
      [[0.6001961827278137, 0.801525890827179, 0.0], [0.09959393739700317, 0.2760990262031555, 0.0]]]> : tensor<2x2x3xf64>
      : !rondo.array<[B, 2, T], f64>
  return
}

func.func @normal() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %ordinal = check.input dense<[10, 11]> : tensor<2xi64> -> !rondo.array<[2], i64>
  %n = rondo.random normal "drop" elements "i" (%seed : %ordinal) spec "b->bi"
      : (!rondo.array<[], i64>, !rondo.array<[2], i64>) -> !rondo.array<[2, 2], f64>
  check.expect_close_const %n, dense<[[-1.5523056167987153, 0.4452498736501122], [-0.5069360221719286, -1.8104465693231622]]>
      : tensor<2x2xf64> : !rondo.array<[2, 2], f64>
  return
}
