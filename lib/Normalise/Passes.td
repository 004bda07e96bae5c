//===- Passes.td - the loop transformations ----------------------*- tablegen -*-===//
#ifndef RONDO_NORMALISE_PASSES_TD
#define RONDO_NORMALISE_PASSES_TD

include "mlir/Pass/PassBase.td"

def UnmapPass : Pass<"rondo-unmap"> {
  let summary = "makes a loop without carries into ops over all of its steps";
  let description = [{
    A scan without carries is a parallel map: each op of its body gets the scan's dim (behind the
    examples' dim), slices are the whole arrays, the position is an iota, a stack is the value itself,
    a sum is a reduction. Out of any scan moves what is the same at every step, so that equal values
    of two loops become one.

    ```mlir
    %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : ... {
    ^bb0(%t: ..., %x: !rondo.array<[2], f32>):
      %y = rondo.contract %x, %w "k,kn->n" : ...
      rondo.yield %y : ...
    }
    ```

    becomes

    ```mlir
    %ys = rondo.contract %xs, %w "bk,kn->bn" : ...
    ```

    A map that holds a check of outside values stays, since no step may be made. Run rondo-sink
    before, for the sums.
  }];
  let statistics = [Statistic<"numScans", "scans", "maps that became ops over all steps">];
}

def ReusePass : Pass<"rondo-reuse"> {
  let summary = "reads what a reverse loop recomputes from the forward loop";
  let description = [{
    The reverse of a scan computes the forward step again, from the stacked carries and the slices.
    Values of its body that are equal to values of the forward body, op by op, loops inside included,
    can be stacked by the forward scan and read as slices instead. Which are is a minimum cut: what
    is not cheap (contractions, loops, reductions) is read, or something smaller that is made of it;
    cheap ops are computed again.

    ```mlir
    %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : ... {
    ^bb0(%t: ..., %c: !rondo.array<[B, 4], f32>):
      %z = rondo.contract %c, %u "bk,kn->bn" : ...
      %n = rondo.tanh %z : !rondo.array<[B, 4], f32>
      rondo.yield %n, %c : ...
    }
    %d = rondo.scan over <T> reverse carry(%d0) slice(%hs axis 1) : ... {
    ^bb0(%t: ..., %e: !rondo.array<[B, 4], f32>, %c: !rondo.array<[B, 4], f32>):
      %z = rondo.contract %c, %u "bk,kn->bn" : ...
      %n = rondo.tanh %z : !rondo.array<[B, 4], f32>
      ...
    ```

    becomes

    ```mlir
    %h, %ns = rondo.scan over <T> carry(%h0) stack(1) : ... {
    ^bb0(%t: ..., %c: !rondo.array<[B, 4], f32>):
      %z = rondo.contract %c, %u "bk,kn->bn" : ...
      %n = rondo.tanh %z : !rondo.array<[B, 4], f32>
      rondo.yield %n, %n : ...
    }
    %d = rondo.scan over <T> reverse carry(%d0) slice(%ns axis 1) : ... {
    ^bb0(%t: ..., %e: !rondo.array<[B, 4], f32>, %n: !rondo.array<[B, 4], f32>):
      ...
    ```

    Memory is not weighed: everything that is worth it is kept. A stack that nobody reads then is
    dead; canonicalize drops it. Runs before hoist, which takes the two bodies apart.
  }];
  let statistics = [Statistic<"numValues", "values", "values that are read instead of recomputed">];
}

