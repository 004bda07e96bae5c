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

  /// The padded size.
  Value padded(DimAttr dim);
  mlir::SmallVector<Value> denseStrides(mlir::ArrayRef<DimAttr> dims);
  /// The size in the example of `row`; with a null row, the padded one (in a function without a
  /// batch, the one example's own).
  Value own(DimAttr dim, Value row);
  /// The same for a row that may differ from lane to lane.
  Value own(DimAttr dim, const Index *row, int64_t lanes);

private:
  Value evaluate(DimAttr dim, llvm::function_ref<Value(mlir::StringAttr)> symbol);

  Code &code;
  Value dims, lengths;
  mlir::StringAttr batch;
  llvm::MapVector<mlir::StringAttr, std::pair<int64_t, SymbolKind>> symbols;
};

} // namespace rondo

#endif // RONDO_LOWER_SHAPES_H
