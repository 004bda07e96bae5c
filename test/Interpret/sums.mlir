// RUN: rondo-opt %s --rondo-interpret
// A sum keeps what its additions lose: 1 is less than half of the unit in the last place of 3e16.

func.func @reduce() {
  %x = check.input dense<[3.0e16, 1.0, -3.0e16]> : tensor<3xf32> -> !rondo.array<[3], f32>
  %s = rondo.reduce sum %x axes [0] : !rondo.array<[3], f32> -> !rondo.array<[], f32>
  check.expect_close_const %s, dense<1.0> : tensor<f32> : !rondo.array<[], f32>
  // Infinities stay what they are.
  %y = check.input dense<[0x7F800000, 1.0, 2.0]> : tensor<3xf32> -> !rondo.array<[3], f32>
  %i = rondo.reduce sum %y axes [0] : !rondo.array<[3], f32> -> !rondo.array<[], f32>
  check.expect_equal_const %i, dense<0x7F800000> : tensor<f32> : !rondo.array<[], f32>
  return
}

func.func @contract() {
  %x = check.input dense<[3.0e16, 1.0, -3.0e16]> : tensor<3xf32> -> !rondo.array<[3], f32>
  %o = check.input dense<[1.0, 1.0, 1.0]> : tensor<3xf32> -> !rondo.array<[3], f32>
  %s = rondo.contract %x, %o "a,a->" : (!rondo.array<[3], f32>, !rondo.array<[3], f32>) -> !rondo.array<[], f32>
  check.expect_close_const %s, dense<1.0> : tensor<f32> : !rondo.array<[], f32>
  return
}

func.func @scatter() {
  %z = check.input dense<[0.0, 0.0]> : tensor<2xf32> -> !rondo.array<[2], f32>
  %i = check.input dense<[1, 1, 1]> : tensor<3xi32> -> !rondo.array<[3], i32>
  %x = check.input dense<[3.0e16, 1.0, -3.0e16]> : tensor<3xf32> -> !rondo.array<[3], f32>
  %s = rondo.scatter %z, %i, %x "a,b->b" : (!rondo.array<[2], f32>, !rondo.array<[3], i32>, !rondo.array<[3], f32>) -> !rondo.array<[2], f32>
  check.expect_close_const %s, dense<[0.0, 1.0]> : tensor<2xf32> : !rondo.array<[2], f32>
  return
}

func.func @scan() {
  %x = check.input dense<[3.0e16, 1.0, -3.0e16]> : tensor<3xf32> -> !rondo.array<[3], f32>
  %s = rondo.scan over <3> slice(%x axis 0) sums 1
      : (!rondo.array<[3], f32>) -> !rondo.array<[], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %v: !rondo.array<[], f32>):
    rondo.yield %v : !rondo.array<[], f32>
  }
  check.expect_close_const %s, dense<1.0> : tensor<f32> : !rondo.array<[], f32>
  return
}
