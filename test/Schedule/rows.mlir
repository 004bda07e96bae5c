// RUN: rondo-opt %s --rondo-rows --split-input-file | FileCheck %s
// Groups that give one another whole rows become steps of one group of rows.

// The mean, what is left of it, its variance and the quotient: what is read outside is yielded.
// CHECK-LABEL: func.func @normalise
// CHECK: %[[R:.*]] = rondo.group rows 1 : !rondo.array<[B, 64], f32> {
// CHECK: rondo.reduce sum
// CHECK: rondo.broadcast
// CHECK: rondo.sub
// CHECK: rondo.reduce sum
// CHECK: rondo.broadcast
// CHECK: %[[D:.*]] = rondo.group : !rondo.array<[B, 64], f32>
// CHECK: rondo.div
// CHECK: rondo.yield %[[D]]
// CHECK-NOT: rondo.group
// CHECK: return %[[R]]
func.func @normalise(%x: !rondo.array<[B, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %m = rondo.group : !rondo.array<[B], f32> {
    %0 = rondo.reduce sum %x axes [1] : !rondo.array<[B, 64], f32> -> !rondo.array<[B], f32>
    rondo.yield %0 : !rondo.array<[B], f32>
  }
  %mb = rondo.broadcast %m dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 64], f32>
  %c = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.sub %x, %mb : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  %v = rondo.group : !rondo.array<[B], f32> {
    %0 = rondo.mul %c, %c : !rondo.array<[B, 64], f32>
    %1 = rondo.reduce sum %0 axes [1] : !rondo.array<[B, 64], f32> -> !rondo.array<[B], f32>
    rondo.yield %1 : !rondo.array<[B], f32>
  }
  %vb = rondo.broadcast %v dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 64], f32>
  %d = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.div %c, %vb : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  return %d : !rondo.array<[B, 64], f32>
}

// -----

// A sum over the examples is complete only after all rows, and a product is no step.
// CHECK-LABEL: func.func @apart
// CHECK-NOT: rondo.group rows
func.func @apart(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 64], f32>)
    -> (!rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.tanh %x : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  %s = rondo.group : !rondo.array<[64], f32> {
    %0 = rondo.reduce sum %a axes [0] : !rondo.array<[B, 64], f32> -> !rondo.array<[64], f32>
    rondo.yield %0 : !rondo.array<[64], f32>
  }
  %sb = rondo.broadcast %s dims [1] : !rondo.array<[64], f32> -> !rondo.array<[B, 64], f32>
  %d = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.div %a, %sb : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  %p = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.contract %a, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  return %d, %p : !rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>
}

// -----

// What reads a product of the first step is not in its rows, which would run before the product.
// CHECK-LABEL: func.func @between
// CHECK: rondo.tanh
// CHECK-NOT: rondo.group rows
// CHECK: rondo.contract
// CHECK: rondo.add
func.func @between(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 64], f32>)
    -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.tanh %x : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  %p = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.contract %a, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  %d = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.add %a, %p : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  return %d : !rondo.array<[B, 64], f32>
}

// -----

// Rows of softmax are those of all dims but the last.
// CHECK-LABEL: func.func @softmax
// CHECK: rondo.group rows 2 : !rondo.array<[B, T, T], f32>
func.func @softmax(%x: !rondo.array<[B, T, T], f32>) -> !rondo.array<[B, T, T], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %m = rondo.group : !rondo.array<[B, T], f32> {
    %0 = rondo.reduce max %x axes [2] : !rondo.array<[B, T, T], f32> -> !rondo.array<[B, T], f32>
    rondo.yield %0 : !rondo.array<[B, T], f32>
  }
  %mb = rondo.broadcast %m dims [0, 1] : !rondo.array<[B, T], f32> -> !rondo.array<[B, T, T], f32>
  %e = rondo.group : !rondo.array<[B, T, T], f32> {
    %0 = rondo.sub %x, %mb : !rondo.array<[B, T, T], f32>
    %1 = rondo.exp %0 : !rondo.array<[B, T, T], f32>
    rondo.yield %1 : !rondo.array<[B, T, T], f32>
  }
  %s = rondo.group : !rondo.array<[B, T], f32> {
    %0 = rondo.reduce sum %e axes [2] : !rondo.array<[B, T, T], f32> -> !rondo.array<[B, T], f32>
    rondo.yield %0 : !rondo.array<[B, T], f32>
  }
  %sb = rondo.broadcast %s dims [0, 1] : !rondo.array<[B, T], f32> -> !rondo.array<[B, T, T], f32>
  %p = rondo.group : !rondo.array<[B, T, T], f32> {
    %0 = rondo.div %e, %sb : !rondo.array<[B, T, T], f32>
    rondo.yield %0 : !rondo.array<[B, T, T], f32>
  }
  return %p : !rondo.array<[B, T, T], f32>
}

// -----

// A number per row has nothing of the row to keep near.
// CHECK-LABEL: func.func @number
// CHECK-NOT: rondo.group rows
func.func @number(%x: !rondo.array<[B, 64], f32>, %n: !rondo.array<[B], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %r = rondo.group : !rondo.array<[B], f32> {
    %0 = rondo.rsqrt %n : !rondo.array<[B], f32>
    rondo.yield %0 : !rondo.array<[B], f32>
  }
  %rb = rondo.broadcast %r dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 64], f32>
  %d = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.mul %x, %rb : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  return %d : !rondo.array<[B, 64], f32>
}
