// The sizes of dims in generated code: padded for storage, each example's own for loops.
#ifndef RONDO_LOWER_SHAPES_H
#define RONDO_LOWER_SHAPES_H

#include "Lower/Code.h"
#include "Rondo/Rondo.h"

namespace rondo {

/// A position along an axis: base + step * lane, or, where `lanes` is set, any i64 per lane.
struct Index {
  Value base = {};
  int64_t step = 0;
  Value lanes = {};
  bool aligned = false; // base is known to be a multiple of the vector's lanes

  bool isUniform() const { return !lanes && step == 0; }
};
using Indices = mlir::SmallVector<Index, 4>;

class Shapes {
public:
  /// `dims` and `lengths` are the fields of RondoCall.
  Shapes(Code &code, mlir::func::FuncOp function, Value dims, Value lengths);

  bool isBatch(DimAttr dim) const { return batch && dim.getSymbol() == batch; }
  bool isRagged(DimAttr dim) const;
  /// The axis of these dims that numbers the examples, or -1.
  int64_t batchAxis(mlir::ArrayRef<DimAttr> dims) const;
  bool hasBatch() const { return batch != nullptr; }

  /// The padded size; 0 where it would be negative in a call that does not need it (Needs.h).
  Value padded(DimAttr dim);
  mlir::SmallVector<Value> denseStrides(mlir::ArrayRef<DimAttr> dims);
  /// The size in the example of `row`; with a null row, the padded one (in a function without a
  /// batch, the one example's own).
  Value own(DimAttr dim, Value row);
  /// The same for a row that may differ from lane to lane.
  Value own(DimAttr dim, const Index *row, int64_t lanes);
  /// The dim as a number, which may be negative.
  Value number(DimAttr dim, const Index *row, int64_t lanes);

  /// From here on a segment is the one that begins at this position.
  void enterSegment(const Segments &segments, Value first) {
    firsts[segments.part.getSymbol()] = first;
  }

private:
  struct Symbol {
    int64_t number;
    SymbolAttr declaration;
  };
  Value paddedNumber(DimAttr dim);
  Value asSize(DimAttr dim, Value number);
  Value evaluate(DimAttr dim, llvm::function_ref<Value(mlir::StringAttr)> symbol);
  bool dependsOnSegment(DimAttr dim) const;
  Value symbolOf(mlir::StringAttr symbol, const Index *row, int64_t lanes);
  Value lengthOf(mlir::StringAttr symbol, const Index &row, int64_t lanes);
  Value segmentOf(const Symbol &segment, const Index *row, int64_t lanes);
  Value countOf(const Symbol &segments, const Index *row, int64_t lanes);

  Code &code;
  mlir::func::FuncOp function;
  Value dims, lengths;
  mlir::StringAttr batch;
  llvm::MapVector<mlir::StringAttr, Symbol> symbols;
  /// The first positions of the present segments, by the segment's symbol.
  llvm::DenseMap<mlir::StringAttr, Value> firsts;
};

} // namespace rondo

#endif // RONDO_LOWER_SHAPES_H
