// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// The reverse rules of the ops that move elements, each weighted by another number per element, so
// that a permuted or shifted cotangent shows. Ragged examples have padding that is NaN.

func.func @broadcast() {
  %x = check.input dense<[1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %c = check.input dense<[[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]> : tensor<2x3xf64> -> !rondo.array<[2, 3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[2], f64>) -> (!rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>):
    %y = rondo.broadcast %v dims [0] : !rondo.array<[2], f64> -> !rondo.array<[2, 3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[2, 3], f64>
    %s = rondo.reduce sum %p axes [0, 1] : !rondo.array<[2, 3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[7.0, 56.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

// A value that is repeated along each example's own positions gets their sum.
func.func @broadcast_ragged() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [2, 1, 0]}} {
  %x = check.input dense<[1.0, 2.0, 3.0]> : tensor<3xf64> -> !rondo.array<[B], f64>
  %c = check.input dense<[[1.0, 2.0], [4.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf64> -> !rondo.array<[B, T], f64>
  %g = rondo.grad(%x) : (!rondo.array<[B], f64>) -> (!rondo.array<[B], f64>) {
  ^bb0(%v: !rondo.array<[B], f64>):
    %y = rondo.broadcast %v dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, T], f64>
    %p = rondo.mul %y, %c : !rondo.array<[B, T], f64>
    %s = rondo.reduce sum %p axes [1] : !rondo.array<[B, T], f64> -> !rondo.array<[B], f64>
    rondo.yield %s : !rondo.array<[B], f64>
  }
  check.expect_close_const %g, dense<[3.0, 4.0, 0.0]> : tensor<3xf64> : !rondo.array<[B], f64>
  return
}

func.func @transpose_and_reshape() {
  %x = check.input dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64> -> !rondo.array<[2, 3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]> : tensor<6xf64> -> !rondo.array<[6], f64>
  %g = rondo.grad(%x) : (!rondo.array<[2, 3], f64>) -> (!rondo.array<[2, 3], f64>) {
  ^bb0(%v: !rondo.array<[2, 3], f64>):
    %t = rondo.transpose %v [1, 0] : !rondo.array<[2, 3], f64> -> !rondo.array<[3, 2], f64>
    %y = rondo.reshape %t : !rondo.array<[3, 2], f64> -> !rondo.array<[6], f64>
    %p = rondo.mul %y, %c : !rondo.array<[6], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[6], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[[1.0, 4.0, 16.0], [2.0, 8.0, 32.0]]> : tensor<2x3xf64> : !rondo.array<[2, 3], f64>
  return
}

// A permutation of three axes that is not its own inverse.
func.func @rotate() {
  %x = check.input dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf64> -> !rondo.array<[1, 2, 3], f64>
  %c = check.input dense<[[[1.0], [2.0]], [[4.0], [8.0]], [[16.0], [32.0]]]> : tensor<3x2x1xf64> -> !rondo.array<[3, 2, 1], f64>
  %d = rondo.transpose %c [0, 2, 1] : !rondo.array<[3, 2, 1], f64> -> !rondo.array<[3, 1, 2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[1, 2, 3], f64>) -> (!rondo.array<[1, 2, 3], f64>) {
  ^bb0(%v: !rondo.array<[1, 2, 3], f64>):
    %t = rondo.transpose %v [2, 0, 1] : !rondo.array<[1, 2, 3], f64> -> !rondo.array<[3, 1, 2], f64>
    %p = rondo.mul %t, %d : !rondo.array<[3, 1, 2], f64>
    %s = rondo.reduce sum %p axes [0, 1, 2] : !rondo.array<[3, 1, 2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[[[1.0, 4.0, 16.0], [2.0, 8.0, 32.0]]]> : tensor<1x2x3xf64> : !rondo.array<[1, 2, 3], f64>
  return
}

// Every second element from the first on, and back: a pad with a step.
func.func @slice_with_a_step() {
  %x = check.input dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf64> -> !rondo.array<[5], f64>
  %c = check.input dense<[1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[5], f64>) -> (!rondo.array<[5], f64>) {
  ^bb0(%v: !rondo.array<[5], f64>):
    %y = rondo.slice %v axis 0 from <1> step 2 : !rondo.array<[5], f64> -> !rondo.array<[2], f64>
    %p = rondo.mul %y, %c : !rondo.array<[2], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 1.0, 0.0, 2.0, 0.0]> : tensor<5xf64> : !rondo.array<[5], f64>
  return
}

// Each example's own last element.
func.func @slice_ragged() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [3, 1]}} {
  %x = check.input dense<[[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]> : tensor<2x3xf64> -> !rondo.array<[B, T], f64>
  %g = rondo.grad(%x) : (!rondo.array<[B, T], f64>) -> (!rondo.array<[B, T], f64>) {
  ^bb0(%v: !rondo.array<[B, T], f64>):
    %y = rondo.slice %v axis 1 from <T - 1> : !rondo.array<[B, T], f64> -> !rondo.array<[B, 1], f64>
    %p = rondo.mul %y, %y : !rondo.array<[B, 1], f64>
    %s = rondo.reduce sum %p axes [1] : !rondo.array<[B, 1], f64> -> !rondo.array<[B], f64>
    rondo.yield %s : !rondo.array<[B], f64>
  }
  check.expect_close_const %g, dense<[[0.0, 0.0, 6.0], [8.0, 0.0, 0.0]]> : tensor<2x3xf64> : !rondo.array<[B, T], f64>
  return
}

func.func @pad() {
  %x = check.input dense<[1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %c = check.input dense<[1.0, 2.0, 4.0, 8.0]> : tensor<4xf64> -> !rondo.array<[4], f64>
  %g = rondo.grad(%x) : (!rondo.array<[2], f64>) -> (!rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>):
    %y = rondo.pad %v axis 0 at <1> step 2 : !rondo.array<[2], f64> -> !rondo.array<[4], f64>
    %p = rondo.mul %y, %c : !rondo.array<[4], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[4], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[2.0, 8.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

// The second part begins where each example's first part ends.
func.func @concat_ragged() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<P, ragged>, #rondo.symbol<n, uniform>], check.bindings = {B = 3, P = [2, 1, 0], n = 2}} {
  %a = check.input dense<[[1.0, 2.0], [3.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf64> -> !rondo.array<[B, P], f64>
  %b = check.input dense<[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]> : tensor<3x2xf64> -> !rondo.array<[B, n], f64>
  %c = check.input dense<[[1.0, 2.0, 4.0, 8.0], [16.0, 32.0, 64.0, 0.0], [128.0, 256.0, 0.0, 0.0]]> : tensor<3x4xf64> -> !rondo.array<[B, P + n], f64>
  %g, %h = rondo.grad(%a, %b) : (!rondo.array<[B, P], f64>, !rondo.array<[B, n], f64>) -> (!rondo.array<[B, P], f64>, !rondo.array<[B, n], f64>) {
  ^bb0(%v: !rondo.array<[B, P], f64>, %w: !rondo.array<[B, n], f64>):
    %y = rondo.concat %v, %w axis 1 : (!rondo.array<[B, P], f64>, !rondo.array<[B, n], f64>) -> !rondo.array<[B, P + n], f64>
    %p = rondo.mul %y, %c : !rondo.array<[B, P + n], f64>
    %s = rondo.reduce sum %p axes [1] : !rondo.array<[B, P + n], f64> -> !rondo.array<[B], f64>
    rondo.yield %s : !rondo.array<[B], f64>
  }
  check.expect_close_const %g, dense<[[1.0, 2.0], [16.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf64> : !rondo.array<[B, P], f64>
  check.expect_close_const %h, dense<[[4.0, 8.0], [32.0, 64.0], [128.0, 256.0]]> : tensor<3x2xf64> : !rondo.array<[B, n], f64>
  return
}

// A row that is read twice gets both cotangents, one that is not read none.
func.func @gather() {
  %x = check.input dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64> -> !rondo.array<[3, 2], f64>
  %i = check.input dense<[2, 0, 2]> : tensor<3xi32> -> !rondo.array<[3], i32>
  %c = check.input dense<[[1.0, 2.0], [4.0, 8.0], [16.0, 32.0]]> : tensor<3x2xf64> -> !rondo.array<[3, 2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3, 2], f64>) -> (!rondo.array<[3, 2], f64>) {
  ^bb0(%v: !rondo.array<[3, 2], f64>):
    %y = rondo.gather %v, %i "vd,t->td" : (!rondo.array<[3, 2], f64>, !rondo.array<[3], i32>) -> !rondo.array<[3, 2], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3, 2], f64>
    %s = rondo.reduce sum %p axes [0, 1] : !rondo.array<[3, 2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[[4.0, 8.0], [0.0, 0.0], [17.0, 34.0]]> : tensor<3x2xf64> : !rondo.array<[3, 2], f64>
  return
}

func.func @scatter() {
  %x = check.input dense<[1.0, 2.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %u = check.input dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf64> -> !rondo.array<[4], f64>
  %i = check.input dense<[2, 0, 2, 0]> : tensor<4xi32> -> !rondo.array<[4], i32>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g, %h = rondo.grad(%x, %u) : (!rondo.array<[3], f64>, !rondo.array<[4], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[4], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>, %w: !rondo.array<[4], f64>):
    %y = rondo.scatter %v, %i, %w "v,t->t" : (!rondo.array<[3], f64>, !rondo.array<[4], i32>, !rondo.array<[4], f64>) -> !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[1.0, 2.0, 4.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  check.expect_close_const %h, dense<[4.0, 1.0, 4.0, 1.0]> : tensor<4xf64> : !rondo.array<[4], f64>
  return
}

// A check passes the cotangent on; a draw is a constant.
func.func @check_and_random() {
  %x = check.input dense<3.0> : tensor<f64> -> !rondo.array<[], f64>
  %seed = check.input dense<7> : tensor<i64> -> !rondo.array<[], i64>
  %g = rondo.grad(%x) : (!rondo.array<[], f64>) -> (!rondo.array<[], f64>) {
  ^bb0(%v: !rondo.array<[], f64>):
    %zero = rondo.constant 0.0 : f64 -> !rondo.array<[], f64>
    %m = rondo.compare gt %v, %zero : !rondo.array<[], f64>
    %k = rondo.check %v if %m "negative" : !rondo.array<[], f64>, !rondo.array<[], i1>
    %u = rondo.random uniform "u" elements "" (%seed : %seed) spec "->" : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[], f64>
    %sq = rondo.mul %k, %k : !rondo.array<[], f64>
    %y = rondo.mul %sq, %u : !rondo.array<[], f64>
    rondo.yield %y : !rondo.array<[], f64>
  }
  %u = rondo.random uniform "u" elements "" (%seed : %seed) spec "->" : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[], f64>
  %six = rondo.constant 6.0 : f64 -> !rondo.array<[], f64>
  %e = rondo.mul %six, %u : !rondo.array<[], f64>
  check.expect_close %g, %e : !rondo.array<[], f64>
  return
}
