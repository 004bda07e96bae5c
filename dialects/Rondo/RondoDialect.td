//===- RondoDialect.td - the dialect and its types ---------------*- tablegen -*-===//
#ifndef RONDO_DIALECT_TD
#define RONDO_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Rondo_Dialect : Dialect {
  let name = "rondo";
  let cppNamespace = "::rondo";
  let summary = "models that run over time, for one example or for a ragged batch";
  let description = [{
    Immutable arrays with symbolic dims, some twenty-five ops, one meaning per op at every stage:
    batching adds a dim to an op, it does not turn it into another. README.md beside this file has
    the rationale.

    Attributes on functions: `rondo.symbols`, an array of `#rondo.symbol<NAME, batch|ragged|uniform>`
    that declares the symbols of all dims in the function; `rondo.kind`, "entry" or "update".
    Attributes on arguments and results: `rondo.role`, `rondo.name`, `rondo.index`, `rondo.default`.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

class Rondo_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Rondo_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Rondo_DimAttr : Rondo_Attr<"Dim", "dim"> {
  let summary = "the size of a dim: a constant, a symbol, or a linear expression in symbols";
  let description = [{
    Normal form: a constant plus coefficients times terms, where a term is a symbol or the floor of
    a linear expression divided by a constant. `1 + (T - 1)` is `T`; equal dims are one attribute.
    Ceiling division is written by floor division: ceil(e / c) = floor((e + c - 1) / c).

    ```mlir
    #rondo.dim<T - 1>
    #rondo.dim<2 * T + (P + n) floordiv 4 + 3>
    ```
  }];
  let parameters = (ins "int64_t":$constant, ArrayRefParameter<"::rondo::DimTerm">:$terms);
  let builders = [
    AttrBuilder<(ins "int64_t":$constant)>,
    AttrBuilder<(ins "::llvm::StringRef":$symbol)>
  ];
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    bool isConstant() const { return getTerms().empty(); }
    /// The symbol if this dim is just a symbol, else null.
    ::mlir::StringAttr getSymbol() const;
    /// All symbols that occur, in order of first occurrence, each once.
    ::llvm::SmallVector<::mlir::StringAttr> getSymbols() const;
    bool mentions(::llvm::StringRef symbol) const;

    DimAttr add(DimAttr other) const;
    DimAttr subtract(DimAttr other) const;
    DimAttr add(int64_t value) const;
    DimAttr multiply(int64_t factor) const;
    DimAttr floorDivide(int64_t divisor) const;
    DimAttr ceilDivide(int64_t divisor) const;
    /// Replaces symbols by other dims; a null result of the callback keeps the symbol.
    DimAttr substitute(::llvm::function_ref<DimAttr(::mlir::StringAttr)> replacement) const;
    /// The value, given each symbol's.
    int64_t evaluate(::llvm::function_ref<int64_t(::mlir::StringAttr)> value) const;

    static DimAttr parseExpression(::mlir::AsmParser &parser);
    void printExpression(::llvm::raw_ostream &os) const;
    std::string str() const;
  }];
}

def Rondo_SymbolKind : I32EnumAttr<"SymbolKind", "how a symbol varies", [
    I32EnumAttrCase<"Batch", 0, "batch">,
    I32EnumAttrCase<"Ragged", 1, "ragged">,
    I32EnumAttrCase<"Uniform", 2, "uniform">,
    I32EnumAttrCase<"Segment", 3, "segment">,
    I32EnumAttrCase<"Segments", 4, "segments">]> {
  let cppNamespace = "::rondo";
}

