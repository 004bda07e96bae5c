// RUN: rondo-opt %s --rondo-kernels --split-input-file --verify-diagnostics

// An element that one kernel read is not what another kernel may go on with: barriers stand between.
func.func private @f() attributes {rondo.code = @f.code}
llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
  %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
  // expected-error@+1 {{a kernel takes a value that is no number}}
  %x = llvm.load %arena : !llvm.ptr -> f32
  team.barrier
  llvm.store %x, %arena : f32, !llvm.ptr
  llvm.return
}

// -----

// What has no code cannot be cut up.
// expected-error@+1 {{'func.func' op has no rondo.code}}
func.func private @g()
