//===- Passes.td - Plan's passes ---------------------------------*- tablegen -*-===//
#ifndef RONDO_PLAN_PASSES_TD
#define RONDO_PLAN_PASSES_TD

include "mlir/Pass/PassBase.td"

def Plan : Pass<"rondo-plan", "::mlir::ModuleOp"> {
  let summary = "give every stored value its place";
  let description = [{
    What a group or a scan yields is stored in a slot of the arena, or where it is wanted in the end:
    in the function's result, at the present position of a stack, or added to a sum. Every
    value has a slot of its own, named by its type; slots whose lives do not overlap share bytes.
    Which of two overlapping ones is below the other is decided here for typical dims
    (`plan.below`); offsets follow from it at run time, a slot begins where the last of those below
    it ends, so that the plan holds for any dims. Chooses the symbol that rows are sorted by: the ragged one that most scans run over.

    A carry is never copied from step to step. It is updated in place where the group that computes
    it reads it only at the positions that it stores, and nothing reads it later in the step; it is
    one row of a slot per position (`history`) where the scan stacks what it is before or after the
    steps, which then are views of that slot; else it is in two places by turns (`pair`). What a scan
    yields and no op of its body could store where it is wanted gets a group of its own, so that
    every copy is seen here and Lower adds none.

    Before:
    ```mlir
    func.func @f(%a: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32> {
      %0 = rondo.group : !rondo.array<[B, 4], f32> {...}
      %1 = rondo.group : !rondo.array<[B, 4], f32> {...}
      return %1
    ```
    After:
    ```mlir
    func.func @f(...) attributes {plan.slots = [!rondo.array<[B, 4], f32>],
                                   plan.below = [array<i64>]} {
      %0 = rondo.group {...} {plan.storage = [#plan.storage<slot 0>]}
      %1 = rondo.group {...} {plan.storage = [#plan.storage<result 0>]}
    ```

    ```mlir
    %h, %c, %hs = rondo.scan over <T> carry(%h0, %c0) stack(1) {
      %0:2 = rondo.group {...} {plan.storage = [#plan.storage<next 0>, #plan.storage<next 1>]}
      rondo.yield %0#0, %0#1, %0#0
    } {plan.carries = [#plan.carry<history 1>, #plan.carry<in_place>], plan.storage = [#plan.storage<none>, #plan.storage<slot 2>, #plan.storage<after 0>]}
    ```

    What steps of rows give to others is stored where the rows' result is (`yield 0`); what only they
    read lies in memory of each worker that is as long as a few rows (`local 1`), or in a slot if the
    length of a row is known at run time only.

    What is added to memory any number of times has a slot for what the additions lose, its rest
    (`plan.rests`, per result a slot or -1; Plan/Rests.h).

    Groups at the top of a function that compute something of constant size from parameters alone
    (packed weights) are kept from call to call (`cache 0`, the types in `plan.cached`): they move
    before all other ops, and a call runs them only if it is told that parameters have changed.

    Assumptions: runs after rondo-group; what is left outside of groups is scans, and ops that are
    computed where they are used. Limits: the order of the slots suits dims that are all alike.
  }];
  let dependentDialects = ["::rondo::RondoDialect", "::rondo::PlanDialect"];
  let statistics = [
    Statistic<"numSlots", "num-slots", "slots of all arenas">
  ];
}

def Share : Pass<"rondo-share", "::mlir::ModuleOp"> {
  let summary = "say how the workers share each statement, and where they wait";
  let description = [{
    A produced program runs its code on all workers from the first statement to the last. For every
    stored op, and for every copy that Lower makes around a scan or at a function's end, this pass
    chooses the axis of *what is stored* along which the workers share it, or that worker 0 does it
    alone, and whether all wait for one another before it; both stand in `plan.share`.

    - A sum is never shared: one worker computes an element from its first summand to its last. So
      results are the same bits for any number of workers, which is all that `--deterministic` asks.
    - A worker's part of an axis depends on the dim alone (whole lines and vectors of long constant
      dims), so statements that share equal dims at equal positions need no barrier between them.
    - A contraction with long constant columns is shared by columns: in a loop, each worker's slice of
      the weights stays in its own cache, and ragged lengths do not matter. Other statements follow
      those that write what they read and read what they write; what is left takes its first large
      axis, the batch before all.
    - A barrier stands before a statement that touches an element which another worker may have
      written, or writes one which another may have touched, since the last barrier. What two steps of
      a scan write to a stack lies at different positions and needs none. A loop's end flows into its
      start, until nothing changes.

    The function gets its work and its number of barriers as polynomials (`rondo.work`,
    `rondo.barriers`), from which the runtime says how many workers a call is worth.

    Before:
    ```mlir
    %0 = rondo.group {...} {plan.storage = [#plan.storage<slot 0>]}
    %1 = rondo.group {...} {plan.storage = [#plan.storage<result 0>]}
    ```
    After:
    ```mlir
    %0 = rondo.group {...} {plan.share = [#plan.share<axis 1>], plan.storage = [#plan.storage<slot 0>]}
    %1 = rondo.group {...} {plan.share = [#plan.share<barrier, axis 1>], plan.storage = [#plan.storage<result 0>]}
    ```

    Assumptions: runs after rondo-plan. Limits: what stores no array with an axis to share (sums over
    everything, scalars) is done by worker 0 alone; the choice knows the constant dims and takes the
    batch and the lengths for large; rows are shared in equal numbers, whatever their lengths.
  }];
  let dependentDialects = ["::rondo::RondoDialect", "::rondo::PlanDialect"];
  let statistics = [
    Statistic<"numShared", "num-shared", "statements that the workers share">,
    Statistic<"numBarriers", "num-barriers", "barriers">
  ];
}

