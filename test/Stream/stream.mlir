// RUN: rondo-opt %s --rondo-stream --split-input-file | FileCheck %s
// What the pass leaves of a streamed function: one step, and carries of the loop around.

// A running sum of exponentials: the carry moves to the loop, the elementwise work loses the dim,
// the symbol that nothing has any more is no longer declared.

// CHECK-LABEL: func.func @running(
// CHECK-SAME: %[[XS:.*]]: !rondo.array<[T, 4], f32>, %[[H0:.*]]: !rondo.array<[4], f32>)
// CHECK-SAME: rondo.symbols = [#rondo.symbol<T, ragged>]}
// CHECK-NEXT: %[[R:.*]]:2 = rondo.scan over <T> carry(%[[H0]]) slice(%[[XS]] axis 0) stack(0) :
// CHECK-NEXT: ^bb0(%{{.*}}, %[[C:.*]]: !rondo.array<[4], f32>, %[[X:.*]]: !rondo.array<[4], f32>):
// CHECK-NEXT: %[[E:.*]] = rondo.exp %[[X]] : <[4], f32>
// CHECK-NEXT: %[[N:.*]] = rondo.add %[[C]], %[[E]] : <[4], f32>
// CHECK-NEXT: rondo.yield %[[N]], %[[N]]
// CHECK: return %[[R]]#1
func.func @running(%xs: !rondo.array<[T, 4], f32>, %h0: !rondo.array<[4], f32>) -> !rondo.array<[T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 4], f32>) -> !rondo.array<[T, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[4], f32>):
    %y = rondo.stream over <S> (%x) : (!rondo.array<[4], f32>) -> !rondo.array<[4], f32> {
    ^bb0(%s: !rondo.array<[S, 4], f32>):
      %e = rondo.exp %s : !rondo.array<[S, 4], f32>
      %h, %hs = rondo.scan over <S> carry(%h0) slice(%e axis 0) stack(0)
          : (!rondo.array<[4], f32>, !rondo.array<[S, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[S, 4], f32>) {
      ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[4], f32>, %v: !rondo.array<[4], f32>):
        %n = rondo.add %c, %v : !rondo.array<[4], f32>
        rondo.yield %n, %n : !rondo.array<[4], f32>, !rondo.array<[4], f32>
      }
      rondo.yield %hs : !rondo.array<[S, 4], f32>
    }
    rondo.yield %y : !rondo.array<[4], f32>
  }
  return %ys : !rondo.array<[T, 4], f32>
}

// -----

// Stacked layers: the layers stay a loop, in the step, which takes and stacks the states; starts
// are stacked before the loop over time.

// CHECK-LABEL: func.func @layers(
// CHECK-SAME: %[[U:[a-z0-9]+]]: !rondo.array<[3, 4], f32>, %[[L0:[a-z0-9]+]]: !rondo.array<[3, 4], f32>
// CHECK: %[[ZERO:.*]] = rondo.constant 0.000000e+00 : f32 -> <[4], f32>
// CHECK: %[[ZEROS:.*]] = rondo.broadcast %[[ZERO]] dims [1] : <[4], f32> -> <[3, 4], f32>
// CHECK: %[[STARTS:.*]] = rondo.scan over <3> slice(%[[L0]] axis 0) stack(0)
// CHECK: rondo.tanh
// CHECK: rondo.scan over <T> carry(%[[ZEROS]], %[[STARTS]]) slice
// CHECK-NEXT: ^bb0(%{{.*}}, %[[CS:.*]]: !rondo.array<[3, 4], f32>, %[[HS:.*]]: !rondo.array<[3, 4], f32>, %[[X:.*]]: !rondo.array<[4], f32>):
// CHECK: %[[R:.*]]:3 = rondo.scan over <3> carry(%[[X]]) slice(%[[U]] axis 0, %[[L0]] axis 0, %[[CS]] axis 0, %[[HS]] axis 0) stack(0, 0)
// CHECK: rondo.yield %[[R]]#1, %[[R]]#2, %[[R]]#0 :
func.func @layers(%u: !rondo.array<[3, 4], f32>, %l0: !rondo.array<[3, 4], f32>, %xs: !rondo.array<[T, 4], f32>)
    -> !rondo.array<[T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 4], f32>) -> !rondo.array<[T, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[4], f32>):
    %y = rondo.stream over <S> (%x) : (!rondo.array<[4], f32>) -> !rondo.array<[4], f32> {
    ^bb0(%s: !rondo.array<[S, 4], f32>):
      %o = rondo.scan over <3> carry(%s) slice(%u axis 0, %l0 axis 0)
          : (!rondo.array<[S, 4], f32>, !rondo.array<[3, 4], f32>, !rondo.array<[3, 4], f32>) -> !rondo.array<[S, 4], f32> {
      ^bb0(%l: !rondo.array<[], i64>, %in: !rondo.array<[S, 4], f32>, %ul: !rondo.array<[4], f32>, %hl: !rondo.array<[4], f32>):
        %c0 = rondo.constant 0.0 : f32 -> !rondo.array<[4], f32>
        %h0 = rondo.tanh %hl : !rondo.array<[4], f32>
        %c, %h, %hs = rondo.scan over <S> carry(%c0, %h0) slice(%in axis 0) stack(0)
            : (!rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[S, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[S, 4], f32>) {
        ^bb0(%p: !rondo.array<[], i64>, %cc: !rondo.array<[4], f32>, %hc: !rondo.array<[4], f32>, %v: !rondo.array<[4], f32>):
          %a = rondo.mul %hc, %ul : !rondo.array<[4], f32>
          %b = rondo.add %a, %v : !rondo.array<[4], f32>
          %c1 = rondo.add %cc, %b : !rondo.array<[4], f32>
          %h1 = rondo.tanh %c1 : !rondo.array<[4], f32>
          rondo.yield %c1, %h1, %h1 : !rondo.array<[4], f32>, !rondo.array<[4], f32>, !rondo.array<[4], f32>
        }
        rondo.yield %hs : !rondo.array<[S, 4], f32>
      }
      rondo.yield %o : !rondo.array<[S, 4], f32>
    }
    rondo.yield %y : !rondo.array<[4], f32>
  }
  return %ys : !rondo.array<[T, 4], f32>
}

// -----

// Constants of the function that folding has moved out of it go with the dim, and so does a dim that only they have.

// CHECK-LABEL: func.func @moved(
// CHECK-SAME: rondo.symbols = [#rondo.symbol<T, ragged>]}
// CHECK-NOT: S
// CHECK: return
func.func @moved(%xs: !rondo.array<[T, 4], f32>) -> !rondo.array<[T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>, #rondo.symbol<S1, ragged>]} {
  %half = rondo.constant 0.5 : f32 -> !rondo.array<[S, 4], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 4], f32>) -> !rondo.array<[T, 4], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[4], f32>):
    %y = rondo.stream over <S> (%x) : (!rondo.array<[4], f32>) -> !rondo.array<[4], f32> {
    ^bb0(%s: !rondo.array<[S, 4], f32>):
      %h = rondo.mul %half, %s : !rondo.array<[S, 4], f32>
      rondo.yield %h : !rondo.array<[S, 4], f32>
    }
    rondo.yield %y : !rondo.array<[4], f32>
  }
  return %ys : !rondo.array<[T, 4], f32>
}
