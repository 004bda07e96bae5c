//===- Passes.td - the loop transformations ----------------------*- tablegen -*-===//
#ifndef RONDO_NORMALISE_PASSES_TD
#define RONDO_NORMALISE_PASSES_TD

include "mlir/Pass/PassBase.td"

def HoistPass : Pass<"rondo-hoist"> {
  let summary = "takes out of a loop what depends on no carry";
  let description = [{
    What a scan's body computes from outside values alone moves before the scan. What it computes from
    slices and the position, and from no carry, is computed before the scan for all steps at once:
    each op gets the scan's dim (behind the examples' dim). Which of these values the loop then reads
    as slices is a minimum cut: cheap ops (elementwise, broadcasts, ...) are computed again in the
    loop where that reads less. A scan without carries and sums disappears; an inner scan that
    depends on no carry leaves as a whole.

    ```mlir
    %h = rondo.scan over <T> carry(%h0) slice(%xs axis 1) : ... {
    ^bb0(%t: ..., %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 2], f32>):
      %a = rondo.contract %x, %w "bk,kn->bn" : ...
      %b = rondo.contract %c, %u "bk,kn->bn" init %a : ...
      %d = rondo.tanh %b : !rondo.array<[B, 4], f32>
      rondo.yield %d : ...
    }
    ```

    becomes

    ```mlir
    %as = rondo.contract %xs, %w "btk,kn->btn" : ...
    %h = rondo.scan over <T> carry(%h0) slice(%as axis 1) : ... {
    ^bb0(%t: ..., %c: !rondo.array<[B, 4], f32>, %a: !rondo.array<[B, 4], f32>):
      %b = rondo.contract %c, %u "bk,kn->bn" init %a : ...
      %d = rondo.tanh %b : !rondo.array<[B, 4], f32>
      rondo.yield %d : ...
    }
    ```

    A check of outside values stays in the loop, since no step may be made. Run rondo-sink before:
    a sum of what depends on no carry becomes a reduction over the whole stack here.
  }];
  let statistics = [Statistic<"numScans", "scans", "scans that something left">];
}

def SinkPass : Pass<"rondo-sink"> {
  let summary = "takes sums of contractions over steps out of a loop";
  let description = [{
    A sum over steps of contractions of two values of the body is one contraction of their stacks,
    over the steps too; so every weight gradient leaves the loop. The same holds for sums of
    reductions (biases) and of scatters onto zero (embeddings), through ops that are linear in one
    operand, and for each part of a sum of these. What is neither a slice nor stacked already, and
    cannot be made of those by cheap ops, is stacked.

    ```mlir
    %dh, %dw = rondo.scan over <T> reverse carry(%dh0) slice(%xs axis 1) sums 1 : ... {
    ^bb0(%t: ..., %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 2], f32>):
      ...
      %g = rondo.contract %x, %dz "bk,bn->kn" : ...
      rondo.yield %d, %g : ...
    }
    ```

    becomes

    ```mlir
    %dh, %dzs = rondo.scan over <T> reverse carry(%dh0) stack(1) : ... {
    ^bb0(%t: ..., %c: !rondo.array<[B, 4], f32>):
      ...
      rondo.yield %d, %dz : ...
    }
    %dw = rondo.contract %xs, %dzs "btk,btn->kn" : ...
    ```

    Values with a run-time dim besides the examples' are not stacked for this: one step of such a
    contraction is long enough. A sum that left is dead in the loop; canonicalize drops it.
  }];
  let statistics = [Statistic<"numSums", "sums", "sums that left a loop, at least in part">];
}

#endif // RONDO_NORMALISE_PASSES_TD
