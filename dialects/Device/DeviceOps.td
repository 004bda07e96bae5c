//===- DeviceOps.td - threads of a kernel on a device ------------*- tablegen -*-===//
#ifndef DEVICE_OPS_TD
#define DEVICE_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Dialect/LLVMIR/LLVMOpBase.td"

def Device_Dialect : Dialect {
  let name = "device";
  let cppNamespace = "::rondo::device";
  let summary = "threads of a kernel on a device";
  let description = [{
    What one thread of a kernel knows and asks of the device: its number, its block's shared memory,
    barriers, exchange within a warp, asynchronous copies, products of small matrices. Every op has
    two lowerings: to PTX, and to calls of the emulator (RondoEmulator in include/rondo/Abi.h), which
    runs the same kernel on a CPU and says where it is wrong. README.md has the rationale.

    A kernel is an `llvm.func` with the attribute `device.kernel`, which is the number of a block's
    threads; its arguments are the call (RondoCall, on the device) and numbers. Grids have one
    dimension, and so have blocks; a block has a multiple of 32 threads, the warps.
  }];
}

class Device_Op<string mnemonic, list<Trait> traits = []> : Op<Device_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Who a thread is
//===----------------------------------------------------------------------===//

class Device_NumberOp<string mnemonic, string what> : Device_Op<mnemonic, [Pure]> {
  let summary = what;
  let results = (outs I64:$number);
  let assemblyFormat = "attr-dict";
}
def Device_ThreadOp : Device_NumberOp<"thread", "this thread's number in its block, from 0">;
def Device_ThreadsOp : Device_NumberOp<"threads", "the number of threads of each block">;
def Device_BlockOp : Device_NumberOp<"block", "the number of this thread's block, from 0">;
def Device_BlocksOp : Device_NumberOp<"blocks", "the number of blocks of the kernel">;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

def Device_SharedOp : Device_Op<"shared", [Pure]> {
  let summary = "a part of the block's shared memory";
  let description = [{
    The address, 16-byte aligned, of `bytes` bytes of shared memory from `offset` on. A kernel has as
    much of it as its ops name; what it holds at the start is not defined.

    ```mlir
    %tile = device.shared 4096 at 0
    ```
  }];
  let arguments = (ins I64Attr:$bytes, I64Attr:$offset);
  let results = (outs LLVM_AnyPointer:$address);
  let assemblyFormat = "$bytes `at` $offset attr-dict `:` type($address)";
  let hasVerifier = 1;
}

def Device_SharedRestOp : Device_Op<"shared_rest", [Pure]> {
  let summary = "the shared memory that no `device.shared` names: its address and bytes";
  let description = [{
    A kernel with this op is launched with all the shared memory that a block can have, which is known
    at run time only.

    ```mlir
    %address, %bytes = device.shared_rest
    ```
  }];
  let results = (outs LLVM_AnyPointer:$address, I64:$bytes);
  let assemblyFormat = "attr-dict `:` type($address)";
}

def Device_CopyAsyncOp : Device_Op<"copy_async"> {
  let summary = "copies from global to shared memory, without waiting";
  let description = [{
    4, 8 or 16 bytes; both addresses are multiples of that, always. Where `valid` is false, zeros are
    written and nothing is read. What was copied may be read by this thread after a `device.wait`, by others
    after a barrier behind it.

    ```mlir
    device.copy_async %to, %from, 16 if %valid
    ```
  }];
  let arguments = (ins LLVM_AnyPointer:$to, LLVM_AnyPointer:$from, I64Attr:$bytes,
                       Optional<I1>:$valid);
  let assemblyFormat =
      "$to `,` $from `,` $bytes (`if` $valid^)? attr-dict `:` type($to) `,` type($from)";
  let hasVerifier = 1;
}

def Device_CommitOp : Device_Op<"commit"> {
  let summary = "the copies that this thread has begun since the last commit are one group";
  let assemblyFormat = "attr-dict";
}

def Device_WaitOp : Device_Op<"wait"> {
  let summary = "waits until at most `pending` groups of this thread's copies are under way";
  let arguments = (ins I64Attr:$pending);
  let assemblyFormat = "$pending attr-dict";
}

//===----------------------------------------------------------------------===//
// Threads together
//===----------------------------------------------------------------------===//

