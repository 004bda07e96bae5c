// RUN: rondo-opt %s --rondo-interpret -split-input-file -verify-diagnostics
// What a function needs of lengths is looked at before anything else.

// expected-error @+1 {{position 1 of an axis that is shorter in example 2}}
func.func @lacks() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [2, 3, 1]},
    rondo.needs = [{least = #rondo.dim<T - 1>, message = "the first"}, {least = #rondo.dim<T - 2>, message = "position 1 of an axis that is shorter"}]} {
  %x = rondo.constant 1.0 : f64 -> !rondo.array<[B, T], f64>
  %y = rondo.slice %x axis 1 from <1> : !rondo.array<[B, T], f64> -> !rondo.array<[B, 1], f64>
  check.expect_equal %y, %y : !rondo.array<[B, 1], f64>
  return
}

// -----

// Needed where S and T, or R are there.
// expected-error @+1 {{position 1 of an axis that is shorter in example 1}}
func.func @uses() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>, #rondo.symbol<R, ragged>],
    check.bindings = {B = 2, T = [1, 1], S = [0, 0], R = [0, 1]},
    rondo.needs = [{least = #rondo.dim<T - 2>, message = "position 1 of an axis that is shorter", uses = [[#rondo.dim<S>, #rondo.dim<T>], [#rondo.dim<R>]]}]} {
  %x = rondo.constant 1.0 : f64 -> !rondo.array<[B, S], f64>
  check.expect_equal %x, %x : !rondo.array<[B, S], f64>
  return
}

// -----

// An index of nothing that no element of a result needs is no error.
func.func @wanting() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>],
    check.bindings = {B = 2, T = [2, 0], S = [1, 0]},
    rondo.needs = [{least = #rondo.dim<T - 1>, message = "argmax of nothing", uses = [[#rondo.dim<S>]]}]} {
  %x = check.input dense<[[1.0, 5.0], [9.0, 9.0]]> : tensor<2x2xf64> -> !rondo.array<[B, T], f64>
  %i = rondo.argmax %x axis 1 : !rondo.array<[B, T], f64> -> !rondo.array<[B], i32>
  %v = rondo.gather %x, %i "bt,b->b" : (!rondo.array<[B, T], f64>, !rondo.array<[B], i32>) -> !rondo.array<[B], f64>
  %r = rondo.broadcast %v dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, S], f64>
  check.expect_close_const %r, dense<[[5.0], [0.0]]> : tensor<2x1xf64> {tolerance = 0.0 : f64} : !rondo.array<[B, S], f64>
  return
}

// -----

// expected-error @+1 {{expected rondo.needs to be a list of {least, message, place, uses} on a function, with dims of its symbols}}
func.func @wrong() attributes {rondo.symbols = [], rondo.needs = [{least = #rondo.dim<T - 2>, message = "T is no symbol"}]} {
  return
}
