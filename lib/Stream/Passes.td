//===- Passes.td - Stream's pass ---------------------------------*- tablegen -*-===//
#ifndef RONDO_STREAM_PASSES_TD
#define RONDO_STREAM_PASSES_TD

include "mlir/Pass/PassBase.td"

def Stream : Pass<"rondo-stream", "::mlir::ModuleOp"> {
  let summary = "turn causal functions of sequences into one step and its state";
  let description = [{
    Replaces every `rondo.stream`, the innermost first, by one step of its function in the body of
    the enclosing scan. What the function carries along the streamed dim becomes carries of that
    scan; work position by position loses the dim; a position along the dim is the scan's.

    Before:
    ```mlir
    %ys = rondo.scan over <T> slice(%xs axis 0) stack(0)
        : (!rondo.array<[T, 4], f32>) -> (!rondo.array<[T, 4], f32>) {
    ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[4], f32>):
      %y = rondo.stream over <S> (%x) : (!rondo.array<[4], f32>) -> (!rondo.array<[4], f32>) {
      ^bb0(%s: !rondo.array<[S, 4], f32>):
        %e = rondo.exp %s : !rondo.array<[S, 4], f32>
        %h, %hs = rondo.scan over <S> carry(%h0) slice(%e axis 0) stack(0)
            : (!rondo.array<[4], f32>, !rondo.array<[S, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[S, 4], f32>) {
        ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[4], f32>, %v: !rondo.array<[4], f32>):
          %n = rondo.add %c, %v : !rondo.array<[4], f32>
          rondo.yield %n, %n : !rondo.array<[4], f32>, !rondo.array<[4], f32>
        }
        rondo.yield %hs : !rondo.array<[S, 4], f32>
      }
      rondo.yield %y : !rondo.array<[4], f32>
    }
    ```
    After:
    ```mlir
    %h, %ys = rondo.scan over <T> carry(%h0) slice(%xs axis 0) stack(0)
        : (!rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) -> (!rondo.array<[4], f32>, !rondo.array<[T, 4], f32>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[4], f32>, %x: !rondo.array<[4], f32>):
      %e = rondo.exp %x : !rondo.array<[4], f32>
      %n = rondo.add %c, %e : !rondo.array<[4], f32>
      rondo.yield %n, %n : !rondo.array<[4], f32>, !rondo.array<[4], f32>
    }
    ```

    A loop over another dim around a loop over the streamed one (stacked layers) stays a loop, in the
    step: the state then has that dim first, the loop takes a part of it and stacks the next.

    Assumptions: runs first, on one example, where positions are scalars. Limits: an op that looks
    ahead is refused at its own location, and so are a random draw whose elements lie along the
    dim, and a stream in a reverse scan or not directly in the body of one. An array with the
    dim twice (attention over the steps so far) has no one-step form yet, and says so.

    The dim is declared no more afterwards, nor is any other ragged one that nothing has: no input
    would tell its length.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let statistics = [
    Statistic<"numStreams", "num-streams", "functions that were turned into steps">,
    Statistic<"numStates", "num-states", "carries that were added to the loops around them">
  ];
}

#endif // RONDO_STREAM_PASSES_TD
