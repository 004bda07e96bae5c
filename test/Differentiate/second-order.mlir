// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// The reverse of the reverse, which needs no rule of its own: everything a rule emits has one.

// f = w^3 by a loop, L = f'^2 = 9 w^4, dL/dw = 36 w^3.
func.func @loop() {
  %w = check.input dense<2.0> : tensor<f64> -> !rondo.array<[], f64>
  %gg = rondo.grad(%w) : (!rondo.array<[], f64>) -> !rondo.array<[], f64> {
  ^bb0(%v: !rondo.array<[], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[], f64>) -> !rondo.array<[], f64> {
    ^bb0(%u: !rondo.array<[], f64>):
      %one = rondo.constant 1.0 : f64 -> !rondo.array<[], f64>
      %h = rondo.scan over <3> carry(%one) : (!rondo.array<[], f64>) -> !rondo.array<[], f64> {
      ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[], f64>):
        %n = rondo.mul %c, %u : !rondo.array<[], f64>
        rondo.yield %n : !rondo.array<[], f64>
      }
      rondo.yield %h : !rondo.array<[], f64>
    }
    %l = rondo.mul %g, %g : !rondo.array<[], f64>
    rondo.yield %l : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<288.0> : tensor<f64> : !rondo.array<[], f64>
  return
}

