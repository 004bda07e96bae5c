//===- RondoElementwise.td - the elementwise family --------------*- tablegen -*-===//
//
// One row each. Operands and result have the same dims: broadcasting is an op of its own. What every
// op of the family does alike, by its traits: the dims, batching, streaming, its cost, and that a
// Function is called in the language by its mnemonic. What differs stands in three tables: the value
// in Scalars.h, the derivative and its convention at a kink in lib/Differentiate/Elementwise.cpp, the
// code in lib/Lower/EmitElementwise.cpp.
//
//===-----------------------------------------------------------------------------===//
#ifndef RONDO_ELEMENTWISE_TD
#define RONDO_ELEMENTWISE_TD

include "RondoDialect.td"
include "RondoInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// Marks the whole family: one scalar operation per element, positions never mix.
def Rondo_ElementwiseTrait : NativeOpTrait<"Elementwise"> {
  let cppNamespace = "::rondo";
}

/// The language calls it by its mnemonic.
def Rondo_FunctionTrait : NativeOpTrait<"Function"> {
  let cppNamespace = "::rondo";
}
/// Its code is long, so that a value is rather read again than computed again.
def Rondo_TakesLong : NativeOpTrait<"TakesLong"> {
  let cppNamespace = "::rondo";
}
/// No operation of floats: it chooses, converts or passes on.
def Rondo_IsFree : NativeOpTrait<"IsFree"> {
  let cppNamespace = "::rondo";
}

class Rondo_ElementwiseOp<string mnemonic, string what, list<Trait> traits = []>
    : Op<Rondo_Dialect, mnemonic, !listconcat([Pure, Rondo_ElementwiseTrait,
         DeclareOpInterfaceMethods<DimRolesInterface>], traits)> {
  let summary = what # ", element by element";
  let extraClassDefinition = [{
    ::llvm::SmallVector<::llvm::SmallVector<::rondo::DimUse>> $cppClass::getDimRoles() {
      return ::rondo::allParallel(*this);
    }
  }];
}

