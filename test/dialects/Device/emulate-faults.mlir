// Planted faults: each is found, whatever order the threads run in, and the message names the lines.

// RUN: not rondo-emulate %s --kernel=missing_barrier 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: not rondo-emulate %s --kernel=missing_barrier --seed=1 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: not rondo-emulate %s --kernel=missing_barrier --seed=2 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: not rondo-emulate %s --kernel=missing_barrier --seed=3 2>&1 | FileCheck %s --check-prefix=BARRIER
// BARRIER: error: model.rondo:{{3:5|4:7}}: kernel 'missing_barrier': race: thread {{[0-9]+}} of block 0
// BARRIER-SAME: bytes at byte {{[0-9]+}} of the block's 512 bytes of shared memory, {{read|written}} by thread
// BARRIER-SAME: of block 0{{(, in the same warp,)?}} at model.rondo:{{3:5|4:7}} with no barrier in between
llvm.func @missing_barrier(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %c1 = arith.constant 1 : i64
  %c63 = arith.constant 63 : i64
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  %tile = device.shared 512 at 0 : !llvm.ptr
  %thread = device.thread
  %next = arith.addi %thread, %c1 : i64
  %other = arith.andi %next, %c63 : i64
  %mine = llvm.getelementptr %tile[%thread] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  %theirs = llvm.getelementptr %tile[%other] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  llvm.store %thread, %mine : i64, !llvm.ptr loc("model.rondo":3:5)
  %x = llvm.load %theirs : !llvm.ptr -> i64 loc(fused["x", "model.rondo":4:7])
  %to = llvm.getelementptr %arena[%thread] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  llvm.store %x, %to : i64, !llvm.ptr
  llvm.return
}

// All threads write one number, of blocks that no barrier can order.
// RUN: not rondo-emulate %s --kernel=race 2>&1 | FileCheck %s --check-prefix=RACE
// RACE: emulate-faults.mlir:[[#@LINE+6]]:3: kernel 'race': race: thread {{[0-9]+}} of block 0 writes 8 bytes
// RACE-SAME: at byte 0 of 4096 bytes of global memory, written by thread {{[0-9]+}} of block 0
// RACE-SAME: {{(, in the same warp,)?}} at {{.*}}emulate-faults.mlir:[[#@LINE+4]]:3 with
llvm.func @race(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %thread = device.thread
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  llvm.store %thread, %arena : i64, !llvm.ptr
  llvm.return
}

// One past the end, by one thread of many.
// RUN: not rondo-emulate %s --kernel=shared_bounds 2>&1 | FileCheck %s --check-prefix=SHARED
// SHARED: emulate-faults.mlir:[[#@LINE+7]]:3: kernel 'shared_bounds': out of bounds: thread 63 of
// SHARED-SAME: block 0 writes 8 bytes at byte 512 of the block's 512 bytes of shared memory
llvm.func @shared_bounds(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %tile = device.shared 512 at 0 : !llvm.ptr
  %thread = device.thread
  %at = llvm.getelementptr %tile[%thread] : (!llvm.ptr, i64) -> !llvm.ptr, !llvm.array<8 x i8>
  %next = llvm.getelementptr %at[8] : (!llvm.ptr) -> !llvm.ptr, i8
  llvm.store %thread, %next : i64, !llvm.ptr
  llvm.return
}

// RUN: not rondo-emulate %s --kernel=bounds --blocks=3 --bytes=1532 2>&1 \
// RUN:   | FileCheck %s --check-prefix=BOUNDS
// BOUNDS: emulate-faults.mlir:[[#@LINE+10]]:3: kernel 'bounds': out of bounds: thread 63 of
// BOUNDS-SAME: block 2 writes 8 bytes at byte 1528 of 1532 bytes of global memory
llvm.func @bounds(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  %thread = device.thread
  %threads = device.threads
  %block = device.block
  %before = arith.muli %block, %threads : i64
  %number = arith.addi %before, %thread : i64
  %at = llvm.getelementptr %arena[%number] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  llvm.store %number, %at : i64, !llvm.ptr
  llvm.return
}

// Only some threads come to the barrier.
// RUN: not rondo-emulate %s --kernel=divergence 2>&1 | FileCheck %s --check-prefix=DIVERGENCE
// DIVERGENCE: emulate-faults.mlir:[[#@LINE+8]]:5: kernel 'divergence': divergence: thread 0
// DIVERGENCE-SAME: of block 0 waits for its block, but thread 5 of block 0 has
// DIVERGENCE-SAME: finished
llvm.func @divergence(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %c5 = arith.constant 5 : i64
  %thread = device.thread
  %isOne = arith.cmpi ne, %thread, %c5 : i64
  scf.if %isOne {
    device.barrier
  }
  llvm.return
}

// What is copied is read without a wait.
// RUN: not rondo-emulate %s --kernel=missing_wait 2>&1 | FileCheck %s --check-prefix=WAIT
// WAIT: emulate-faults.mlir:[[#@LINE+12]]:8: kernel 'missing_wait': missing wait: thread {{[0-9]+}} of
// WAIT-SAME: block 0 reads 8 bytes at byte {{[0-9]+}} of the block's 512 bytes of shared memory, where
// WAIT-SAME: a copy begun by thread {{[0-9]+}} of block 0 at {{.*}}emulate-faults.mlir:[[#@LINE+7]]:3
llvm.func @missing_wait(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  %tile = device.shared 512 at 0 : !llvm.ptr
  %thread = device.thread
  %mine = llvm.getelementptr %tile[%thread] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  %from = llvm.getelementptr %arena[%thread] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  device.copy_async %mine, %from, 8 : !llvm.ptr, !llvm.ptr
  device.commit
  device.wait 1
  %x = llvm.load %mine : !llvm.ptr -> i64
  llvm.store %x, %from : i64, !llvm.ptr
  llvm.return
}

// An address that is not aligned is one even where nothing is read from it.
// RUN: not rondo-emulate %s --kernel=unaligned 2>&1 | FileCheck %s --check-prefix=UNALIGNED
// UNALIGNED: emulate-faults.mlir:[[#@LINE+7]]:3: kernel 'unaligned': thread {{[0-9]+}} of block 0 copies
// UNALIGNED-SAME: 16 bytes asynchronously, but the addresses are no multiples of that
llvm.func @unaligned(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %never = arith.constant false
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  %tile = device.shared 512 at 0 : !llvm.ptr
  %from = llvm.getelementptr %arena[4] : (!llvm.ptr) -> !llvm.ptr, i8
  device.copy_async %tile, %from, 16 if %never : !llvm.ptr, !llvm.ptr
  llvm.return
}