def ShareThreads : Pass<"rondo-share-threads", "::mlir::ModuleOp"> {
  let summary = "say which statements a device's threads share, and where they wait";
  let description = [{
    rondo-share for a device, whose workers are threads by the thousand: no axis is chosen. A statement
    is spread over all of them ("threads"), but for single numbers and checks, which are the first
    one's. Barriers and attributes are as there. Where two statements are elementwise over equal dims,
    an element has the same thread in both, so no barrier stands between; heads (products, sums) go by
    tiles and warps, of which this pass knows nothing. There, threads do share a sum.

    Before:
    ```mlir
    %0 = rondo.group {...} {plan.storage = [#plan.storage<slot 0>]}
    %1 = rondo.group {...} {plan.storage = [#plan.storage<result 0>]}
    ```
    After:
    ```mlir
    %0 = rondo.group {...} {plan.share = [#plan.share<threads>], plan.storage = [#plan.storage<slot 0>]}
    %1 = rondo.group {...} {plan.share = [#plan.share<barrier, threads>], plan.storage = [#plan.storage<result 0>]}
    ```

    Assumptions: runs after rondo-plan, on the module of a device.
  }];
  let dependentDialects = ["::rondo::RondoDialect", "::rondo::PlanDialect"];
  let statistics = [
    Statistic<"numShared", "num-shared", "statements that the threads share">,
    Statistic<"numBarriers", "num-barriers", "barriers">
  ];
}

def Barriers : Pass<"rondo-barriers", "::mlir::ModuleOp"> {
  let summary = "let workers wait where their shares ask for it";
  let description = [{
    Adds to `plan.share` the barriers that the statements' shares need and do not have, as rondo-share
    does when it chooses them: an axis that was edited in a printed plan has the barriers that follow
    from it. Barriers that are there stay. A share that no worker could have is an error: of an axis that
    only the index of a scatter numbers, or along which a worker would read what another writes.

    Before:
    ```mlir
    %0 = rondo.group {...} {plan.share = [#plan.share<axis 0>]}
    %1 = rondo.group {...} {plan.share = [#plan.share<axis 1>]}
    ```
    After, where the second reads the first:
    ```mlir
    %0 = rondo.group {...} {plan.share = [#plan.share<axis 0>]}
    %1 = rondo.group {...} {plan.share = [#plan.share<barrier, axis 1>]}
    ```

    Assumptions: runs after rondo-share, or on a stage that was printed after it. Limits: a barrier that
    an edit has made needless stays.
  }];
  let options = [
    Option<"threads", "threads", "bool", "false",
           "the threads of a device share the statements, not workers">
  ];
  let dependentDialects = ["::rondo::RondoDialect", "::rondo::PlanDialect"];
}

def ExplainPlan : Pass<"rondo-explain-plan", "::mlir::ModuleOp"> {
  let summary = "says where things are kept, and why";
  let description = [{
    Remarks of category `plan` only, of what rondo-plan has decided; changes nothing. For each
    function the bytes of its work space as a polynomial in its dims, and what its examples are
    sorted by; for each carry of a loop how it is kept from step to step; what is kept from call to
    call.

    ```mlir
    // plan (f): 1 array takes 32*B bytes of work space where dims are alike, ...
    // plan (f): loop over T: carry 0, f32[B, 4], is in two places by turns: ...
    %h = rondo.scan over <T> carry(%h0) ... {plan.carries = [#plan.carry<pair 0>]}
    ```
  }];
}

#endif // RONDO_PLAN_PASSES_TD
