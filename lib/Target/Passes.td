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
        attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]}
    llvm.func @f.code(...)
    llvm.func @f.arena(...) -> i64
    ```
    After:
    ```mlir
    llvm.mlir.global external constant @rondo_program() : !llvm.struct<"RondoProgram", ...>
    llvm.func @f.code(...)
    llvm.func @f.arena(...) -> i64
    ```

    Assumptions: runs after Lower; for an entry NAME the code is @NAME.code, the arena function
    @NAME.arena, as `llvm.func` or `func.func`. A declaration with `rondo.twin_of` fills the
    double-precision fields of the entry it names. Limits: parameters have constant dims.
  }];
  let options = [
    Option<"features", "features", "std::string", "", "processor features that the code needs">,
    Option<"memoryBudget", "memory-budget", "int64_t", "0", "RondoProgram's field">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // RONDO_TARGET_PASSES_TD
