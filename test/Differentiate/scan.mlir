// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-interpret
// The reverse of loops: numbers from outside (complex steps of the same recurrences), against the
// interpreter's forward mode and against the rule. Examples have 3, 0 and 1 steps.

// Carry, slice, stack and captured weight. Without a step the start's adjoint is the last carry's.
func.func @forward() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 0, 1]}} {
  %a = check.input dense<1.5> : tensor<f64> -> !rondo.array<[], f64>
  %x = check.input dense<[[1.0, -2.0, 0.5], [9.0, 9.0, 9.0], [0.25, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %h0 = check.input dense<[0.5, 2.0, -1.0]> : tensor<3xf64> -> !rondo.array<[B], f64>
  %ga, %gx, %gh = rondo.grad(%a, %x, %h0) : (!rondo.array<[], f64>, !rondo.array<[B, T], f64>, !rondo.array<[B], f64>) -> (!rondo.array<[], f64>, !rondo.array<[B, T], f64>, !rondo.array<[B], f64>) {
  ^bb0(%p: !rondo.array<[], f64>, %v: !rondo.array<[B, T], f64>, %w: !rondo.array<[B], f64>):
    %h, %ys = rondo.scan over <T> carry(%w) slice(%v axis 1) stack(1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %xt: !rondo.array<[B], f64>):
      %pb = rondo.broadcast %p dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
      %ah = rondo.mul %pb, %c : !rondo.array<[B], f64>
      %xh = rondo.mul %xt, %c : !rondo.array<[B], f64>
      %n = rondo.add %ah, %xh : !rondo.array<[B], f64>
      %tf = rondo.convert %t : !rondo.array<[], i64> -> !rondo.array<[], f64>
      %one = rondo.constant 1.0 : f64 -> !rondo.array<[], f64>
      %t1 = rondo.add %tf, %one : !rondo.array<[], f64>
      %tb = rondo.broadcast %t1 dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
      %y = rondo.mul %tb, %n : !rondo.array<[B], f64>
      rondo.yield %n, %y : !rondo.array<[B], f64>, !rondo.array<[B], f64>
    }
    %yx = rondo.contract %ys, %v "bt,bt->" : (!rondo.array<[B, T], f64>, !rondo.array<[B, T], f64>) -> !rondo.array<[], f64>
    %l = rondo.contract %h, %h "b,b->" init %yx : (!rondo.array<[B], f64>, !rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[], f64>
    rondo.yield %l : !rondo.array<[], f64>
  }
  check.expect_close_const %ga, dense<-1.6250000000000007> : tensor<f64> : !rondo.array<[], f64>
  check.expect_close_const %gx, dense<[[3.25, -8.75, -3.1250000000000004], [0.0, 0.0, 0.0], [1.5, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[B, T], f64>
  check.expect_close_const %gh, dense<[10.0, 4.0, -5.6875]> : tensor<3xf64> : !rondo.array<[B], f64>
  return
}

// The same in reverse; positions are descending.
func.func @reverse() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 0, 1]}} {
  %a = check.input dense<1.5> : tensor<f64> -> !rondo.array<[], f64>
  %x = check.input dense<[[1.0, -2.0, 0.5], [9.0, 9.0, 9.0], [0.25, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %h0 = check.input dense<[0.5, 2.0, -1.0]> : tensor<3xf64> -> !rondo.array<[B], f64>
  %ga, %gx, %gh = rondo.grad(%a, %x, %h0) : (!rondo.array<[], f64>, !rondo.array<[B, T], f64>, !rondo.array<[B], f64>) -> (!rondo.array<[], f64>, !rondo.array<[B, T], f64>, !rondo.array<[B], f64>) {
  ^bb0(%p: !rondo.array<[], f64>, %v: !rondo.array<[B, T], f64>, %w: !rondo.array<[B], f64>):
    %h, %ys = rondo.scan over <T> reverse carry(%w) slice(%v axis 1) stack(1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %xt: !rondo.array<[B], f64>):
      %pb = rondo.broadcast %p dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
      %ah = rondo.mul %pb, %c : !rondo.array<[B], f64>
      %xh = rondo.mul %xt, %c : !rondo.array<[B], f64>
      %n = rondo.add %ah, %xh : !rondo.array<[B], f64>
      %tf = rondo.convert %t : !rondo.array<[], i64> -> !rondo.array<[], f64>
      %one = rondo.constant 1.0 : f64 -> !rondo.array<[], f64>
      %t1 = rondo.add %tf, %one : !rondo.array<[], f64>
      %tb = rondo.broadcast %t1 dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
      %y = rondo.mul %tb, %n : !rondo.array<[B], f64>
      rondo.yield %n, %y : !rondo.array<[B], f64>, !rondo.array<[B], f64>
    }
    %yx = rondo.contract %ys, %v "bt,bt->" : (!rondo.array<[B, T], f64>, !rondo.array<[B, T], f64>) -> !rondo.array<[], f64>
    %l = rondo.contract %h, %h "b,b->" init %yx : (!rondo.array<[B], f64>, !rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[], f64>
    rondo.yield %l : !rondo.array<[], f64>
  }
  check.expect_close_const %ga, dense<-1.0625000000000004> : tensor<f64> : !rondo.array<[], f64>
  check.expect_close_const %gx, dense<[[-0.5, -8.75, 5.6875], [0.0, 0.0, 0.0], [1.5, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[B, T], f64>
  check.expect_close_const %gh, dense<[10.75, 4.0, -5.6875]> : tensor<3xf64> : !rondo.array<[B], f64>
  return
}

// Layers outside, time inside, with a sum over the layers; %k is captured by both bodies and read
// beside them.
func.func @nested() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 0, 1]}} {
  %w = check.input dense<[0.5, -1.25]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %k = check.input dense<0.75> : tensor<f64> -> !rondo.array<[], f64>
  %x = check.input dense<[[1.0, -2.0, 0.5], [9.0, 9.0, 9.0], [0.25, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %gw, %gk, %gx = rondo.grad(%w, %k, %x) : (!rondo.array<[2], f64>, !rondo.array<[], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[2], f64>, !rondo.array<[], f64>, !rondo.array<[B, T], f64>) {
  ^bb0(%win: !rondo.array<[2], f64>, %q: !rondo.array<[], f64>, %xin: !rondo.array<[B, T], f64>):
    %kb = rondo.broadcast %q dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
    %o, %sum = rondo.scan over <2> carry(%xin) slice(%win axis 0) sums 1 : (!rondo.array<[B, T], f64>, !rondo.array<[2], f64>) -> (!rondo.array<[B, T], f64>, !rondo.array<[], f64>) {
    ^bb0(%l: !rondo.array<[], i64>, %s: !rondo.array<[B, T], f64>, %wl: !rondo.array<[], f64>):
      %h, %hs = rondo.scan over <T> carry(%kb) slice(%s axis 1) stack(1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) {
      ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %st: !rondo.array<[B], f64>):
        %a = rondo.contract %c, %wl "b,->b" : (!rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[B], f64>
        %z = rondo.contract %st, %q "b,->b" init %a : (!rondo.array<[B], f64>, !rondo.array<[], f64>, !rondo.array<[B], f64>) -> !rondo.array<[B], f64>
        %n = rondo.tanh %z : !rondo.array<[B], f64>
        rondo.yield %n, %n : !rondo.array<[B], f64>, !rondo.array<[B], f64>
      }
      %hk = rondo.contract %h, %q "b,->b" : (!rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[B], f64>
      %r = rondo.reduce sum %hk axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
      rondo.yield %hs, %r : !rondo.array<[B, T], f64>, !rondo.array<[], f64>
    }
    %os = rondo.reduce sum %o axes [0, 1] : !rondo.array<[B, T], f64> -> !rondo.array<[], f64>
    %ok = rondo.mul %os, %q : !rondo.array<[], f64>
    %loss = rondo.add %ok, %sum : !rondo.array<[], f64>
    rondo.yield %loss : !rondo.array<[], f64>
  }
  check.expect_close_const %gw, dense<[-0.16668418797967455, 2.211795201485307]> : tensor<2xf64> : !rondo.array<[2], f64>
  check.expect_close_const %gk, dense<3.9299324214342612> : tensor<f64> : !rondo.array<[], f64>
  check.expect_close_const %gx, dense<[[0.35422704102126673, 0.04508536081878078, 1.3627406495127985], [0.0, 0.0, 0.0], [0.8818887812112842, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[B, T], f64>
  return
}

// Time outside, layers inside: the inner loop is recomputed, with its stacks, in the reverse body.
func.func @layers_inside() {
  %w = check.input dense<[0.5, -1.25]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %k = check.input dense<0.75> : tensor<f64> -> !rondo.array<[], f64>
  %x = check.input dense<[1.0, -2.0, 0.5]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %gw, %gk, %gx = rondo.grad(%w, %k, %x) : (!rondo.array<[2], f64>, !rondo.array<[], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[2], f64>, !rondo.array<[], f64>, !rondo.array<[3], f64>) {
  ^bb0(%win: !rondo.array<[2], f64>, %q: !rondo.array<[], f64>, %xin: !rondo.array<[3], f64>):
    %h = rondo.scan over <3> carry(%q) slice(%xin axis 0) : (!rondo.array<[], f64>, !rondo.array<[3], f64>) -> !rondo.array<[], f64> {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[], f64>, %xt: !rondo.array<[], f64>):
      %o = rondo.scan over <2> carry(%xt) slice(%win axis 0) : (!rondo.array<[], f64>, !rondo.array<[2], f64>) -> !rondo.array<[], f64> {
      ^bb0(%l: !rondo.array<[], i64>, %s: !rondo.array<[], f64>, %wl: !rondo.array<[], f64>):
        %p = rondo.mul %wl, %s : !rondo.array<[], f64>
        %z = rondo.add %p, %c : !rondo.array<[], f64>
        %n = rondo.tanh %z : !rondo.array<[], f64>
        rondo.yield %n : !rondo.array<[], f64>
      }
      %r = rondo.mul %o, %q : !rondo.array<[], f64>
      rondo.yield %r : !rondo.array<[], f64>
    }
    rondo.yield %h : !rondo.array<[], f64>
  }
  check.expect_close_const %gw, dense<[-0.2118549706964315, 0.4068617530079459]> : tensor<2xf64> : !rondo.array<[2], f64>
  check.expect_close_const %gk, dense<-0.154225743171467> : tensor<f64> : !rondo.array<[], f64>
  check.expect_close_const %gx, dense<[-0.005563102337213688, -0.013390096394481563, -0.25428915159993043]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// A map: no carries; a yielded capture gets its cotangent from every step of each example.
func.func @map() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 0, 1]}} {
  %x = check.input dense<[[1.0, 2.0, 4.0], [9.0, 9.0, 9.0], [8.0, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %k = check.input dense<[1.0, 10.0, 100.0]> : tensor<3xf64> -> !rondo.array<[B], f64>
  %gk, %gx = rondo.grad(%k, %x) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) {
  ^bb0(%q: !rondo.array<[B], f64>, %v: !rondo.array<[B, T], f64>):
    %ys, %zs = rondo.scan over <T> slice(%v axis 1) stack(1, 1) : (!rondo.array<[B, T], f64>) -> (!rondo.array<[B, T], f64>, !rondo.array<[B, T], f64>) {
    ^bb0(%t: !rondo.array<[], i64>, %xt: !rondo.array<[B], f64>):
      %y = rondo.mul %xt, %xt : !rondo.array<[B], f64>
      rondo.yield %y, %q : !rondo.array<[B], f64>, !rondo.array<[B], f64>
    }
    %p = rondo.mul %ys, %zs : !rondo.array<[B, T], f64>
    %s = rondo.reduce sum %p axes [1] : !rondo.array<[B, T], f64> -> !rondo.array<[B], f64>
    rondo.yield %s : !rondo.array<[B], f64>
  }
  check.expect_close_const %gk, dense<[21.0, 0.0, 64.0]> : tensor<3xf64> : !rondo.array<[B], f64>
  check.expect_close_const %gx, dense<[[2.0, 4.0, 8.0], [0.0, 0.0, 0.0], [1600.0, 0.0, 0.0]]> : tensor<3x3xf64> : !rondo.array<[B, T], f64>
  return
}

// Truncation every two steps: h = a h with the gradient cut at steps 0, 2 and 4. The value is a^5 h0;
// only the last piece, h = a h from step 4 on, counts: the derivative is a^4 h0.
func.func @truncated() {
  %a = check.input dense<2.0> : tensor<f64> -> !rondo.array<[], f64>
  %h0 = check.input dense<3.0> : tensor<f64> -> !rondo.array<[], f64>
  %ga, %gh = rondo.grad(%a, %h0) : (!rondo.array<[], f64>, !rondo.array<[], f64>) -> (!rondo.array<[], f64>, !rondo.array<[], f64>) {
  ^bb0(%p: !rondo.array<[], f64>, %w: !rondo.array<[], f64>):
    %h = rondo.scan over <5> carry(%w) : (!rondo.array<[], f64>) -> !rondo.array<[], f64> {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[], f64>):
      %two = rondo.constant 2 : i64 -> !rondo.array<[], i64>
      %zero = rondo.constant 0 : i64 -> !rondo.array<[], i64>
      %r = rondo.rem %t, %two : !rondo.array<[], i64>
      %cut = rondo.compare eq %r, %zero : !rondo.array<[], i64>
      %stopped = rondo.stop_gradient %c : !rondo.array<[], f64>
      %in = rondo.select %cut, %stopped, %c : !rondo.array<[], f64>
      %n = rondo.mul %p, %in : !rondo.array<[], f64>
      rondo.yield %n : !rondo.array<[], f64>
    }
    rondo.yield %h : !rondo.array<[], f64>
  }
  check.expect_close_const %ga, dense<48.0> : tensor<f64> : !rondo.array<[], f64>
  check.expect_close_const %gh, dense<0.0> : tensor<f64> : !rondo.array<[], f64>
  return
}

// A carry is overwritten, another only counts, a third is yielded unchanged.
func.func @idle_carries() {
  %x = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %k = check.input dense<5.0> : tensor<f64> -> !rondo.array<[], f64>
  %gx, %gk = rondo.grad(%x, %k) : (!rondo.array<[3], f64>, !rondo.array<[], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>, %q: !rondo.array<[], f64>):
    %zero = rondo.constant 0 : i64 -> !rondo.array<[], i64>
    %last, %n, %same = rondo.scan over <3> carry(%q, %zero, %q) slice(%v axis 0) : (!rondo.array<[], f64>, !rondo.array<[], i64>, !rondo.array<[], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[], f64>, !rondo.array<[], i64>, !rondo.array<[], f64>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[], f64>, %i: !rondo.array<[], i64>, %u: !rondo.array<[], f64>, %xt: !rondo.array<[], f64>):
      %one = rondo.constant 1 : i64 -> !rondo.array<[], i64>
      %j = rondo.add %i, %one : !rondo.array<[], i64>
      %y = rondo.mul %xt, %u : !rondo.array<[], f64>
      rondo.yield %y, %j, %u : !rondo.array<[], f64>, !rondo.array<[], i64>, !rondo.array<[], f64>
    }
    %nf = rondo.convert %n : !rondo.array<[], i64> -> !rondo.array<[], f64>
    %p = rondo.mul %last, %nf : !rondo.array<[], f64>
    %r = rondo.add %p, %same : !rondo.array<[], f64>
    rondo.yield %r : !rondo.array<[], f64>
  }
  // r = 3 x_2 k + k
  check.expect_close_const %gx, dense<[0.0, 0.0, 15.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  check.expect_close_const %gk, dense<13.0> : tensor<f64> : !rondo.array<[], f64>
  return
}

// The cotangent of a stack may be the stack itself, and that of a last carry the carry: the scan is
// rebuilt under them.
func.func @self() {
  %x = check.input dense<[1.0, 2.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %g = rondo.grad(%x) : (!rondo.array<[3], f64>) -> (!rondo.array<[3], f64>) {
  ^bb0(%v: !rondo.array<[3], f64>):
    %zero = rondo.constant 1.0 : f64 -> !rondo.array<[], f64>
    %h, %ys = rondo.scan over <3> carry(%zero) slice(%v axis 0) stack(0) : (!rondo.array<[], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[], f64>, !rondo.array<[3], f64>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[], f64>, %xt: !rondo.array<[], f64>):
      %n = rondo.mul %c, %xt : !rondo.array<[], f64>
      rondo.yield %n, %n : !rondo.array<[], f64>, !rondo.array<[], f64>
    }
    %one = rondo.constant 1.0 : f64 -> !rondo.array<[3], f64>
    %p = rondo.mul %ys, %one : !rondo.array<[3], f64>
    %q = rondo.mul %p, %ys : !rondo.array<[3], f64>
    %s = rondo.reduce sum %q axes [0] : !rondo.array<[3], f64> -> !rondo.array<[], f64>
    %h2 = rondo.mul %h, %h : !rondo.array<[], f64>
    %l = rondo.add %s, %h2 : !rondo.array<[], f64>
    rondo.yield %l : !rondo.array<[], f64>
  }
  // y = (x0, x0 x1, x0 x1 x2); l = y0^2 + y1^2 + 2 y2^2
  check.expect_close_const %g, dense<[266.0, 132.0, 64.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// Central differences in the interpreter itself: f at k - e, k + e, by a map over the two.
func.func @central_differences() attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], check.bindings = {B = 3, T = [3, 0, 1]}} {
  %w = check.input dense<[0.5, -1.25]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %k = check.input dense<0.75> : tensor<f64> -> !rondo.array<[], f64>
  %x = check.input dense<[[1.0, -2.0, 0.5], [9.0, 9.0, 9.0], [0.25, 9.0, 9.0]]> : tensor<3x3xf64> -> !rondo.array<[B, T], f64>
  %gk = rondo.grad(%k) : (!rondo.array<[], f64>) -> (!rondo.array<[], f64>) {
  ^bb0(%q: !rondo.array<[], f64>):
    %kb = rondo.broadcast %q dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
    %o, %sum = rondo.scan over <2> carry(%x) slice(%w axis 0) sums 1 : (!rondo.array<[B, T], f64>, !rondo.array<[2], f64>) -> (!rondo.array<[B, T], f64>, !rondo.array<[], f64>) {
    ^bb0(%l: !rondo.array<[], i64>, %s: !rondo.array<[B, T], f64>, %wl: !rondo.array<[], f64>):
      %h, %hs = rondo.scan over <T> carry(%kb) slice(%s axis 1) stack(1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) {
      ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %st: !rondo.array<[B], f64>):
        %a = rondo.contract %c, %wl "b,->b" : (!rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[B], f64>
        %z = rondo.contract %st, %q "b,->b" init %a : (!rondo.array<[B], f64>, !rondo.array<[], f64>, !rondo.array<[B], f64>) -> !rondo.array<[B], f64>
        %n = rondo.tanh %z : !rondo.array<[B], f64>
        rondo.yield %n, %n : !rondo.array<[B], f64>, !rondo.array<[B], f64>
      }
      %hk = rondo.contract %h, %q "b,->b" : (!rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[B], f64>
      %r = rondo.reduce sum %hk axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
      rondo.yield %hs, %r : !rondo.array<[B, T], f64>, !rondo.array<[], f64>
    }
    %os = rondo.reduce sum %o axes [0, 1] : !rondo.array<[B, T], f64> -> !rondo.array<[], f64>
    %ok = rondo.mul %os, %q : !rondo.array<[], f64>
    %loss = rondo.add %ok, %sum : !rondo.array<[], f64>
    rondo.yield %loss : !rondo.array<[], f64>
  }
  %e = check.input dense<[-1.0e-4, 1.0e-4]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %f = rondo.scan over <2> slice(%e axis 0) stack(0) : (!rondo.array<[2], f64>) -> !rondo.array<[2], f64> {
  ^bb0(%i: !rondo.array<[], i64>, %d: !rondo.array<[], f64>):
    %q = rondo.add %k, %d : !rondo.array<[], f64>
    %kb = rondo.broadcast %q dims [] : !rondo.array<[], f64> -> !rondo.array<[B], f64>
    %o, %sum = rondo.scan over <2> carry(%x) slice(%w axis 0) sums 1 : (!rondo.array<[B, T], f64>, !rondo.array<[2], f64>) -> (!rondo.array<[B, T], f64>, !rondo.array<[], f64>) {
    ^bb0(%l: !rondo.array<[], i64>, %s: !rondo.array<[B, T], f64>, %wl: !rondo.array<[], f64>):
      %h, %hs = rondo.scan over <T> carry(%kb) slice(%s axis 1) stack(1) : (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) -> (!rondo.array<[B], f64>, !rondo.array<[B, T], f64>) {
      ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B], f64>, %st: !rondo.array<[B], f64>):
        %a = rondo.contract %c, %wl "b,->b" : (!rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[B], f64>
        %z = rondo.contract %st, %q "b,->b" init %a : (!rondo.array<[B], f64>, !rondo.array<[], f64>, !rondo.array<[B], f64>) -> !rondo.array<[B], f64>
        %n = rondo.tanh %z : !rondo.array<[B], f64>
        rondo.yield %n, %n : !rondo.array<[B], f64>, !rondo.array<[B], f64>
      }
      %hk = rondo.contract %h, %q "b,->b" : (!rondo.array<[B], f64>, !rondo.array<[], f64>) -> !rondo.array<[B], f64>
      %r = rondo.reduce sum %hk axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
      rondo.yield %hs, %r : !rondo.array<[B, T], f64>, !rondo.array<[], f64>
    }
    %os = rondo.reduce sum %o axes [0, 1] : !rondo.array<[B, T], f64> -> !rondo.array<[], f64>
    %ok = rondo.mul %os, %q : !rondo.array<[], f64>
    %loss = rondo.add %ok, %sum : !rondo.array<[], f64>
    rondo.yield %loss : !rondo.array<[], f64>
  }
  %c = check.input dense<[-5.0e3, 5.0e3]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %slope = rondo.contract %f, %c "i,i->" : (!rondo.array<[2], f64>, !rondo.array<[2], f64>) -> !rondo.array<[], f64>
  check.expect_close %gk, %slope {tolerance = 1.0e-7} : !rondo.array<[], f64>
  return
}
