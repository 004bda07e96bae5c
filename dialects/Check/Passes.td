#ifndef CHECK_PASSES_TD
#define CHECK_PASSES_TD

include "mlir/Pass/PassBase.td"

def CheckOutline : Pass<"check-outline", "::mlir::ModuleOp"> {
  let summary = "turns a test's ops into arguments, results and attributes";
  let description = [{
    A `check.input` becomes an argument with its value, each `check.expect_*` makes its operands
    results and its demand an entry of the function's `check.expect`. What runs a test (the
    interpreter, compiled code) then sees plain functions and compares on the host, both by the same
    code.

    ```mlir
    func.func @test() {
      %x = check.input dense<[1.0, 2.0]> : tensor<2xf32> -> !rondo.array<[2], f32>
      check.expect_close_const %x, dense<[1.0, 2.0]> : tensor<2xf32> : !rondo.array<[2], f32>
      return
    }
    // becomes
    func.func @test(%x: !rondo.array<[2], f32> {check.value = dense<[1.0, 2.0]> : tensor<2xf32>})
        -> !rondo.array<[2], f32>
        attributes {check.expect = [{actual = 0, value = dense<[1.0, 2.0]> : tensor<2xf32>, ...} ]} {
      return %x : !rondo.array<[2], f32>
    }
    ```

    Limits: the ops stand in the function's own block.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def CheckFill : Pass<"check-fill", "::mlir::ModuleOp"> {
  let summary = "gives every argument a value, so that a run can call any function";
  let description = [{
    For each public function, makes bindings for its symbols (those given, else three examples of
    different lengths) and a `check.value` for each argument that has none: floats uniform on (-1, 1),
    indices in range, state and settings as they start. The numbers depend on the seed, the argument's
    name and the element only, so that `@f` and `@f.grad` get the same.

    ```mlir
    func.func @f(%x: !rondo.array<[T], f32> {rondo.name = "x"}) -> ...
    // check-fill{bindings=T=2} makes of it
    func.func @f(%x: !rondo.array<[T], f32> {rondo.name = "x", check.value = dense<[0.3, -0.7]> : tensor<2xf32>}) -> ...
        attributes {check.bindings = {T = [2]}}
    ```
  }];
  let options = [
    ListOption<"bindings", "bindings", "std::string", "values of symbols: B=2, T=3:1">,
    ListOption<"functions", "functions", "std::string", "the functions to fill; all if none is named">,
    Option<"seed", "seed", "int64_t", "1", "seed of the numbers">
  ];
}

#endif // CHECK_PASSES_TD
