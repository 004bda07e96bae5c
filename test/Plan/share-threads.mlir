// RUN: rondo-opt %s --rondo-plan --rondo-share-threads | FileCheck %s
// RUN: rondo-opt %s --rondo-plan --rondo-share-threads --rondo-barriers=threads=1 | FileCheck %s
// RUN: not rondo-opt %s --rondo-plan --rondo-share-threads --rondo-barriers 2>&1 | FileCheck %s --check-prefix=WORKERS
// WORKERS: cannot be shared by threads: a processor has workers

// On a device an element stays with its thread from statement to statement, so elementwise work on
// equal dims needs no barrier; what reads other elements does, and what is written after it was
// read so. A single number is the first thread's.

// CHECK-LABEL: func.func @f
func.func @f(%x: !rondo.array<[B, 64], f32>) -> (!rondo.array<[B, 64], f32>, !rondo.array<[], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  // CHECK: rondo.tanh
  // CHECK: plan.share = [#plan.share<threads>]
  %a = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.tanh %x : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  // CHECK: rondo.exp
  // CHECK: plan.share = [#plan.share<threads>]
  %b = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.exp %a : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  // CHECK: rondo.reduce sum
  // CHECK: plan.share = [#plan.share<barrier, threads>]
  %s = rondo.group : !rondo.array<[B], f32> {
    %0 = rondo.reduce sum %b axes [1] : !rondo.array<[B, 64], f32> -> !rondo.array<[B], f32>
    rondo.yield %0 : !rondo.array<[B], f32>
  }
  // CHECK: rondo.reduce sum
  // CHECK: plan.share = [#plan.share<barrier, threads>]
  %t = rondo.group : !rondo.array<[], f32> {
    %0 = rondo.reduce sum %s axes [0] : !rondo.array<[B], f32> -> !rondo.array<[], f32>
    rondo.yield %0 : !rondo.array<[], f32>
  }
  // CHECK: rondo.sub
  // CHECK: plan.share = [#plan.share<threads>]
  %d = rondo.broadcast %s dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 64], f32>
  %c = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.sub %b, %d : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  // CHECK: rondo.sqrt
  // CHECK: plan.share = [#plan.share<barrier, worker 0>]
  %r = rondo.group : !rondo.array<[], f32> {
    %0 = rondo.sqrt %t : !rondo.array<[], f32>
    rondo.yield %0 : !rondo.array<[], f32>
  }
  return %c, %r : !rondo.array<[B, 64], f32>, !rondo.array<[], f32>
}

// After a loop over lengths each example's last state is copied from the row where it ends, example
// by example: another thread has an element there than in what reads the copy.
// CHECK-LABEL: func.func @last
func.func @last(%u: !rondo.array<[64, 64], f32>, %x: !rondo.array<[B, T, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {plan.sorted_by = "T", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // CHECK: plan.carries = [#plan.carry<pair 0>]
  // CHECK: rondo.tanh
  // CHECK: plan.share = [#plan.share<barrier, threads>]
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[B, 64], f32>
  %h = rondo.scan over <T> carry(%zero) slice(%x axis 1) : (!rondo.array<[B, 64], f32>, !rondo.array<[B, T, 64], f32>) -> !rondo.array<[B, 64], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %before: !rondo.array<[B, 64], f32>, %in: !rondo.array<[B, 64], f32>):
    %after = rondo.group : !rondo.array<[B, 64], f32> {
      %0 = rondo.contract %u, %before "ab,cb->ca" init %in : (!rondo.array<[64, 64], f32>, !rondo.array<[B, 64], f32>, !rondo.array<[B, 64], f32>) -> !rondo.array<[B, 64], f32>
      rondo.yield %0 : !rondo.array<[B, 64], f32>
    }
    rondo.yield %after : !rondo.array<[B, 64], f32>
  }
  %y = rondo.group : !rondo.array<[B, 64], f32> {
    %0 = rondo.tanh %h : !rondo.array<[B, 64], f32>
    rondo.yield %0 : !rondo.array<[B, 64], f32>
  }
  return %y : !rondo.array<[B, 64], f32>
}
