// RUN: rondo-opt %s --rondo-verify-coverage
// Every registered op has an evaluator, an adjoint and a batch rule. (Its description: see
// descriptions.test.)
module {}
