//===- Passes.td - Machine's pass -------------------------------*- tablegen -*-===//
#ifndef RONDO_MACHINE_PASSES_TD
#define RONDO_MACHINE_PASSES_TD

include "mlir/Pass/PassBase.td"

def DescribeTarget : Pass<"rondo-describe-target", "::mlir::ModuleOp"> {
  let summary = "note which processor is scheduled for";
  let description = [{
    Sets `rondo.target`, the numbers that tiles, blocks and layouts are chosen from
    (Machine/TargetDescription.h). The driver gives those of `--mcpu`; the defaults are x86-64-v3.

    Before:
    ```mlir
    module {...}
    ```
    After `rondo-describe-target{vector-bits=512 vector-registers=32}`:
    ```mlir
    module attributes {rondo.target = {cores = 8 : i64, l1_bytes = 32768 : i64, l2_bytes = 262144 : i64,
        l3_bytes = 2097152 : i64, masks, rounds, vector_bits = 512 : i64, vector_registers = 32 : i64}} {...}
    ```

    Assumptions: runs before every pass that asks for the target. Limits: the passes after it take
    the numbers as they are.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "256", "width of the vectors">,
    Option<"vectorRegisters", "vector-registers", "int64_t", "16", "how many of them there are">,
    Option<"masks", "masks", "bool", "true", "loads and stores of some lanes are instructions">,
    Option<"rounds", "rounds", "bool", "true", "rounding to whole numbers is an instruction">,
    Option<"scales", "scales", "bool", "false", "scaling by a power of two is an instruction">,
    Option<"l1Bytes", "l1", "int64_t", "32 << 10", "bytes of a core's first cache for data">,
    Option<"l2Bytes", "l2", "int64_t", "256 << 10", "bytes of a core's second cache">,
    Option<"l3Bytes", "l3", "int64_t", "2 << 20", "bytes of a core's part of the last cache">,
    Option<"cores", "cores", "int64_t", "8", "cores of the machine">
  ];
}

#endif // RONDO_MACHINE_PASSES_TD
