// RUN: rondo-opt %s --rondo-describe-kernels --rondo-emit-ptx | FileCheck %s
// RUN: rondoc %s --from=lower --target=cuda --emit=ptx -o %t.ptx
// RUN: FileCheck %s --check-prefix=PTX < %t.ptx
// RUN: FileCheck %s --check-prefix=FENCES < %t.ptx
// RUN: FileCheck %s --check-prefix=NUMBERS < %t.ptx
// RUN: rondoc %s --from=lower --target=cuda --emit=ptx -O3 -o %t.ptx
// RUN: FileCheck %s --check-prefix=PTX < %t.ptx
// RUN: FileCheck %s --check-prefix=FENCES < %t.ptx
// RUN: rondoc %s --from=lower --target=cuda --emit=ptx -O0 -o %t.ptx
// RUN: FileCheck %s --check-prefix=FENCES < %t.ptx
// RUN: FileCheck %s --check-prefix=NUMBERS < %t.ptx

// The oldest PTX that has all of it, and names that it allows.
// PTX: .version 7.0
// PTX: .target sm_80
// PTX: .extern .shared .align 16 .b8 rondo_shared[];
// PTX: .visible .entry f$kernel$0(
// PTX: .maxntid 256
// PTX: cp.async.cg.shared.global [{{.*}}], [{{.*}}], 16, %r
// PTX: cp.async.ca.shared.global [{{.*}}], [{{.*}}], 4;
// PTX: cp.async.commit_group
// PTX: cp.async.wait_group 0
// PTX: bar.sync 0
// Memory is known to be shared or global.
// PTX: ld.shared.b32
// PTX: ld.global.b32
// PTX: shfl.sync.bfly.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, 16, 31, -1
// PTX-COUNT-2: shfl.sync.bfly.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, 1, 31, -1
// All threads of the warp multiply, whoever uses the product.
// PTX-NOT: bra
// PTX: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {{[{]}}%r
// PTX-NOT: bra
// PTX: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {{[{]}}%r
// PTX: bra
// PTX: st.global.b32
// PTX: st.shared.b64
// PTX: .entry f$kernel$2(
// PTX: %dynamic_smem_size
// PTX: call{{.*}}rondo_$_helper
// PTX: st.shared.b64 [rondo_shared+96]
// PTX: .func (.param .b64 func_retval0) rondo_$_helper(

// Rounded as on the CPU: nothing approximate, no flushing of subnormal numbers, fused only where the
// IR says so.
// NUMBERS-NOT: .ftz
// NUMBERS-NOT: .approx
// NUMBERS: mul.rn.f32
// NUMBERS: add.rn.f32
// NUMBERS: fma.rn.f32
// NUMBERS: div.rn.f32
// NUMBERS: sqrt.rn.f32
// NUMBERS: sqrt.rn.f64
// NUMBERS-NOT: .ftz
// NUMBERS-NOT: .approx

// Every fence of the grid's barrier, in its place (dialects/Device/LowerToPtx.cpp): the phase is read
// before the first; the second is between the last arrival and the new phase.
// FENCES: .entry f$kernel$1(
// FENCES: bar.sync 0
// FENCES: ld.relaxed.gpu.
// FENCES-NOT: atom
// FENCES: fence.acq_rel.gpu
// FENCES: atom.{{.*}}add.u32 {{.*}}, 1;
// FENCES: st.relaxed.gpu.{{.*}}], 0;
// FENCES: fence.acq_rel.gpu
// FENCES: st.relaxed.gpu.{{.*}}], %r
// FENCES: ld.acquire.gpu.
// FENCES: bra
// FENCES: bar.sync 0
// FENCES: .entry f$kernel$2(

