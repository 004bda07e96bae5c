// RUN: rondo-opt %s --rondo-batch -split-input-file | FileCheck %s

// The batch dim goes to inputs, to what depends on them and to all results; parameters stay.
// CHECK-LABEL: func.func @positionwise
// CHECK-SAME: (%[[W:.*]]: !rondo.array<[4, 2], f32> {{.*}}, %[[X:.*]]: !rondo.array<[B, T, 4], f32> {{.*}}) -> (!rondo.array<[B, T, 2], f32>, !rondo.array<[B, 4, 2], f32>)
// CHECK-SAME: rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]
func.func @positionwise(%w: !rondo.array<[4, 2], f32> {rondo.role = "parameter", rondo.name = "w"},
                        %x: !rondo.array<[T, 4], f32> {rondo.role = "input", rondo.name = "x"})
    -> (!rondo.array<[T, 2], f32>, !rondo.array<[4, 2], f32>)
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: %[[V:.*]] = rondo.tanh %[[W]] : <[4, 2], f32>
  %v = rondo.tanh %w : !rondo.array<[4, 2], f32>
  // CHECK: %[[Y:.*]] = rondo.contract %[[X]], %[[V]] "btk,kn->btn" :
  %y = rondo.contract %x, %v "tk,kn->tn" : (!rondo.array<[T, 4], f32>, !rondo.array<[4, 2], f32>) -> !rondo.array<[T, 2], f32>
  // CHECK: %[[VB:.*]] = rondo.broadcast %[[V]] dims [1, 2]
  // CHECK: return %[[Y]], %[[VB]]
  return %y, %v : !rondo.array<[T, 2], f32>, !rondo.array<[4, 2], f32>
}

// -----

// What observes a ragged length depends on the example though no operand does.
// CHECK-LABEL: func.func @lengths
func.func @lengths(%w: !rondo.array<[3], f32> {rondo.role = "parameter", rondo.name = "w"},
                   %x: !rondo.array<[T], f32> {rondo.role = "input", rondo.name = "x"})
    -> (!rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[3], f32>, !rondo.array<[T + 1], i64>, !rondo.array<[], f32>)
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: rondo.length <T> : <[B], i64>
  %n = rondo.length <T> : !rondo.array<[], i64>
  // CHECK: %[[P:.*]] = rondo.iota axis 0 : <[T], i64>
  %p = rondo.iota axis 0 : !rondo.array<[T], i64>
  // CHECK: %[[PB:.*]] = rondo.broadcast %[[P]] dims [1] : {{.*}} -> <[B, T], i64>
  // CHECK: rondo.reduce sum %[[PB]] axes [1] : {{.*}} -> <[B], i64>
  %s = rondo.reduce sum %p axes [0] : !rondo.array<[T], i64> -> !rondo.array<[], i64>
  // CHECK: %[[WB:.*]] = rondo.broadcast {{.*}} dims [1] : <[3], f32> -> <[B, 3], f32>
  // CHECK: rondo.scan over <T> carry(%[[WB]]) : (!rondo.array<[B, 3], f32>)
  // CHECK-NEXT: ^bb0(%{{.*}}: !rondo.array<[], i64>, %{{.*}}: !rondo.array<[B, 3], f32>):
  // CHECK-NEXT: rondo.tanh
  %h = rondo.scan over <T> carry(%w) : (!rondo.array<[3], f32>) -> !rondo.array<[3], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[3], f32>):
    %d = rondo.tanh %c : !rondo.array<[3], f32>
    rondo.yield %d : !rondo.array<[3], f32>
  }
  %one = rondo.constant 1 : i64 -> !rondo.array<[1], i64>
  // CHECK: rondo.concat {{.*}} axis 1 : (!rondo.array<[B, T], i64>, !rondo.array<[B, 1], i64>) -> !rondo.array<[B, T + 1], i64>
  %q = rondo.concat %p, %one axis 0 : (!rondo.array<[T], i64>, !rondo.array<[1], i64>) -> !rondo.array<[T + 1], i64>
  %zero = rondo.constant 0 : i64 -> !rondo.array<[], i64>
  // CHECK: %[[SOME:.*]] = rondo.compare gt
  %some = rondo.compare gt %n, %zero : !rondo.array<[], i64>
  %f = rondo.constant 1.0 : f32 -> !rondo.array<[], f32>
  // CHECK: rondo.check %{{.*}} if %[[SOME]] "nothing" : <[B], f32>, <[B], i1>
  %k = rondo.check %f if %some "nothing" : !rondo.array<[], f32>, !rondo.array<[], i1>
  return %n, %s, %h, %q, %k : !rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[3], f32>, !rondo.array<[T + 1], i64>, !rondo.array<[], f32>
}

