// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// The interpreter takes gradients forward, Differentiate in reverse: two independent ways.

// d/dx of sum(x^2 * w) is 2 x w.
func.func @square() {
  %x = check.input dense<[1.0, -2.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %w = check.input dense<[1.0, 2.0, 0.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %q = rondo.mul %v, %v : !rondo.array<[3], f64>
    %p = rondo.mul %q, %w : !rondo.array<[3], f64>
    %e = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %e : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[2.0, -8.0, 3.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// Conventions at kinks: |x| at 0 has 0, each side of a tie half, a reduction's tie equal parts.
func.func @kinks() {
  %x = check.input dense<[0.0, 2.0, 2.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %y = check.input dense<[0.0, 1.0, 2.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %a = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %q = rondo.abs %v : !rondo.array<[3], f64>
    %e = rondo.reduce sum %q axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %e : !rondo.array<[], f64>
  }
  check.expect_close_const %a, dense<[0.0, 1.0, 1.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  %m, %n = rondo.grad(%x, %y) : (!rondo.array<[3], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>, %w: !rondo.array<[3], f64>):
    %q = rondo.max %v, %w : !rondo.array<[3], f64>
    %e = rondo.reduce sum %q axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %e : !rondo.array<[], f64>
  }
  check.expect_close_const %m, dense<[0.5, 1.0, 0.5]> : tensor<3xf64> : !rondo.array<[3], f64>
  check.expect_close_const %n, dense<[0.5, 0.0, 0.5]> : tensor<3xf64> : !rondo.array<[3], f64>
  %r = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %e = rondo.reduce max %v axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %e : !rondo.array<[], f64>
  }
  check.expect_close_const %r, dense<[0.0, 0.5, 0.5]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// The gradient of a gradient: d/dx of (d/dx x^3)^2 = d/dx 9 x^4 = 36 x^3.
func.func @second() {
  %x = check.input dense<2.0> : tensor<f64> -> !rondo.array<[], f64>
  %g = rondo.grad(%x) : (!rondo.array<[], f64>) -> (!rondo.array<[], f64>) {
  ^bb0(%v: !rondo.array<[], f64>):
    %d = rondo.grad(%v) : (!rondo.array<[], f64>) -> (!rondo.array<[], f64>) {
    ^bb0(%u: !rondo.array<[], f64>):
      %q = rondo.mul %u, %u : !rondo.array<[], f64>
      %c = rondo.mul %q, %u : !rondo.array<[], f64>
      rondo.yield %c : !rondo.array<[], f64>
    }
    %e = rondo.mul %d, %d : !rondo.array<[], f64>
    rondo.yield %e : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<288.0> : tensor<f64> : !rondo.array<[], f64>
  return
}

// Per example, through a ragged loop: h = w h + x, from 1; dh/dw by hand.
// Example 0: h1 = w + x0, h2 = w h1 + x1 = w^2 + w x0 + x1, so 2 w + x0. Example 1: one step, 1.
func.func @ragged() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
                                check.bindings = {B = 2, T = [2, 1]}} {
  %x = check.input dense<[[5.0, 7.0], [9.0, 0x7FF8000000000000]]> : tensor<2x2xf64> -> !rondo.array<[B, T], f64>
  %w = check.input dense<[2.0, 3.0]> : tensor<2xf64> -> !rondo.array<[B], f64>
  %one = rondo.constant 1.0 : f64 -> !rondo.array<[B], f64>
  %g, %dx = rondo.grad(%w, %x) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) {
  ^bb0(%v: !rondo.array<[B], f64>, %xs: !rondo.array<[B, T], f64>):
    %h = rondo.scan over <T> carry(%one) slice(%xs axis 1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> !rondo.array<[B], f64> {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %xt: !rondo.array<[B], f64>):
      %p = rondo.mul %v, %c : !rondo.array<[B], f64>
      %n = rondo.add %p, %xt : !rondo.array<[B], f64>
      rondo.yield %n : !rondo.array<[B], f64>
    }
    rondo.yield %h : !rondo.array<[B], f64>
  }
  check.expect_close_const %g, dense<[9.0, 1.0]> : tensor<2xf64> : !rondo.array<[B], f64>
  check.expect_close_const %dx, dense<[[2.0, 1.0], [1.0, 0.0]]> : tensor<2x2xf64> : !rondo.array<[B, T], f64>
  return
}
