// The reverse sweep over one block: from its last op to its first, each op's rule turns the
// cotangents of its results into those of what it reads.
#ifndef RONDO_DIFFERENTIATE_SWEEP_H
#define RONDO_DIFFERENTIATE_SWEEP_H

#include "Differentiate/Ranges.h"
#include "llvm/ADT/DenseSet.h"

namespace rondo {

class Sweep final : public Adjoints {
public:
  /// `sources` are what is differentiated with respect to: arguments of the block, or values from
  /// outside that it reads. What is known of their ranges is shared by the sweeps of a function.
  Sweep(mlir::Block &block, mlir::ValueRange sources, Ranges &ranges);

  /// Runs the rules of all ops that stand in the block now; `builder` says where the results go,
  /// after all of them. The cotangents of the block's outputs have been added before.
  llvm::LogicalResult run(mlir::OpBuilder &builder);

  mlir::Value of(mlir::Value result) const override { return cotangents.lookup(result); }
  /// The cotangent of `value`, zeros where it has none.
  mlir::Value ofOrZero(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value) const;
  bool wants(mlir::Value value) const override { return active.contains(value); }
  void add(mlir::OpBuilder &builder, mlir::Value value, mlir::Value cotangent) override;
  void replace(mlir::Operation *op, mlir::ValueRange results) override;

  Ranges &ranges;

private:
  mlir::Block &block;
  /// The op whose rule runs.
  mlir::Operation *running = nullptr;
  llvm::DenseSet<mlir::Value> active;
  llvm::DenseMap<mlir::Value, mlir::Value> cotangents;
};

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_SWEEP_H
