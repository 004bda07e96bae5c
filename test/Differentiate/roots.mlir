// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-run
// An exact zero wins over an infinite derivative, whatever the product of both would have: the
// cotangent of each root of 0 is the other one. (Forward mode has no cotangents, so the interpreter
// has no say in what this gradient is.)

// sqrt(x) * sqrt(x) at 0 and 4.
func.func @root_of_nothing() {
  %x = check.input dense<[0.0, 4.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %g = rondo.grad(%x) : (!rondo.array<[2], f64>) -> (!rondo.array<[2], f64>) {
  ^bb0(%v: !rondo.array<[2], f64>):
    %a = rondo.sqrt %v : !rondo.array<[2], f64>
    %b = rondo.sqrt %v : !rondo.array<[2], f64>
    %p = rondo.mul %a, %b : !rondo.array<[2], f64>
    %s = rondo.reduce sum %p axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
    rondo.yield %s : !rondo.array<[], f64>
  }
  check.expect_close_const %g, dense<[0.0, 1.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}
