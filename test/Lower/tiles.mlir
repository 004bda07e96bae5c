// RUN: rondo-opt %s --rondo-group --rondo-plan --rondo-share-threads --rondo-lower --split-input-file | FileCheck %s
// RUN: rondo-opt %s --rondo-group --rondo-plan --rondo-share-threads --rondo-lower --split-input-file \
// RUN:     --remarks-filter=tile 2>&1 | FileCheck %s --check-prefix=REMARK

// A block's tiles: by block and not by thread, so that all threads come to the barriers. A chunk is
// copied into one buffer while the one before is multiplied from the other; what is aligned by 16
// bytes at once. The sums go through shared memory to the threads that store.

// REMARK: product bk,kn->bn by blocks: 32 along B x 32 along 64 from shared memory, 32 steps along 64 at a time, while the next are copied; 4 groups of threads share each sum
// CHECK-LABEL: llvm.func @tile.cuda.code
// CHECK: device.shared [[#]] at 0
// CHECK: %[[BLOCK:.*]] = device.block
// CHECK: %[[BLOCKS:.*]] = device.blocks
// CHECK: scf.for %{{.*}} = %[[BLOCK]] to %{{.*}} step %[[BLOCKS]]
// CHECK: device.copy_async {{.*}}, 16 if
// CHECK: device.commit
// CHECK: %[[SUMS:.*]]:16 = scf.for
// CHECK-NEXT: device.wait 0
// CHECK-NEXT: device.barrier
// CHECK: scf.if
// CHECK: device.copy_async {{.*}}, 16 if
// CHECK: device.commit
// CHECK: scf.for {{.*}} iter_args
// CHECK-NOT: llvm.store
// CHECK: llvm.intr.fmuladd
// CHECK: scf.yield
// CHECK: {{^      }}device.barrier
// CHECK-COUNT-16: llvm.store %[[SUMS]]#
// CHECK: {{^      }}device.barrier
// CHECK: scf.for
// CHECK: llvm.store
// CHECK: {{^      }}device.barrier
func.func @tile.cuda(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64}} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
  return %a : !rondo.array<[B, 64], f32>
}

// -----

// Lengths that are no multiple of 4 are copied one by one; what is no array is computed.

// CHECK-LABEL: llvm.func @odd.cuda.code
// CHECK-COUNT-4: device.copy_async {{.*}}, 4 if
// CHECK-NOT: copy_async
// CHECK-COUNT-4: llvm.store
func.func @odd.cuda(%x: !rondo.array<[B, 63], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64}} {
  %w = rondo.constant 2.000000e+00 : f32 -> <[63, 64], f32>
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 63], f32>, !rondo.array<[63, 64], f32>) -> !rondo.array<[B, 64], f32>
  return %a : !rondo.array<[B, 64], f32>
}

// -----

// Few elements are a thread's each.

// CHECK-LABEL: llvm.func @small.cuda.code
// CHECK-NOT: device.barrier
func.func @small.cuda(%x: !rondo.array<[3, 64], f32>, %w: !rondo.array<[64, 3], f32>) -> !rondo.array<[3, 3], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64}} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[3, 64], f32>, !rondo.array<[64, 3], f32>) -> !rondo.array<[3, 3], f32>
  return %a : !rondo.array<[3, 3], f32>
}

// -----

// Rounded operands are multiplied by warps: an f32's bits in a register, or two of bf16's.

// REMARK: operands are rounded to tf32 and multiplied by warps, as matrices of 16 x 8 x 8
// CHECK-LABEL: llvm.func @tf32.cuda.code
// CHECK: arith.addi {{.*}} : i32
// CHECK: device.mma "tf32"
// CHECK-NOT: llvm.intr.fmuladd
func.func @tf32.cuda(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64, products = 1 : i64}} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
  return %a : !rondo.array<[B, 64], f32>
}

// -----

