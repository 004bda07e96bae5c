// RUN: rondo-opt %s --rondo-verify-coverage
// Every registered op has an evaluator, a cost, an adjoint, a batch rule and a stream rule. (Its description: see
// descriptions.test.)
module {}
