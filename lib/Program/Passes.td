//===- Passes.td - Program's passes ------------------------------*- tablegen -*-===//
#ifndef RONDO_PROGRAM_PASSES_TD
#define RONDO_PROGRAM_PASSES_TD

include "mlir/Pass/PassBase.td"

def Precision : Pass<"rondo-precision", "::mlir::ModuleOp"> {
  let summary = "compile the whole program in another precision";
  let description = [{
    Turns every f32 of the module (types of values and parameters, constants) into f64. Constants
    keep their value: what was rounded to single precision stays rounded. Precision is a property of
    the compilation, not of the model.

    Before:
    ```mlir
    %a = rondo.constant 5.000000e-01 : f32 -> !rondo.array<[T], f32>
    ```
    After `rondo-precision{to=f64}`:
    ```mlir
    %a = rondo.constant 5.000000e-01 : f64 -> !rondo.array<[T], f64>
    ```

    Assumptions: none; it may run at any stage before Lower. Limits: `to` is f32, which changes
    nothing, or f64.
  }];
  let options = [
    Option<"to", "to", "std::string", "\"f64\"", "the precision: f32 or f64">
  ];
  let statistics = [
    Statistic<"numConverted", "num-converted", "ops whose results or attributes were converted">
  ];
}

def AnnotateCost : Pass<"rondo-annotate-cost", "::mlir::ModuleOp"> {
  let summary = "notes at each entry how much work it is, for `info`";
  let description = [{
    Sets `rondo.flops`, the floating-point operations of one call as a polynomial in the entry's
    symbols, and, where an entry has lengths, `rondo.flops_per_token`, those of one example with all
    other dims 128, by 128.

    ```mlir
    func.func @f(%x: !rondo.array<[B, T], f32>) -> !rondo.array<[B], f32> attributes {rondo.kind = "entry"}
    // gets
    attributes {rondo.kind = "entry", rondo.flops = "B*T", rondo.flops_per_token = 1.0 : f64}
    ```

    Assumptions: runs after Normalise, before the work is spread over groups. Entries without a
    run-time dim but the batch (the optimizer's step) have no tokens and get nothing.
  }];
}

def PrintCost : Pass<"rondo-print-cost", "::mlir::ModuleOp"> {
  let summary = "says how much work each function is";
  let description = [{
    One remark per function: the floating-point operations and the bytes of one call, as polynomials
    in the function's symbols. Changes nothing.

    ```mlir
    // remark: flops: 2*B*T + B, bytes: 8*B*T + 4*B
    func.func @f(%x: !rondo.array<[B, T], f32>) -> !rondo.array<[B], f32>
    ```
  }];
}

def Twins : Pass<"rondo-twins", "::mlir::ModuleOp"> {
  let summary = "add double-precision twins of the entries that have a gradient";
  let description = [{
    For every single-precision entry NAME whose gradient NAME.grad exists, clones both in double
    precision as NAME.f64 and NAME.grad.f64, so that the produced program can compare reverse mode
    with central differences (`gradcheck`). Where NAME stops the gradient of something that depends
    on a parameter, NAME.check is added, in double precision too: it takes the parameters twice and
    computes what is stopped from the second, which gradcheck holds while it varies the first
    (HoldStopped.h); but not where loops run in segments, for a memory budget.

    Before:
    ```mlir
    func.func @loss(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B], f32>
        attributes {rondo.kind = "entry"}
    func.func @loss.grad(...) attributes {rondo.kind = "entry"}
    ```
    After, in addition:
    ```mlir
    func.func @loss.f64(%x: !rondo.array<[B, 4], f64>) -> !rondo.array<[B], f64>
        attributes {rondo.kind = "entry", rondo.twin_of = "loss"}
    func.func @loss.grad.f64(...) attributes {rondo.kind = "entry", rondo.twin_of = "loss.grad"}
    ```

    A twin has a target of its own, with `element_scale = 2`: where a decision goes by bytes or lanes,
    its numbers count as those of the function that it is the twin of, and both are scheduled alike.
    What is made of these functions checks others and runs seldom, so it costs little to make: their
    tiles leave rows one by one (lib/Lower), and LLVM does not optimise them (`optimize_none`).

    Assumptions: runs after Differentiate. Limits: a program that is compiled in double precision
    needs no twins and gets none.
  }];
  let statistics = [Statistic<"numTwins", "num-twins", "entries that were cloned">];
}

def Devices : Pass<"rondo-devices", "::mlir::ModuleOp"> {
  let summary = "give a program a module for a GPU";
  let description = [{
    Adds the module @cuda with a target description of its own, and a clone of each function; the
    passes that run on such modules make of them what that machine wants. A function has one name on
    all machines. With `only`, the program is for the GPU alone, and of its functions only the
    declarations stay.

    Before:
    ```mlir
    func.func @loss(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
        attributes {rondo.kind = "entry"} {...}
    ```
    After:
    ```mlir
    func.func @loss(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
        attributes {rondo.kind = "entry"} {...}
    module @cuda attributes {rondo.target = {threads_per_block = 256 : i64, ...}} {
      func.func @loss(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
          attributes {rondo.kind = "entry"} {...}
    }
    ```

    Assumptions: runs after rondo-twins, before what asks for the target.
  }];
  let options = [
    Option<"only", "only", "bool", "false", "the program is for the GPU alone">,
    Option<"products", "products", "int64_t", "0",
           "operands of its contractions: 0 as they are, 1 rounded to tf32, 2 to bf16">
  ];
  let statistics = [Statistic<"numClones", "num-clones", "functions that were cloned">];
}

#endif // RONDO_PROGRAM_PASSES_TD
