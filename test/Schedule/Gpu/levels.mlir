// RUN: rondo-opt %s --rondo-levels | FileCheck %s

// What waits for one statement stands behind all that waits for none.

// CHECK-LABEL: func.func @f
func.func @f(%x: !rondo.array<[64], f32>, %y: !rondo.array<[64], f32>) -> (!rondo.array<[64], f32>, !rondo.array<[64], f32>) {
  // CHECK: rondo.tanh
  // CHECK: rondo.exp
  // CHECK: rondo.sigmoid
  // CHECK: rondo.log
  %a = rondo.tanh %x : !rondo.array<[64], f32>
  %b = rondo.sigmoid %a : !rondo.array<[64], f32>
  %c = rondo.exp %y : !rondo.array<[64], f32>
  %d = rondo.log %c : !rondo.array<[64], f32>
  return %b, %d : !rondo.array<[64], f32>, !rondo.array<[64], f32>
}

// Checks stay in their order, also where one waits for more: the first to fail is reported.
// CHECK-LABEL: func.func @checks
func.func @checks(%x: !rondo.array<[64], f32>, %c: !rondo.array<[], i1>) -> (!rondo.array<[64], f32>, !rondo.array<[64], f32>) {
  // CHECK: rondo.tanh
  // CHECK: rondo.check {{.*}} "first"
  // CHECK: rondo.check {{.*}} "second"
  // CHECK: rondo.exp
  %a = rondo.tanh %x : !rondo.array<[64], f32>
  %b = rondo.sigmoid %a : !rondo.array<[64], f32>
  %first = rondo.check %b if %c "first" : !rondo.array<[64], f32>, !rondo.array<[], i1>
  %second = rondo.check %x if %c "second" : !rondo.array<[64], f32>, !rondo.array<[], i1>
  %d = rondo.exp %second : !rondo.array<[64], f32>
  return %first, %d : !rondo.array<[64], f32>, !rondo.array<[64], f32>
}
