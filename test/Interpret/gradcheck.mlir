// RUN: rondo-opt %s --rondo-gradcheck -split-input-file -verify-diagnostics

// The loss is w^3, its gradient 3 w^2.
func.func @right.grad(%w: !rondo.array<[], f64> {rondo.role = "parameter", rondo.name = "w", check.value = dense<1.5> : tensor<f64>})
    -> (!rondo.array<[], f64> {rondo.role = "loss"}, !rondo.array<[], f64> {rondo.role = "gradient", rondo.name = "w"}) {
  %square = rondo.mul %w, %w : !rondo.array<[], f64>
  %cube = rondo.mul %square, %w : !rondo.array<[], f64>
  %three = rondo.constant 3.0 : f64 -> !rondo.array<[], f64>
  %gradient = rondo.mul %three, %square : !rondo.array<[], f64>
  return %cube, %gradient : !rondo.array<[], f64>, !rondo.array<[], f64>
}

// -----

// expected-error @+1 {{the gradient of w differs from central differences by}}
func.func @wrong.grad(%w: !rondo.array<[], f64> {rondo.role = "parameter", rondo.name = "w", check.value = dense<1.5> : tensor<f64>})
    -> (!rondo.array<[], f64> {rondo.role = "loss"}, !rondo.array<[], f64> {rondo.role = "gradient", rondo.name = "w"}) {
  %square = rondo.mul %w, %w : !rondo.array<[], f64>
  return %square, %w : !rondo.array<[], f64>, !rondo.array<[], f64>
}

// -----

// expected-error @+1 {{the gradient of w differs from central differences by nan}}
func.func @nan.grad(%w: !rondo.array<[2], f64> {rondo.role = "parameter", rondo.name = "w", check.value = dense<1.5> : tensor<2xf64>})
    -> (!rondo.array<[], f64> {rondo.role = "loss"}, !rondo.array<[2], f64> {rondo.role = "gradient", rondo.name = "w"}) {
  %sum = rondo.reduce sum %w axes [0] : !rondo.array<[2], f64> -> !rondo.array<[], f64>
  %gradient = rondo.constant dense<[0x7FF8000000000000, 1.0]> : tensor<2xf64> -> !rondo.array<[2], f64>
  return %sum, %gradient : !rondo.array<[], f64>, !rondo.array<[2], f64>
}

// -----

// expected-error @+1 {{expected a test with a loss and gradients}}
module {}
