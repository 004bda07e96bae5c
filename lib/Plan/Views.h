// Which values have their elements in storage, at strides, so that they are read and not computed.
//
// A value has if the plan stores it, or if it only moves what has: a transpose, a broadcast, a
// slice at one offset for all examples, a reshape of neighbours. Tile decides by it what is
// contiguous and what is computed in a loop, and Lower reads and computes accordingly: both ask
// here.
#ifndef RONDO_PLAN_VIEWS_H
#define RONDO_PLAN_VIEWS_H

#include "Plan/Plan.h"
#include "Rondo/DimPolynomial.h"

namespace rondo {

class Views {
public:
  explicit Views(mlir::func::FuncOp function) : function(function) {}

  bool has(mlir::Value value) { return stridesOf(value).has_value(); }
  /// Whether a slice of storage is a view of it, the same for all examples; whether a reshape of
  /// what has its elements in storage is one.
  bool isView(SliceOp slice) const;
  bool isView(ReshapeOp reshape);

private:
  /// The elements from one position of an axis to the next, in padded sizes; none: not known here.
  using Stride = std::optional<DimPolynomial>;
  using Strides = mlir::SmallVector<Stride, 4>;
  std::optional<Strides> stridesOf(mlir::Value value);
  std::optional<Strides> compute(mlir::Value value);
  Strides ofPlace(mlir::OpResult value);
  Strides ofCarry(ScanOp scan, int64_t number);
  Strides dense(mlir::ArrayRef<DimAttr> dims) const;
  std::optional<Strides> ofReshape(ReshapeOp op, Strides strides) const;

  mlir::func::FuncOp function;
  llvm::DenseMap<mlir::Value, std::optional<Strides>> known;
};

} // namespace rondo

#endif // RONDO_PLAN_VIEWS_H
