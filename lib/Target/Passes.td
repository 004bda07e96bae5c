//===- Passes.td - Target's passes -------------------------------*- tablegen -*-===//
#ifndef RONDO_TARGET_PASSES_TD
#define RONDO_TARGET_PASSES_TD

include "mlir/Pass/PassBase.td"

def Descriptor : Pass<"rondo-descriptor", "::mlir::ModuleOp"> {
  let summary = "turn the manifest into the constant rondo_program";
  let description = [{
    What the runtime must know about a program is one constant, laid out as include/rondo/Abi.h says.
    It is made from the module's attributes (`rondo.model`, `rondo.configuration`), `rondo.param`,
    `rondo.train` and, for each entry, the declaration that Lower left: its name, symbols, arguments,
    results and checks. All of these are gone afterwards.

    Before:
    ```mlir
    func.func private @f(!rondo.array<[B, 4], f32> {rondo.role = "input", rondo.name = "x"})
        -> (!rondo.array<[B], f32> {rondo.role = "result", rondo.name = "result"})
        attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>],
                    rondo.code = @f.code, rondo.arena = @f.arena}
    llvm.func @f.code(...)
    llvm.func @f.arena(...) -> i64
    ```
    After:
    ```mlir
    llvm.mlir.global external constant @rondo_program() : !llvm.struct<"RondoProgram", ...>
    llvm.func @f.code(...)
    llvm.func @f.arena(...) -> i64
    ```

    Assumptions: runs after Lower; `rondo.code` and `rondo.arena` name an entry's code and its arena
    function, `llvm.func` or `func.func`. A declaration with `rondo.twin_of` fills the
    double-precision fields of the entry it names. Limits: parameters have constant dims.
  }];
  let options = [
    Option<"features", "features", "std::string", "", "processor features that the code needs">,
    Option<"memoryBudget", "memory-budget", "int64_t", "0", "RondoProgram's field">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def EmitPtx : Pass<"rondo-emit-ptx", "::mlir::ModuleOp"> {
  let summary = "turn kernels into the constant rondo.ptx";
  let description = [{
    The kernels leave the module, with copies of the functions and constants that they use, are lowered
    to PTX, and come back as text, a constant. With `ptxas`, the text is assembled for compute
    capability 8.0 and 9.0 too. Ptx.h names the constants; the descriptor points at them.

    Before:
    ```mlir
    module attributes {rondo.kernels = [{symbol = "cuda.f.kernel.0", name = "cuda$f$kernel$0", ...} ]} {
      llvm.func @cuda.f.kernel.0(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {...}
    ```
    After:
    ```mlir
    module attributes {rondo.kernels = [{symbol = "cuda.f.kernel.0", name = "cuda$f$kernel$0", ...} ]} {
      llvm.mlir.global internal constant @rondo.ptx(".version 7.0 ... .entry cuda$f$kernel$0 ...")
    ```

    Assumptions: runs after rondo-describe-kernels, before scf is converted to branches.
  }];
  let options = [
    Option<"ptxas", "ptxas", "std::string", "", "path of the assembler; empty: no machine code">,
    Option<"level", "O", "unsigned", "2", "optimisation level, 0 to 3">
  ];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect",
    "::mlir::cf::ControlFlowDialect"
  ];
}

def Outline : Pass<"rondo-outline", "::mlir::ModuleOp"> {
  let summary = "cut long functions into several";
  let description = [{
    LLVM's time for a function grows faster than the function. Of one with more than `limit` operations
    the statements (loops and conditions that give nothing but integers) become functions: each of at
    least `smallest` operations, or as many as stand together with that. Of a condition outside of all loops
    what stands in its body does so before; in a loop only if the loop has more than `loop-limit`
    operations, since calls in it take time: so the steps of a cell stay together. (Where the function
    is not optimised, as rondo-twins' are, loops are as any statement.) What a piece reads are its
    arguments; constants are made again, but for those of more than 32 bits, which name random draws.
    Pieces that are the same become one function.

    Before:
    ```mlir
    llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
      scf.for %i = %low to %high step %one : i64 {...}
      team.barrier
      scf.for %i = %low to %high step %one : i64 {...}
      llvm.return
    }
    ```
    After:
    ```mlir
    llvm.func internal @f.code.0(%call: !llvm.ptr, %worker: i64, %low: i64, %high: i64) {...}
    llvm.func internal @f.code.1(%call: !llvm.ptr, %worker: i64, %low: i64, %high: i64) {...}
    llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
      llvm.call @f.code.0(%call, %worker, %low, %high) : (!llvm.ptr, i64, i64, i64) -> ()
      llvm.call @f.code.1(%call, %worker, %low, %high) : (!llvm.ptr, i64, i64, i64) -> ()
      llvm.return
    }
    ```

    Assumptions: runs before the ops of team are lowered and before scf is converted to branches.
    Limits: only functions of a call and a worker's number.
  }];
  let options = [
    Option<"limit", "limit", "int64_t", "1000", "operations of a function that stays as it is">,
    Option<"loopLimit", "loop-limit", "int64_t", "4000", "operations of a loop that stays as it is">,
    Option<"smallest", "smallest", "int64_t", "100", "operations of a function that is made">
  ];
  let statistics = [Statistic<"numPieces", "num-pieces", "functions that were made">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // RONDO_TARGET_PASSES_TD
