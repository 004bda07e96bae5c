// RUN: rondo-opt %s --rondo-group --rondo-plan --rondo-share-threads --rondo-lower | FileCheck %s

// A long sum of neighbours is a warp's: its threads take every 32nd term and exchange what they have
// five times; the first of them stores. Short sums, and sums of what is not contiguous, are a
// thread's.

// CHECK-LABEL: llvm.func @long.cuda.code
// CHECK: scf.for
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c32_i64
// CHECK: device.shuffle %{{.*}} xor 16
// CHECK: device.shuffle %{{.*}} xor 8
// CHECK: device.shuffle %{{.*}} xor 4
// CHECK: device.shuffle %{{.*}} xor 2
// CHECK: device.shuffle %{{.*}} xor 1
// CHECK: scf.if
// CHECK: llvm.store
func.func @long.cuda(%x: !rondo.array<[B, 256], f32>) -> !rondo.array<[B], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64}} {
  %s = rondo.group : !rondo.array<[B], f32> {
    %0 = rondo.reduce sum %x axes [1] : !rondo.array<[B, 256], f32> -> !rondo.array<[B], f32>
    rondo.yield %0 : !rondo.array<[B], f32>
  }
  return %s : !rondo.array<[B], f32>
}

// CHECK-LABEL: llvm.func @short.cuda.code
// CHECK-NOT: device.shuffle
func.func @short.cuda(%x: !rondo.array<[B, 8], f32>) -> !rondo.array<[B], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64}} {
  %s = rondo.group : !rondo.array<[B], f32> {
    %0 = rondo.reduce sum %x axes [1] : !rondo.array<[B, 8], f32> -> !rondo.array<[B], f32>
    rondo.yield %0 : !rondo.array<[B], f32>
  }
  return %s : !rondo.array<[B], f32>
}

// CHECK-LABEL: llvm.func @columns.cuda.code
// CHECK-NOT: device.shuffle
func.func @columns.cuda(%x: !rondo.array<[256, 64], f32>) -> !rondo.array<[64], f32>
    attributes {rondo.target = {threads_per_block = 256 : i64}} {
  %s = rondo.group : !rondo.array<[64], f32> {
    %0 = rondo.reduce sum %x axes [0] : !rondo.array<[256, 64], f32> -> !rondo.array<[64], f32>
    rondo.yield %0 : !rondo.array<[64], f32>
  }
  return %s : !rondo.array<[64], f32>
}

// Rows are taken by blocks: between two steps stands a barrier of the block, and what only steps
// read is in shared memory.

// CHECK-LABEL: llvm.func @rows.cuda.code
// CHECK: %[[BLOCK:.*]] = device.block
// CHECK: %[[BLOCKS:.*]] = device.blocks
// CHECK: %[[SHARED:.*]] = device.shared 64 at 0
// CHECK-NOT: scf.if
// CHECK: scf.for %{{.*}} = %[[BLOCK]] to %{{.*}} step %[[BLOCKS]]
// CHECK: device.shuffle
// CHECK: llvm.store %{{.*}}, %[[SHARED]]
// CHECK: {{^      }}device.barrier
// CHECK: llvm.load %[[SHARED]]
// CHECK: {{^      }}device.barrier
func.func @rows.cuda(%x: !rondo.array<[B, 256], f32>) -> !rondo.array<[B, 256], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64}} {
  %r = rondo.group rows 1 : !rondo.array<[B, 256], f32> {
    %s = rondo.group : !rondo.array<[B], f32> {
      %0 = rondo.reduce sum %x axes [1] : !rondo.array<[B, 256], f32> -> !rondo.array<[B], f32>
      rondo.yield %0 : !rondo.array<[B], f32>
    }
    %b = rondo.broadcast %s dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 256], f32>
    %d = rondo.group : !rondo.array<[B, 256], f32> {
      %0 = rondo.div %x, %b : !rondo.array<[B, 256], f32>
      rondo.yield %0 : !rondo.array<[B, 256], f32>
    }
    rondo.yield %d : !rondo.array<[B, 256], f32>
  }
  return %r : !rondo.array<[B, 256], f32>
}
