// RUN: rondo-opt %s --rondo-describe-target="vector-bits=512 vector-registers=32" --rondo-group --rondo-plan --rondo-tile --rondo-lower | FileCheck %s
// The manifest, the code and the arena; accumulators are carried by the loop, never in memory.

// CHECK: func.func private @f(!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>)
// CHECK-SAME: rondo.arena = @f.arena
// CHECK-SAME: rondo.code = @f.code
// CHECK: llvm.func @f.arena(%{{.*}}: !llvm.ptr) -> i64
// CHECK: llvm.func @f.code
// CHECK: scf.for {{.*}} iter_args
// CHECK-NOT: store
// CHECK: scf.yield {{.*}}vector<16xf32>
func.func @f(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 64], f32>)
    -> !rondo.array<[B, 64], f32>
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
  return %a : !rondo.array<[B, 64], f32>
}