def Device_BarrierOp : Device_Op<"barrier"> {
  let summary = "waits for all threads of the block";
  let description = [{
    What any of them has written before, to shared or global memory, is seen by all of them after it.
    All threads of the block must come to it.
  }];
  let assemblyFormat = "attr-dict";
}

def Device_GridBarrierOp : Device_Op<"grid_barrier"> {
  let summary = "waits for all threads of all blocks";
  let description = [{
    What any thread has written to global memory before is seen by all threads after it. The kernel
    must be launched cooperatively: all of its blocks run at once. `state` is a RondoTeam on the
    device, of which `arrived` and `phase` are used; `arrived` is zero before the first barrier and
    after every one.

    ```mlir
    device.grid_barrier %team : !llvm.ptr
    ```
  }];
  let arguments = (ins LLVM_AnyPointer:$state);
  let assemblyFormat = "$state attr-dict `:` type($state)";
}

def Device_ShuffleOp : Device_Op<"shuffle", [AllTypesMatch<["value", "result"]>]> {
  let summary = "the value of the thread of this warp whose number differs by `mask`";
  let description = [{
    Thread t of the warp is given the value of thread t xor mask, 1 <= mask < 32. All 32 threads of
    the warp must come to it.

    ```mlir
    %other = device.shuffle %sum xor 16 : f32
    ```
  }];
  let arguments = (ins AnyTypeOf<[I32, I64, F32, F64]>:$value, I64Attr:$mask);
  let results = (outs AnyTypeOf<[I32, I64, F32, F64]>:$result);
  let assemblyFormat = "$value `xor` $mask attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Device_MmaOp : Device_Op<"mma", [Pure]> {
  let summary = "a warp's product of two small matrices, added to a third";
  let description = [{
    D = A B + C with C and D 16 x 8 numbers of f32, spread over the 32 threads of a warp as PTX's
    mma.sync has it (PTX ISA, "Matrix Fragments for mma.m16n8k8" and "mma.m16n8k16"). With
    g = thread / 4 and t = thread % 4, c0 and c1 are (g, 2t) and (g, 2t + 1), c2 and c3 the same of
    row g + 8.

    "tf32": A is 16 x 8, B 8 x 8; a0 to a3 are (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4); b0 and
    b1 are (t, g), (t + 4, g); each the bits of an f32 whose last 13 bits do not count (they should be
    rounded away before). "bf16": A is 16 x 16, B 16 x 8, two numbers to a register, the lower one
    first: a0 is (g, 2t) and (g, 2t + 1), a1 of row g + 8, a2 and a3 the same 8 columns further;
    b0 is (2t, g) and (2t + 1, g), b1 8 rows further. Sums are f32.

    ```mlir
    %d:4 = device.mma "tf32" %a0, %a1, %a2, %a3 by %b0, %b1 add %c0, %c1, %c2, %c3
    ```
  }];
  let arguments = (ins StrAttr:$kind, I32:$a0, I32:$a1, I32:$a2, I32:$a3, I32:$b0, I32:$b1,
                       F32:$c0, F32:$c1, F32:$c2, F32:$c3);
  let results = (outs F32:$d0, F32:$d1, F32:$d2, F32:$d3);
  let assemblyFormat = [{
    $kind $a0 `,` $a1 `,` $a2 `,` $a3 `by` $b0 `,` $b1 `add` $c0 `,` $c1 `,` $c2 `,` $c3 attr-dict
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def Device_PersistentOp : Device_Op<"persistent", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "what is to be one kernel, whose barriers are barriers of the grid";
  let description = [{
    Stands in the code of an entry until rondo-kernels, which makes it one cooperative kernel. Outside
    of these, a `team.barrier` is where one kernel ends and the next begins.

    ```mlir
    device.persistent {
      scf.for %t = %c0 to %steps step %c1 {
        ...
        team.barrier
      }
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$body attr-dict";
}

def Device_LaunchOp : Device_Op<"launch"> {
  let summary = "starts a kernel";
  let description = [{
    In the host's code of an entry (RondoCode). The kernel runs after all that were started before; it
    is given the call as it is on the device, and `numbers`.

    ```mlir
    device.launch @loss.kernel.3(%t)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<I64>:$numbers);
  let assemblyFormat = "$kernel `(` $numbers `)` attr-dict";
}

#endif // DEVICE_OPS_TD
