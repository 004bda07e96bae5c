// RUN: rondo-opt %s --rondo-devices | FileCheck %s --check-prefixes=BOTH,CHECK
// RUN: rondo-opt %s --rondo-devices --rondo-devices | FileCheck %s --check-prefixes=BOTH,CHECK
// RUN: rondo-opt %s --rondo-devices=only=1 | FileCheck %s --check-prefixes=ONLY,CHECK
// RUN: rondo-opt %s --rondo-devices=products=2 | FileCheck %s --check-prefix=ROUNDED
// ROUNDED: module @cuda attributes {rondo.target = {{.*}}products = 2 : i64

// A device's functions have the names that the program's have, in a module with a target of its own;
// a clone in double precision keeps the scale of its elements.

// BOTH: func.func @f(%{{.*}}) {{.*}} attributes {rondo.kind = "entry"} {
// ONLY: func.func private @f(!rondo.array<[4], f32>){{.*}} attributes {rondo.kind = "entry"}
// CHECK: module @cuda attributes {rondo.target = {{{.*}}threads_per_block = 256 : i64
// CHECK: func.func @f(%{{.*}}) {{.*}} attributes {rondo.kind = "entry"} {
// CHECK-NEXT: rondo.tanh
// CHECK: func.func @f.f64
// CHECK-SAME: rondo.target = {{{.*}}element_scale = 2 : i64{{.*}}threads_per_block = 256 : i64
// CHECK-NOT: module
func.func @f(%x: !rondo.array<[4], f32>) -> !rondo.array<[4], f32> attributes {rondo.kind = "entry"} {
  %y = rondo.tanh %x : !rondo.array<[4], f32>
  return %y : !rondo.array<[4], f32>
}
func.func @f.f64(%x: !rondo.array<[4], f64>) -> !rondo.array<[4], f64>
    attributes {rondo.kind = "entry", rondo.target = {element_scale = 2 : i64}, rondo.twin_of = "f"} {
  %y = rondo.tanh %x : !rondo.array<[4], f64>
  return %y : !rondo.array<[4], f64>
}