class Rondo_Unary<string mnemonic, string what, TypeConstraint type = Rondo_FloatArray,
                  list<Trait> traits = []>
    : Rondo_ElementwiseOp<mnemonic, what, !listconcat([SameOperandsAndResultType], traits)> {
  let description = what # " of each element. The result has the operand's type.";
  let arguments = (ins type:$operand);
  let results = (outs type:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
}

/// A function of the language, whose code is long or not.
class Rondo_Function<string mnemonic, string what, TypeConstraint type = Rondo_FloatArray>
    : Rondo_Unary<mnemonic, what, type, [Rondo_FunctionTrait]>;
class Rondo_LongFunction<string mnemonic, string what>
    : Rondo_Unary<mnemonic, what, Rondo_FloatArray, [Rondo_FunctionTrait, Rondo_TakesLong]>;

class Rondo_Binary<string mnemonic, string what, TypeConstraint type = Rondo_NumberArray,
                   list<Trait> traits = []>
    : Rondo_ElementwiseOp<mnemonic, what, !listconcat([SameOperandsAndResultType], traits)> {
  let description = what # " of each pair of elements. All three have the same type.";
  let arguments = (ins type:$lhs, type:$rhs);
  let results = (outs type:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
  let hasFolder = 1;
}

def Rondo_NegOp : Rondo_Unary<"neg", "-x", Rondo_NumberArray> { let hasFolder = 1; }
def Rondo_AbsOp : Rondo_Function<"abs", "|x|; derivative 0 at 0", Rondo_NumberArray>;
def Rondo_SignOp : Rondo_Function<"sign", "-1, 0 or 1 by the sign of x", Rondo_NumberArray>;
def Rondo_ExpOp : Rondo_LongFunction<"exp", "e to the x"> { let hasFolder = 1; }
def Rondo_LogOp : Rondo_LongFunction<"log", "natural logarithm"> { let hasFolder = 1; }
def Rondo_Log1pOp : Rondo_LongFunction<"log1p", "natural logarithm of 1 + x">;
def Rondo_Expm1Op : Rondo_LongFunction<"expm1", "e to the x, minus 1">;
def Rondo_SqrtOp : Rondo_Function<"sqrt", "square root"> { let hasFolder = 1; }
def Rondo_RsqrtOp : Rondo_Function<"rsqrt", "1 / square root"> { let hasFolder = 1; }
def Rondo_TanhOp : Rondo_LongFunction<"tanh", "hyperbolic tangent">;
def Rondo_SigmoidOp : Rondo_LongFunction<"sigmoid", "1 / (1 + e to the -x)">;
def Rondo_ErfOp : Rondo_LongFunction<"erf", "error function">;
def Rondo_SinOp : Rondo_LongFunction<"sin", "sine">;
def Rondo_CosOp : Rondo_LongFunction<"cos", "cosine">;
def Rondo_FloorOp : Rondo_Function<"floor", "largest integer not above x; derivative 0">;
def Rondo_CeilOp : Rondo_Function<"ceil", "smallest integer not below x; derivative 0">;
def Rondo_NotOp : Rondo_Unary<"not", "logical not", Rondo_BoolArray, [Rondo_IsFree]> { let hasFolder = 1; }
def Rondo_StopGradientOp
    : Rondo_Unary<"stop_gradient", "x itself, through which no gradient passes", Rondo_Array,
                  [Rondo_FunctionTrait, Rondo_IsFree]>;

def Rondo_AddOp : Rondo_Binary<"add", "x + y", Rondo_NumberArray, [Commutative]>;
def Rondo_SubOp : Rondo_Binary<"sub", "x - y">;
def Rondo_MulOp : Rondo_Binary<"mul", "x * y", Rondo_NumberArray, [Commutative]>;
def Rondo_DivOp : Rondo_Binary<"div",
    "x / y; for integers the floor of the quotient, and 0 where y is 0">;
def Rondo_RemOp : Rondo_Binary<"rem",
    "x - y * floor(x / y), with the sign of y; for integers 0 where y is 0"> {
  let hasFolder = 0;
}
def Rondo_PowOp : Rondo_Binary<"pow",
    "x to the y; at x = 0 the derivative to y is 0, and that to x is 0 where y is 0",
    Rondo_FloatArray, [Rondo_TakesLong]> {
  let hasCanonicalizer = 1;
}
def Rondo_MinOp : Rondo_Binary<"min",
    "the smaller, NaN if either is; at a tie each has half of the derivative">;
def Rondo_MaxOp : Rondo_Binary<"max",
    "the larger, NaN if either is; at a tie each has half of the derivative">;
def Rondo_AndOp : Rondo_Binary<"and", "logical and", Rondo_BoolArray, [Commutative, Rondo_IsFree]>;
def Rondo_OrOp  : Rondo_Binary<"or", "logical or", Rondo_BoolArray, [Commutative, Rondo_IsFree]>;

def Rondo_Comparison : I32EnumAttr<"Comparison", "kind of comparison", [
    I32EnumAttrCase<"Equal", 0, "eq">, I32EnumAttrCase<"NotEqual", 1, "ne">,
    I32EnumAttrCase<"Less", 2, "lt">, I32EnumAttrCase<"LessEqual", 3, "le">,
    I32EnumAttrCase<"Greater", 4, "gt">, I32EnumAttrCase<"GreaterEqual", 5, "ge">]> {
  let cppNamespace = "::rondo";
}

def Rondo_CompareOp : Rondo_ElementwiseOp<"compare", "comparison", [
    SameTypeOperands,
    TypesMatchWith<"result has the operands' dims and boolean elements", "lhs", "result",
        "::llvm::cast<::rondo::ArrayType>($_self).withElementType("
        "::mlir::IntegerType::get($_self.getContext(), 1))">]> {
  let description = [{
    Compares pair by pair. Every comparison with NaN is false but `ne`, which is true.

    ```mlir
    %m = rondo.compare lt %a, %b : !rondo.array<[T], f32>
    ```
  }];
  let arguments = (ins Rondo_Comparison:$kind, Rondo_Array:$lhs, Rondo_Array:$rhs);
  let results = (outs Rondo_BoolArray:$result);
  let assemblyFormat = "$kind $lhs `,` $rhs attr-dict `:` type($lhs)";
  let hasFolder = 1;
}

def Rondo_SelectOp : Rondo_ElementwiseOp<"select", "choice by a condition", [Rondo_IsFree,
    AllTypesMatch<["if_true", "if_false", "result"]>,
    TypesMatchWith<"condition has the result's dims and boolean elements", "result", "condition",
        "::llvm::cast<::rondo::ArrayType>($_self).withElementType("
        "::mlir::IntegerType::get($_self.getContext(), 1))">]> {
  let description = [{
    The second operand's element where the condition holds, else the third's. The one not chosen
    gets a derivative of zero, whatever its value (NaN included).

    ```mlir
    %r = rondo.select %m, %a, %b : !rondo.array<[T], f32>
    ```
  }];
  let arguments = (ins Rondo_BoolArray:$condition, Rondo_Array:$if_true, Rondo_Array:$if_false);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = "$condition `,` $if_true `,` $if_false attr-dict `:` type($result)";
  let hasFolder = 1;
}

def Rondo_ConvertOp
    : Rondo_ElementwiseOp<"convert", "conversion to another element type", [Rondo_IsFree]> {
  let description = [{
    Float to integer rounds towards zero and saturates; boolean to number gives 0 or 1; number to
    boolean is `x != 0`.

    ```mlir
    %r = rondo.convert %a : !rondo.array<[T], i32> -> !rondo.array<[T], f32>
    ```
  }];
  let arguments = (ins Rondo_Array:$operand);
  let results = (outs Rondo_Array:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // RONDO_ELEMENTWISE_TD
