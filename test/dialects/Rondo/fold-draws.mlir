// RUN: rondo-opt %s --canonicalize | FileCheck %s
// A uniform draw lies between 0 and 1: what asks whether it is below 0 draws nothing.

// CHECK-LABEL: func.func @always
// CHECK-NOT: rondo.random
// CHECK-NOT: rondo.compare
// CHECK-DAG: %[[NO:.*]] = rondo.constant false
// CHECK-DAG: %[[YES:.*]] = rondo.constant true
// CHECK: return %[[NO]], %[[YES]], %[[YES]], %[[NO]]
func.func @always(%seed: !rondo.array<[], i64>) -> (!rondo.array<[4], i1>, !rondo.array<[4], i1>, !rondo.array<[4], i1>, !rondo.array<[4], i1>) {
  %u = rondo.random uniform "a" elements "i"(%seed :) spec "->i" : (!rondo.array<[], i64>) -> !rondo.array<[4], f32>
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[4], f32>
  %one = rondo.constant 1.0 : f32 -> !rondo.array<[4], f32>
  %a = rondo.compare lt %u, %zero : !rondo.array<[4], f32>
  %b = rondo.compare ge %u, %zero : !rondo.array<[4], f32>
  %c = rondo.compare le %u, %one : !rondo.array<[4], f32>
  %d = rondo.compare lt %one, %u : !rondo.array<[4], f32>
  return %a, %b, %c, %d : !rondo.array<[4], i1>, !rondo.array<[4], i1>, !rondo.array<[4], i1>, !rondo.array<[4], i1>
}

// CHECK-LABEL: func.func @sometimes
// CHECK-COUNT-3: rondo.compare
func.func @sometimes(%seed: !rondo.array<[], i64>) -> (!rondo.array<[4], i1>, !rondo.array<[4], i1>, !rondo.array<[4], i1>) {
  %u = rondo.random uniform "a" elements "i"(%seed :) spec "->i" : (!rondo.array<[], i64>) -> !rondo.array<[4], f32>
  %n = rondo.random normal "b" elements "i"(%seed :) spec "->i" : (!rondo.array<[], i64>) -> !rondo.array<[4], f32>
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[4], f32>
  %half = rondo.constant 0.5 : f32 -> !rondo.array<[4], f32>
  %a = rondo.compare lt %u, %half : !rondo.array<[4], f32>
  %b = rondo.compare lt %n, %zero : !rondo.array<[4], f32>
  %c = rondo.compare ne %u, %zero : !rondo.array<[4], f32>
  return %a, %b, %c : !rondo.array<[4], i1>, !rondo.array<[4], i1>, !rondo.array<[4], i1>
}
