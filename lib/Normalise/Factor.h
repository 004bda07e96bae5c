// A contraction of a loop as the product of a value of the step and a loop-invariant matrix.
#ifndef RONDO_LIB_NORMALISE_FACTOR_H
#define RONDO_LIB_NORMALISE_FACTOR_H

#include "Rondo/Rondo.h"
#include <optional>
#include <string>

namespace rondo {

/// Contraction in a body: `step` varies, `weight` comes from outside and has constant dims. Its
/// letters are the weight's own (in the result) and the summed ones (in the step's value); the
/// step's other letters are kept. No letter is in all three.
struct Factor {
  ContractOp contract;
  mlir::Value step, weight;
  std::string stepLetters, weightLetters, resultLetters;
  std::string own, summed, kept; // in the order of the weight, the step's value, the result

  /// None where the contraction is not of this form.
  static std::optional<Factor> of(ContractOp contract, ScanOp scan);

  /// The product of the dims of letters of the weight.
  int64_t count(llvm::StringRef letters) const;
  DimAttr dim(char letter) const;
};

/// `value` with its axes, named by `letters`, in the order `to`.
mlir::Value arrange(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                    llvm::StringRef letters, llvm::StringRef to);
/// `value` under other dims.
mlir::Value reshape(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                    llvm::ArrayRef<DimAttr> dims);
/// `values` one after another along a constant axis.
mlir::Value concat(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange values,
                   int64_t axis);

} // namespace rondo

#endif // RONDO_LIB_NORMALISE_FACTOR_H
