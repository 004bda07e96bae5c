// RUN: rondo-opt %s --rondo-group --rondo-plan | FileCheck %s
// RUN: rondo-opt %s --rondo-group --rondo-plan --rondo-tile --rondo-lower | FileCheck %s --check-prefix=LOWER

// What depends on parameters alone is kept from call to call, directly or by way of something kept;
// what depends on an input or has a dim of the call is not.

// CHECK-LABEL: func.func @f
// CHECK-SAME: plan.cached = [!rondo.array<[4, 4], f32>, !rondo.array<[4, 4], f32>]
// CHECK: plan.storage = [#plan.storage<cache 0>]
// CHECK: plan.storage = [#plan.storage<cache 1>]
// CHECK-NOT: cache
// CHECK: return

// The code asks once.
// LOWER: func.func private @f{{.*}}rondo.cache_bytes = 128 : i64
// LOWER: llvm.func @f.code
// LOWER: %[[AT:.*]] = llvm.getelementptr %arg0[%c64{{.*}}]
// LOWER: %[[VALID:.*]] = llvm.load %[[AT]]
// LOWER: %[[CHANGED:.*]] = arith.cmpi eq, %[[VALID]], %c0
// LOWER: scf.if %[[CHANGED]]
// LOWER-NOT: scf.if %[[CHANGED]]
// LOWER: llvm.return
func.func @f(%x: !rondo.array<[B, 4], f32> {rondo.role = "input", rondo.name = "x"},
             %w: !rondo.array<[4, 4], f32> {rondo.role = "parameter", rondo.name = "w"},
             %s: !rondo.array<[4, 4], f32> {rondo.role = "state", rondo.name = "s"})
    -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %s "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  %b = rondo.contract %w, %w "mk,kn->mn" : (!rondo.array<[4, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4, 4], f32>
  %c = rondo.contract %b, %w "mk,kn->mn" : (!rondo.array<[4, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4, 4], f32>
  %d = rondo.contract %s, %w "mk,kn->mn" : (!rondo.array<[4, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[4, 4], f32>
  %e = rondo.contract %a, %c "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  %r = rondo.contract %e, %d "bk,kn->bn" : (!rondo.array<[B, 4], f32>, !rondo.array<[4, 4], f32>) -> !rondo.array<[B, 4], f32>
  return %r : !rondo.array<[B, 4], f32>
}