def Rondo_SymbolAttr : Rondo_Attr<"Symbol", "symbol"> {
  let summary = "declares a symbol of a function's dims";
  let description = [{
    *batch*: the number of examples. *ragged*: one length per example; arrays hold the largest.
    *uniform*: one value for the whole call.

    A dim can be divided into segments, whose size a call chooses: *segments* is how many there are,
    `ceil(dim / size)`, for each example its own; a scan over it runs segment by segment. *segment*
    is, in that scan, the positions of the present segment: the size, or what is left of an
    example's own length.

    ```mlir
    func.func @f(...) attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>,
      #rondo.symbol<T_segment, segment of T>, #rondo.symbol<T_segments, segments of T_segment>]}
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "::rondo::SymbolKind":$kind,
                        OptionalParameter<"::rondo::DimAttr">:$of);
  let builders = [
    AttrBuilder<(ins "::mlir::StringAttr":$name, "::rondo::SymbolKind":$kind), [{
      return $_get($_ctxt, name, kind, ::rondo::DimAttr());
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
}

def Rondo_InitAttr : Rondo_Attr<"Init", "init"> {
  let summary = "how a parameter starts";
  let description = [{
    `constant(value)`, `normal(stddev)`, `uniform(low, high)`, `glorot()` or `glorot(fan_in,
    fan_out)`, `he()`, `orthogonal(gain)`. The last two dims are the matrix, leading dims are copies.

    ```mlir
    #rondo.init<"normal", [2.000000e-02]>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$kind, "::mlir::ArrayAttr":$arguments);
  let assemblyFormat = "`<` $kind `,` $arguments `>`";
}

def Rondo_ArrayType : TypeDef<Rondo_Dialect, "Array"> {
  let mnemonic = "array";
  let summary = "an immutable array with symbolic dims; rank 0 is a scalar";
  let description = [{
    Elements: f32, f64, bf16, i32 (indices), i64 (integers), i1 (booleans). A ragged dim is padded
    storage; what lies beyond an example's own length is undefined and never read.

    ```mlir
    !rondo.array<[B, T, 4, 512], f32>
    !rondo.array<[], f32>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::rondo::DimAttr">:$dims, "::mlir::Type":$elementType);
  let builders = [
    TypeBuilderWithInferredContext<(ins "::llvm::ArrayRef<::rondo::DimAttr>":$dims,
                                        "::mlir::Type":$elementType)>
  ];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRank() const { return getDims().size(); }
    DimAttr getDim(int64_t axis) const { return getDims()[axis]; }
    bool isFloat() const { return ::llvm::isa<::mlir::FloatType>(getElementType()); }
    bool isBool() const { return getElementType().isInteger(1); }
    bool hasConstantShape() const;
    ArrayType withDims(::llvm::ArrayRef<DimAttr> dims) const;
    ArrayType withElementType(::mlir::Type element) const;
    /// The type with `dim` inserted before `axis`.
    ArrayType withInserted(int64_t axis, DimAttr dim) const;
    ArrayType withErased(int64_t axis) const;
  }];
}

/// A number in an attribute, signed in C++.
def Rondo_Int : TypedSignlessIntegerAttrBase<I64, "int64_t", "64-bit integer">;

class Rondo_ArrayOf<code condition, string description>
    : Type<CPred<"::llvm::isa<::rondo::ArrayType>($_self) && " # condition>, description,
           "::rondo::ArrayType">;
def Rondo_Array : Rondo_ArrayOf<"true", "rondo array">;
def Rondo_FloatArray : Rondo_ArrayOf<"::llvm::cast<::rondo::ArrayType>($_self).isFloat()",
                                     "rondo array of floats">;
def Rondo_NumberArray : Rondo_ArrayOf<"!::llvm::cast<::rondo::ArrayType>($_self).isBool()",
                                      "rondo array of numbers">;
def Rondo_IntArray : Rondo_ArrayOf<
    "::llvm::cast<::rondo::ArrayType>($_self).getElementType().isSignlessInteger() && "
    "!::llvm::cast<::rondo::ArrayType>($_self).isBool()", "rondo array of integers">;
def Rondo_BoolArray : Rondo_ArrayOf<"::llvm::cast<::rondo::ArrayType>($_self).isBool()",
                                    "rondo array of booleans">;

#endif // RONDO_DIALECT_TD
