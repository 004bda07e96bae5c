#ifndef TEAM_PASSES_TD
#define TEAM_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerTeam : Pass<"rondo-lower-team", "::mlir::ModuleOp"> {
  let summary = "turns the team's ops into arithmetic and atomics";
  let description = [{
    The number of workers and the state of the barrier are read from the call's RondoTeam
    (include/rondo/Abi.h). A barrier is inlined: each worker adds itself to those that have arrived;
    the last one clears the count and moves the phase on, the others spin on the phase and, after
    `spins` rounds, some microseconds, call the team's `wait`, where the runtime decides how to go
    on waiting: it alone knows how many processors there are and how long waits have been.

    Before:
    ```mlir
    llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
      %from, %to = team.share %low, %high by 16
      team.barrier
    ```
    After:
    ```mlir
    llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
      %blocks = arith.divui ...
      %isTeam = arith.cmpi ne, %size, %one : i64
      scf.if %isTeam {
        %before = llvm.atomicrmw add %arrived, %one acq_rel : !llvm.ptr, i32
        ...
      }
    ```

    Assumptions: runs before scf is converted to branches. Limits: the pause between two looks at the
    phase is x86-64's or AArch64's, by the triple; elsewhere there is none.
  }];
  let options = [
    Option<"spins", "spins", "int64_t", "200", "looks at the phase before a worker calls `wait`">,
    Option<"triple", "triple", "std::string", "\"\"",
           "the system that code is made for; empty: this machine's">
  ];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect"
  ];
}

#endif // TEAM_PASSES_TD
