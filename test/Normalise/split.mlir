// RUN: rondo-opt %s --rondo-split --canonicalize -split-input-file | FileCheck %s

// The second carry needs the first, through a contraction, and not the other way round.
// CHECK-LABEL: func.func @layers
func.func @layers(%xs: !rondo.array<[T, 4], f32>, %a0: !rondo.array<[4], f32>, %w: !rondo.array<[4, 4], f32>)
    -> (!rondo.array<[4], f32>, !rondo.array<[4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: %[[A:.*]]:2 = rondo.scan over <T> carry(%arg1) slice(%arg0 axis 0) stack(0)
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[CA:.*]]: !rondo.array<[4], f32>, %[[X:.*]]: !rondo.array<[4], f32>):
  // CHECK-NEXT: %[[NA:.*]] = rondo.mul %[[CA]], %[[X]]
  // CHECK-NEXT: rondo.yield %[[NA]], %[[NA]]
  // CHECK: %[[B:.*]] = rondo.scan over <T> carry(%arg1) slice(%[[A]]#1 axis 0)
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[CB:.*]]: !rondo.array<[4], f32>, %[[S:.*]]: !rondo.array<[4], f32>):
  // CHECK-NEXT: %[[M:.*]] = rondo.contract %[[S]], %arg2 "k,kn->n"
  // CHECK-NEXT: %[[NB:.*]] = rondo.mul %[[CB]], %[[M]]
  // CHECK-NEXT: rondo.yield %[[NB]]
  // CHECK: return %[[A]]#0, %[[B]]
  %a, %b = rondo.scan over <T> carry(%a0, %a0) slice(%xs axis 0)
      : (!rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %ca: !rondo.array<[4], f32>, %cb: !rondo.array<[4], f32>, %x: !rondo.array<[4], f32>):
    %na = rondo.mul %ca, %x : !rondo.array<[4], f32>
    %m = rondo.contract %na, %w "k,kn->n" : (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4], f32>
    %nb = rondo.mul %cb, %m : !rondo.array<[4], f32>
    rondo.yield %na, %nb : !rondo.array<[4], f32>, !rondo.array<[4], f32>
  }
  return %a, %b : !rondo.array<[4], f32>, !rondo.array<[4], f32>
}

// -----

// Carries that need each other stay together, as do those with nothing heavy between them; a
// readout, in reverse too, becomes a map of its own, which reads the slice it needs and repeats what
// is cheap.
// CHECK-LABEL: func.func @readout
func.func @readout(%xs: !rondo.array<[T, 4], f32>, %a0: !rondo.array<[4], f32>, %w: !rondo.array<[4, 4], f32>)
    -> (!rondo.array<[T, 4], f32>, !rondo.array<[4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: %[[A:.*]]:4 = rondo.scan over <T> reverse carry(%arg1, %arg1, %arg1) stack(0)
  // CHECK: rondo.contract
  // CHECK-NOT: rondo.contract
  // CHECK: rondo.scan over <T> reverse slice(%arg0 axis 0, %[[A]]#3 axis 0) stack(0)
  // CHECK-NEXT: ^bb0(%{{.*}}, %[[X:.*]]: !rondo.array<[4], f32>, %[[N:.*]]: !rondo.array<[4], f32>):
  // CHECK-DAG: %[[Y:.*]] = rondo.contract %[[N]], %arg2
  // CHECK-DAG: %[[E:.*]] = rondo.exp %[[X]]
  // CHECK-DAG: rondo.mul %[[Y]], %[[E]]
  // CHECK-NOT: rondo.scan
  %a, %b, %c, %ys = rondo.scan over <T> reverse carry(%a0, %a0, %a0) slice(%xs axis 0) stack(0)
      : (!rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[T, 4], f32>)
      -> (!rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %ca: !rondo.array<[4], f32>, %cb: !rondo.array<[4], f32>, %cc: !rondo.array<[4], f32>, %x: !rondo.array<[4], f32>):
    %na = rondo.contract %cb, %w "k,kn->n" : (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4], f32>
    %nb = rondo.tanh %ca : !rondo.array<[4], f32>
    %nc = rondo.mul %cc, %nb : !rondo.array<[4], f32>
    %e = rondo.exp %x : !rondo.array<[4], f32>
    %y = rondo.contract %nc, %w "k,kn->n" : (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4], f32>
    %z = rondo.mul %y, %e : !rondo.array<[4], f32>
    rondo.yield %na, %nb, %nc, %z : !rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[4], f32>
  }
  return %ys, %c : !rondo.array<[T, 4], f32>, !rondo.array<[4], f32>
}

// -----

