// RUN: rondo-opt %s --canonicalize | FileCheck %s
// Functions of one constant number are numbers: log(0.0) is minus infinity.

// CHECK-LABEL: func.func @functions
// CHECK-DAG: rondo.constant 0xFF800000 : f32
// CHECK-DAG: rondo.constant 5.000000e-01 : f32
// CHECK-DAG: rondo.constant 4.000000e+00 : f32
// CHECK-DAG: rondo.constant 1.000000e+00 : f32
// CHECK-NOT: rondo.log
// CHECK: return
func.func @functions() -> (!rondo.array<[T], f32>, !rondo.array<[], f32>, !rondo.array<[], f32>, !rondo.array<[], f32>)
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[T], f32>
  %none = rondo.log %zero : !rondo.array<[T], f32>
  %four = rondo.constant 4.0 : f32 -> !rondo.array<[], f32>
  %half = rondo.rsqrt %four : !rondo.array<[], f32>
  %sixteen = rondo.constant 16.0 : f32 -> !rondo.array<[], f32>
  %root = rondo.sqrt %sixteen : !rondo.array<[], f32>
  %nought = rondo.constant 0.0 : f32 -> !rondo.array<[], f32>
  %one = rondo.exp %nought : !rondo.array<[], f32>
  return %none, %half, %root, %one : !rondo.array<[T], f32>, !rondo.array<[], f32>, !rondo.array<[], f32>, !rondo.array<[], f32>
}

// Not what f32 would round: the double precision twin has the root of 8 to its own digits.

// CHECK-LABEL: func.func @rounded
// CHECK: rondo.sqrt
func.func @rounded() -> !rondo.array<[], f32> {
  %eight = rondo.constant 8.0 : f32 -> !rondo.array<[], f32>
  %root = rondo.sqrt %eight : !rondo.array<[], f32>
  return %root : !rondo.array<[], f32>
}