// -----

// The map over a uniform dim of what does not observe a length stays the same for all examples.
// A carry that becomes dependent is found though its start is not, and a taken name is avoided.
// CHECK-LABEL: func.func @fixpoint
// CHECK-SAME: rondo.symbols = [#rondo.symbol<B1, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<B, uniform>]
func.func @fixpoint(%w: !rondo.array<[B, 3], f32> {rondo.role = "parameter", rondo.name = "w"},
                    %x: !rondo.array<[T, 3], f32> {rondo.role = "input", rondo.name = "x"})
    -> (!rondo.array<[3], f32>, !rondo.array<[3], f32>)
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<B, uniform>]} {
  %z = rondo.constant 0.0 : f32 -> !rondo.array<[3], f32>
  // CHECK: %[[R:.*]]:3 = rondo.scan over <B> carry({{.*}}) slice(%{{.*}} axis 0)
  // CHECK-SAME: (!rondo.array<[3], f32>, !rondo.array<[B1, 3], f32>, !rondo.array<[B1, 3], f32>, !rondo.array<[B, 3], f32>)
  %a, %b, %c = rondo.scan over <B> carry(%z, %z, %z) slice(%w axis 0)
      : (!rondo.array<[3], f32>, !rondo.array<[3], f32>, !rondo.array<[3], f32>, !rondo.array<[B, 3], f32>)
      -> (!rondo.array<[3], f32>, !rondo.array<[3], f32>, !rondo.array<[3], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %ca: !rondo.array<[3], f32>, %cb: !rondo.array<[3], f32>, %cc: !rondo.array<[3], f32>, %s: !rondo.array<[3], f32>):
    %na = rondo.add %ca, %s : !rondo.array<[3], f32>
    %nb = rondo.add %cb, %cc : !rondo.array<[3], f32>
    %nc = rondo.reduce sum %x axes [0] : !rondo.array<[T, 3], f32> -> !rondo.array<[3], f32>
    rondo.yield %na, %nb, %nc : !rondo.array<[3], f32>, !rondo.array<[3], f32>, !rondo.array<[3], f32>
  }
  // CHECK: rondo.broadcast %[[R]]#0 dims [1]
  return %a, %b : !rondo.array<[3], f32>, !rondo.array<[3], f32>
}

// -----

// Per-example gradients: all of them, also of what is shared.
// CHECK-LABEL: func.func @grad
func.func @grad(%w: !rondo.array<[3], f32> {rondo.role = "parameter", rondo.name = "w"},
                %x: !rondo.array<[3], f32> {rondo.role = "input", rondo.name = "x"})
    -> !rondo.array<[3], f32>
    attributes {rondo.kind = "entry", rondo.symbols = []} {
  // CHECK: %[[W:.*]] = rondo.broadcast %{{.*}} dims [1]
  // CHECK: rondo.grad(%[[W]]) : (!rondo.array<[B, 3], f32>) -> !rondo.array<[B, 3], f32> {
  // CHECK: ^bb0(%[[V:.*]]: !rondo.array<[B, 3], f32>):
  // CHECK: %[[S:.*]] = rondo.contract %[[V]], %{{.*}} "bk,bk->b"
  // CHECK: rondo.yield %[[S]] : !rondo.array<[B], f32>
  %g = rondo.grad(%w) : (!rondo.array<[3], f32>) -> (!rondo.array<[3], f32>) {
  ^bb0(%v: !rondo.array<[3], f32>):
    %s = rondo.contract %v, %x "k,k->" : (!rondo.array<[3], f32>, !rondo.array<[3], f32>) -> !rondo.array<[], f32>
    rondo.yield %s : !rondo.array<[], f32>
  }
  return %g : !rondo.array<[3], f32>
}

// -----

