// Kernels on the emulator: what they compute, in any order of their threads.

// RUN: rondo-emulate %s --kernel=fill --blocks=3 --numbers=100 --print=i64 --count=4 --bytes=1536 \
// RUN:   | FileCheck %s --check-prefix=FILL
// FILL: 100 101 102 103
llvm.func @fill(%call: !llvm.ptr, %start: i64) attributes {device.kernel = 256 : i64} {
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  %thread = device.thread
  %threads = device.threads
  %block = device.block
  %before = llvm.mul %block, %threads : i64
  %number = llvm.add %before, %thread : i64
  %value = llvm.add %number, %start : i64
  %at = llvm.getelementptr %arena[%number] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  llvm.store %value, %at : i64, !llvm.ptr
  llvm.return
}

// The sum of 0 to 63 by halves, in shared memory.
// RUN: rondo-emulate %s --kernel=sum --print=i64 --launches=5 | FileCheck %s --check-prefix=SUM
// RUN: rondo-emulate %s --kernel=sum --print=i64 --seed=7 | FileCheck %s --check-prefix=SUM
// SUM: 2016
llvm.func @sum(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c6 = arith.constant 6 : i64
  %c32 = arith.constant 32 : i64
  %tile = device.shared 512 at 16 : !llvm.ptr
  %thread = device.thread
  %at = llvm.getelementptr %tile[%thread] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  llvm.store %thread, %at : i64, !llvm.ptr
  scf.for %i = %c0 to %c6 step %c1 : i64 {
    device.barrier
    %half = arith.shrui %c32, %i : i64
    %active = arith.cmpi slt, %thread, %half : i64
    scf.if %active {
      %other = arith.addi %thread, %half : i64
      %there = llvm.getelementptr %tile[%other] : (!llvm.ptr, i64) -> !llvm.ptr, i64
      %x = llvm.load %at : !llvm.ptr -> i64
      %y = llvm.load %there : !llvm.ptr -> i64
      %sum = arith.addi %x, %y : i64
      llvm.store %sum, %at : i64, !llvm.ptr
    }
  }
  %first = arith.cmpi eq, %thread, %c0 : i64
  scf.if %first {
    %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
    %x = llvm.load %tile : !llvm.ptr -> i64
    llvm.store %x, %arena : i64, !llvm.ptr
  }
  llvm.return
}

// The same by a shuffle, and over the grid.
// RUN: rondo-emulate %s --kernel=grid_sum --blocks=3 --print=f32 --launches=4 \
// RUN:   | FileCheck %s --check-prefix=GRID
// GRID: 18336
llvm.func @grid_sum(%call: !llvm.ptr) attributes {device.kernel = 256 : i64, device.cooperative} {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c5 = arith.constant 5 : i64
  %c31 = arith.constant 31 : i64
  %thread = device.thread
  %threads = device.threads
  %block = device.block
  %blocks = device.blocks
  %start = arith.muli %block, %threads : i64
  %number = arith.addi %start, %thread : i64
  %x0 = arith.sitofp %number : i64 to f32
  %x1 = device.shuffle %x0 xor 16 : f32
  %s1 = arith.addf %x0, %x1 : f32
  %x2 = device.shuffle %s1 xor 8 : f32
  %s2 = arith.addf %s1, %x2 : f32
  %x3 = device.shuffle %s2 xor 4 : f32
  %s3 = arith.addf %s2, %x3 : f32
  %x4 = device.shuffle %s3 xor 2 : f32
  %s4 = arith.addf %s3, %x4 : f32
  %x5 = device.shuffle %s4 xor 1 : f32
  %s5 = arith.addf %s4, %x5 : f32
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  %warp = arith.shrui %number, %c5 : i64
  %lane = arith.andi %number, %c31 : i64
  %leads = arith.cmpi eq, %lane, %c0 : i64
  scf.if %leads {
    %at = llvm.getelementptr %arena[%warp] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %s5, %at : f32, !llvm.ptr
  }
  device.grid_barrier %arena : !llvm.ptr
  %first = arith.cmpi eq, %number, %c0 : i64
  scf.if %first {
    %zero = arith.constant 0.0 : f32
    %warps = arith.muli %blocks, %c2 : i64
    %sum = scf.for %i = %c0 to %warps step %c1 iter_args(%so = %zero) -> f32 : i64 {
      %at = llvm.getelementptr %arena[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %x = llvm.load %at : !llvm.ptr -> f32
      %next = arith.addf %so, %x : f32
      scf.yield %next : f32
    }
    llvm.store %sum, %arena : f32, !llvm.ptr
  }
  llvm.return
}
