// RUN: rondo-opt %s --rondo-group | FileCheck %s
// What is read once joins its reader; nothing goes through a broadcast.

// The gates of a cell are the tail of one contraction.
// CHECK-LABEL: func.func @cell
// CHECK: %[[R:.*]]:2 = rondo.group
// CHECK: rondo.contract
// CHECK: rondo.yield
// CHECK-NOT: rondo.group
// CHECK: return %[[R]]
func.func @cell(%h: !rondo.array<[B, 8], f32>, %u: !rondo.array<[8, 2, 8], f32>)
    -> (!rondo.array<[B, 8], f32>, !rondo.array<[B, 8], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %z = rondo.contract %h, %u "bk,kgh->bgh"
      : (!rondo.array<[B, 8], f32>, !rondo.array<[8, 2, 8], f32>) -> !rondo.array<[B, 2, 8], f32>
  %z0 = rondo.slice %z axis 1 from <0> : !rondo.array<[B, 2, 8], f32> -> !rondo.array<[B, 1, 8], f32>
  %z1 = rondo.slice %z axis 1 from <1> : !rondo.array<[B, 2, 8], f32> -> !rondo.array<[B, 1, 8], f32>
  %i = rondo.reshape %z0 : !rondo.array<[B, 1, 8], f32> -> !rondo.array<[B, 8], f32>
  %j = rondo.reshape %z1 : !rondo.array<[B, 1, 8], f32> -> !rondo.array<[B, 8], f32>
  %a = rondo.sigmoid %i : !rondo.array<[B, 8], f32>
  %b = rondo.tanh %j : !rondo.array<[B, 8], f32>
  %c = rondo.mul %a, %b : !rondo.array<[B, 8], f32>
  %d = rondo.tanh %c : !rondo.array<[B, 8], f32>
  return %c, %d : !rondo.array<[B, 8], f32>, !rondo.array<[B, 8], f32>
}

// A maximum is done before the elements that are compared with it: two groups, and a third for the
// sum of what is stored on the way.
// CHECK-LABEL: func.func @softmax
// CHECK: rondo.group
// CHECK: rondo.reduce max
// CHECK: rondo.group
// CHECK: rondo.exp
// CHECK: rondo.group
// CHECK: rondo.div
func.func @softmax(%x: !rondo.array<[B, 8], f32>) -> !rondo.array<[B, 8], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %m = rondo.reduce max %x axes [1] : !rondo.array<[B, 8], f32> -> !rondo.array<[B], f32>
  %mb = rondo.broadcast %m dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 8], f32>
  %d = rondo.sub %x, %mb : !rondo.array<[B, 8], f32>
  %e = rondo.exp %d : !rondo.array<[B, 8], f32>
  %s = rondo.reduce sum %e axes [1] : !rondo.array<[B, 8], f32> -> !rondo.array<[B], f32>
  %sb = rondo.broadcast %s dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 8], f32>
  %p = rondo.div %e, %sb : !rondo.array<[B, 8], f32>
  return %p : !rondo.array<[B, 8], f32>
}