// One group with a contraction inside stays as it is.
// CHECK-LABEL: func.func @one
// CHECK: rondo.scan
// CHECK-NOT: rondo.scan
func.func @one(%a0: !rondo.array<[4], f32>, %w: !rondo.array<[4, 4], f32>) -> !rondo.array<[4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  %a, %b = rondo.scan over <T> carry(%a0, %a0) : (!rondo.array<[4], f32>, !rondo.array<[4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %ca: !rondo.array<[4], f32>, %cb: !rondo.array<[4], f32>):
    %na = rondo.contract %cb, %w "k,kn->n" : (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4], f32>
    %nb = rondo.tanh %ca : !rondo.array<[4], f32>
    rondo.yield %na, %nb : !rondo.array<[4], f32>, !rondo.array<[4], f32>
  }
  return %a : !rondo.array<[4], f32>
}

// -----

// The part of a product that no carry needs is computed for all steps at once.
// CHECK-LABEL: func.func @parts
func.func @parts(%d0: !rondo.array<[4], f32>, %w: !rondo.array<[6, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[T, 2], f32>)
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: %[[A:.*]]:2 = rondo.scan over <T> reverse carry(%arg0) stack(0)
  // CHECK: rondo.contract %{{.*}}, %{{.*}} "n,kn->k" : (!rondo.array<[4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4], f32>
  // CHECK-NOT: rondo.contract
  // CHECK: rondo.scan over <T> reverse slice(%[[A]]#1 axis 0)
  // CHECK: rondo.contract %{{.*}}, %{{.*}} "n,kn->k" : (!rondo.array<[4], f32>, !rondo.array<[2, 4], f32>) -> !rondo.array<[2], f32>
  %d, %dx = rondo.scan over <T> reverse carry(%d0) stack(0) : (!rondo.array<[4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[T, 2], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[4], f32>):
    %z = rondo.tanh %c : !rondo.array<[4], f32>
    %a = rondo.contract %z, %w "n,kn->k" : (!rondo.array<[4], f32>, !rondo.array<[6, 4], f32>) -> !rondo.array<[6], f32>
    %x = rondo.slice %a axis 0 from <0> : !rondo.array<[6], f32> -> !rondo.array<[2], f32>
    %h = rondo.slice %a axis 0 from <2> : !rondo.array<[6], f32> -> !rondo.array<[4], f32>
    rondo.yield %h, %x : !rondo.array<[4], f32>, !rondo.array<[2], f32>
  }
  return %d, %dx : !rondo.array<[4], f32>, !rondo.array<[T, 2], f32>
}

// -----

// A product of what two carries hold, for the loss alone: no step shares its weights with another,
// so that storing them for all steps saves nothing. A product with weights from outside leaves as
// ever, whatever it is computed from, and the first one stays: its result is stored.
// CHECK-LABEL: func.func @changing_weights
func.func @changing_weights(%xs: !rondo.array<[B, T, 4], f32>, %w0: !rondo.array<[B, 4, 6], f32>, %v: !rondo.array<[6, 6], f32>)
    -> (!rondo.array<[B, T, 6], f32>, !rondo.array<[B], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: rondo.scan over <T> carry(%arg1, %{{.*}}) slice(%arg0 axis 1) stack(1) :
  // CHECK-SAME: -> (!rondo.array<[B, 4, 6], f32>, !rondo.array<[B], f32>, !rondo.array<[B, T, 6], f32>)
  // CHECK: rondo.contract %{{.*}}, %{{.*}} "bk,bkn->bn"
  // CHECK-NOT: rondo.contract
  // CHECK: rondo.scan over <T>
  // CHECK: rondo.contract %{{.*}}, %arg2 "bk,kn->bn"
  // CHECK-NOT: rondo.scan
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[B], f32>
  %w, %sum, %ys = rondo.scan over <T> carry(%w0, %zero) slice(%xs axis 1) stack(1)
      : (!rondo.array<[B, 4, 6], f32>, !rondo.array<[B], f32>, !rondo.array<[B, T, 4], f32>)
      -> (!rondo.array<[B, 4, 6], f32>, !rondo.array<[B], f32>, !rondo.array<[B, T, 6], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %cw: !rondo.array<[B, 4, 6], f32>, %cs: !rondo.array<[B], f32>, %x: !rondo.array<[B, 4], f32>):
    %y = rondo.contract %x, %cw "bk,bkn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[B, 4, 6], f32>) -> !rondo.array<[B, 6], f32>
    %z = rondo.contract %y, %v "bk,kn->bn" : (!rondo.array<[B, 6], f32>, !rondo.array<[6, 6], f32>) -> !rondo.array<[B, 6], f32>
    %l = rondo.reduce sum %y axes [1] : !rondo.array<[B, 6], f32> -> !rondo.array<[B], f32>
    %ns = rondo.add %cs, %l : !rondo.array<[B], f32>
    %nw = rondo.tanh %cw : !rondo.array<[B, 4, 6], f32>
    rondo.yield %nw, %ns, %z : !rondo.array<[B, 4, 6], f32>, !rondo.array<[B], f32>, !rondo.array<[B, 6], f32>
  }
  return %ys, %sum : !rondo.array<[B, T, 6], f32>, !rondo.array<[B], f32>
}
