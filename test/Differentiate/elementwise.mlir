// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// The table of derivatives, a row per op, with the convention at each kink: numbers derived by hand,
// once against the interpreter's forward mode and once against the rules. Cotangents are 1, 2, 4 ...

func.func @neg() {
  %x = check.input dense<[-2.0, 0.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.neg %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[-1.0, -2.0, -4.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// 0 at 0
func.func @abs() {
  %x = check.input dense<[-2.0, 0.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.abs %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[-1.0, 0.0, 4.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// flat
func.func @sign() {
  %x = check.input dense<[-2.0, 0.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.sign %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 0.0, 0.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @exp() {
  %x = check.input dense<[-2.0, 0.0, 1.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.exp %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.1353352832366127, 2.0, 17.926756281352258]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @log() {
  %x = check.input dense<[0.25, 1.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.log %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[4.0, 2.0, 1.3333333333333333]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @log1p() {
  %x = check.input dense<[-0.5, 0.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.log1p %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[2.0, 2.0, 1.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @expm1() {
  %x = check.input dense<[-0.5, 0.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.expm1 %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.6065306597126334, 2.0, 80.34214769275067]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @sqrt() {
  %x = check.input dense<[0.25, 1.0, 9.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.sqrt %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[1.0, 1.0, 0.6666666666666666]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @rsqrt() {
  %x = check.input dense<[0.25, 1.0, 9.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.rsqrt %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[-4.0, -1.0, -0.07407407407407407]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @tanh() {
  %x = check.input dense<[-1.5, 0.0, 0.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.tanh %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.18070663892364858, 2.0, 3.1457909318637096]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @sigmoid() {
  %x = check.input dense<[-1.5, 0.0, 0.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.sigmoid %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.14914645207033286, 0.5, 0.940014848806378]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @erf() {
  %x = check.input dense<[-1.5, 0.0, 0.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.erf %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.11893028922362936, 2.256758334191025, 3.515130315741779]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @sin() {
  %x = check.input dense<[-1.5, 0.0, 2.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.sin %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0707372016677029, 2.0, -1.6645873461885696]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @cos() {
  %x = check.input dense<[-1.5, 0.0, 2.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.cos %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.9974949866040544, -0.0, -3.637189707302727]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// flat, and 0 at its jumps
func.func @floor() {
  %x = check.input dense<[-1.5, 1.0, 2.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.floor %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 0.0, 0.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// flat, and 0 at its jumps
func.func @ceil() {
  %x = check.input dense<[-1.5, 1.0, 2.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.ceil %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 0.0, 0.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// by definition
func.func @stop_gradient() {
  %x = check.input dense<[-1.5, 0.0, 2.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %y = rondo.stop_gradient %v : !rondo.array<[3], f64>
    %p = rondo.mul %y, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 0.0, 0.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @add() {
  %x = check.input dense<[1.0, 3.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %y = check.input dense<[2.0, -1.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %c = check.input dense<[1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[2], f64>, !rondo.array<[2], f64>) -> (!rondo.array<[2], f64>, !rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>, %w: !rondo.array<[2], f64>):
    %z = rondo.add %v, %w : !rondo.array<[2], f64>
    %p = rondo.mul %z, %c : !rondo.array<[2], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[1.0, 2.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  check.expect_close_const %h, dense<[1.0, 2.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

func.func @sub() {
  %x = check.input dense<[1.0, 3.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %y = check.input dense<[2.0, -1.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %c = check.input dense<[1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[2], f64>, !rondo.array<[2], f64>) -> (!rondo.array<[2], f64>, !rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>, %w: !rondo.array<[2], f64>):
    %z = rondo.sub %v, %w : !rondo.array<[2], f64>
    %p = rondo.mul %z, %c : !rondo.array<[2], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[1.0, 2.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  check.expect_close_const %h, dense<[-1.0, -2.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

func.func @mul() {
  %x = check.input dense<[1.0, 3.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %y = check.input dense<[2.0, -1.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %c = check.input dense<[1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[2], f64>, !rondo.array<[2], f64>) -> (!rondo.array<[2], f64>, !rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>, %w: !rondo.array<[2], f64>):
    %z = rondo.mul %v, %w : !rondo.array<[2], f64>
    %p = rondo.mul %z, %c : !rondo.array<[2], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[2.0, -2.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  check.expect_close_const %h, dense<[1.0, 6.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

func.func @div() {
  %x = check.input dense<[1.0, 3.0, 0.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %y = check.input dense<[2.0, -4.0, 5.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[3], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>, %w: !rondo.array<[3], f64>):
    %z = rondo.div %v, %w : !rondo.array<[3], f64>
    %p = rondo.mul %z, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.5, -0.5, 0.8]> : tensor<3xf64> : !rondo.array<[3], f64>
  check.expect_close_const %h, dense<[-0.25, -0.375, 0.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// as if the floor did not jump
func.func @rem() {
  %x = check.input dense<[5.0, -5.0, 7.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %y = check.input dense<[3.0, 3.0, -4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[3], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>, %w: !rondo.array<[3], f64>):
    %z = rondo.rem %v, %w : !rondo.array<[3], f64>
    %p = rondo.mul %z, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[1.0, 2.0, 4.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  check.expect_close_const %h, dense<[-1.0, 4.0, 8.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// half each at a tie
func.func @min() {
  %x = check.input dense<[1.0, 2.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %y = check.input dense<[2.0, 1.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[3], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>, %w: !rondo.array<[3], f64>):
    %z = rondo.min %v, %w : !rondo.array<[3], f64>
    %p = rondo.mul %z, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[1.0, 0.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  check.expect_close_const %h, dense<[0.0, 2.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// half each at a tie
func.func @max() {
  %x = check.input dense<[1.0, 2.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %y = check.input dense<[2.0, 1.0, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %c = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[3], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>, %w: !rondo.array<[3], f64>):
    %z = rondo.max %v, %w : !rondo.array<[3], f64>
    %p = rondo.mul %z, %c : !rondo.array<[3], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 2.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  check.expect_close_const %h, dense<[1.0, 0.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// at x = 0: y * 0^(y - 1), 0 where y = 0 too, and 0 to y
func.func @pow() {
  %x = check.input dense<[2.0, 0.25, 0.0, 0.0, 0.0]> : tensor<5xf64> -> !rondo.array<[5], f64>
  %y = check.input dense<[3.0, -0.5, 2.0, 1.0, 0.0]> : tensor<5xf64> -> !rondo.array<[5], f64>
  %c = check.input dense<[1.0, 2.0, 4.0, 8.0, 16.0]> : tensor<5xf64> -> !rondo.array<[5], f64>
  %g, %h = rondo.grad(%x, %y) : (!rondo.array<[5], f64>, !rondo.array<[5], f64>) -> (!rondo.array<[5], f64>, !rondo.array<[5], f64>) {
  ^bb0(%v: !rondo.array<[5], f64>, %w: !rondo.array<[5], f64>):
    %z = rondo.pow %v, %w : !rondo.array<[5], f64>
    %p = rondo.mul %z, %c : !rondo.array<[5], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[5], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[12.0, -8.0, 0.0, 8.0, 0.0]> : tensor<5xf64> : !rondo.array<[5], f64>
  check.expect_close_const %h, dense<[5.545177444479562, -5.545177444479562, 0.0, 0.0, 0.0]> : tensor<5xf64> : !rondo.array<[5], f64>
  return
}

// The branch that is not chosen gets an exact zero, though its own derivative is infinite.
func.func @select() {
  %x = check.input dense<[0.0, 4.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[2], f64>) -> (!rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>):
    %zero = rondo.constant 0.0 : f64 -> !rondo.array<[2], f64>
    %m = rondo.compare gt %v, %zero : !rondo.array<[2], f64>
    %one = rondo.constant 1.0 : f64 -> !rondo.array<[2], f64>
    %safe = rondo.select %m, %v, %one : !rondo.array<[2], f64>
    %r = rondo.sqrt %safe : !rondo.array<[2], f64>
    %y = rondo.select %m, %r, %zero : !rondo.array<[2], f64>
    %s = rondo.reduce sum %y axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 0.25]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

// Through floats a conversion passes, through integers nothing does.
func.func @convert() {
  %x = check.input dense<[1.5, 4.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[2], f64>) -> (!rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>):
    %n = rondo.convert %v : !rondo.array<[2], f64> -> !rondo.array<[2], f32>
    %w = rondo.convert %n : !rondo.array<[2], f32> -> !rondo.array<[2], f64>
    %i = rondo.convert %v : !rondo.array<[2], f64> -> !rondo.array<[2], i64>
    %f = rondo.convert %i : !rondo.array<[2], i64> -> !rondo.array<[2], f64>
    %y = rondo.mul %w, %f : !rondo.array<[2], f64>
    %s = rondo.reduce sum %y axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[1.0, 4.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}
