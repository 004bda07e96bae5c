// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-run
// RUN: rondo-opt %s --rondo-differentiate | FileCheck %s
// In an adjoint an exact zero wins over a derivative that is infinite or NaN, so that nothing flows
// through what was not chosen; numbers derived by hand.

// x log x where x > 0, else 0: log x + 1, and 0 at 0 and below, where log x is -inf or NaN.
// CHECK-LABEL: @select
// CHECK: rondo.compare ne [[P:%.*]], [[P]]
// CHECK: rondo.compare ne [[Q:%.*]], [[Q]]
func.func @select() {
  %x = check.input dense<[-2.0, 0.0, 1.0, 2.718281828459045]> : tensor<4xf64> -> !rondo.array<[4], f64>
  %g = rondo.grad(%x) : (!rondo.array<[4], f64>) -> (!rondo.array<[4], f64>) {
  ^bb0(%v: !rondo.array<[4], f64>):
    %zero = rondo.constant 0.0 : f64 -> !rondo.array<[4], f64>
    %l = rondo.log %v : !rondo.array<[4], f64>
    %y = rondo.mul %v, %l : !rondo.array<[4], f64>
    %c = rondo.compare gt %v, %zero : !rondo.array<[4], f64>
    %r = rondo.select %c, %y, %zero : !rondo.array<[4], f64>
    %s = rondo.reduce sum %r axes [0] : !rondo.array<[4], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 0.0, 1.0, 2.0]> : tensor<4xf64> : !rondo.array<[4], f64>
  return
}

// The norm of a zero vector, at least 1/4: x / |x| where that is larger.
// CHECK-LABEL: @maximum
func.func @maximum() {
  %x = check.input dense<[[0.0, 0.0], [3.0, 4.0], [0.125, 0.0]]> : tensor<3x2xf64> -> !rondo.array<[3, 2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3, 2], f64>) -> (!rondo.array<[3, 2], f64>) {
  ^bb0(%v: !rondo.array<[3, 2], f64>):
    %least = rondo.constant 0.25 : f64 -> !rondo.array<[3], f64>
    %q = rondo.mul %v, %v : !rondo.array<[3, 2], f64>
    %n = rondo.reduce sum %q axes [1] : !rondo.array<[3, 2], f64> -> !rondo.array<[3], f64>
    %r = rondo.sqrt %n : !rondo.array<[3], f64>
    %m = rondo.max %r, %least : !rondo.array<[3], f64>
    %s = rondo.reduce sum %m axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[[0.0, 0.0], [0.6, 0.8], [0.0, 0.0]]> : tensor<3x2xf64> : !rondo.array<[3, 2], f64>
  return
}

// A slice and a position choose too: of 1 / x what is read, at 2 and 4.
func.func @positions() {
  %x = check.input dense<[0.0, 2.0, 0.0, 4.0]> : tensor<4xf64> -> !rondo.array<[4], f64>
  %i = check.input dense<3> : tensor<i64> -> !rondo.array<[], i64>
  %g = rondo.grad(%x) : (!rondo.array<[4], f64>) -> (!rondo.array<[4], f64>) {
  ^bb0(%v: !rondo.array<[4], f64>):
    %one = rondo.constant 1.0 : f64 -> !rondo.array<[4], f64>
    %y = rondo.div %one, %v : !rondo.array<[4], f64>
    %a = rondo.slice %y axis 0 from <1> : !rondo.array<[4], f64> -> !rondo.array<[1], f64>
    %b = rondo.gather %y, %i "a,->" : (!rondo.array<[4], f64>, !rondo.array<[], i64>) -> !rondo.array<[], f64>
    %c = rondo.reduce sum %a axes [0] : !rondo.array<[1], f64> -> !rondo.array<[], f64>
    %s = rondo.add %b, %c : !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, -0.25, 0.0, -0.0625]> : tensor<4xf64> : !rondo.array<[4], f64>
  return
}

