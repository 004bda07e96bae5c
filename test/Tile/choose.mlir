// RUN: rondo-opt %s --rondo-describe-target="vector-bits=512 vector-registers=32" --rondo-group --rondo-plan --rondo-share --rondo-tile | FileCheck %s
// RUN: rondo-opt %s --rondo-group --rondo-plan --rondo-share --rondo-tile | FileCheck %s --check-prefix=NARROW
// Which loops heads get, for 32 registers of 16 lanes and for 16 of 8.

// Rows share the vectors of the columns; a single row takes twice the columns.
// CHECK-LABEL: @product
// CHECK: nest.loops = #nest.loops<[1 : 128 lanes 16 x 4, 0 : B rows 6 alone 8, sum 2 : 64], wide>
// NARROW-LABEL: @product
// NARROW: nest.loops = #nest.loops<[1 : 128 lanes 8 x 2, 0 : B rows 6 alone 8, sum 2 : 64], wide>
// What is contiguous in the operand is summed: lanes of partial sums.
// CHECK-LABEL: @dot
// CHECK: nest.loops = #nest.loops<[0 : B, sum 1 : T lanes 16]>
// A weight gradient: blocks, and a panel of the columns.
// CHECK-LABEL: @weights
// CHECK: nest.loops = #nest.loops<[1 : 96 lanes 16 x 4, 0 : 64 rows 6 alone 8, sum 2 : B, sum 3 : T], by rows, blocks 512, panel 1>
// No rows: twice the columns. The epilogue takes long and stands there once.
// CHECK-LABEL: @largest
// CHECK: nest.loops = #nest.loops<[0 : 64 lanes 16 x 8, sum 1 : 4], by rows>
// The example comes first: it bounds all others.
// CHECK-LABEL: @ragged
// CHECK: nest.loops = #nest.loops<[0 : B, 1 : S lanes 16 x 8, sum 2 : T]>
func.func @product(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 128], f32>) -> !rondo.array<[B, 128], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 128], f32>) -> !rondo.array<[B, 128], f32>
  return %a : !rondo.array<[B, 128], f32>
}
func.func @dot(%x: !rondo.array<[B, T], f32>) -> !rondo.array<[B], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.reduce sum %x axes [1] : !rondo.array<[B, T], f32> -> !rondo.array<[B], f32>
  return %a : !rondo.array<[B], f32>
}
func.func @weights(%x: !rondo.array<[B, T, 64], f32>, %y: !rondo.array<[B, T, 96], f32>) -> !rondo.array<[64, 96], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %y "btk,btn->kn" : (!rondo.array<[B, T, 64], f32>, !rondo.array<[B, T, 96], f32>) -> !rondo.array<[64, 96], f32>
  return %a : !rondo.array<[64, 96], f32>
}
func.func @largest(%x: !rondo.array<[4, 64], f32>) -> !rondo.array<[64], f32> {
  %t = rondo.reduce max %x axes [0] : !rondo.array<[4, 64], f32> -> !rondo.array<[64], f32>
  %u = rondo.tanh %t : !rondo.array<[64], f32>
  return %u : !rondo.array<[64], f32>
}
func.func @ragged(%x: !rondo.array<[B, T], f32>, %y: !rondo.array<[B, T, S], f32>) -> !rondo.array<[B, S], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>]} {
  %a = rondo.contract %x, %y "bt,bts->bs" : (!rondo.array<[B, T], f32>, !rondo.array<[B, T, S], f32>) -> !rondo.array<[B, S], f32>
  return %a : !rondo.array<[B, S], f32>
}
