// RUN: rondo-opt %s --rondo-describe-target="vector-bits=512 vector-registers=32 masks=false rounds=false scales=true l1=7 l2=8 l3=9 cores=3" | FileCheck %s
// RUN: rondo-opt %s --rondo-describe-target | FileCheck %s --check-prefix=DEFAULT
// RUN: rondo-opt %s --rondo-describe-target="vector-bits=512 vector-registers=32" --rondo-group --rondo-plan --rondo-tile --rondo-lower | FileCheck %s --check-prefix=WIDE
// RUN: rondo-opt %s --rondo-describe-target="vector-bits=128 masks=false rounds=false" --rondo-group --rondo-plan --rondo-tile --rondo-lower | FileCheck %s --check-prefix=NARROW

// The module notes the target, its features as units where it has them, and Lower's vectors are as wide as it says.

// CHECK: module attributes {rondo.target = {cores = 3 : i64, l1_bytes = 7 : i64, l2_bytes = 8 : i64, l3_bytes = 9 : i64, scales, vector_bits = 512 : i64, vector_registers = 32 : i64}}
// DEFAULT: {cores = 8 : i64, l1_bytes = 32768 : i64, l2_bytes = 262144 : i64, l3_bytes = 2097152 : i64, masks, rounds, vector_bits = 256 : i64, vector_registers = 16 : i64}
// WIDE: vector<16xf32>
// NARROW: vector<4xf32>
func.func @twice(%x: !rondo.array<[B, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %y = rondo.add %x, %x : !rondo.array<[B, 64], f32>
  return %y : !rondo.array<[B, 64], f32>
}
