// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-stream --rondo-interpret
// A streamed function, step by step, equals the function of the whole sequence; once by the meaning
// of the op (the function of all inputs so far) and once after the pass.

// Two stacked LSTMs between an embedding and a head; nobody reads their last states.
func.func @lstm() attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>], check.bindings = {T = [4], S = 0}} {
  %emb = check.input dense<[[-0.352, -0.698, 0.302], [-0.855, 0.072, -0.269], [-0.884, 0.015, -0.925], [-0.133, -0.86, -0.819], [-0.151, 0.654, -0.752]]> : tensor<5x3xf64> -> !rondo.array<[5, 3], f64>
  %W = check.input dense<[[[[-0.554, 0.255, 0.895], [0.154, -0.207, 0.953], [-0.907, 0.717, -0.421]], [[-0.711, -0.764, -0.383], [0.632, -0.639, 0.163], [0.278, -0.255, 0.095]], [[-0.874, -0.881, -0.588], [0.361, -0.145, -0.372], [0.171, -0.094, -0.4]], [[0.589, 0.398, -0.512], [0.149, 0.05, 0.75], [0.459, -0.424, 0.96]]], [[[-0.764, -0.164, 0.514], [-0.696, -0.022, -0.922], [0.336, 0.529, 0.146]], [[0.751, -0.373, 0.391], [0.189, 0.16, -0.088], [0.68, 0.889, -0.052]], [[0.328, -0.879, 0.403], [0.294, 0.986, 0.644], [-0.431, -0.228, 0.337]], [[-0.955, -0.077, -0.664], [-0.766, -0.882, 0.536], [-0.741, -0.505, -0.218]]]]> : tensor<2x4x3x3xf64> -> !rondo.array<[2, 4, 3, 3], f64>
  %U = check.input dense<[[[[0.743, -0.839, -0.102], [0.099, 0.767, 0.639], [0.728, -0.443, -0.169]], [[-0.282, 0.768, 0.915], [-0.698, -0.648, -0.536], [-0.533, -0.03, 0.178]], [[-0.475, -0.992, -0.162], [-0.261, 0.133, 0.906], [0.381, 0.031, 0.235]], [[0.352, -0.892, 0.799], [0.56, 0.749, 0.596], [-0.215, -0.202, -0.793]]], [[[0.269, -0.876, -0.865], [-0.582, -0.675, -0.32], [-0.895, -1.0, -0.697]], [[-0.797, -0.273, -0.949], [0.749, 0.228, -0.703], [-0.495, -0.305, -0.272]], [[-0.754, 0.698, 0.986], [-0.068, -0.032, -0.828], [-0.796, -0.315, -0.47]], [[0.658, -0.677, -0.954], [0.902, 0.057, -0.707], [0.086, -0.946, 0.056]]]]> : tensor<2x4x3x3xf64> -> !rondo.array<[2, 4, 3, 3], f64>
  %b = check.input dense<[[[0.957, 0.727, 0.392], [-0.478, -0.267, -0.666], [0.544, 0.065, 0.558], [-0.341, -0.554, 0.623]], [[0.97, 0.705, 0.612], [0.637, 0.48, -0.547], [0.035, -0.289, -0.942], [-0.944, -0.441, -0.482]]]> : tensor<2x4x3xf64> -> !rondo.array<[2, 4, 3], f64>
  %head = check.input dense<[[0.385, 0.913, -0.106, 0.874, 0.976], [0.91, -0.271, -0.559, -0.546, -0.607], [-0.591, 0.248, 0.801, 0.681, -0.041]]> : tensor<3x5xf64> -> !rondo.array<[3, 5], f64>
  %xs = check.input dense<[3, 0, 4, 3]> : tensor<4xi32> -> !rondo.array<[T], i32>
  // all at once
  %full = rondo.scan over <1> stack(0) : () -> !rondo.array<[1, T, 5], f64> {
  ^bb0(%one: !rondo.array<[], i64>):
    %e = rondo.gather %emb, %xs "vd,t->td" : (!rondo.array<[5, 3], f64>, !rondo.array<[T], i32>) -> !rondo.array<[T, 3], f64>
    %o, %hl, %cl = rondo.scan over <2> carry(%e) slice(%W axis 0, %U axis 0, %b axis 0) stack(0, 0)
        : (!rondo.array<[T, 3], f64>, !rondo.array<[2, 4, 3, 3], f64>, !rondo.array<[2, 4, 3, 3], f64>, !rondo.array<[2, 4, 3], f64>) -> (!rondo.array<[T, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>) {
    ^bb0(%l: !rondo.array<[], i64>, %in: !rondo.array<[T, 3], f64>, %Wl: !rondo.array<[4, 3, 3], f64>, %Ul: !rondo.array<[4, 3, 3], f64>, %bl: !rondo.array<[4, 3], f64>):
      %h0 = rondo.constant 0.0 : f64 -> !rondo.array<[3], f64>
      %h, %c, %hs = rondo.scan over <T> carry(%h0, %h0) slice(%in axis 0) stack(0)
          : (!rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[T, 3], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[T, 3], f64>) {
      ^bb0(%p: !rondo.array<[], i64>, %hc: !rondo.array<[3], f64>, %cc: !rondo.array<[3], f64>, %v: !rondo.array<[3], f64>):
        %z0 = rondo.contract %v, %Wl "k,gkn->gn" init %bl : (!rondo.array<[3], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>) -> !rondo.array<[4, 3], f64>
        %z = rondo.contract %hc, %Ul "k,gkn->gn" init %z0 : (!rondo.array<[3], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>) -> !rondo.array<[4, 3], f64>
        %zi = rondo.slice %z axis 0 from <0> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %zf = rondo.slice %z axis 0 from <1> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %zg = rondo.slice %z axis 0 from <2> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %zo = rondo.slice %z axis 0 from <3> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %i1 = rondo.reshape %zi : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %f1 = rondo.reshape %zf : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %g1 = rondo.reshape %zg : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %o1 = rondo.reshape %zo : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %i = rondo.sigmoid %i1 : !rondo.array<[3], f64>
        %f = rondo.sigmoid %f1 : !rondo.array<[3], f64>
        %g = rondo.tanh %g1 : !rondo.array<[3], f64>
        %oo = rondo.sigmoid %o1 : !rondo.array<[3], f64>
        %fc = rondo.mul %f, %cc : !rondo.array<[3], f64>
        %ig = rondo.mul %i, %g : !rondo.array<[3], f64>
        %cn = rondo.add %fc, %ig : !rondo.array<[3], f64>
        %ct = rondo.tanh %cn : !rondo.array<[3], f64>
        %hn = rondo.mul %oo, %ct : !rondo.array<[3], f64>
        rondo.yield %hn, %cn, %hn : !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>
      }
      rondo.yield %hs, %h, %c : !rondo.array<[T, 3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>
    }
    %y = rondo.contract %o, %head "tk,kn->tn" : (!rondo.array<[T, 3], f64>, !rondo.array<[3, 5], f64>) -> !rondo.array<[T, 5], f64>
    rondo.yield %y : !rondo.array<[T, 5], f64>
  }
  // step by step
  %steps = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T], i32>) -> !rondo.array<[T, 5], f64> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[], i32>):
    %r = rondo.stream over <S> (%x) : (!rondo.array<[], i32>) -> !rondo.array<[5], f64> {
    ^bb0(%s: !rondo.array<[S], i32>):
    %e = rondo.gather %emb, %s "vd,t->td" : (!rondo.array<[5, 3], f64>, !rondo.array<[S], i32>) -> !rondo.array<[S, 3], f64>
    %o, %hl, %cl = rondo.scan over <2> carry(%e) slice(%W axis 0, %U axis 0, %b axis 0) stack(0, 0)
        : (!rondo.array<[S, 3], f64>, !rondo.array<[2, 4, 3, 3], f64>, !rondo.array<[2, 4, 3, 3], f64>, !rondo.array<[2, 4, 3], f64>) -> (!rondo.array<[S, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>) {
    ^bb0(%l: !rondo.array<[], i64>, %in: !rondo.array<[S, 3], f64>, %Wl: !rondo.array<[4, 3, 3], f64>, %Ul: !rondo.array<[4, 3, 3], f64>, %bl: !rondo.array<[4, 3], f64>):
      %h0 = rondo.constant 0.0 : f64 -> !rondo.array<[3], f64>
      %h, %c, %hs = rondo.scan over <S> carry(%h0, %h0) slice(%in axis 0) stack(0)
          : (!rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[S, 3], f64>) -> (!rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[S, 3], f64>) {
      ^bb0(%p: !rondo.array<[], i64>, %hc: !rondo.array<[3], f64>, %cc: !rondo.array<[3], f64>, %v: !rondo.array<[3], f64>):
        %z0 = rondo.contract %v, %Wl "k,gkn->gn" init %bl : (!rondo.array<[3], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>) -> !rondo.array<[4, 3], f64>
        %z = rondo.contract %hc, %Ul "k,gkn->gn" init %z0 : (!rondo.array<[3], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>) -> !rondo.array<[4, 3], f64>
        %zi = rondo.slice %z axis 0 from <0> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %zf = rondo.slice %z axis 0 from <1> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %zg = rondo.slice %z axis 0 from <2> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %zo = rondo.slice %z axis 0 from <3> : !rondo.array<[4, 3], f64> -> !rondo.array<[1, 3], f64>
        %i1 = rondo.reshape %zi : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %f1 = rondo.reshape %zf : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %g1 = rondo.reshape %zg : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %o1 = rondo.reshape %zo : !rondo.array<[1, 3], f64> -> !rondo.array<[3], f64>
        %i = rondo.sigmoid %i1 : !rondo.array<[3], f64>
        %f = rondo.sigmoid %f1 : !rondo.array<[3], f64>
        %g = rondo.tanh %g1 : !rondo.array<[3], f64>
        %oo = rondo.sigmoid %o1 : !rondo.array<[3], f64>
        %fc = rondo.mul %f, %cc : !rondo.array<[3], f64>
        %ig = rondo.mul %i, %g : !rondo.array<[3], f64>
        %cn = rondo.add %fc, %ig : !rondo.array<[3], f64>
        %ct = rondo.tanh %cn : !rondo.array<[3], f64>
        %hn = rondo.mul %oo, %ct : !rondo.array<[3], f64>
        rondo.yield %hn, %cn, %hn : !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>
      }
      rondo.yield %hs, %h, %c : !rondo.array<[S, 3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>
    }
    %y = rondo.contract %o, %head "tk,kn->tn" : (!rondo.array<[S, 3], f64>, !rondo.array<[3, 5], f64>) -> !rondo.array<[S, 5], f64>
    rondo.yield %y : !rondo.array<[S, 5], f64>
    }
    rondo.yield %r : !rondo.array<[5], f64>
  }
  %again = rondo.broadcast %steps dims [1, 2] : !rondo.array<[T, 5], f64> -> !rondo.array<[1, T, 5], f64>
  check.expect_close %again, %full : !rondo.array<[1, T, 5], f64>
  return
}

