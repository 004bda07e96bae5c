// RUN: rondo-opt %s --rondo-devices | FileCheck %s --check-prefixes=BOTH,CHECK
// RUN: rondo-opt %s --rondo-devices=only=1 | FileCheck %s --check-prefixes=ONLY,CHECK
// RUN: rondo-opt %s --rondo-devices=products=2 | FileCheck %s --check-prefix=ROUNDED
// ROUNDED: func.func @f.cuda({{.*}}products = 2 : i64

// BOTH: func.func @f(%{{.*}}) {{.*}} attributes {rondo.kind = "entry"} {
// ONLY: func.func private @f(!rondo.array<[4], f32>){{.*}} attributes {rondo.kind = "entry"}
// CHECK: func.func @f.cuda(
// CHECK-SAME: rondo.device_of = "f"
// CHECK-SAME: rondo.target = {{.*}}threads_per_block
// CHECK: rondo.tanh
func.func @f(%x: !rondo.array<[4], f32>) -> !rondo.array<[4], f32> attributes {rondo.kind = "entry"} {
  %y = rondo.tanh %x : !rondo.array<[4], f32>
  return %y : !rondo.array<[4], f32>
}