// A ragged recurrence h = tanh(w h + x): the squared derivative to w, derived again (numbers from
// complex steps of the recurrence's own derivative).
func.func @recurrence() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 0, 1]}} {
  %w = check.input dense<0.75> : tensor<f64> -> !rondo.array<[], f64>
  %x = check.input dense<[[1.0, -2.0, 0.5], [9.0, 9.0, 9.0], [0.25, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %gw, %gx = rondo.grad(%w, %x) : (!rondo.array<[], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[], f64>, !rondo.array<[B, T], f64>) {
  ^bb0(%v: !rondo.array<[], f64>, %y: !rondo.array<[B, T], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[], f64>) -> !rondo.array<[], f64> {
    ^bb0(%u: !rondo.array<[], f64>):
      %h0 = rondo.constant 0.5 : f64 -> !rondo.array<[B], f64>
      %h = rondo.scan over <T> carry(%h0) slice(%y axis 1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> !rondo.array<[B], f64> {
      ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %yt: !rondo.array<[B], f64>):
        %z = rondo.contract %c, %u "b,->b" init %yt : (!rondo.array<[B], f64>, !rondo.array<[], f64>, !rondo.array<[B], f64>) -> !rondo.array<[B], f64>
        %n = rondo.tanh %z : !rondo.array<[B], f64>
        rondo.yield %n : !rondo.array<[B], f64>
      }
      %s = rondo.reduce sum %h axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
      rondo.yield %s : !rondo.array<[], f64>
    }
    %l = rondo.mul %g, %g : !rondo.array<[], f64>
    rondo.yield %l : !rondo.array<[], f64>
  }
  check.expect_close_const %gw, dense<-0.4815498219296887> : tensor<f64> : !rondo.array<[], f64>
  check.expect_close_const %gx, dense<[[-0.06510919476910039, -0.3307525679108799, 0.13960493415088146], [0.0, 0.0, 0.0], [0.25769837980272237, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[B, T], f64>
  return
}

// f = x0 x1 x2, with a zero: the sum of the gradient is x1 x2 + x0 x2 + x0 x1.
func.func @product() {
  %x = check.input dense<[0.0, 3.0, 5.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %gg = rondo.grad(%x) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
  ^bb0(%v: !rondo.array<[3], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
    ^bb0(%u: !rondo.array<[3], f64>):
      %r = rondo.reduce product %u axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
      rondo.yield %r : !rondo.array<[], f64>
    }
    %s = rondo.reduce sum %g axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<[8.0, 5.0, 3.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// f = max(x)^2: the gradient is 2 max at the largest.
func.func @maximum() {
  %x = check.input dense<[1.0, 4.0, 2.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %gg = rondo.grad(%x) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
  ^bb0(%v: !rondo.array<[3], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
    ^bb0(%u: !rondo.array<[3], f64>):
      %m = rondo.reduce max %u axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
      %r = rondo.mul %m, %m : !rondo.array<[], f64>
      rondo.yield %r : !rondo.array<[], f64>
    }
    %s = rondo.reduce sum %g axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<[0.0, 2.0, 0.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// f = x^3 by pow, at 0 too: 6 x.
func.func @cube() {
  %x = check.input dense<[0.0, 2.0, -1.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %gg = rondo.grad(%x) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
  ^bb0(%v: !rondo.array<[3], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
    ^bb0(%u: !rondo.array<[3], f64>):
      %k = rondo.constant 3.0 : f64 -> !rondo.array<[3], f64>
      %y = rondo.pow %u, %k : !rondo.array<[3], f64>
      %r = rondo.reduce sum %y axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
      rondo.yield %r : !rondo.array<[], f64>
    }
    %s = rondo.reduce sum %g axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<[0.0, 12.0, -6.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// f = x^1 by pow: nothing is left, at 0 neither.
func.func @linear() {
  %x = check.input dense<[0.0, 2.0, -1.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %gg = rondo.grad(%x) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
  ^bb0(%v: !rondo.array<[3], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
    ^bb0(%u: !rondo.array<[3], f64>):
      %k = rondo.constant 1.0 : f64 -> !rondo.array<[3], f64>
      %y = rondo.pow %u, %k : !rondo.array<[3], f64>
      %r = rondo.reduce sum %y axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
      rondo.yield %r : !rondo.array<[], f64>
    }
    %s = rondo.reduce sum %g axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<[0.0, 0.0, 0.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// Indices that repeat: f = sum of the cubes of x2, x0, x2.
func.func @gathered() {
  %x = check.input dense<[1.0, 2.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %gg = rondo.grad(%x) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
  ^bb0(%v: !rondo.array<[3], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
    ^bb0(%u: !rondo.array<[3], f64>):
      %i = rondo.constant dense<[2, 0, 2]> : tensor<3xi32> -> !rondo.array<[3], i32>
      %p = rondo.gather %u, %i "v,t->t" : (!rondo.array<[3], f64>, !rondo.array<[3], i32>) -> !rondo.array<[3], f64>
      %q = rondo.mul %p, %p : !rondo.array<[3], f64>
      %y = rondo.mul %q, %p : !rondo.array<[3], f64>
      %r = rondo.reduce sum %y axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
      rondo.yield %r : !rondo.array<[], f64>
    }
    %s = rondo.reduce sum %g axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<[6.0, 0.0, 36.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// A guarded logarithm stays finite where it is not chosen.
func.func @guarded() {
  %x = check.input dense<[0.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %gg = rondo.grad(%x) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
  ^bb0(%v: !rondo.array<[3], f64>):
    %g = rondo.grad(%v) : (!rondo.array<[3], f64>) -> !rondo.array<[3], f64> {
    ^bb0(%u: !rondo.array<[3], f64>):
      %zero = rondo.constant 0.0 : f64 -> !rondo.array<[3], f64>
      %one = rondo.constant 1.0 : f64 -> !rondo.array<[3], f64>
      %m = rondo.compare gt %u, %zero : !rondo.array<[3], f64>
      %safe = rondo.select %m, %u, %one : !rondo.array<[3], f64>
      %l = rondo.log %safe : !rondo.array<[3], f64>
      %y = rondo.select %m, %l, %zero : !rondo.array<[3], f64>
      %r = rondo.reduce sum %y axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
      rondo.yield %r : !rondo.array<[], f64>
    }
    %s = rondo.reduce sum %g axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<[0.0, -0.25, -0.0625]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}
