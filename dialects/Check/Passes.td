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

#endif // CHECK_PASSES_TD
