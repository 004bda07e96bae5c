//===- RondoInterfaces.td - what a transformation asks of an op --*- tablegen -*-===//
//
// The dialect declares the interfaces; the folder of each transformation attaches the
// implementations as external models (lib/Batch, lib/Differentiate, ...), so that one subject lives
// in one place. A test walks all registered ops and fails where one is missing.
//
//===-----------------------------------------------------------------------------===//
#ifndef RONDO_INTERFACES_TD
#define RONDO_INTERFACES_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/Interfaces.td"

def DimRolesInterface : OpInterface<"DimRoles"> {
  let cppNamespace = "::rondo";
  let description = [{
    What an op does with each dim of each array operand: it is *parallel* (goes to a dim of the
    result, positions do not mix), *reduced* (positions mix, the dim goes), *carried* (position by
    position in order, as in a scan) or *indexed* (read at computed positions). Ragged bounds,
    causality, tiling and the legality of fusion follow from it.
  }];
  let methods = [
    InterfaceMethod<"The roles, one list per operand, one entry per dim of the operand.",
                    "::llvm::SmallVector<::llvm::SmallVector<::rondo::DimUse>>", "getDimRoles",
                    (ins)>
  ];
}

def BatchableInterface : OpInterface<"Batchable"> {
  let cppNamespace = "::rondo";
  let description = [{
    Rebuilds the op with one more dim. Batch adds the dim of the examples, hoisting and sinking add
    a scan's dim: it is one rewrite.
  }];
  let methods = [
    InterfaceMethod<[{
        Emits the op with `dim` added. `operands` are the replacements; operandAxes[i] is the axis
        at which operand i has the new dim, or -1 where it does not have it (at least one has it,
        unless the op itself depends on the example through a ragged length). Returns the results,
        all of which have the new dim at axis 0, or at axis 1 where the result's first dim is
        `behind` (which may be null): a batch stays the first dim. Fails only where the op is not
        what the front end makes; the caller reports it.
      }],
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "batchOver",
      (ins "::mlir::OpBuilder &":$builder, "::rondo::DimAttr":$dim,
           "::mlir::ValueRange":$operands, "::llvm::ArrayRef<int64_t>":$operandAxes,
           "::rondo::DimAttr":$behind)>
  ];
}

def DifferentiableInterface : OpInterface<"Differentiable"> {
  let cppNamespace = "::rondo";
  let description = [{
    The reverse rule. It emits differentiable rondo ops only, so that the reverse of the reverse
    needs no rule of its own.
  }];
  let methods = [
    InterfaceMethod<[{
        Reads the cotangents of the op's results from `adjoints` (at least one has one) and adds those
        of the values that it reads and that are wanted: operands, and for a loop what its body
        captures. Integers and booleans have none. Fails after an error has been emitted.
      }],
      "::llvm::LogicalResult", "vjp",
      (ins "::mlir::OpBuilder &":$builder, "::rondo::Adjoints &":$adjoints)>
  ];
}

def StreamableInterface : OpInterface<"Streamable"> {
  let cppNamespace = "::rondo";
  let description = [{
    The one-step form along a dim: the op without the dim, or a state, its start and the step.
  }];
  let methods = [
    InterfaceMethod<[{
        Emits one step: from this step's parts of the op's operands (`state.step`) those of its
        results, without the streamed dim. What an op keeps from step to step it adds to `state`. A
        result that is only known at the end of the sequence is null. Fails, after an error, where
        the op looks ahead.
      }],
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "streamStep",
      (ins "::mlir::OpBuilder &":$builder, "::rondo::StreamState &":$state)>
  ];
}

#endif // RONDO_INTERFACES_TD