// A row of a contraction that is NaN, and that is not chosen: it is left out of the sum, which the
// other row goes into. w = [[1, 2], [3, 4]], sum_j log(x)_i w_ij where x > 0.
func.func @contraction() {
  %x = check.input dense<[-1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %w = check.input dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64> -> !rondo.array<[2, 2], f64>
  %gx, %gw = rondo.grad(%x, %w) : (!rondo.array<[2], f64>, !rondo.array<[2, 2], f64>) -> (!rondo.array<[2], f64>, !rondo.array<[2, 2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>, %m: !rondo.array<[2, 2], f64>):
    %zero = rondo.constant 0.0 : f64 -> !rondo.array<[2], f64>
    %zeros = rondo.constant 0.0 : f64 -> !rondo.array<[2, 2], f64>
    %l = rondo.log %v : !rondo.array<[2], f64>
    %d = rondo.broadcast %l dims [0] : !rondo.array<[2], f64> -> !rondo.array<[2, 2], f64>
    %y = rondo.contract %d, %m "ik,kj->ij" : (!rondo.array<[2, 2], f64>, !rondo.array<[2, 2], f64>) -> !rondo.array<[2, 2], f64>
    %c = rondo.compare gt %v, %zero : !rondo.array<[2], f64>
    %cs = rondo.broadcast %c dims [0] : !rondo.array<[2], i1> -> !rondo.array<[2, 2], i1>
    %r = rondo.select %cs, %y, %zeros : !rondo.array<[2, 2], f64>
    %s = rondo.reduce sum %r axes [0, 1] : !rondo.array<[2, 2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gx, dense<[0.0, 5.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  check.expect_close_const %gw, dense<0.6931471805599453> : tensor<2x2xf64> : !rondo.array<[2, 2], f64>
  return
}

// Where a cotangent is 0 by its value its own derivative is not: f = (sqrt(x) - 2)^2 at 4, f'' = 1/8.
func.func @second() {
  %x = check.input dense<[4.0, -1.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %gg = rondo.grad(%x) : (!rondo.array<[2], f64>) -> (!rondo.array<[2], f64>) {
  ^bb0(%u: !rondo.array<[2], f64>):
    %g = rondo.grad(%u) : (!rondo.array<[2], f64>) -> (!rondo.array<[2], f64>) {
    ^bb0(%v: !rondo.array<[2], f64>):
      %zero = rondo.constant 0.0 : f64 -> !rondo.array<[2], f64>
      %two = rondo.constant 2.0 : f64 -> !rondo.array<[2], f64>
      %r = rondo.sqrt %v : !rondo.array<[2], f64>
      %d = rondo.sub %r, %two : !rondo.array<[2], f64>
      %q = rondo.mul %d, %d : !rondo.array<[2], f64>
      %c = rondo.compare gt %v, %zero : !rondo.array<[2], f64>
      %t = rondo.select %c, %q, %zero : !rondo.array<[2], f64>
      %s = rondo.reduce sum %t axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
      rondo.yield %s : !rondo.array<[], f64>
    }
    %t = rondo.reduce sum %g axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %t : !rondo.array<[], f64>
  }
  check.expect_close_const %gg, dense<[0.125, 0.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

// No guard where the derivative is finite for certain: softmax as it is written in the library, an
// activation, the root of a sum of squares and a number (numbers from complex steps).
// CHECK-LABEL: @finite
// CHECK-NOT: rondo.compare ne
// CHECK: return
func.func @finite() {
  %x = check.input dense<[0.0, 2.0, 1.0, -3.0]> : tensor<4xf64> -> !rondo.array<[4], f64>
  %g = rondo.grad(%x) : (!rondo.array<[4], f64>) -> (!rondo.array<[4], f64>) {
  ^bb0(%v: !rondo.array<[4], f64>):
    %zero = rondo.constant 0.0 : f64 -> !rondo.array<[], f64>
    %one = rondo.constant 1.0 : f64 -> !rondo.array<[], f64>
    %top = rondo.reduce max %v axes [0] : !rondo.array<[4], f64> -> !rondo.array<[], f64>
    %t = rondo.sub %top, %top : !rondo.array<[], f64>
    %finite = rondo.compare eq %t, %zero : !rondo.array<[], f64>
    %m = rondo.select %finite, %top, %zero : !rondo.array<[], f64>
    %k = rondo.stop_gradient %m : !rondo.array<[], f64>
    %ks = rondo.broadcast %k dims [] : !rondo.array<[], f64> -> !rondo.array<[4], f64>
    %d = rondo.sub %v, %ks : !rondo.array<[4], f64>
    %e = rondo.exp %d : !rondo.array<[4], f64>
    %sum = rondo.reduce sum %e axes [0] : !rondo.array<[4], f64> -> !rondo.array<[], f64>
    %none = rondo.compare eq %sum, %zero : !rondo.array<[], f64>
    %s = rondo.select %none, %one, %sum : !rondo.array<[], f64>
    %ss = rondo.broadcast %s dims [] : !rondo.array<[], f64> -> !rondo.array<[4], f64>
    %y = rondo.div %e, %ss : !rondo.array<[4], f64>
    %a = rondo.tanh %v : !rondo.array<[4], f64>
    %p = rondo.mul %y, %a : !rondo.array<[4], f64>
    %q = rondo.mul %p, %p : !rondo.array<[4], f64>
    %n = rondo.reduce sum %q axes [0] : !rondo.array<[4], f64> -> !rondo.array<[], f64>
    %n1 = rondo.add %n, %one : !rondo.array<[], f64>
    %r = rondo.sqrt %n1 : !rondo.array<[], f64>
    rondo.yield %r : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[-0.03299456838514038, 0.12051503792300586, -0.04520756386264389, -0.0016264472578079554]> : tensor<4xf64> : !rondo.array<[4], f64>
  return
}