// Every op that works position by position.
func.func @positionwise() attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>], check.bindings = {T = [4], S = 0}} {
  %bvec = check.input dense<[0.306, 0.599, -0.83, 0.321, 0.82, 0.565]> : tensor<6xf64> -> !rondo.array<[6], f64>
  %tab = check.input dense<[0.5, -0.044]> : tensor<2xf64> -> !rondo.array<[2], f64>
  %seed = check.input dense<3> : tensor<i64> -> !rondo.array<[], i64>
  %xs = check.input dense<[[[0.643, 0.578, 0.335], [0.602, 0.943, 0.208]], [[0.197, 0.894, 0.45], [0.66, 0.746, 0.698]], [[0.81, 0.613, 0.708], [0.653, 0.961, 0.315]], [[0.299, 0.097, 0.738], [0.972, 0.942, 0.299]]]> : tensor<4x2x3xf64> -> !rondo.array<[T, 2, 3], f64>
  // all at once
  %full = rondo.scan over <1> stack(0) : () -> !rondo.array<[1, T, 3, 2], f64> {
  ^bb0(%one: !rondo.array<[], i64>):
    %p = rondo.iota axis 0 : !rondo.array<[T, 2, 3], i64>
    %pf = rondo.convert %p : !rondo.array<[T, 2, 3], i64> -> !rondo.array<[T, 2, 3], f64>
    %q = rondo.iota axis 2 : !rondo.array<[T, 2, 3], i64>
    %qf = rondo.convert %q : !rondo.array<[T, 2, 3], i64> -> !rondo.array<[T, 2, 3], f64>
    %half = rondo.constant 0.5 : f64 -> !rondo.array<[T, 2, 3], f64>
    %a = rondo.mul %pf, %half : !rondo.array<[T, 2, 3], f64>
    %b = rondo.add %a, %xs : !rondo.array<[T, 2, 3], f64>
    %c = rondo.add %b, %qf : !rondo.array<[T, 2, 3], f64>
    %tr = rondo.transpose %c [1, 0, 2] : !rondo.array<[T, 2, 3], f64> -> !rondo.array<[2, T, 3], f64>
    %sl = rondo.slice %tr axis 2 from <1> : !rondo.array<[2, T, 3], f64> -> !rondo.array<[2, T, 2], f64>
    %pd = rondo.pad %sl axis 0 at <1> : !rondo.array<[2, T, 2], f64> -> !rondo.array<[4, T, 2], f64>
    %cat = rondo.concat %pd, %sl axis 0 : (!rondo.array<[4, T, 2], f64>, !rondo.array<[2, T, 2], f64>) -> !rondo.array<[6, T, 2], f64>
    %bias = rondo.broadcast %bvec dims [0] : !rondo.array<[6], f64> -> !rondo.array<[6, T, 2], f64>
    %sum = rondo.add %cat, %bias : !rondo.array<[6, T, 2], f64>
    %rs = rondo.reshape %sum : !rondo.array<[6, T, 2], f64> -> !rondo.array<[3, 2, T, 2], f64>
    %mx = rondo.reduce max %rs axes [1] : !rondo.array<[3, 2, T, 2], f64> -> !rondo.array<[3, T, 2], f64>
    %am = rondo.argmax %rs axis 1 : !rondo.array<[3, 2, T, 2], f64> -> !rondo.array<[3, T, 2], i32>
    %row = rondo.reduce sum %mx axes [0, 2] : !rondo.array<[3, T, 2], f64> -> !rondo.array<[T], f64>
    %zero = rondo.constant 0.0 : f64 -> !rondo.array<[T], f64>
    %ok = rondo.compare ge %row, %zero : !rondo.array<[T], f64>
    %chk = rondo.check %row if %ok "negative" : !rondo.array<[T], f64>, !rondo.array<[T], i1>
    %rep = rondo.broadcast %chk dims [1] : !rondo.array<[T], f64> -> !rondo.array<[3, T, 2], f64>
    %pos = rondo.iota axis 0 : !rondo.array<[T], i64>
    %u0 = rondo.random uniform "u" elements "ab" (%seed : %seed, %pos) spec ",t->atb" : (!rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[T], i64>) -> !rondo.array<[3, T, 2], f64>
    %g = rondo.gather %tab, %am "v,atb->atb" : (!rondo.array<[2], f64>, !rondo.array<[3, T, 2], i32>) -> !rondo.array<[3, T, 2], f64>
    %zb = rondo.constant 0.0 : f64 -> !rondo.array<[3, T, 2], f64>
    %sc = rondo.scatter %zb, %am, %rep "vtb,atb->atb" : (!rondo.array<[3, T, 2], f64>, !rondo.array<[3, T, 2], i32>, !rondo.array<[3, T, 2], f64>) -> !rondo.array<[3, T, 2], f64>
    %y0 = rondo.mul %rep, %g : !rondo.array<[3, T, 2], f64>
    %y1 = rondo.add %y0, %mx : !rondo.array<[3, T, 2], f64>
    %y2 = rondo.add %y1, %u0 : !rondo.array<[3, T, 2], f64>
    %y3 = rondo.add %y2, %sc : !rondo.array<[3, T, 2], f64>
    %y = rondo.transpose %y3 [1, 0, 2] : !rondo.array<[3, T, 2], f64> -> !rondo.array<[T, 3, 2], f64>
    rondo.yield %y : !rondo.array<[T, 3, 2], f64>
  }
  // step by step
  %steps = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2, 3], f64>) -> !rondo.array<[T, 3, 2], f64> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2, 3], f64>):
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2, 3], f64>) -> !rondo.array<[3, 2], f64> {
    ^bb0(%s: !rondo.array<[S, 2, 3], f64>):
    %p = rondo.iota axis 0 : !rondo.array<[S, 2, 3], i64>
    %pf = rondo.convert %p : !rondo.array<[S, 2, 3], i64> -> !rondo.array<[S, 2, 3], f64>
    %q = rondo.iota axis 2 : !rondo.array<[S, 2, 3], i64>
    %qf = rondo.convert %q : !rondo.array<[S, 2, 3], i64> -> !rondo.array<[S, 2, 3], f64>
    %half = rondo.constant 0.5 : f64 -> !rondo.array<[S, 2, 3], f64>
    %a = rondo.mul %pf, %half : !rondo.array<[S, 2, 3], f64>
    %b = rondo.add %a, %s : !rondo.array<[S, 2, 3], f64>
    %c = rondo.add %b, %qf : !rondo.array<[S, 2, 3], f64>
    %tr = rondo.transpose %c [1, 0, 2] : !rondo.array<[S, 2, 3], f64> -> !rondo.array<[2, S, 3], f64>
    %sl = rondo.slice %tr axis 2 from <1> : !rondo.array<[2, S, 3], f64> -> !rondo.array<[2, S, 2], f64>
    %pd = rondo.pad %sl axis 0 at <1> : !rondo.array<[2, S, 2], f64> -> !rondo.array<[4, S, 2], f64>
    %cat = rondo.concat %pd, %sl axis 0 : (!rondo.array<[4, S, 2], f64>, !rondo.array<[2, S, 2], f64>) -> !rondo.array<[6, S, 2], f64>
    %bias = rondo.broadcast %bvec dims [0] : !rondo.array<[6], f64> -> !rondo.array<[6, S, 2], f64>
    %sum = rondo.add %cat, %bias : !rondo.array<[6, S, 2], f64>
    %rs = rondo.reshape %sum : !rondo.array<[6, S, 2], f64> -> !rondo.array<[3, 2, S, 2], f64>
    %mx = rondo.reduce max %rs axes [1] : !rondo.array<[3, 2, S, 2], f64> -> !rondo.array<[3, S, 2], f64>
    %am = rondo.argmax %rs axis 1 : !rondo.array<[3, 2, S, 2], f64> -> !rondo.array<[3, S, 2], i32>
    %row = rondo.reduce sum %mx axes [0, 2] : !rondo.array<[3, S, 2], f64> -> !rondo.array<[S], f64>
    %zero = rondo.constant 0.0 : f64 -> !rondo.array<[S], f64>
    %ok = rondo.compare ge %row, %zero : !rondo.array<[S], f64>
    %chk = rondo.check %row if %ok "negative" : !rondo.array<[S], f64>, !rondo.array<[S], i1>
    %rep = rondo.broadcast %chk dims [1] : !rondo.array<[S], f64> -> !rondo.array<[3, S, 2], f64>
    %pos = rondo.iota axis 0 : !rondo.array<[S], i64>
    %u0 = rondo.random uniform "u" elements "ab" (%seed : %seed, %pos) spec ",t->atb" : (!rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[S], i64>) -> !rondo.array<[3, S, 2], f64>
    %g = rondo.gather %tab, %am "v,atb->atb" : (!rondo.array<[2], f64>, !rondo.array<[3, S, 2], i32>) -> !rondo.array<[3, S, 2], f64>
    %zb = rondo.constant 0.0 : f64 -> !rondo.array<[3, S, 2], f64>
    %sc = rondo.scatter %zb, %am, %rep "vtb,atb->atb" : (!rondo.array<[3, S, 2], f64>, !rondo.array<[3, S, 2], i32>, !rondo.array<[3, S, 2], f64>) -> !rondo.array<[3, S, 2], f64>
    %y0 = rondo.mul %rep, %g : !rondo.array<[3, S, 2], f64>
    %y1 = rondo.add %y0, %mx : !rondo.array<[3, S, 2], f64>
    %y2 = rondo.add %y1, %u0 : !rondo.array<[3, S, 2], f64>
    %y3 = rondo.add %y2, %sc : !rondo.array<[3, S, 2], f64>
    %y = rondo.transpose %y3 [1, 0, 2] : !rondo.array<[3, S, 2], f64> -> !rondo.array<[S, 3, 2], f64>
    rondo.yield %y : !rondo.array<[S, 3, 2], f64>
    }
    rondo.yield %r : !rondo.array<[3, 2], f64>
  }
  %again = rondo.broadcast %steps dims [1, 2, 3] : !rondo.array<[T, 3, 2], f64> -> !rondo.array<[1, T, 3, 2], f64>
  check.expect_close %again, %full : !rondo.array<[1, T, 3, 2], f64>
  return
}