// Every other op: letters are added, axes shift.
// CHECK-LABEL: func.func @movement
func.func @movement(%table: !rondo.array<[9, 4], f32> {rondo.role = "parameter", rondo.name = "e"},
                    %i: !rondo.array<[T], i32> {rondo.role = "input", rondo.name = "i"},
                    %seed: !rondo.array<[], i64> {rondo.role = "seed"},
                    %step: !rondo.array<[], i64> {rondo.role = "step"},
                    %ordinal: !rondo.array<[], i64> {rondo.role = "ordinal"})
    -> (!rondo.array<[9, 4], f32>, !rondo.array<[], i32>, !rondo.array<[T, 4], f32>, !rondo.array<[4], f32>)
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>]} {
  // CHECK: rondo.gather %{{.*}}, %{{.*}} "vd,bt->btd" : {{.*}} -> !rondo.array<[B, T, 4], f32>
  %e = rondo.gather %table, %i "vd,t->td" : (!rondo.array<[9, 4], f32>, !rondo.array<[T], i32>) -> !rondo.array<[T, 4], f32>
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[9, 4], f32>
  // CHECK: %[[BASE:.*]] = rondo.broadcast %{{.*}} dims [1, 2] : {{.*}} -> <[B, 9, 4], f32>
  // CHECK: rondo.scatter %[[BASE]], %{{.*}}, %{{.*}} "bvd,bt->btd"
  %s = rondo.scatter %zero, %i, %e "vd,t->td" : (!rondo.array<[9, 4], f32>, !rondo.array<[T], i32>, !rondo.array<[T, 4], f32>) -> !rondo.array<[9, 4], f32>
  // CHECK: rondo.random uniform "drop" elements "td"(%{{.*}} : %{{.*}}) spec ",b->btd" : {{.*}} -> !rondo.array<[B, T, 4], f32>
  %u = rondo.random uniform "drop" elements "td" (%seed : %step, %ordinal) spec ",->td" : (!rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[T, 4], f32>
  // CHECK: rondo.transpose %{{.*}} [0, 2, 1] : {{.*}} -> <[B, 4, T], f32>
  %tr = rondo.transpose %e [1, 0] : !rondo.array<[T, 4], f32> -> !rondo.array<[4, T], f32>
  // CHECK: rondo.argmax %{{.*}} axis 2 : {{.*}} -> <[B, 4], i32>
  %am = rondo.argmax %tr axis 1 : !rondo.array<[4, T], f32> -> !rondo.array<[4], i32>
  // CHECK: rondo.slice %{{.*}} axis 1 from <2> : {{.*}} -> <[B, 1], i32>
  %a1 = rondo.slice %am axis 0 from <2> : !rondo.array<[4], i32> -> !rondo.array<[1], i32>
  // CHECK: rondo.reshape %{{.*}} -> <[B], i32>
  %a0 = rondo.reshape %a1 : !rondo.array<[1], i32> -> !rondo.array<[], i32>
  // CHECK: rondo.slice %{{.*}} axis 1 from <T - 1>
  %last = rondo.slice %u axis 0 from <T - 1> : !rondo.array<[T, 4], f32> -> !rondo.array<[1, 4], f32>
  // CHECK: rondo.pad %{{.*}} axis 1 at <T - 1> : <[B, 1, 4], f32> -> <[B, T, 4], f32>
  %p = rondo.pad %last axis 0 at <T - 1> : !rondo.array<[1, 4], f32> -> !rondo.array<[T, 4], f32>
  %r = rondo.reshape %last : !rondo.array<[1, 4], f32> -> !rondo.array<[4], f32>
  // CHECK: rondo.broadcast %{{.*}} dims [0, 2] : <[B, 4], f32> -> <[B, T, 4], f32>
  %b = rondo.broadcast %r dims [1] : !rondo.array<[4], f32> -> !rondo.array<[T, 4], f32>
  %sum = rondo.add %p, %b : !rondo.array<[T, 4], f32>
  // CHECK: rondo.contract %{{.*}}, %{{.*}} "btd,t->bd"
  %one = rondo.constant 1.0 : f32 -> !rondo.array<[T], f32>
  %c = rondo.contract %sum, %one "td,t->d" : (!rondo.array<[T, 4], f32>, !rondo.array<[T], f32>) -> !rondo.array<[4], f32>
  return %s, %a0, %sum, %c : !rondo.array<[9, 4], f32>, !rondo.array<[], i32>, !rondo.array<[T, 4], f32>, !rondo.array<[4], f32>
}
