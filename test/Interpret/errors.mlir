// RUN: rondo-opt %s --rondo-interpret -split-input-file -verify-diagnostics

func.func @differs() {
  %x = check.input dense<[1.0, 2.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  // expected-error @+1 {{expected 2.5, found 2 at [1]: error 0.5 is not within 0.025000000000000001}}
  check.expect_close_const %x, dense<[1.0, 2.5]> : tensor<2xf64> {tolerance = 0.01 : f64} : !rondo.array<[2], f64>
  // expected-error @+1 {{expected 3, found 1 at [0]}}
  check.expect_equal_const %x, dense<[3.0, 2.0]> : tensor<2xf64> : !rondo.array<[2], f64>
  return
}

// -----

func.func @nan_is_not_close() {
  %x = check.input dense<[1.0, 0x7FF8000000000000, 3.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  // expected-error @+1 {{expected 2, found nan at [1]: error nan is not within}}
  check.expect_close_const %x, dense<[1.0, 2.0, 3.5]> : tensor<3xf64> {tolerance = 1.0e9 : f64} : !rondo.array<[3], f64>
  return
}

// -----

// What is read beyond an example's length is poison, which shows.
func.func @leak() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [2, 0]}} {
  %i = check.input dense<[[0, 1], [0, 0]]> : tensor<2x2xi32> -> !rondo.array<[B, T], i32>
  %last = rondo.slice %i axis 1 from <T - 1> : !rondo.array<[B, T], i32> -> !rondo.array<[B, 1], i32>
  %table = check.input dense<[1.0, 2.0]> : tensor<2xf32> -> !rondo.array<[2], f32>
  // expected-error @+1 {{an index comes from a position that is not valid in example 1}}
  %e = rondo.gather %table, %last "v,bt->bt" : (!rondo.array<[2], f32>, !rondo.array<[B, 1], i32>) -> !rondo.array<[B, 1], f32>
  check.expect_equal %e, %e : !rondo.array<[B, 1], f32>
  return
}

// -----

func.func @index() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [2, 1]}} {
  %table = check.input dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> -> !rondo.array<[B, T], f32>
  %i = check.input dense<[1, 1]> : tensor<2xi32> -> !rondo.array<[B], i32>
  // expected-error @+1 {{expected an index below 1, found 1 in example 1}}
  %e = rondo.gather %table, %i "bv,b->b" : (!rondo.array<[B, T], f32>, !rondo.array<[B], i32>) -> !rondo.array<[B], f32>
  check.expect_equal %e, %e : !rondo.array<[B], f32>
  return
}

// -----

func.func @refusal() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [2, 0, 0]}} {
  %n = rondo.length <T> : !rondo.array<[B], i64>
  %zero = rondo.constant 0 : i64 -> !rondo.array<[B], i64>
  %some = rondo.compare gt %n, %zero : !rondo.array<[B], i64>
  // Nothing uses this one, so it does not refuse.
  %unused = rondo.check %n if %some "unused" : !rondo.array<[B], i64>, !rondo.array<[B], i1>
  // expected-error @+1 {{mean of nothing in example 1}}
  %r = rondo.check %n if %some "mean of nothing" : !rondo.array<[B], i64>, !rondo.array<[B], i1>
  check.expect_equal %r, %n : !rondo.array<[B], i64>
  return
}

// -----

// expected-error @+1 {{no value for the symbol T}}
func.func @unbound() attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  %n = rondo.length <T> : !rondo.array<[], i64>
  check.expect_equal %n, %n : !rondo.array<[], i64>
  return
}

// -----

// expected-error @+1 {{expected 2 lengths for the symbol T, found 1}}
func.func @too_few() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 2, T = [1]}} {
  %n = rondo.length <T> : !rondo.array<[B], i64>
  check.expect_equal %n, %n : !rondo.array<[B], i64>
  return
}

// -----

// expected-error @+1 {{expected a public function with a value for every argument}}
module {
  func.func @no_test(%x: !rondo.array<[], f32>) {
    return
  }
}

// -----

// expected-error @+1 {{expected an entry of check.expect to have actual and either expected or value}}
func.func @form() -> !rondo.array<[], f32> attributes {check.expect = [{actual = 3 : i64}]} {
  %x = rondo.constant 1.0 : f32 -> !rondo.array<[], f32>
  return %x : !rondo.array<[], f32>
}

// -----

func.func @foreign() {
  // expected-error @+1 {{the interpreter cannot evaluate builtin.unrealized_conversion_cast}}
  %x = builtin.unrealized_conversion_cast to !rondo.array<[], f32>
  check.expect_equal %x, %x : !rondo.array<[], f32>
  return
}
