#ifndef RONDO_INTERPRET_PASSES_TD
#define RONDO_INTERPRET_PASSES_TD

include "mlir/Pass/PassBase.td"

def InterpretTests : Pass<"rondo-interpret", "::mlir::ModuleOp"> {
  let summary = "runs a module's tests in the reference interpreter";
  let description = [{
    A test is a public function that has a value for every argument (the check dialect). The module
    itself stays as it is. Each expectation that fails is an error where it is written; a module
    without tests is an error too.

    ```mlir
    func.func @sum_of_each_examples_own() attributes {
        rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
        check.bindings = {B = 2, T = [3, 1]}} {
      %x = check.input dense<[[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]> : tensor<2x3xf32>
          -> !rondo.array<[B, T], f32>
      %s = rondo.reduce sum %x axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
      check.expect_close_const %s, dense<[6.0, 4.0]> : tensor<2xf32> : !rondo.array<[B], f32>
      return
    }
    ```
  }];
  let statistics = [Statistic<"numTests", "tests", "tests run">];
}

def Record : Pass<"rondo-record", "::mlir::ModuleOp"> {
  let summary = "makes what the interpreter finds the expectation of later runs";
  let description = [{
    Runs each test that expects nothing yet and stores its results as `check.expect` (for `@f.grad` as
    `check.expect_grad`). A later `rondo-interpret` or `rondo-run` then compares the stage that it runs
    with the stage recorded here.

    ```mlir
    func.func @f(%x: !rondo.array<[2], f64> {check.value = dense<[1.0, 2.0]> : tensor<2xf64>}) -> !rondo.array<[2], f64>
    // becomes
    func.func @f(%x: ...) -> ... attributes {check.expect = [{actual = 0, value = dense<[1.0, 2.0]> : tensor<2xf64>, ...}, ...]}
    ```
  }];
  let options = [
    Option<"tolerance", "tolerance", "double", "1e-12", "relative to the largest number of an array">,
    Option<"floor", "floor", "double", "1e-13", "absolute">
  ];
}

def GradCheck : Pass<"rondo-gradcheck", "::mlir::ModuleOp"> {
  let summary = "compares gradients with central differences, in the interpreter";
  let description = [{
    For each test that Differentiate made (`@f.grad`: a loss and the gradients of parameters), moves
    elements of each parameter up and down and compares the loss's slope with the gradient.

    ```mlir
    func.func @f.grad(%w: !rondo.array<[], f64> {rondo.role = "parameter", rondo.name = "w", check.value = ...})
        -> (!rondo.array<[], f64> {rondo.role = "loss"}, !rondo.array<[], f64> {rondo.role = "gradient", rondo.name = "w"})
    ```

    Limits: of a parameter with more elements than `elements` only so many are moved, evenly spread.
    Values next to a kink are not recognised.
  }];
  let options = [
    Option<"tolerance", "tolerance", "double", "1e-6", "relative to the largest slope of an array">,
    Option<"floor", "floor", "double", "1e-8", "absolute">,
    Option<"elements", "elements", "int64_t", "24", "how many elements of a parameter are moved">
  ];
  let statistics = [Statistic<"numElements", "elements", "elements moved">];
}

def VerifyCoverage : Pass<"rondo-verify-coverage", "::mlir::ModuleOp"> {
  let summary = "fails where a registered rondo op lacks an evaluator or a rule";
  let description = [{
    Walks all registered ops of the dialect, not the module's: each must have an evaluator, a cost,
    an adjoint, a batch rule and a stream rule, but for the exceptions in the table of
    VerifyCoverage.cpp, each of which has its reason. An exception that is not needed any more is an
    error too. For tests.

    ```mlir
    module {}   // rondo-opt --rondo-verify-coverage: error: rondo.new_op lacks: adjoint
    ```
  }];
  let dependentDialects = ["::rondo::RondoDialect"];
}

#endif // RONDO_INTERPRET_PASSES_TD
