//===- Passes.td - adding the dim of the examples ----------------*- tablegen -*-===//
#ifndef RONDO_BATCH_PASSES_TD
#define RONDO_BATCH_PASSES_TD

include "mlir/Pass/PassBase.td"

def BatchPass : Pass<"rondo-batch", "::mlir::ModuleOp"> {
  let summary = "turns entry points for one example into entry points for a ragged batch";
  let description = [{
    Every function of kind "entry" that declares no batch symbol gets one (`B`, or a fresh name):
    its inputs, its ordinal and all of its results get the dim first, and its body is rebuilt. What
    gets the dim is what depends on a value that has it, and what observes the length of a ragged
    dim: a reduction over it, a scan over it (its carries and sums), `length`, a slice, pad or concat
    at a ragged offset, a check of ragged values. Parameters and what depends on them alone stay as
    they are.

    ```mlir
    func.func @f(%w: !rondo.array<[4, 2], f32> {rondo.role = "parameter", rondo.name = "w"},
                 %x: !rondo.array<[T, 4], f32> {rondo.role = "input", rondo.name = "x"})
        -> !rondo.array<[T, 2], f32>
        attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<T, ragged>]} {
      %y = rondo.contract %x, %w "tk,kn->tn" : ... -> !rondo.array<[T, 2], f32>
      return %y : !rondo.array<[T, 2], f32>
    }
    ```

    becomes

    ```mlir
    func.func @f(%w: !rondo.array<[4, 2], f32> {...}, %x: !rondo.array<[B, T, 4], f32> {...})
        -> !rondo.array<[B, T, 2], f32>
        attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>], ...} {
      %y = rondo.contract %x, %w "btk,kn->btn" : ... -> !rondo.array<[B, T, 2], f32>
      return %y : !rondo.array<[B, T, 2], f32>
    }
    ```

    Assumes one-example form without `rondo.stream`. Functions of other kinds stay as they are.
  }];
  let statistics = [
    Statistic<"numFunctions", "functions", "functions that were batched">
  ];
}

#endif // RONDO_BATCH_PASSES_TD
