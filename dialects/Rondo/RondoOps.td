//===- RondoOps.td - the structured ops --------------------------*- tablegen -*-===//
#ifndef RONDO_OPS_TD
#define RONDO_OPS_TD

include "RondoDialect.td"
include "RondoElementwise.td"
include "RondoInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/BuiltinAttributes.td"

class Rondo_Op<string mnemonic, list<Trait> traits = []>
    : Op<Rondo_Dialect, mnemonic, traits>;

/// A pure op whose dims have roles.
class Rondo_ArrayOp<string mnemonic, list<Trait> traits = []>
    : Rondo_Op<mnemonic, !listconcat(
          [Pure, DeclareOpInterfaceMethods<DimRolesInterface>], traits)>;

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

def Rondo_ConstantOp : Rondo_ArrayOp<"constant", [ConstantLike]> {
  let summary = "a constant";
  let description = [{
    One number for all elements, or, where all dims are constant, an array of numbers.

    ```mlir
    %a = rondo.constant 5.0e-01 : f32 -> !rondo.array<[T, 4], f32>
    %b = rondo.constant dense<[1.0, 2.0]> : tensor<2xf32> -> !rondo.array<[2], f32>
    ```
  }];
  let arguments = (ins TypedAttrInterface:$value);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = "$value `->` type($result) attr-dict";
  let builders = [
    OpBuilder<(ins "::mlir::Type":$type, "double":$value)>
  ];
  let extraClassDeclaration = [{
    /// The one number of all elements, as a double; none for an array of different numbers.
    std::optional<double> getSplat();
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Rondo_IotaOp : Rondo_ArrayOp<"iota"> {
  let summary = "each element's position along an axis";
  let description = [{
    ```mlir
    %p = rondo.iota axis 1 : !rondo.array<[B, T], i64>    // p[b, t] = t
    ```
  }];
  let arguments = (ins Rondo_Int:$axis);
  let results = (outs Rondo_IntArray:$result);
  let assemblyFormat = "`axis` $axis attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Rondo_LengthOp : Rondo_ArrayOp<"length"> {
  let summary = "the value of a dim, as a number";
  let description = [{
    A scalar in one-example form and for a uniform or batch dim; one number per example for a ragged
    dim after batching.

    ```mlir
    %n = rondo.length <T - 1> : !rondo.array<[B], i64>
    ```
  }];
  let arguments = (ins Rondo_DimAttr:$dim);
  let results = (outs Rondo_IntArray:$result);
  let assemblyFormat = "$dim attr-dict `:` type($result)";
}

def Rondo_RandomKind : I32EnumAttr<"RandomKind", "distribution", [
    I32EnumAttrCase<"Uniform", 0, "uniform">, I32EnumAttrCase<"Normal", 1, "normal">]> {
  let cppNamespace = "::rondo";
}

def Rondo_RandomOp : Rondo_ArrayOp<"random"> {
  let summary = "random numbers that depend on their key and nothing else";
  let description = [{
    Uniform on (0, 1) or standard normal. The key is folded (include/rondo/Philox.h) from the seed,
    the number of the site's name, and the counters in order: training step, example's ordinal,
    enclosing positions. `spec` names each counter's dims and the result's, `elements` the result's
    dims that the written draw has itself: an element's number counts row-major over those, unpadded.

    ```mlir
    %u = rondo.random uniform "drop" elements "ij" (%seed : %step, %ordinal) spec ",b->bij"
        : (!rondo.array<[], i64>, !rondo.array<[], i64>, !rondo.array<[B], i64>)
        -> !rondo.array<[B, T, 4], f32>
    ```
  }];
  let arguments = (ins Rondo_RandomKind:$kind, StrAttr:$site, StrAttr:$elements, StrAttr:$spec,
                       Rondo_IntArray:$seed, Variadic<Rondo_IntArray>:$counters);
  let results = (outs Rondo_FloatArray:$result);
  let assemblyFormat = [{
    $kind $site `elements` $elements `(` $seed `:` $counters `)` `spec` $spec attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

def Rondo_BroadcastOp : Rondo_ArrayOp<"broadcast"> {
  let summary = "repeats an array along new dims";
  let description = [{
    `dims[i]` is the result's axis of the operand's axis i, in rising order; the result's other axes
    are new. Its adjoint is a sum over them.

    ```mlir
    %r = rondo.broadcast %b dims [2] : !rondo.array<[4], f32> -> !rondo.array<[B, T, 4], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$operand, DenseI64ArrayAttr:$dims);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat =
      "$operand `dims` $dims attr-dict `:` type($operand) `->` type($result)";
  let extraClassDeclaration = [{
    /// The result's axes that are new, rising.
    ::llvm::SmallVector<int64_t> getNewAxes();
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Rondo_TransposeOp : Rondo_ArrayOp<"transpose"> {
  let summary = "permutes dims";
  let description = [{
    `permutation[i]` is the operand's axis that becomes the result's axis i.

    ```mlir
    %r = rondo.transpose %a [1, 0] : !rondo.array<[T, 4], f32> -> !rondo.array<[4, T], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$operand, DenseI64ArrayAttr:$permutation);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = "$operand $permutation attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Rondo_ReshapeOp : Rondo_ArrayOp<"reshape"> {
  let summary = "the same elements in row-major order under other constant dims";
  let description = [{
    Dims with symbols pass unchanged and in order; the constant dims between them are regrouped, so
    a ragged dim is never merged.

    ```mlir
    %r = rondo.reshape %a : !rondo.array<[T, 512], f32> -> !rondo.array<[T, 8, 64], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$operand);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Rondo_SliceOp : Rondo_ArrayOp<"slice"> {
  let summary = "a part of one axis";
  let description = [{
    Takes elements offset, offset + step, ... of `axis`; the result's dim says how many. The offset
    is a dim: with a ragged dim in it, each example counts from its own.

    ```mlir
    %r = rondo.slice %a axis 0 from <T - 1> : !rondo.array<[T, 4], f32> -> !rondo.array<[1, 4], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$operand, Rondo_Int:$axis, Rondo_DimAttr:$offset,
                       DefaultValuedAttr<Rondo_Int, "1">:$step);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = [{
    $operand `axis` $axis `from` $offset (`step` $step^)? attr-dict
    `:` type($operand) `->` type($result)
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$operand, "int64_t":$axis, "::rondo::DimAttr":$offset,
                   "::rondo::DimAttr":$size)>
  ];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Rondo_PadOp : Rondo_ArrayOp<"pad"> {
  let summary = "an array within zeros";
  let description = [{
    The operand's element i of `axis` stands at low + i * step of the result, all else is zero (false
    for booleans). The adjoint of slice, as slice is of pad.

    ```mlir
    %r = rondo.pad %a axis 0 at <T - 1> : !rondo.array<[1, 4], f32> -> !rondo.array<[T, 4], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$operand, Rondo_Int:$axis, Rondo_DimAttr:$low,
                       DefaultValuedAttr<Rondo_Int, "1">:$step);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = [{
    $operand `axis` $axis `at` $low (`step` $step^)? attr-dict
    `:` type($operand) `->` type($result)
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Rondo_ConcatOp : Rondo_ArrayOp<"concat"> {
  let summary = "arrays one after another along an axis";
  let description = [{
    Joins each example's own parts: with a ragged first part, the second starts at each example's
    own length.

    ```mlir
    %r = rondo.concat %a, %b axis 0
        : (!rondo.array<[P], i32>, !rondo.array<[n], i32>) -> !rondo.array<[P + n], i32>
    ```
  }];
  let arguments = (ins Variadic<Rondo_Array>:$parts, Rondo_Int:$axis);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat =
      "$parts `axis` $axis attr-dict `:` functional-type($parts, $result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Rondo_GatherOp : Rondo_ArrayOp<"gather"> {
  let summary = "reads a table at computed indices";
  let description = [{
    `spec` names the dims of table, index and result; the one dim of the table that is not in the
    result is indexed. Indices are in range by construction (they are checked where they enter).

    ```mlir
    %r = rondo.gather %table, %index "vd,bt->btd"
        : (!rondo.array<[256, 64], f32>, !rondo.array<[B, T], i32>) -> !rondo.array<[B, T, 64], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$table, Rondo_IntArray:$index, StrAttr:$spec);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = [{
    $table `,` $index $spec attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The table's axis that the indices point into.
    int64_t getIndexedAxis();
  }];
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Rondo_ScatterOp : Rondo_ArrayOp<"scatter", [AllTypesMatch<["base", "result"]>]> {
  let summary = "adds into a table at computed indices";
  let description = [{
    The adjoint of gather, with its spec: result = base, and for every element of the update, in
    row-major order, result[..., index, ...] += update. Dims of the update that are not in the base
    (apart from the index's) do not occur; dims of the index that are not in the base are summed over.

    ```mlir
    %r = rondo.scatter %base, %index, %update "vd,bt->btd"
        : (!rondo.array<[256, 64], f32>, !rondo.array<[B, T], i32>, !rondo.array<[B, T, 64], f32>)
        -> !rondo.array<[256, 64], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$base, Rondo_IntArray:$index, Rondo_Array:$update,
                       StrAttr:$spec);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = [{
    $base `,` $index `,` $update $spec attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    int64_t getIndexedAxis();
  }];
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

def Rondo_ContractOp : Rondo_ArrayOp<"contract"> {
  let summary = "sum of products over the dims that the result lacks";
  let description = [{
    `spec` names the dims, as in einsum: each letter of the result stands in an operand, each letter
    of an operand stands in the other or in the result, none twice in one array. `init` is added:
    chains `W x + U h` run on one accumulator. Over a ragged dim both operands are bounded by each
    example's length.

    ```mlir
    %z = rondo.contract %x, %w "bk,kn->bn"
        : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 256], f32>) -> !rondo.array<[B, 256], f32>
    %y = rondo.contract %h, %u "bk,kn->bn" init %z : ...
    ```
  }];
  let arguments = (ins Rondo_FloatArray:$lhs, Rondo_FloatArray:$rhs, StrAttr:$spec,
                       Optional<Rondo_FloatArray>:$init);
  let results = (outs Rondo_FloatArray:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs $spec (`init` $init^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    /// The result's type follows from the operands and the spec.
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs, "::llvm::StringRef":$spec,
                   CArg<"::mlir::Value", "{}">:$init)>
  ];
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Rondo_ReduceKind : I32EnumAttr<"ReduceKind", "kind of reduction", [
    I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Max", 1, "max">,
    I32EnumAttrCase<"Min", 2, "min">, I32EnumAttrCase<"Product", 3, "product">]> {
  let cppNamespace = "::rondo";
}

def Rondo_ReduceOp : Rondo_ArrayOp<"reduce"> {
  let summary = "combines the elements along some axes";
  let description = [{
    Over valid positions only. The sum of nothing is 0, the product 1; a maximum or minimum of nothing is minus or
    plus infinity (a check refuses it before). The derivative of a maximum goes in equal parts to all
    elements that attain it.

    ```mlir
    %s = rondo.reduce sum %a axes [1] : !rondo.array<[B, T, 4], f32> -> !rondo.array<[B, 4], f32>
    ```
  }];
  let arguments = (ins Rondo_ReduceKind:$kind, Rondo_NumberArray:$operand,
                       DenseI64ArrayAttr:$axes);
  let results = (outs Rondo_NumberArray:$result);
  let assemblyFormat =
      "$kind $operand `axes` $axes attr-dict `:` type($operand) `->` type($result)";
  let builders = [
    OpBuilder<(ins "::rondo::ReduceKind":$kind, "::mlir::Value":$operand,
                   "::llvm::ArrayRef<int64_t>":$axes)>
  ];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Rondo_ArgmaxOp : Rondo_ArrayOp<"argmax"> {
  let summary = "the position of the largest element along an axis, the first of equals";
  let description = [{
    NaN counts as larger than any number. A position of nothing is 0 (a check refuses it before).

    ```mlir
    %i = rondo.argmax %a axis 1 : !rondo.array<[B, 256], f32> -> !rondo.array<[B], i32>
    ```
  }];
  let arguments = (ins Rondo_NumberArray:$operand, Rondo_Int:$axis);
  let results = (outs Rondo_IntArray:$result);
  let assemblyFormat = "$operand `axis` $axis attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Time and structure
//===----------------------------------------------------------------------===//

def Rondo_ScanOp : Rondo_Op<"scan", [AttrSizedOperandSegments, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"::rondo::YieldOp">,
    DeclareOpInterfaceMethods<DimRolesInterface>]> {
  let summary = "a body, position by position along a dim";
  let description = [{
    For each example's valid positions only, in rising order or, with `reverse`, falling from the
    example's own last: the body gets the position, the carries, and of each slice operand the part
    at the position; it yields, in this order, the next carries, for each `stack` the part that is
    written at the position of the result's axis, and for each `sum` what is added to the result. The
    results are the last carries, the stacks and the sums. With no step, a carry is its start and a
    sum is 0. Everything else that the body reads is loop-invariant. A scan without carries and sums
    is a parallel map.

    Over the segments of a dim (a symbol of kind *segments*), a slice or stack whose axis has the
    whole dim stands for its segments: the body gets or yields the present one, with the dim
    *segment* at that axis. The position is that of the segment's first element.

    ```mlir
    %h, %ys, %g = rondo.scan over <T> reverse carry(%h0) slice(%xs axis 1) stack(1) sums 1
        : (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>)
        -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>, !rondo.array<[4], f32>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>, %x: !rondo.array<[B, 4], f32>):
      ...
      rondo.yield %c1, %y, %s : ...
    }
    ```
  }];
  let arguments = (ins Rondo_DimAttr:$dim, UnitAttr:$reverse, Variadic<Rondo_Array>:$starts,
                       Variadic<Rondo_Array>:$slices, DenseI64ArrayAttr:$slice_axes,
                       DenseI64ArrayAttr:$stack_axes, Rondo_Int:$num_sums);
  let results = (outs Variadic<Rondo_Array>:$results);
  let regions = (region SizedRegion<1>:$body);
  let skipDefaultBuilders = 1;
  let builders = [
    /// Creates the op with an empty body block that has its arguments.
    OpBuilder<(ins "::rondo::DimAttr":$dim, "bool":$reverse, "::mlir::ValueRange":$starts,
                   "::mlir::ValueRange":$slices, "::llvm::ArrayRef<int64_t>":$sliceAxes,
                   "::llvm::ArrayRef<::mlir::Type>":$stackTypes,
                   "::llvm::ArrayRef<int64_t>":$stackAxes,
                   "::llvm::ArrayRef<::mlir::Type>":$sumTypes)>
  ];
  let extraClassDeclaration = [{
    int64_t getNumCarries() { return getStarts().size(); }
    int64_t getNumSlices() { return getSlices().size(); }
    int64_t getNumStacks() { return getStackAxes().size(); }
    ::mlir::Block *getBlock() { return &getBody().front(); }
    ::mlir::BlockArgument getPosition() { return getBlock()->getArgument(0); }
    ::llvm::ArrayRef<::mlir::BlockArgument> getCarryArguments() {
      return getBlock()->getArguments().slice(1, getNumCarries());
    }
    ::llvm::ArrayRef<::mlir::BlockArgument> getSliceArguments() {
      return getBlock()->getArguments().drop_front(1 + getNumCarries());
    }
    ::mlir::ResultRange getCarryResults() { return getResults().take_front(getNumCarries()); }
    ::mlir::ResultRange getStackResults() {
      return getResults().slice(getNumCarries(), getNumStacks());
    }
    ::mlir::ResultRange getSumResults() { return getResults().take_back(getNumSums()); }
    ::rondo::YieldOp getYield();
    /// What the scan runs over the segments of, if it does.
    ::std::optional<::rondo::Segments> getSegments();
    /// True if a slice or stack with this type and axis is taken apart into segments.
    bool isBySegments(::mlir::Type whole, int64_t axis) {
      return ::llvm::cast<::rondo::ArrayType>(whole).getDim(axis) != getDim();
    }
    /// The type of one step's part of a slice or stack.
    ::rondo::ArrayType partType(::mlir::Type whole, int64_t axis);
    ::mlir::OperandRange getYieldedCarries();
    ::mlir::OperandRange getYieldedStacks();
    ::mlir::OperandRange getYieldedSums();
  }];
  let hasCustomAssemblyFormat = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Rondo_YieldOp : Rondo_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["ScanOp", "GradOp", "StreamOp", "GroupOp"]>]> {
  let summary = "the values of a region";
  let description = "Ends the body of scan, grad, stream and group.";
  let arguments = (ins Variadic<Rondo_Array>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

def Rondo_GradOp : Rondo_Op<"grad", [RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"::rondo::YieldOp">]> {
  let summary = "gradient of a scalar with respect to values; gone after Differentiate";
  let description = [{
    The region computes, from arguments that stand for the operands, one float: a scalar, or one per
    example after batching. The results are its gradient with respect to each operand.

    ```mlir
    %g = rondo.grad(%w) : (!rondo.array<[4], f32>) -> (!rondo.array<[4], f32>) {
    ^bb0(%v: !rondo.array<[4], f32>):
      ...
      rondo.yield %e : !rondo.array<[], f32>
    }
    ```
  }];
  let arguments = (ins Variadic<Rondo_FloatArray>:$wrt);
  let results = (outs Variadic<Rondo_FloatArray>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `(` $wrt `)` `:` functional-type(operands, results) $body attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::Block *getBlock() { return &getBody().front(); }
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Rondo_StreamOp : Rondo_Op<"stream", [RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"::rondo::YieldOp">]> {
  let summary = "one step of a causal function of sequences; gone after Stream";
  let description = [{
    Stands in the body of a scan. The region is a function f of sequences along `dim` (axis 0 of its
    arguments and of what it yields). At the enclosing scan's step t the results are the last
    elements of f of all the operands' values at steps 0 to t. Stream replaces it by carries of the
    enclosing scan and one step's work, or refuses an f that looks ahead.

    ```mlir
    %y = rondo.stream over <S> (%x) : (!rondo.array<[4], f32>) -> (!rondo.array<[8], f32>) {
    ^bb0(%xs: !rondo.array<[S, 4], f32>):
      ...
      rondo.yield %ys : !rondo.array<[S, 8], f32>
    }
    ```
  }];
  let arguments = (ins Rondo_DimAttr:$dim, Variadic<Rondo_Array>:$inputs);
  let results = (outs Variadic<Rondo_Array>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `over` $dim `(` $inputs `)` `:` functional-type(operands, results) $body attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::Block *getBlock() { return &getBody().front(); }
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Rondo_GroupOp : Rondo_Op<"group", [RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"::rondo::YieldOp">]> {
  let summary = "ops that are computed together, in one nest of loops";
  let description = [{
    What the region yields is stored, the rest stays in registers. To unfuse is to inline.

    ```mlir
    %r = rondo.group : !rondo.array<[B, 4], f32> {
      %a = rondo.tanh %x : !rondo.array<[B, 4], f32>
      rondo.yield %a : !rondo.array<[B, 4], f32>
    }
    ```

    With `rows k` the region holds groups, all of whose results have the same first k dims: the rows.
    They are computed one after the other for a few rows at a time, so that what one group gives to
    the next of a row is still in the nearest cache; none reads another row of what another gives.

    ```mlir
    %r = rondo.group rows 1 : !rondo.array<[B, 4], f32> {
      %s = rondo.group : !rondo.array<[B], f32> {
        %a = rondo.reduce sum %x axes [1] : !rondo.array<[B, 4], f32> -> !rondo.array<[B], f32>
        rondo.yield %a : !rondo.array<[B], f32>
      }
      %b = rondo.broadcast %s dims [0] : !rondo.array<[B], f32> -> !rondo.array<[B, 4], f32>
      %d = rondo.group : !rondo.array<[B, 4], f32> {
        %a = rondo.div %x, %b : !rondo.array<[B, 4], f32>
        rondo.yield %a : !rondo.array<[B, 4], f32>
      }
      rondo.yield %d : !rondo.array<[B, 4], f32>
    }
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$rows);
  let results = (outs Variadic<Rondo_Array>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`rows` $rows^)? (`:` type($results)^)? $body attr-dict";
  let builders = [
    OpBuilder<(ins "::mlir::TypeRange":$results), [{
      build($_builder, $_state, results, ::mlir::IntegerAttr());
    }]>
  ];
  let extraClassDeclaration = [{
    ::mlir::Block *getBlock() { return &getBody().front(); }
  }];
  let hasRegionVerifier = 1;
}

def Rondo_CheckOp : Rondo_ArrayOp<"check", [AllTypesMatch<["operand", "result"]>]> {
  let summary = "the operand, provided that a condition holds; else the program refuses";
  let description = [{
    The result is the operand. Where the condition is false at any valid position the call stops
    with the message and, after batching, the example. A check whose result is not used is gone.

    ```mlir
    %r = rondo.check %m if %c "mean of nothing" : !rondo.array<[B], f32>, !rondo.array<[B], i1>
    ```
  }];
  let arguments = (ins Rondo_Array:$operand, Rondo_BoolArray:$condition, StrAttr:$message);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat =
      "$operand `if` $condition $message attr-dict `:` type($operand) `,` type($condition)";
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Module level: the manifest
//===----------------------------------------------------------------------===//

def Rondo_ParamOp : Rondo_Op<"param", [HasParent<"::mlir::ModuleOp">]> {
  let summary = "a parameter: its path, its declared type, how it starts";
  let description = [{
    Functions receive it as an argument with role "parameter" and this path as its name.

    ```mlir
    rondo.param "stack.lstm.W" : !rondo.array<[2, 4, 64, 64], f32> = #rondo.init<"glorot", []>
    ```
  }];
  let arguments = (ins StrAttr:$path, TypeAttrOf<Rondo_Array>:$type, Rondo_InitAttr:$init);
  let assemblyFormat = "$path `:` $type `=` $init attr-dict";
  let hasVerifier = 1;
}

def Rondo_TrainOp : Rondo_Op<"train", [HasParent<"::mlir::ModuleOp">]> {
  let summary = "how the model is fitted";
  let description = [{
    `loss` is the entry point that is minimised, `update` the function of one optimizer step, `data`
    the source's options.

    ```mlir
    rondo.train loss "loss" update "train.update" source "text" {window = 128 : i64} batch 32 steps 1000
    ```
  }];
  let arguments = (ins StrAttr:$loss, StrAttr:$update, StrAttr:$source, DictionaryAttr:$options,
                       Rondo_Int:$batch, Rondo_Int:$steps);
  let assemblyFormat = [{
    `loss` $loss `update` $update `source` $source $options `batch` $batch `steps` $steps attr-dict
  }];
}

#endif // RONDO_OPS_TD
