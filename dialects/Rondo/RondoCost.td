//===- RondoCost.td - how much work an op is ---------------------*- tablegen -*-===//
#ifndef RONDO_COST_TD
#define RONDO_COST_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/Interfaces.td"

def CostInterface : OpInterface<"Cost"> {
  let cppNamespace = "::rondo";
  let description = [{
    Floating-point operations and bytes as polynomials in the symbols of the function's dims. A scan
    costs its body, times its steps; a ragged dim stands for one length, so that with B examples of
    different lengths the polynomial is the work of the padded batch, an upper bound.
  }];
  let methods = [
    InterfaceMethod<"The op's work, that of its regions included.", "::rondo::Work", "getWork", (ins)>
  ];
}

#endif // RONDO_COST_TD
