//===- CheckOps.td - numeric assertions, for tests only ----------*- tablegen -*-===//
#ifndef CHECK_OPS_TD
#define CHECK_OPS_TD

include "Rondo/RondoDialect.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::rondo::check";
  let summary = "numeric assertions, for tests only";
  let description = [{
    A test is a function that `rondo-opt --rondo-interpret` or a compiled run can call without being
    given anything: its inputs stand in it, and what is expected of its values stands beside them.
    `check-outline` turns the ops into attributes of the function, which is the form that is run; it
    can also be written by hand, on functions that other passes transform:

    - `check.bindings = {B = 2, T = [3, 1], n = 4}` on the function gives its symbols values,
    - `check.value = dense<...>` on an argument is what a run passes for it,
    - `check.expect = [{actual = 0, value = dense<...>, tolerance = 1.0e-9, floor = 0.0}, ...]` on the
      function lists what results must be: of the result number `actual`, close to `value` or to the
      result number `expected`; equal where there is no tolerance,
    - `check.expect_grad` is the same for the function `@f.grad` that Differentiate makes of `@f`.

    Only valid positions are compared. Arrays are close if max |a - b| <= tolerance * max |b| + floor,
    written so that NaN fails.
  }];
  let dependentDialects = ["::rondo::RondoDialect"];
}

class Check_Op<string mnemonic, list<Trait> traits = []> : Op<Check_Dialect, mnemonic, traits>;

def Check_InputOp : Check_Op<"input"> {
  let summary = "an array that is given to a test";
  let description = [{
    The numbers of the padded storage; what stands at positions that are not valid does not matter.

    ```mlir
    %x = check.input dense<[[1.0, 2.0], [3.0, 0.0]]> : tensor<2x2xf32> -> !rondo.array<[B, T], f32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = "$value `->` type($result) attr-dict";
  let hasVerifier = 1;
}

class Check_CompareOp<string mnemonic, TypeConstraint type, dag more = (ins)>
    : Check_Op<mnemonic, [AllTypesMatch<["actual", "expected"]>]> {
  let arguments = !con((ins type:$actual, type:$expected), more);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
}
class Check_CompareConstOp<string mnemonic, TypeConstraint type, dag more = (ins)>
    : Check_Op<mnemonic> {
  let arguments = !con((ins type:$actual, ElementsAttr:$value), more);
  let assemblyFormat = "$actual `,` $value attr-dict `:` type($actual)";
  let hasVerifier = 1;
}

defvar tolerances = (ins DefaultValuedAttr<F64Attr, "1e-12">:$tolerance,
                         DefaultValuedAttr<F64Attr, "0.0">:$floor);

def Check_ExpectCloseOp : Check_CompareOp<"expect_close", Rondo_FloatArray, tolerances> {
  let summary = "two arrays are close at valid positions";
  let description = [{
    ```mlir
    check.expect_close %a, %b {tolerance = 1.0e-9} : !rondo.array<[B, T], f32>
    ```
  }];
}
def Check_ExpectCloseConstOp
    : Check_CompareConstOp<"expect_close_const", Rondo_FloatArray, tolerances> {
  let summary = "an array is close to given numbers at valid positions";
  let description = [{
    The numbers have the shape of the padded storage.

    ```mlir
    check.expect_close_const %a, dense<[1.0, 2.0]> : tensor<2xf64> : !rondo.array<[2], f32>
    ```
  }];
}
def Check_ExpectEqualOp : Check_CompareOp<"expect_equal", Rondo_Array> {
  let summary = "two arrays are equal at valid positions; NaN equals NaN";
  let description = [{
    ```mlir
    check.expect_equal %a, %b : !rondo.array<[B, T], i64>
    ```
  }];
}
def Check_ExpectEqualConstOp : Check_CompareConstOp<"expect_equal_const", Rondo_Array> {
  let summary = "an array equals given numbers at valid positions; NaN equals NaN";
  let description = [{
    ```mlir
    check.expect_equal_const %a, dense<[1, 2]> : tensor<2xi64> : !rondo.array<[2], i64>
    ```
  }];
}

#endif // CHECK_OPS_TD