// Loops in loops around a recurrence, whose start varies with both; a map along the sequence.
func.func @deep() attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>], check.bindings = {T = [4], S = 0}} {
  %k = check.input dense<[[0.053, 0.867, -0.132], [0.743, 0.652, -0.578]]> : tensor<2x3xf64> -> !rondo.array<[2, 3], f64>
  %xs = check.input dense<[-0.496, -0.414, -0.519, 0.173]> : tensor<4xf64> -> !rondo.array<[T], f64>
  // all at once
  %full = rondo.scan over <1> stack(0) : () -> !rondo.array<[1, T], f64> {
  ^bb0(%one: !rondo.array<[], i64>):
    %m = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T], f64>) -> !rondo.array<[T], f64> {
    ^bb0(%p: !rondo.array<[], i64>, %v: !rondo.array<[], f64>):
      %pf = rondo.convert %p : !rondo.array<[], i64> -> !rondo.array<[], f64>
      %sq = rondo.mul %v, %pf : !rondo.array<[], f64>
      rondo.yield %sq : !rondo.array<[], f64>
    }
    %o = rondo.scan over <2> reverse carry(%m) slice(%k axis 0) : (!rondo.array<[T], f64>, !rondo.array<[2, 3], f64>) -> !rondo.array<[T], f64> {
    ^bb0(%i: !rondo.array<[], i64>, %a: !rondo.array<[T], f64>, %ki: !rondo.array<[3], f64>):
      %q = rondo.scan over <3> carry(%a) slice(%ki axis 0) : (!rondo.array<[T], f64>, !rondo.array<[3], f64>) -> !rondo.array<[T], f64> {
      ^bb0(%j: !rondo.array<[], i64>, %b: !rondo.array<[T], f64>, %kij: !rondo.array<[], f64>):
        %jf = rondo.convert %j : !rondo.array<[], i64> -> !rondo.array<[], f64>
        %st = rondo.add %jf, %kij : !rondo.array<[], f64>
        %h, %hs = rondo.scan over <T> carry(%st) slice(%b axis 0) stack(0) : (!rondo.array<[], f64>, !rondo.array<[T], f64>) -> (!rondo.array<[], f64>, !rondo.array<[T], f64>) {
        ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[], f64>, %v: !rondo.array<[], f64>):
          %d = rondo.mul %c, %kij : !rondo.array<[], f64>
          %n = rondo.add %d, %v : !rondo.array<[], f64>
          rondo.yield %n, %n : !rondo.array<[], f64>, !rondo.array<[], f64>
        }
        rondo.yield %hs : !rondo.array<[T], f64>
      }
      rondo.yield %q : !rondo.array<[T], f64>
    }
    %y = rondo.neg %o : !rondo.array<[T], f64>
    rondo.yield %y : !rondo.array<[T], f64>
  }
  // step by step
  %steps = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T], f64>) -> !rondo.array<[T], f64> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[], f64>):
    %r = rondo.stream over <S> (%x) : (!rondo.array<[], f64>) -> !rondo.array<[], f64> {
    ^bb0(%s: !rondo.array<[S], f64>):
    %m = rondo.scan over <S> slice(%s axis 0) stack(0) : (!rondo.array<[S], f64>) -> !rondo.array<[S], f64> {
    ^bb0(%p: !rondo.array<[], i64>, %v: !rondo.array<[], f64>):
      %pf = rondo.convert %p : !rondo.array<[], i64> -> !rondo.array<[], f64>
      %sq = rondo.mul %v, %pf : !rondo.array<[], f64>
      rondo.yield %sq : !rondo.array<[], f64>
    }
    %o = rondo.scan over <2> reverse carry(%m) slice(%k axis 0) : (!rondo.array<[S], f64>, !rondo.array<[2, 3], f64>) -> !rondo.array<[S], f64> {
    ^bb0(%i: !rondo.array<[], i64>, %a: !rondo.array<[S], f64>, %ki: !rondo.array<[3], f64>):
      %q = rondo.scan over <3> carry(%a) slice(%ki axis 0) : (!rondo.array<[S], f64>, !rondo.array<[3], f64>) -> !rondo.array<[S], f64> {
      ^bb0(%j: !rondo.array<[], i64>, %b: !rondo.array<[S], f64>, %kij: !rondo.array<[], f64>):
        %jf = rondo.convert %j : !rondo.array<[], i64> -> !rondo.array<[], f64>
        %st = rondo.add %jf, %kij : !rondo.array<[], f64>
        %h, %hs = rondo.scan over <S> carry(%st) slice(%b axis 0) stack(0) : (!rondo.array<[], f64>, !rondo.array<[S], f64>) -> (!rondo.array<[], f64>, !rondo.array<[S], f64>) {
        ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[], f64>, %v: !rondo.array<[], f64>):
          %d = rondo.mul %c, %kij : !rondo.array<[], f64>
          %n = rondo.add %d, %v : !rondo.array<[], f64>
          rondo.yield %n, %n : !rondo.array<[], f64>, !rondo.array<[], f64>
        }
        rondo.yield %hs : !rondo.array<[S], f64>
      }
      rondo.yield %q : !rondo.array<[S], f64>
    }
    %y = rondo.neg %o : !rondo.array<[S], f64>
    rondo.yield %y : !rondo.array<[S], f64>
    }
    rondo.yield %r : !rondo.array<[], f64>
  }
  %again = rondo.broadcast %steps dims [1] : !rondo.array<[T], f64> -> !rondo.array<[1, T], f64>
  check.expect_close %again, %full : !rondo.array<[1, T], f64>
  return
}

