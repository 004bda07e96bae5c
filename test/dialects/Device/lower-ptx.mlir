// RUN: rondo-opt %s --rondo-lower-ptx | FileCheck %s
// The device ops of kernels become special registers, intrinsics, atomics and inline PTX.

// Shared memory is one array that the launch gives a size.
// CHECK: llvm.mlir.global external @rondo_shared() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>

// Numbers of threads are 64 bits wide.
// CHECK-LABEL: llvm.func ptx_kernelcc @numbers
// CHECK-SAME: passthrough = {{\[\[}}"nvvm.maxntid", "256"]]
// CHECK-NOT: device.
// CHECK: %[[TID:.*]] = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.tid.x"() : () -> i32
// CHECK: llvm.zext nneg %[[TID]] : i32 to i64
// CHECK: "llvm.nvvm.read.ptx.sreg.ntid.x"
// CHECK: "llvm.nvvm.read.ptx.sreg.ctaid.x"
// CHECK: "llvm.nvvm.read.ptx.sreg.nctaid.x"
// What is loaded from the call is an address of global memory.
// CHECK: %[[LOADED:.*]] = llvm.load %{{.*}} : !llvm.ptr -> !llvm.ptr
// CHECK: %[[GLOBAL:.*]] = llvm.addrspacecast %[[LOADED]] : !llvm.ptr to !llvm.ptr<1>
// CHECK: %[[ARENA:.*]] = llvm.addrspacecast %[[GLOBAL]] : !llvm.ptr<1> to !llvm.ptr
// CHECK: llvm.store %{{.*}}, %[[ARENA]]
llvm.func @numbers(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %thread = device.thread
  %threads = device.threads
  %block = device.block
  %blocks = device.blocks
  %a = llvm.add %thread, %threads : i64
  %b = llvm.add %block, %blocks : i64
  %c = llvm.add %a, %b : i64
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  llvm.store %c, %arena : i64, !llvm.ptr
  llvm.return
}

// The rest of shared memory begins behind what is named.
// CHECK-LABEL: llvm.func ptx_kernelcc @shared
// CHECK: %[[BASE:.*]] = llvm.mlir.addressof @rondo_shared : !llvm.ptr<3>
// CHECK: %[[PART:.*]] = llvm.getelementptr %[[BASE]][64]
// CHECK: %[[A:.*]] = llvm.addrspacecast %[[PART]] : !llvm.ptr<3> to !llvm.ptr
// CHECK: llvm.getelementptr %{{.*}}[96]
// CHECK: %[[ALL:.*]] = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.dynamic_smem_size"()
// CHECK: %[[WIDE:.*]] = llvm.zext nneg %[[ALL]]
// CHECK: arith.subi %[[WIDE]], %{{.*}} : i64
// CHECK: %[[FROM:.*]] = llvm.addrspacecast %{{.*}} : !llvm.ptr to !llvm.ptr<1>
// CHECK: llvm.call_intrinsic "llvm.nvvm.cp.async.cg.shared.global.16"(%{{.*}}, %[[FROM]]) : (!llvm.ptr<3>, !llvm.ptr<1>)
// Where a copy is not valid, no byte is read.
// CHECK: %[[BYTES:.*]] = arith.select
// CHECK: llvm.call_intrinsic "llvm.nvvm.cp.async.ca.shared.global.4.s"(%{{.*}}, %{{.*}}, %[[BYTES]])
// CHECK: "llvm.nvvm.cp.async.commit.group"
// CHECK: "llvm.nvvm.cp.async.wait.group"(%{{.*}}) : (i32)
// CHECK: "llvm.nvvm.barrier.cta.sync.aligned.all"
llvm.func @shared(%call: !llvm.ptr, %valid: i1) attributes {device.kernel = 256 : i64} {
  %part = device.shared 20 at 64 : !llvm.ptr
  %rest, %bytes = device.shared_rest : !llvm.ptr
  llvm.store %bytes, %rest : i64, !llvm.ptr
  device.copy_async %part, %call, 16 : !llvm.ptr, !llvm.ptr
  device.copy_async %rest, %call, 4 if %valid : !llvm.ptr, !llvm.ptr
  device.commit
  device.wait 1
  device.barrier
  llvm.return
}

// CHECK-LABEL: llvm.func ptx_kernelcc @warp
// CHECK: llvm.call_intrinsic "llvm.nvvm.shfl.sync.bfly.f32"
// CHECK: llvm.bitcast %{{.*}} : f64 to i64
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.nvvm.shfl.sync.bfly.i32"
// CHECK: llvm.bitcast %{{.*}} : i64 to f64
// CHECK: llvm.inline_asm has_side_effects "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// CHECK: llvm.inline_asm has_side_effects "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
llvm.func @warp(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %x = llvm.load %call : !llvm.ptr -> f32
  %y = llvm.load %call : !llvm.ptr -> f64
  %a = llvm.load %call : !llvm.ptr -> i32
  %x2 = device.shuffle %x xor 16 : f32
  %y2 = device.shuffle %y xor 1 : f64
  llvm.store %y2, %call : f64, !llvm.ptr
  %d:4 = device.mma "tf32" %a, %a, %a, %a by %a, %a add %x2, %x2, %x2, %x2
  %e:4 = device.mma "bf16" %a, %a, %a, %a by %a, %a add %d#0, %d#1, %d#2, %d#3
  llvm.store %e#3, %call : f32, !llvm.ptr
  llvm.return
}

// The barrier of the grid. NVPTX would make an atomicrmw with an ordering a relaxed one, so the
// fences are there; the phase is read before the first of them.
// CHECK-LABEL: llvm.func ptx_kernelcc @grid
// CHECK: "llvm.nvvm.barrier.cta.sync.aligned.all"
// CHECK: scf.if
// CHECK: %[[PHASE:.*]] = llvm.load %[[FIELD:.*]] atomic syncscope("device") monotonic
// CHECK: llvm.fence syncscope("device") acq_rel
// CHECK: llvm.atomicrmw add %[[ARRIVED:.*]], %{{.*}} syncscope("device") monotonic
// CHECK: scf.if
// CHECK: llvm.store %{{.*}}, %[[ARRIVED]] atomic syncscope("device") monotonic
// CHECK: llvm.fence syncscope("device") acq_rel
// CHECK: llvm.store %{{.*}}, %[[FIELD]] atomic syncscope("device") monotonic
// CHECK: else
// CHECK: scf.while
// CHECK: llvm.load %[[FIELD]] atomic syncscope("device") acquire
// CHECK: "llvm.nvvm.barrier.cta.sync.aligned.all"
llvm.func @grid(%call: !llvm.ptr) attributes {device.kernel = 256 : i64, device.cooperative} {
  device.grid_barrier %call : !llvm.ptr
  llvm.return
}

// What is no kernel stays as it is.
// CHECK-LABEL: llvm.func @host
// CHECK: llvm.load
// CHECK-NEXT: llvm.return
llvm.func @host(%call: !llvm.ptr) -> !llvm.ptr {
  %p = llvm.load %call : !llvm.ptr -> !llvm.ptr
  llvm.return %p : !llvm.ptr
}