def HoistPass : Pass<"rondo-hoist"> {
  let summary = "takes out of a loop what depends on no carry";
  let description = [{
    What a scan's body computes from outside values alone moves before the scan. What it computes from
    slices and the position, and from no carry, is computed before the scan for all steps at once:
    each op gets the scan's dim (behind the examples' dim). Which of these values the loop then reads
    as slices is a minimum cut: cheap ops (elementwise, broadcasts, ...), and contractions that
    read nothing from outside of the loop and make more than they read, are computed in the loop
    where that reads less. A scan without carries and sums disappears; an inner scan that
    depends on no carry leaves as a whole. Before that, what no carry reaches of a
    sum is added up on its own, and a contraction of values side by side, of which a carry reaches
    only some, becomes a sum.

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
    operand, and for each part of a sum of these. A scatter onto zero is linear in its update where
    it adds to the same places at every step. What is neither a slice nor stacked already, and
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

def SplitPass : Pass<"rondo-split"> {
  let summary = "divides a loop by what its carries depend on";
  let description = [{
    Carries that depend on each other, over any number of steps, form a group. Where a contraction
    or an inner loop stands between one group and the next, or between the carries and what the scan
    stacks or sums, the scan becomes scans in sequence: the earlier one stacks what the later reads,
    so that what stands between can be hoisted out of the later one. A deep cell written by hand
    then looks like a stack of layers.

    ```mlir
    %a, %b = rondo.scan over <T> carry(%a0, %b0) slice(%xs axis 0) : ... {
    ^bb0(%t: ..., %ca: !rondo.array<[4], f32>, %cb: !rondo.array<[4], f32>, %x: ...):
      %na = rondo.mul %ca, %x : !rondo.array<[4], f32>
      %m = rondo.contract %na, %w "k,kn->n" : ...
      %nb = rondo.mul %cb, %m : !rondo.array<[4], f32>
      rondo.yield %na, %nb : ...
    }
    ```

    becomes

    ```mlir
    %a, %as = rondo.scan over <T> carry(%a0) slice(%xs axis 0) stack(0) : ... {
    ^bb0(%t: ..., %ca: !rondo.array<[4], f32>, %x: ...):
      %na = rondo.mul %ca, %x : !rondo.array<[4], f32>
      rondo.yield %na, %na : ...
    }
    %b = rondo.scan over <T> carry(%b0) slice(%as axis 0) : ... {
    ^bb0(%t: ..., %cb: !rondo.array<[4], f32>, %na: !rondo.array<[4], f32>):
      %m = rondo.contract %na, %w "k,kn->n" : ...
      %nb = rondo.mul %cb, %m : !rondo.array<[4], f32>
      rondo.yield %nb : ...
    }
    ```

    A product or loop stays where storing what it reads, for all steps, takes more than what that
    saves: what it makes, and what it reads of outside of the loop, which is then read once. A loss
    computed with weights that the loop itself changes is the case in point: no two steps share
    weights, and there may be many steps. Run-time dims count as 128, the examples' as 1.

    Cheap ops that no carry reaches, and ops that repeat or rearrange a value, are repeated where
    they are read. Groups with nothing heavy between them stay together. A contraction of which one
    slice makes the next carry and another does not is taken apart first.
  }];
  let statistics = [Statistic<"numScans", "scans", "scans that were divided">];
}

def MergePass : Pass<"rondo-merge"> {
  let summary = "makes one contraction of several in the step of a loop";
  let description = [{
    In a scan's body, contractions of one value with loop-invariant matrices become one with the
    matrices side by side (joined before the loop), and slices of its result. A sum of contractions
    of values that the step computes becomes one contraction of the values side by side. Other sums
    with contractions become chains on one accumulator (`init`), which start with what no carry
    reaches. Sums of arrays within zeros that do not overlap (the adjoint of slices) become a concat,
    everywhere.

    ```mlir
    %i = rondo.contract %h, %wi "bk,kn->bn" : ...
    %f = rondo.contract %h, %wf "bk,kn->bn" : ...
    %a = rondo.add %f, %x : !rondo.array<[B, 4], f32>
    ```

    becomes, with `%w` computed before the loop,

    ```mlir
    %all = rondo.contract %h, %w "bk,ck->bc" : ... -> !rondo.array<[B, 8], f32>
    %i = rondo.slice %all axis 1 from <0> : ... -> !rondo.array<[B, 4], f32>
    %f = rondo.slice %all axis 1 from <4> : ... -> !rondo.array<[B, 4], f32>
    %a = rondo.add %f, %x : !rondo.array<[B, 4], f32>
    ```

    The matrices' dims are constant. Additions are taken in another order, as inside a contraction.
  }];
  let statistics = [
    Statistic<"numContracts", "contractions", "contractions that were merged into others">,
    Statistic<"numPads", "pads", "sums of pads that became a concat">
  ];
}

def ExplainLoopsPass : Pass<"rondo-explain-loops"> {
  let summary = "says what the loops still hold, and why";
  let description = [{
    Remarks only, once the other passes are done; changes nothing. For each loop one of category
    `loop`: its carries, and the products and the floating-point operations of one step. For each
    product, loop or reduction of its body one of category `hoist`, missed, with the reason why it
    is in there; for what it sums one of category `sink`, missed.

    ```mlir
    // loop (loss): loop over T: 2 carried, 1 product, 245*B operations a step
    %h:2 = rondo.scan over <T> carry(%h0, %c0) : ... {
      // hoist missed (loss): product abc,dc->dab stays in the loop over T: it depends on the step before
      %z = rondo.contract %u, %c "abc,dc->dab" init %a : ...
    ```
  }];
}

#endif // RONDO_NORMALISE_PASSES_TD