// Fed back, as generation does: what a step gives is the next one's input. Two streams in one loop,
// which has a carry of its own; the second is of the first. y = 1, 2, 4, 8 sums all x before; z sums y.
func.func @feedback() attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>], check.bindings = {T = [4], S = 0}} {
  %one = rondo.constant 1 : i64 -> !rondo.array<[], i64>
  %zero = rondo.constant 0 : i64 -> !rondo.array<[], i64>
  %last, %ys, %zs = rondo.scan over <T> carry(%one) stack(0, 0) : (!rondo.array<[], i64>) -> (!rondo.array<[], i64>, !rondo.array<[T], i64>, !rondo.array<[T], i64>) {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[], i64>):
    %y = rondo.stream over <S> (%x) : (!rondo.array<[], i64>) -> !rondo.array<[], i64> {
    ^bb0(%s: !rondo.array<[S], i64>):
      %h, %hs = rondo.scan over <S> carry(%zero) slice(%s axis 0) stack(0) : (!rondo.array<[], i64>, !rondo.array<[S], i64>) -> (!rondo.array<[], i64>, !rondo.array<[S], i64>) {
      ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[], i64>, %v: !rondo.array<[], i64>):
        %n = rondo.add %c, %v : !rondo.array<[], i64>
        rondo.yield %n, %n : !rondo.array<[], i64>, !rondo.array<[], i64>
      }
      rondo.yield %hs : !rondo.array<[S], i64>
    }
    // A value of the body that does not change is held, and moved out.
    %start = rondo.add %one, %zero : !rondo.array<[], i64>
    %z = rondo.stream over <S> (%y) : (!rondo.array<[], i64>) -> !rondo.array<[], i64> {
    ^bb0(%s: !rondo.array<[S], i64>):
      %from = rondo.sub %start, %one : !rondo.array<[], i64>
      %h, %hs = rondo.scan over <S> carry(%from) slice(%s axis 0) stack(0) : (!rondo.array<[], i64>, !rondo.array<[S], i64>) -> (!rondo.array<[], i64>, !rondo.array<[S], i64>) {
      ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[], i64>, %v: !rondo.array<[], i64>):
        %n = rondo.add %c, %v : !rondo.array<[], i64>
        rondo.yield %n, %n : !rondo.array<[], i64>, !rondo.array<[], i64>
      }
      rondo.yield %hs : !rondo.array<[S], i64>
    }
    rondo.yield %y, %y, %z : !rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[], i64>
  }
  check.expect_equal_const %ys, dense<[1, 2, 4, 8]> : tensor<4xi64> : !rondo.array<[T], i64>
  check.expect_equal_const %zs, dense<[1, 3, 7, 15]> : tensor<4xi64> : !rondo.array<[T], i64>
  return
}