// Kernels leave the module as one text, and so does what only they use.
// CHECK: llvm.mlir.global internal constant @rondo.ptx("
// CHECK-NOT: rondo.cubin
// CHECK: llvm.mlir.global internal constant @both
// CHECK-NOT: @table
// CHECK-NOT: @helper
// CHECK: llvm.func @f.code
// CHECK-NOT: llvm.func
module attributes {rondo.options = {target = "cuda"}, rondo.kernels = ["f.kernel.0", "f.kernel.1", "f.kernel.2"]} {
  llvm.mlir.global internal constant @table(dense<[1, 2, 3]> : tensor<3xi64>) : !llvm.array<3 x i64>
  llvm.mlir.global internal constant @both(7 : i64) : i64
  llvm.func internal @rondo.helper(%i: i64) -> i64 attributes {no_inline} {
    %table = llvm.mlir.addressof @table : !llvm.ptr
    %c0 = arith.constant 0 : i64
    %isFirst = arith.cmpi eq, %i, %c0 : i64
    %r = scf.if %isFirst -> i64 {
      scf.yield %c0 : i64
    } else {
      %p = llvm.getelementptr %table[%i] : (!llvm.ptr, i64) -> !llvm.ptr, i64
      %v = llvm.load %p : !llvm.ptr -> i64
      scf.yield %v : i64
    }
    llvm.return %r : i64
  }
  llvm.func @f.code(%call: !llvm.ptr, %worker: i64) -> !llvm.ptr {
    %both = llvm.mlir.addressof @both : !llvm.ptr
    llvm.return %both : !llvm.ptr
  }

  // Copies, products of a warp, barriers; numerics as on the CPU.
  llvm.func @f.kernel.0(%call: !llvm.ptr, %n: i64) attributes {device.kernel = 256 : i64} {
    %thread = device.thread
    %block = device.block
    %threads = device.threads
    %blocks = device.blocks
    %base = llvm.mul %block, %threads : i64
    %id = llvm.add %base, %thread : i64
    %size = llvm.mul %blocks, %threads : i64
    %part = device.shared 4096 at 0 : !llvm.ptr
    %mine = llvm.getelementptr %part[%thread] : (!llvm.ptr, i64) -> !llvm.ptr, vector<4xf32>
    %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
    %from = llvm.getelementptr %arena[%id] : (!llvm.ptr, i64) -> !llvm.ptr, vector<4xf32>
    %valid = arith.cmpi ult, %id, %n : i64
    device.copy_async %mine, %from, 16 if %valid : !llvm.ptr, !llvm.ptr
    device.copy_async %mine, %from, 4 : !llvm.ptr, !llvm.ptr
    device.commit
    device.wait 0
    device.barrier
    %x = llvm.load %mine : !llvm.ptr -> f32
    %y = llvm.load %from : !llvm.ptr -> f32
    %other = device.shuffle %x xor 16 : f32
    %wide = llvm.load %from : !llvm.ptr -> f64
    %otherWide = device.shuffle %wide xor 1 : f64
    %product = llvm.fmul %x, %other : f32
    %sum = llvm.fadd %product, %y : f32
    %fused = llvm.intr.fmuladd(%sum, %x, %y) : (f32, f32, f32) -> f32
    %quotient = llvm.fdiv %fused, %y : f32
    %root = llvm.intr.sqrt(%quotient) : (f32) -> f32
    %wideRoot = llvm.intr.sqrt(%otherWide) : (f64) -> f64
    %bits = llvm.bitcast %root : f32 to i32
    %d:4 = device.mma "tf32" %bits, %bits, %bits, %bits by %bits, %bits add %x, %y, %x, %y
    %e:4 = device.mma "bf16" %bits, %bits, %bits, %bits by %bits, %bits add %d#0, %d#1, %d#2, %d#3
    // The product is used in a branch only, and shall not go there: all threads of the warp make it.
    scf.if %valid {
      llvm.store %e#1, %from : f32, !llvm.ptr
      llvm.store %wideRoot, %mine : f64, !llvm.ptr
    }
    llvm.return
  }

  llvm.func @f.kernel.1(%call: !llvm.ptr) attributes {device.kernel = 256 : i64, device.cooperative} {
    %field = llvm.getelementptr %call[48] : (!llvm.ptr) -> !llvm.ptr, i8
    %team = llvm.load %field : !llvm.ptr -> !llvm.ptr
    device.grid_barrier %team : !llvm.ptr
    llvm.return
  }

  llvm.func @f.kernel.2(%call: !llvm.ptr, %i: i64) attributes {device.kernel = 256 : i64} {
    %part = device.shared 20 at 64 : !llvm.ptr
    %rest, %bytes = device.shared_rest : !llvm.ptr
    %both = llvm.mlir.addressof @both : !llvm.ptr
    %v = llvm.load %both : !llvm.ptr -> i64
    %r = llvm.call @rondo.helper(%i) : (i64) -> i64
    %s = llvm.add %v, %r : i64
    %t = llvm.add %s, %bytes : i64
    llvm.store %t, %rest : i64, !llvm.ptr
    llvm.return
  }
}
