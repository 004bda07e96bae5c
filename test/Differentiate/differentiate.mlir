// RUN: rondo-opt %s --rondo-differentiate --split-input-file | FileCheck %s
// What the pass adds: an entry's gradient, the reverse of a scan, a resolved rondo.grad.

// The loss over the batch is the mean; an unused parameter gets zeros.

// CHECK-LABEL: func.func @loss.grad(
// CHECK-SAME: %[[W:[a-z0-9]+]]: !rondo.array<[4], f32> {rondo.name = "w", rondo.role = "parameter"}
// CHECK-SAME: %[[X:[a-z0-9]+]]: !rondo.array<[B, 4], f32>)
// CHECK-SAME: -> (!rondo.array<[], f32> {rondo.role = "loss"}, !rondo.array<[4], f32> {rondo.name = "w", rondo.role = "gradient"}, !rondo.array<[2], f32> {rondo.name = "unused", rondo.role = "gradient"})
// CHECK-SAME: rondo.gradient_of = "loss", rondo.kind = "entry"
// CHECK-DAG: %[[ZERO:.*]] = rondo.constant 0.000000e+00 : f32 -> <[2], f32>
// CHECK-DAG: %[[ONE:.*]] = rondo.constant 1.000000e+00 : f32 -> <[], f32>
// CHECK: %[[Y:.*]] = rondo.contract %[[X]], %[[W]] "bi,i->b"
// CHECK: %[[SUM:.*]] = rondo.reduce sum %[[Y]] axes [0]
// CHECK: %[[B:.*]] = rondo.convert %{{.*}} : <[], i64> -> <[], f32>
// CHECK: %[[LOSS:.*]] = rondo.div %[[SUM]], %[[B]]
// CHECK: %[[C:.*]] = rondo.div %[[ONE]], %[[B]]
// CHECK: %[[CB:.*]] = rondo.broadcast %[[C]] dims [] : <[], f32> -> <[B], f32>
// CHECK: %[[G:.*]] = rondo.contract %[[X]], %[[CB]] "bi,b->i"
// CHECK: return %[[LOSS]], %[[G]], %[[ZERO]]
func.func @loss(%w: !rondo.array<[4], f32> {rondo.role = "parameter", rondo.name = "w"},
                %u: !rondo.array<[2], f32> {rondo.role = "parameter", rondo.name = "unused"},
                %x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B], f32>
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %0 = rondo.contract %x, %w "bi,i->b" : (!rondo.array<[B, 4], f32>, !rondo.array<[4], f32>) -> !rondo.array<[B], f32>
  return %0 : !rondo.array<[B], f32>
}

// An entry whose result is no float per example has no gradient.
// CHECK-NOT: @scores.grad
// CHECK-NOT: @count.grad
func.func @scores(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  return %x : !rondo.array<[B, 4], f32>
}
func.func @count(%x: !rondo.array<[B], i64>) -> !rondo.array<[B], i64>
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  return %x : !rondo.array<[B], i64>
}

// -----

// A scan and its reverse: the carry that the reverse body reads is stacked before each step, the
// step counter is neither stacked nor given an adjoint, the weight's gradient is a sum, the input
// that nobody differentiates gets nothing.

// CHECK-LABEL: func.func @rnn.grad(
// CHECK: %[[F:.*]]:2 = rondo.scan over <T> carry(%[[H0:.*]]) slice(%{{.*}} axis 1) stack(1) :
// CHECK-NEXT: ^bb0(%{{.*}}, %[[H:.*]]: !rondo.array<[B, 4], f32>, %{{.*}}: !rondo.array<[B, 4], f32>):
// CHECK: rondo.yield %{{.*}}, %[[H]] : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
// CHECK: %[[R:.*]]:2 = rondo.scan over <T> reverse carry(%{{.*}}) slice(%{{.*}} axis 1, %[[F]]#1 axis 1) sums 1 :
// CHECK-NEXT: ^bb0(%{{.*}}, %[[D:.*]]: !rondo.array<[B, 4], f32>, %[[XT:.*]]: !rondo.array<[B, 4], f32>, %[[HT:.*]]: !rondo.array<[B, 4], f32>):
// CHECK: rondo.contract %[[HT]], %{{.*}} "bk,kn->bn" init %[[XT]]
// CHECK: %[[Y:.*]] = rondo.tanh
// CHECK: %[[DZ:.*]] = rondo.mul %[[D]], %{{.*}}
// CHECK: %[[DH:.*]] = rondo.contract %[[DZ]], %{{.*}} "bn,kn->bk"
// CHECK: %[[DW:.*]] = rondo.contract %[[HT]], %[[DZ]] "bk,bn->kn"
// CHECK: rondo.yield %[[DH]], %[[DW]]
// CHECK: return %{{.*}}, %[[R]]#1
func.func @rnn(%w: !rondo.array<[4, 4], f32> {rondo.role = "parameter", rondo.name = "w"},
               %x: !rondo.array<[B, T, 4], f32>) -> !rondo.array<[B], f32>
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h0 = rondo.constant 0.0 : f32 -> !rondo.array<[B, 4], f32>
  %n0 = rondo.constant 0 : i64 -> !rondo.array<[], i64>
  %h, %n = rondo.scan over <T> carry(%h0, %n0) slice(%x axis 1)
      : (!rondo.array<[B, 4], f32>, !rondo.array<[], i64>, !rondo.array<[B, T, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[], i64>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %i: !rondo.array<[], i64>, %xt: !rondo.array<[B, 4], f32>):
    %z = rondo.contract %c, %w "bk,kn->bn" init %xt : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>, !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    %y = rondo.tanh %z : !rondo.array<[B, 4], f32>
    %one = rondo.constant 1 : i64 -> !rondo.array<[], i64>
    %j = rondo.add %i, %one : !rondo.array<[], i64>
    rondo.yield %y, %j : !rondo.array<[B, 4], f32>, !rondo.array<[], i64>
  }
  %s = rondo.reduce sum %h axes [1] : !rondo.array<[B, 4], f32> -> !rondo.array<[B], f32>
  return %s : !rondo.array<[B], f32>
}

// -----

// A grad op becomes its body and the sweep; a value that the region captures is held.

// CHECK-LABEL: func.func @held(
// CHECK-SAME: %[[X:.*]]: !rondo.array<[], f32>)
// CHECK-NOT: rondo.grad
// CHECK-NOT: rondo.mul
// CHECK: return %[[X]]
func.func @held(%x: !rondo.array<[], f32>) -> !rondo.array<[], f32> {
  %g = rondo.grad(%x) : (!rondo.array<[], f32>) -> (!rondo.array<[], f32>) {
  ^bb0(%v: !rondo.array<[], f32>):
    %y = rondo.mul %v, %x : !rondo.array<[], f32>
    rondo.yield %y : !rondo.array<[], f32>
  }
  return %g : !rondo.array<[], f32>
}
