//===- Passes.td - Tile's passes ---------------------------------*- tablegen -*-===//
#ifndef RONDO_TILE_PASSES_TD
#define RONDO_TILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def Tile : Pass<"rondo-tile", "::mlir::ModuleOp"> {
  let summary = "decide the loops of contractions and reductions";
  let description = [{
    Every group, and every step of rows, that a contraction or reduction heads gets the loops that
    compute it (`nest.loops`, dialects/Nest): which axis runs in vectors and in how many at a time, which
    rows share what is loaded, and in which order the others stand. Lower executes them.

    - Lanes run along the last stored axis of more than one position if it is contiguous in an operand
      (the outer-product form: a tile of rows and vectors of accumulators, each step of the sum one
      vector load per column and one broadcast per row). Else along a summed axis that is contiguous
      in an operand (the dot form: vectors of partial sums are folded at the end).
    - Rows run along an axis of the other operand. As many of them as leave a register for the
      vectors of one step: 6 rows by 4 vectors of 32 registers, 6 by 2 of 16.
    - The examples of a sum come first: their lengths bound the other loops.
    - A contraction over two or more dims of run-time length is summed in blocks. Its columns are
      copied into a panel first where 48 rows or more read them.

    Before:
    ```mlir
    %0 = rondo.group : !rondo.array<[B, 128], f32> {
      %1 = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 128], f32>) -> !rondo.array<[B, 128], f32>
      rondo.yield %1
    } {plan.storage = [#plan.storage<result 0>]}
    ```
    After:
    ```mlir
    %0 = rondo.group : ... {
    } {nest.loops = #nest.loops<[1 : 128 lanes 8 x 2, 0 : B rows 6 alone 8, sum 2 : 64], wide>, plan.storage = ...}
    ```

    Assumptions: runs after rondo-plan, by which it knows what is stored. Limits: a device's tiles,
    and the loops of elementwise groups, are decided by Lower. Groups that have loops keep them.
  }];
  let dependentDialects = ["::rondo::RondoDialect", "::rondo::NestDialect"];
  let statistics = [
    Statistic<"numNests", "num-nests", "groups that got loops">
  ];
}

#endif // RONDO_TILE_PASSES_TD