// CHECK-LABEL: llvm.func @bf16.cuda.code
// CHECK: arith.ori {{.*}} : i32
// CHECK: device.mma "bf16"
// CHECK-NOT: llvm.intr.fmuladd
func.func @bf16.cuda(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64, products = 2 : i64}} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
  return %a : !rondo.array<[B, 64], f32>
}

// -----

// Weights of a loop that is one kernel stay where all steps can read them: copied at the first one,
// if they fit.

// REMARK: each block keeps the weights of its tiles in shared memory for all steps, where [[#]] bytes a tile fit
// CHECK-LABEL: llvm.func @kept.cuda.code
// CHECK: %[[REST:.*]], %[[BYTES:.*]] = device.shared_rest
// CHECK: device.persistent
// CHECK: scf.for %[[STEP:[a-z0-9]*]] =
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[STEP]], %c0_i64
// CHECK: %[[FITS:.*]] = arith.cmpi sle, %{{.*}}, %[[BYTES]]
// CHECK: %[[NOW:.*]] = arith.andi %[[FITS]], %[[FIRST]]
// CHECK: scf.if %[[NOW]]
// CHECK: device.copy_async
// CHECK: device.barrier
// CHECK: arith.select %[[FITS]], %{{.*}} : !llvm.ptr
func.func @kept.cuda(%h: !rondo.array<[B, 64], f32>, %u: !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, uniform>], rondo.target = {threads_per_block = 256 : i64}} {
  %r = rondo.scan over <T> carry(%h) : (!rondo.array<[B, 64], f32>) -> (!rondo.array<[B, 64], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 64], f32>):
    %a = rondo.contract %c, %u "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    rondo.yield %a : !rondo.array<[B, 64], f32>
  } {rondo.persistent}
  return %r : !rondo.array<[B, 64], f32>
}

// -----

// Nine positions of both operands, of doubles, would take more shared memory than some GPUs have.

// CHECK-LABEL: llvm.func @many.cuda.code
// CHECK-NOT: device.shared
func.func @many.cuda(%x: !rondo.array<[9, 64, 64], f64>, %w: !rondo.array<[9, 64, 64], f64>) -> !rondo.array<[1, 64, 64], f64>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>], rondo.target = {threads_per_block = 256 : i64}} {
  %r = rondo.group : !rondo.array<[1, 64, 64], f64> {
    %a = rondo.contract %x, %w "gbk,gnk->gbn" : (!rondo.array<[9, 64, 64], f64>, !rondo.array<[9, 64, 64], f64>) -> !rondo.array<[9, 64, 64], f64>
    %s0 = rondo.slice %a axis 0 from <0> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s1 = rondo.slice %a axis 0 from <1> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s2 = rondo.slice %a axis 0 from <2> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s3 = rondo.slice %a axis 0 from <3> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s4 = rondo.slice %a axis 0 from <4> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s5 = rondo.slice %a axis 0 from <5> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s6 = rondo.slice %a axis 0 from <6> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s7 = rondo.slice %a axis 0 from <7> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %s8 = rondo.slice %a axis 0 from <8> : <[9, 64, 64], f64> -> <[1, 64, 64], f64>
    %m1 = rondo.add %s0, %s1 : !rondo.array<[1, 64, 64], f64>
    %m2 = rondo.add %m1, %s2 : !rondo.array<[1, 64, 64], f64>
    %m3 = rondo.add %m2, %s3 : !rondo.array<[1, 64, 64], f64>
    %m4 = rondo.add %m3, %s4 : !rondo.array<[1, 64, 64], f64>
    %m5 = rondo.add %m4, %s5 : !rondo.array<[1, 64, 64], f64>
    %m6 = rondo.add %m5, %s6 : !rondo.array<[1, 64, 64], f64>
    %m7 = rondo.add %m6, %s7 : !rondo.array<[1, 64, 64], f64>
    %m8 = rondo.add %m7, %s8 : !rondo.array<[1, 64, 64], f64>
    rondo.yield %m8 : !rondo.array<[1, 64, 64], f64>
  }
  return %r : !rondo.array<[1, 64, 64], f64>
}
