//===- Passes.td - passes that need the whole compiler -----------*- tablegen -*-===//
#ifndef RONDO_DRIVER_PASSES_TD
#define RONDO_DRIVER_PASSES_TD

include "mlir/Pass/PassBase.td"

def RunTests : Pass<"rondo-run", "::mlir::ModuleOp"> {
  let summary = "compiles a module's tests and runs them in this process";
  let description = [{
    The same tests as `rondo-interpret` (the check dialect), compiled from Schedule on and run by the
    JIT. The module itself stays as it is. Each expectation that fails is an error where it is
    written; a module without tests is an error too.

    ```mlir
    func.func @twice() {
      %x = check.input dense<[1.0, 2.0]> : tensor<2xf32> -> !rondo.array<[2], f32>
      %y = rondo.add %x, %x : !rondo.array<[2], f32>
      check.expect_close_const %y, dense<[2.0, 4.0]> : tensor<2xf32> : !rondo.array<[2], f32>
      return
    }
    ```

    Besides, every result is compared with what the interpreter gives, and with the bits that other
    numbers of workers give.

    Limits: tests that no produced program could hold are left out: those with `rondo.grad`,
    `rondo.stream`, the batch within another dim of an argument or result, or the attribute
    `check.poison` (it looks at positions that are not valid). What is compared in single precision
    gets a tolerance of at least 1e-4, in double precision of 1e-10.
  }];
  let options = [
    Option<"precision", "precision", "std::string", "\"f32\"",
           "f64 turns everything that is f32 into f64 first">,
    Option<"level", "O", "unsigned", "1", "optimisation level, 0 to 3">,
    Option<"threads", "threads", "int64_t", "3",
           "compare the bits that up to so many workers give with those of one">,
    Option<"processor", "mcpu", "std::string", "\"native\"",
           "the processor to compile for, as for rondoc; this machine must have its features">,
    Option<"isEmulated", "emulate", "bool", "false",
           "compile for a GPU, whose kernels an emulator runs and watches">
  ];
  let statistics = [Statistic<"numTests", "tests", "tests run">];
}

#endif // RONDO_DRIVER_PASSES_TD
