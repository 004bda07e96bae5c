// RUN: rondo-opt %s --check-outline -split-input-file -verify-diagnostics

func.func @shape() {
  // expected-error @+1 {{expected numbers for '!rondo.array<[2], f32>', found 'tensor<3xf32>'}}
  %x = check.input dense<1.0> : tensor<3xf32> -> !rondo.array<[2], f32>
  return
}

// -----

func.func @kind(%x: !rondo.array<[2], i64>) {
  // expected-error @+1 {{expected numbers for '!rondo.array<[2], i64>', found 'tensor<2xf32>'}}
  check.expect_equal_const %x, dense<1.0> : tensor<2xf32> : !rondo.array<[2], i64>
  return
}

// -----

func.func @nested() {
  rondo.scan over <2> : () -> () {
  ^bb0(%t: !rondo.array<[], i64>):
    // expected-error @+1 {{expected to stand in a function's own block}}
    check.expect_equal_const %t, dense<0> : tensor<i64> : !rondo.array<[], i64>
    rondo.yield
  }
  return
}
