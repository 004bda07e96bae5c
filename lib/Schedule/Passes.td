//===- Passes.td - Schedule's passes -----------------------------*- tablegen -*-===//
#ifndef RONDO_SCHEDULE_PASSES_TD
#define RONDO_SCHEDULE_PASSES_TD

include "mlir/Pass/PassBase.td"

def Layout : Pass<"rondo-layout", "::mlir::ModuleOp"> {
  let summary = "give contractions operands that can be read by vectors";
  let description = [{
    The vectors of a contraction run along the last dim of its result. The operand that has this dim
    and constant dims (a weight) is packed into panels of one vector, padded with zeros, before all
    loops; ops that only move elements give the contraction its view of the panels. An operand of
    other dims gets the dim last, by a transposed copy where it has not. A weight that a loop takes
    one slice of per step (one layer's) is packed before the loop, all slices at once.

    Before:
    ```mlir
    %z = rondo.contract %h, %u "bk,nk->bn"
    ```
    After, with vectors of 16 elements:
    ```mlir
    %0 = rondo.group : !rondo.array<[16, 64, 16], f32> {
      %1 = rondo.reshape %u : <[256, 64], f32> -> <[16, 16, 64], f32>
      %2 = rondo.transpose %1 [0, 2, 1]
      rondo.yield %2
    }
    %3 = rondo.transpose %0 [1, 0, 2]
    %4 = rondo.reshape %3 : <[64, 16, 16], f32> -> <[64, 256], f32>
    %z = rondo.contract %h, %4 "bk,kn->bn"
    ```

    Parts of the result that are taken at one position each (gates) stand side by side in a panel,
    before the lanes.

    Not in a device's pipeline, whose tiles bring their operands into order as they copy them.

    Limits: a dim of the examples is not moved; without rows to use a vector again, nothing is; what
    stays in the first-level cache as it is (less than `smallest-packed`) is not packed. Neither is,
    where a function gives gradients and so has new parameters in every call, a weight that fits the
    second-level cache and has its lanes last already, with rows that are not whole pages apart.
  }];
  let options = [
    Option<"smallestPacked", "smallest-packed", "int64_t", "16384",
           "bytes from which an operand is packed">
  ];
  let statistics = [
    Statistic<"numTransposed", "num-transposed", "operands that were copied">,
    Statistic<"numPacked", "num-packed", "operands that were packed">
  ];
}

def SplitSums : Pass<"rondo-split-sums", "::mlir::ModuleOp"> {
  let summary = "take a device's reductions over several axes one axis at a time";
  let description = [{
    A sum over a whole array (a norm for clipping, a loss, a bias' gradient over examples and steps)
    gives few threads long sums. Axis by axis, all but the last of these sums are many.

    Before:
    ```mlir
    %s = rondo.reduce sum %a axes [0, 1] : !rondo.array<[B, T], f32> -> !rondo.array<[], f32>
    ```
    After:
    ```mlir
    %0 = rondo.reduce sum %a axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
    %s = rondo.reduce sum %0 axes [0] : !rondo.array<[B], f32> -> !rondo.array<[], f32>
    ```

    Assumptions: runs before rondo-group. Axes of fewer than eight positions are taken with the next
    one. Not in a CPU's pipeline: there a worker's sum is bound by memory, not by its length.
  }];
  let statistics = [Statistic<"numSplit", "num-split", "reductions that became several">];
}

def Recompute : Pass<"rondo-recompute", "::mlir::ModuleOp"> {
  let summary = "compute again what is dearer to keep in memory";
  let description = [{
    A value that a reduction reads and that is read again by work which waits for that reduction
    cannot stay in registers. Where it follows elementwise from one array that is in memory anyway,
    its later readers get a copy of the ops that make it: softmax's exponentials, layer norm's centred
    rows, the probabilities in the gradient of cross entropy are never stored.

    Before:
    ```mlir
    %e = rondo.exp %d : !rondo.array<[B, T, 256], f32>
    %s = rondo.reduce sum %e axes [2] : ...
    %b = rondo.broadcast %s dims [0, 1] : ...
    %p = rondo.div %e, %b : !rondo.array<[B, T, 256], f32>
    ```
    After:
    ```mlir
    %e = rondo.exp %d : !rondo.array<[B, T, 256], f32>
    %s = rondo.reduce sum %e axes [2] : ...
    %b = rondo.broadcast %s dims [0, 1] : ...
    %e1 = rondo.exp %d : !rondo.array<[B, T, 256], f32>
    %p = rondo.div %e1, %b : !rondo.array<[B, T, 256], f32>
    ```

    A scatter into zeros of one number per row (the gradient of picking the target's logit), whose
    readers are elementwise, becomes a comparison of positions where it is read.

    Assumptions: runs before rondo-group. Limits: at most eight ops, one transcendental among them and
    that only for arrays larger than the second-level cache (a run-time dim counts as 64); nothing
    that is read through a movement of elements.
  }];
  let statistics = [Statistic<"numCopies", "num-copies", "values that are computed again">];
  let dependentDialects = ["::rondo::RondoDialect"];
}

def Group : Pass<"rondo-group", "::mlir::ModuleOp"> {
  let summary = "decide what is computed together, in one nest of loops";
  let description = [{
    Puts every op that computes into a `rondo.group`; what a group yields is stored, the rest stays in
    registers. An op joins the group of its readers as long as nothing is computed more than once:
    elementwise work becomes the tail of the contraction it reads, or the prologue of the reduction
    that reads it. Ops that only move elements or give constants stay outside: they are computed
    where they are read, and cost nothing.

    Before:
    ```mlir
    %z = rondo.contract %x, %w "bk,kn->bn" : ...
    %a = rondo.tanh %z : !rondo.array<[B, 4], f32>
    ```
    After:
    ```mlir
    %a = rondo.group : !rondo.array<[B, 4], f32> {
      %z = rondo.contract %x, %w "bk,kn->bn" : ...
      %0 = rondo.tanh %z : !rondo.array<[B, 4], f32>
      rondo.yield %0 : !rondo.array<[B, 4], f32>
    }
    ```

    Assumptions: `rondo.stream` and `rondo.grad` are gone. Limits: one head per group; groups that
    share nothing but what they read are not merged.
  }];
  let statistics = [Statistic<"numFused", "num-fused", "ops that joined the group of their readers">];
}

def Rows : Pass<"rondo-rows", "::mlir::ModuleOp"> {
  let summary = "compute groups that read one another row by row";
  let description = [{
    Groups that give one another whole rows (a mean, what is left of it, its variance, what is
    divided by it; a maximum, the sum of the exponentials, their quotient; and the adjoints of these)
    become the steps of one group of rows: a few rows go through all of the steps before the next
    ones begin. What only these steps read is kept for those few rows alone, there is no barrier
    between the steps, and workers that share the rows share all of it.

    Before:
    ```mlir
    %s = rondo.group : !rondo.array<[B], f32> {
      %0 = rondo.reduce sum %x axes [1] : !rondo.array<[B, 4], f32> -> !rondo.array<[B], f32>
      rondo.yield %0 : !rondo.array<[B], f32>
    }
    %b = rondo.broadcast %s dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 4], f32>
    %d = rondo.group : !rondo.array<[B, 4], f32> {
      %0 = rondo.div %x, %b : !rondo.array<[B, 4], f32>
      rondo.yield %0 : !rondo.array<[B, 4], f32>
    }
    ```
    After:
    ```mlir
    %d = rondo.group rows 1 : !rondo.array<[B, 4], f32> {
      %s = rondo.group : !rondo.array<[B], f32> {
        %0 = rondo.reduce sum %x axes [1] : !rondo.array<[B, 4], f32> -> !rondo.array<[B], f32>
        rondo.yield %0 : !rondo.array<[B], f32>
      }
      %b = rondo.broadcast %s dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 4], f32>
      %1 = rondo.group : !rondo.array<[B, 4], f32> {
        %0 = rondo.div %x, %b : !rondo.array<[B, 4], f32>
        rondo.yield %0 : !rondo.array<[B, 4], f32>
      }
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    }
    ```

    Assumptions: runs after rondo-group. Limits: products and scatters stay groups of their own; all
    that is computed of a row fits the first-level cache (a run-time dim counts as 64). On a device a
    row is a block's: it fits the shared memory that rows may take, and has at least 64 numbers.
  }];
  let statistics = [Statistic<"numJoined", "num-joined", "groups that became steps of rows">];
}

def Levels : Pass<"rondo-levels", "::mlir::ModuleOp"> {
  let summary = "put a device's statements that need not wait for one another together";
  let description = [{
    Threads wait for one another between a statement and what reads it, so the ops of a block are
    sorted by the length of the longest chain of statements before them: first all that reads
    arguments only, then what reads those, and so on. The update of all parameters needs as many
    barriers as that of one. Otherwise the order stays.

    Before:
    ```mlir
    %a = rondo.group {... %x ...}
    %b = rondo.group {... %a ...}
    %c = rondo.group {... %y ...}
    %d = rondo.group {... %c ...}
    ```
    After: %a, %c, %b, %d.

    Assumptions: runs after rondo-group, before rondo-plan. Limits: what is computed earlier than it
    was takes memory for longer.
  }];
  let statistics = [Statistic<"numMoved", "num-moved", "ops that moved">];
}

def Persistent : Pass<"rondo-persistent", "::mlir::ModuleOp"> {
  let summary = "decide which loops are one kernel of a device";
  let description = [{
    A step of a recurrence is too little work for a device: starting a kernel for it takes as long as
    computing it. So a loop over time becomes one kernel, with a barrier of the whole grid where a
    step waits for the one before; the outermost loop is taken, but not one over the layers or the
    segments of time around such loops. A loop whose steps are so large that starting kernels does not
    matter is left to the host, as are all loops if this pass is disabled.

    Before:
    ```mlir
    %r = rondo.scan over <T> carry(%h) : ...
    ```
    After:
    ```mlir
    %r = rondo.scan over <T> carry(%h) : ... {rondo.persistent}
    ```

    Assumptions: runs after rondo-group. Limits: a step is large from 32 million operations per
    example on, other run-time dims counted as 64.
  }];
  let statistics = [Statistic<"numLoops", "num-loops", "loops that are one kernel">];
}

#endif // RONDO_SCHEDULE_PASSES_TD
