// Streams the ops of a block one by one; Stream.cpp does so for a function, StreamScan.cpp for the
// body of a loop in it. Whether a value is a sequence is seen in its type: it has the dim.
#ifndef RONDO_STREAM_BLOCKSTREAMER_H
#define RONDO_STREAM_BLOCKSTREAMER_H

#include "Rondo/Rondo.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace rondo {

/// The axis of `type` with the dim, or -1.
int64_t axisOf(mlir::Type type, DimAttr dim);
/// The type without the dim, if it has it.
mlir::Type withoutDim(mlir::Type type, DimAttr dim);
/// True if a type or attribute of the op, or in its regions, mentions the dim's symbol.
bool mentions(mlir::Operation *op, DimAttr dim);
/// The values that the op and its regions read from outside of it.
llvm::SetVector<mlir::Value> readValues(mlir::Operation *op);

class BlockStreamer : public StreamState {
public:
  explicit BlockStreamer(DimAttr symbol) : symbol(symbol) {}

  DimAttr dim() const override { return symbol; }
  mlir::Value step(mlir::Value value) override { return steps.lookup(value); }
  mlir::LogicalResult define(mlir::OpBuilder &builder, mlir::Operation *op) override;

  /// Reports at the op that it may well be causal, but that nothing makes a step of it yet.
  virtual mlir::LogicalResult refuseYet(mlir::Operation *op, const llvm::Twine &what) = 0;

  /// Streams the ops of the block but its terminator; what that reads is then in `step`.
  mlir::LogicalResult stream(mlir::OpBuilder &builder, mlir::Block &block);

protected:
  void map(mlir::Value value, mlir::Value step) { steps[value] = step; }
  /// What stands for a value from outside of the block; null after an error at `op`.
  virtual mlir::Value resolve(mlir::Operation *op, mlir::Value value) = 0;
  /// Where an op that has nothing to do with the sequence is cloned to.
  virtual void placeUnrelated(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Value> read) = 0;

private:
  mlir::LogicalResult resolveRead(mlir::Operation *op);

  DimAttr symbol;
  llvm::DenseMap<mlir::Value, mlir::Value> steps;
};

} // namespace rondo

#endif // RONDO_STREAM_BLOCKSTREAMER_H
