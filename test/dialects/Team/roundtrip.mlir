// RUN: rondo-opt %s | rondo-opt | FileCheck %s

// CHECK-LABEL: llvm.func @all
llvm.func @all(%call: !llvm.ptr, %worker: i64) {
  // CHECK: team.id
  %id = team.id
  // CHECK: team.size
  %size = team.size
  // CHECK: %[[FROM:.*]], %{{.*}} = team.share %{{.*}}, %{{.*}} by 16
  %from, %to = team.share %id, %size by 16
  // CHECK: team.barrier
  team.barrier
  llvm.return
}
