// RUN: rondo-opt %s --rondo-barriers --split-input-file --verify-diagnostics | FileCheck %s
// Barriers follow from how the workers share the statements, whoever wrote that down.

// A worker reads what it wrote itself: nobody waits.
// CHECK-LABEL: @rows
// CHECK-SAME: rondo.barriers = "0"
// CHECK: plan.share = [#plan.share<axis 0>]
// CHECK: plan.share = [#plan.share<axis 0>]
// CHECK: plan.share = [#plan.share<axis 0>]
func.func @rows(%a: !rondo.array<[128, 256], f32>) -> !rondo.array<[128, 256], f32>
    attributes {plan.below = [array<i64>, array<i64: 0>], plan.share = [#plan.share<worker 0>],
                plan.slots = [!rondo.array<[128, 256], f32>, !rondo.array<[128], f32>]} {
  %0 = rondo.group : !rondo.array<[128, 256], f32> {
    %4 = rondo.exp %a : !rondo.array<[128, 256], f32>
    rondo.yield %4 : !rondo.array<[128, 256], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<slot 0>]}
  %1 = rondo.group : !rondo.array<[128], f32> {
    %4 = rondo.reduce sum %0 axes [1] : !rondo.array<[128, 256], f32> -> !rondo.array<[128], f32>
    rondo.yield %4 : !rondo.array<[128], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<slot 1>]}
  %2 = rondo.broadcast %1 dims [0] : !rondo.array<[128], f32> -> !rondo.array<[128, 256], f32>
  %3 = rondo.group : !rondo.array<[128, 256], f32> {
    %4 = rondo.div %0, %2 : !rondo.array<[128, 256], f32>
    rondo.yield %4 : !rondo.array<[128, 256], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<result 0>]}
  return %3 : !rondo.array<[128, 256], f32>
}

// The first statement is moved to the columns: a row is then many workers'.
// CHECK-LABEL: @columns
// CHECK-SAME: rondo.barriers = "1"
// CHECK: plan.share = [#plan.share<axis 1>]
// CHECK: plan.share = [#plan.share<barrier, axis 0>]
// CHECK: plan.share = [#plan.share<axis 0>]
func.func @columns(%a: !rondo.array<[128, 256], f32>) -> !rondo.array<[128, 256], f32>
    attributes {plan.below = [array<i64>, array<i64: 0>], plan.share = [#plan.share<worker 0>],
                plan.slots = [!rondo.array<[128, 256], f32>, !rondo.array<[128], f32>]} {
  %0 = rondo.group : !rondo.array<[128, 256], f32> {
    %4 = rondo.exp %a : !rondo.array<[128, 256], f32>
    rondo.yield %4 : !rondo.array<[128, 256], f32>
  } {plan.share = [#plan.share<axis 1>], plan.storage = [#plan.storage<slot 0>]}
  %1 = rondo.group : !rondo.array<[128], f32> {
    %4 = rondo.reduce sum %0 axes [1] : !rondo.array<[128, 256], f32> -> !rondo.array<[128], f32>
    rondo.yield %4 : !rondo.array<[128], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<slot 1>]}
  %2 = rondo.broadcast %1 dims [0] : !rondo.array<[128], f32> -> !rondo.array<[128, 256], f32>
  %3 = rondo.group : !rondo.array<[128, 256], f32> {
    %4 = rondo.div %0, %2 : !rondo.array<[128, 256], f32>
    rondo.yield %4 : !rondo.array<[128, 256], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<result 0>]}
  return %3 : !rondo.array<[128, 256], f32>
}

// Worker 0 alone reads what the others wrote.
// CHECK-LABEL: @alone
// CHECK-SAME: rondo.barriers = "1"
// CHECK: plan.share = [#plan.share<axis 0>]
// CHECK: plan.share = [#plan.share<axis 0>]
// CHECK: plan.share = [#plan.share<barrier, worker 0>]
func.func @alone(%a: !rondo.array<[128, 256], f32>) -> !rondo.array<[128, 256], f32>
    attributes {plan.below = [array<i64>, array<i64: 0>], plan.share = [#plan.share<worker 0>],
                plan.slots = [!rondo.array<[128, 256], f32>, !rondo.array<[128], f32>]} {
  %0 = rondo.group : !rondo.array<[128, 256], f32> {
    %4 = rondo.exp %a : !rondo.array<[128, 256], f32>
    rondo.yield %4 : !rondo.array<[128, 256], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<slot 0>]}
  %1 = rondo.group : !rondo.array<[128], f32> {
    %4 = rondo.reduce sum %0 axes [1] : !rondo.array<[128, 256], f32> -> !rondo.array<[128], f32>
    rondo.yield %4 : !rondo.array<[128], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<slot 1>]}
  %2 = rondo.broadcast %1 dims [0] : !rondo.array<[128], f32> -> !rondo.array<[128, 256], f32>
  %3 = rondo.group : !rondo.array<[128, 256], f32> {
    %4 = rondo.div %0, %2 : !rondo.array<[128, 256], f32>
    rondo.yield %4 : !rondo.array<[128, 256], f32>
  } {plan.share = [#plan.share<worker 0>], plan.storage = [#plan.storage<result 0>]}
  return %3 : !rondo.array<[128, 256], f32>
}

// -----

func.func @threads(%a: !rondo.array<[128], f32>) -> !rondo.array<[128], f32>
    attributes {plan.below = [], plan.share = [#plan.share<worker 0>], plan.slots = []} {
  // expected-error @+1 {{cannot be shared by threads: a processor has workers}}
  %0 = rondo.group : !rondo.array<[128], f32> {
    %4 = rondo.exp %a : !rondo.array<[128], f32>
    rondo.yield %4 : !rondo.array<[128], f32>
  } {plan.share = [#plan.share<threads>], plan.storage = [#plan.storage<result 0>]}
  return %0 : !rondo.array<[128], f32>
}

// -----

// The rows of the table that updates go to are known one by one.
func.func @table(%t: !rondo.array<[128, 64], f32>, %i: !rondo.array<[9], i64>, %u: !rondo.array<[9, 64], f32>) -> !rondo.array<[128, 64], f32>
    attributes {plan.below = [], plan.share = [#plan.share<worker 0>], plan.slots = []} {
  // expected-error @+1 {{cannot be shared along axis 0: the positions along it are the index's, which only one worker goes through}}
  %0 = rondo.group : !rondo.array<[128, 64], f32> {
    %1 = rondo.scatter %t, %i, %u "ab,c->cb" : (!rondo.array<[128, 64], f32>, !rondo.array<[9], i64>, !rondo.array<[9, 64], f32>) -> !rondo.array<[128, 64], f32>
    rondo.yield %1 : !rondo.array<[128, 64], f32>
  } {plan.share = [#plan.share<axis 0>], plan.storage = [#plan.storage<result 0>]}
  return %0 : !rondo.array<[128, 64], f32>
}
