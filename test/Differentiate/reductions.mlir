// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// The reverse rules of contract and reduce, against numbers derived by hand.

// y = x W + z with cotangents c: dx = c W^T, dW = x^T c, dz = c.
func.func @contract() {
  %x = check.input dense<[[1.0, 2.0]]> : tensor<1x2xf64> -> !rondo.array<[1, 2], f64>
  %w = check.input dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64> -> !rondo.array<[2, 3], f64>
  %z = check.input dense<[[0.0, 1.0, 2.0]]> : tensor<1x3xf64> -> !rondo.array<[1, 3], f64>
  %c = check.input dense<[[1.0, 10.0, 100.0]]> : tensor<1x3xf64> -> !rondo.array<[1, 3], f64>
  %gx, %gw, %gz = rondo.grad(%x, %w, %z) : (!rondo.array<[1, 2], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[1, 3], f64>) -> (!rondo.array<[1, 2], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[1, 3], f64>) {
  ^bb0(%a: !rondo.array<[1, 2], f64>, %b: !rondo.array<[2, 3], f64>, %d: !rondo.array<[1, 3], f64>):
    %y = rondo.contract %a, %b "bk,kn->bn" init %d : (!rondo.array<[1, 2], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[1, 3], f64>) -> !rondo.array<[1, 3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[1, 3], f64>
    %s = rondo.reduce sum %p axes [0, 1] : !rondo.array<[1, 3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %gx, dense<[[321.0, 654.0]]> : tensor<1x2xf64> : !rondo.array<[1, 2], f64>
  check.expect_close_const %gw, dense<[[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]> : tensor<2x3xf64> : !rondo.array<[2, 3], f64>
  check.expect_close_const %gz, dense<[[1.0, 10.0, 100.0]]> : tensor<1x3xf64> : !rondo.array<[1, 3], f64>
  return
}

// Both operands are one value: the derivative of |x|^2.
func.func @square() {
  %x = check.input dense<[1.0, -2.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%a: !rondo.array<[3], f64>):
    %y = rondo.contract %a, %a "k,k->" : (!rondo.array<[3], f64>, !rondo.array<[3], f64>) -> !rondo.array<[], f64>
    rondo.yield %y : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[2.0, -4.0, 6.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// Over examples and their own positions: what is not valid adds nothing to a shared weight.
func.func @contract_ragged() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [2, 0, 1]}} {
  %x = check.input dense<[[1.0, 2.0], [0.0, 0.0], [4.0, 0.0]]> : tensor<3x2xf64> -> !rondo.array<[B, T], f64>
  %w = check.input dense<3.0> : tensor<f64> -> !rondo.array<[], f64>
  %g = rondo.grad(%w) : (!rondo.array<[], f64>) -> (!rondo.array<[], f64>) {
  ^bb0(%v: !rondo.array<[], f64>):
    %y = rondo.contract %x, %v "bt,->bt" : (!rondo.array<[B, T], f64>, !rondo.array<[], f64>) -> !rondo.array<[B, T], f64>
    %q = rondo.contract %y, %y "bt,bt->" : (!rondo.array<[B, T], f64>, !rondo.array<[B, T], f64>) -> !rondo.array<[], f64>
    rondo.yield %q : !rondo.array<[], f64>
  }
  // d/dw of w^2 (1 + 4 + 16)
  check.expect_close_const %g, dense<126.0> : tensor<f64> : !rondo.array<[], f64>
  return
}

// Equal parts to all that attain a maximum, per example, and nothing to the padding.
func.func @maximum() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 2, 1]}} {
  %x = check.input dense<[[1.0, 5.0, 2.0], [7.0, 7.0, 9.0], [4.0, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %c = check.input dense<[1.0, 10.0, 100.0]> : tensor<3xf64> -> !rondo.array<[B], f64>
  %g = rondo.grad(%x) : (!rondo.array<[B, T], f64>) -> (!rondo.array<[B, T], f64>) {
  ^bb0(%v: !rondo.array<[B, T], f64>):
    %y = rondo.reduce max %v axes [1] : !rondo.array<[B, T], f64> -> !rondo.array<[B], f64>
    %p = rondo.mul %y, %c : !rondo.array<[B], f64>
    rondo.yield %p : !rondo.array<[B], f64>
  }
  check.expect_close_const %g, dense<[[0.0, 1.0, 0.0], [5.0, 5.0, 0.0], [100.0, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[B, T], f64>
  return
}

func.func @minimum() {
  %x = check.input dense<[[3.0, 1.0, 1.0], [2.0, 1.0, 4.0]]> : tensor<2x3xf64> -> !rondo.array<[2, 3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[2, 3], f64>) -> (!rondo.array<[2, 3], f64>) {
  ^bb0(%v: !rondo.array<[2, 3], f64>):
    %y = rondo.reduce min %v axes [0, 1] : !rondo.array<[2, 3], f64> -> !rondo.array<[], f64>
    %three = rondo.constant 3.0 : f64 -> !rondo.array<[], f64>
    %p = rondo.mul %y, %three : !rondo.array<[], f64>
    rondo.yield %p : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf64> : !rondo.array<[2, 3], f64>
  return
}

// The product of the others: no division, so one zero or two do no harm.
func.func @product() {
  %x = check.input dense<[[2.0, 3.0, 5.0], [2.0, 0.0, 5.0], [0.0, 0.0, 5.0]]> : tensor<3x3xf64> -> !rondo.array<[3, 3], f64>
  %c = check.input dense<[1.0, 10.0, 100.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3, 3], f64>) -> (!rondo.array<[3, 3], f64>) {
  ^bb0(%v: !rondo.array<[3, 3], f64>):
    %y = rondo.reduce product %v axes [1] : !rondo.array<[3, 3], f64> -> !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[[15.0, 10.0, 6.0], [0.0, 100.0, 0.0], [0.0, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[3, 3], f64>
  return
}

// Over two axes, one of them ragged.
func.func @product_ragged() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [2, 1]}} {
  %x = check.input dense<[[[2.0, 3.0], [5.0, 7.0]], [[2.0, 4.0], [0.0, 0.0]]]> : tensor<2x2x2xf64> -> !rondo.array<[B, T, 2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[B, T, 2], f64>) -> (!rondo.array<[B, T, 2], f64>) {
  ^bb0(%v: !rondo.array<[B, T, 2], f64>):
    %y = rondo.reduce product %v axes [1, 2] : !rondo.array<[B, T, 2], f64> -> !rondo.array<[B], f64>
    rondo.yield %y : !rondo.array<[B], f64>
  }
  check.expect_close_const %g, dense<[[[105.0, 70.0], [42.0, 30.0]], [[4.0, 2.0], [0.0, 0.0]]]> : tensor<2x2x2xf64> : !rondo.array<[B, T, 2], f64>
  return
}
