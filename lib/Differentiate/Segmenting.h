// The segments of a dim: which ops of a function are computed segment by segment (Segment.cpp), and
// the scan over segments that they become (SegmentBody.cpp). The header is theirs alone.
#ifndef RONDO_DIFFERENTIATE_SEGMENTING_H
#define RONDO_DIFFERENTIATE_SEGMENTING_H

#include "Rondo/Rondo.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace rondo {

/// The segments of one dim in the ops of one function.
class Segmenting {
public:
  Segmenting(mlir::func::FuncOp function, DimAttr dim)
      : function(function), block(function.getBody().front()), whole(dim) {}

  /// The scans over segments, one per level that has a loop.
  mlir::SmallVector<ScanOp> run();

private:
  //===--- What is segmented (Segment.cpp) ---===//
  static int64_t axisOf(mlir::Type type, DimAttr dim);
  bool mentionsOtherwise(mlir::Operation *op) const;
  bool isLocal(mlir::Operation *op) const;
  bool hasDim(mlir::Value value) const { return axisOf(value.getType(), whole) >= 0; }
  bool seesDim(mlir::Operation *op) const;
  bool isLoop(ScanOp scan) const;
  bool collectStart(ScanOp scan, mlir::Value value,
                    llvm::SetVector<mlir::Operation *> &needed) const;
  bool isRepetition(ScanOp scan) const;
  bool isOrdered(mlir::Operation *op) const;
  bool isSum(mlir::Operation *op) const;
  void findLevels();
  void findMembers(int64_t level);

  //===--- How (SegmentBody.cpp) ---===//
  void declareSymbols();
  ScanOp build();
  void convert(mlir::Operation *op, mlir::OpBuilder &builder);
  ScanOp convertLoop(ScanOp scan, mlir::ValueRange begins, mlir::OpBuilder &builder);
  void convertOwnLoop(ScanOp scan, mlir::OpBuilder &builder);
  void convertRepetition(ScanOp scan, mlir::OpBuilder &builder);
  mlir::Value stackedStart(ScanOp scan, mlir::Value start);
  /// A carry of the scan over segments; what it is before the segment.
  mlir::Value addCarry(mlir::Value start);
  void convertSum(mlir::Operation *op, mlir::OpBuilder &builder);
  void convertPositions(IotaOp iota, mlir::OpBuilder &builder);
  mlir::Value partOf(mlir::Value value);
  /// The type of a value's part in a segment.
  ArrayType segmentType(mlir::Type type) const;

  mlir::func::FuncOp function;
  mlir::Block &block;
  DimAttr whole, part, count;
  llvm::DenseSet<mlir::Operation *> local;
  llvm::DenseMap<mlir::Operation *, int64_t> levels;

  // Of the level that is built:
  /// The ops of the body, in order; those that go, since nothing else can compute them.
  llvm::SetVector<mlir::Operation *> members;
  llvm::DenseSet<mlir::Operation *> moved;
  mlir::Block *body = nullptr;
  mlir::IRMapping parts;
  llvm::MapVector<mlir::Value, mlir::BlockArgument> sliced;
  /// The carries have starts, values after a segment, and results that they replace (none for those
  /// of repetitions).
  mlir::SmallVector<mlir::Value> starts, nexts, lasts;
  /// Sums over the dim: a segment's, what is added to that of all, the old op's result.
  struct Sum {
    mlir::Value part, start, result;
  };
  mlir::SmallVector<Sum> sums;
};

} // namespace rondo

#endif // RONDO_DIFFERENTIATE_SEGMENTING_H
