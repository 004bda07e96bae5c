//===- Passes.td - Differentiate's pass --------------------------*- tablegen -*-===//
#ifndef RONDO_DIFFERENTIATE_PASSES_TD
#define RONDO_DIFFERENTIATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def Differentiate : Pass<"rondo-differentiate", "::mlir::ModuleOp"> {
  let summary = "resolve gradients: of rondo.grad, and of every loss with respect to the parameters";
  let description = [{
    Reverse mode. Every `rondo.grad`, the innermost first, becomes its body followed by the reverse
    sweep. For every entry with a batch dim B whose result is one float per example (or a value and
    a weight per example) `NAME.grad` is added: it takes the same arguments and returns the loss
    (the mean over the examples, or sum of values / sum of weights) and its gradient with respect to
    every argument with role "parameter", zero for one that is not used.

    Before:
    ```mlir
    func.func @loss(%w: !rondo.array<[4], f32> {rondo.role = "parameter", rondo.name = "w"},
                    %x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B], f32>
        attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
      %0 = rondo.contract %x, %w "bi,i->b" : ...
      return %0 : !rondo.array<[B], f32>
    }
    ```
    After, in addition:
    ```mlir
    func.func @loss.grad(%w: ..., %x: ...)
        -> (!rondo.array<[], f32> {rondo.role = "loss"},
            !rondo.array<[4], f32> {rondo.role = "gradient", rondo.name = "w"})
        attributes {rondo.kind = "entry", rondo.gradient_of = "loss", ...} {
      %0 = rondo.contract %x, %w "bi,i->b" : ...
      ...                                    // the mean of %0, and its derivative 1 / B
      %4 = rondo.contract %3, %x "b,bi->i" : ...
      return %2, %4 : ...
    }
    ```

    A scan's reverse is a scan in the other direction, of the same dim. The forward scan stacks each
    carry before the step (those that are read); the reverse body recomputes the forward body from
    them and from the slices. What is kept instead of recomputed is Schedule's decision. Values that
    do not lie between a parameter and the loss cost nothing.

    A choice gives an exact 0 to what it did not take. In an adjoint that zero wins over a derivative
    that is infinite or NaN, by a select where the derivative is not known to be finite (Zeros.h).

    With `segments`, the loops of entries and of their gradients run segment by segment in time
    (Segment.cpp); of a gradient:

    ```mlir
    %h, %hs = rondo.scan over <T_segments> carry(%h0) slice(%xs axis 1) stack(1) : ... {
    ^bb0(%first: ..., %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, T_segment, 2], f32>):
      %n = rondo.scan over <T_segment> carry(%c) slice(%x axis 1) : ... { ... }
      rondo.yield %n, %c : ...                // the carry after, and before, the segment
    }
    %g:3 = rondo.scan over <T_segments> reverse carry(%d0) slice(%xs axis 1, %hs axis 1) sums 2 : ... {
      ...                                     // the segment again, its tape, its reverse
    }
    ```

    Assumptions: runs after Batch for the entries' gradients; `rondo.stream` is gone. Limits: an op
    without a reverse rule between a loss and its parameter is refused at its own location.
  }];
  let options = [
    Option<"segments", "segments", "bool", "false",
           "run the loops of entries and their gradients segment by segment (Segment.h)">
  ];
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let statistics = [
    Statistic<"numGrads", "num-grads", "rondo.grad ops that were resolved">,
    Statistic<"numEntries", "num-entries", "entries that got a gradient">,
    Statistic<"numScans", "num-scans", "reverse scans in the result">
  ];
}

#endif // RONDO_DIFFERENTIATE_PASSES_TD
