// Turns one planned function into its code and arena functions (include/rondo/Abi.h).
#ifndef RONDO_LOWER_FUNCTION_H
#define RONDO_LOWER_FUNCTION_H

#include "Lower/Emitter.h"
#include "Lower/Profile.h"
#include "Plan/Share.h"

namespace rondo {

class FunctionLowering {
public:
  /// Emits at the end of `entry`, whose arguments are those of RondoCode.
  FunctionLowering(mlir::func::FuncOp function, mlir::Block *entry,
                   const TargetDescription &machine, const Profile &profile);
  mlir::LogicalResult run();
  /// The messages of the checks, by number.
  mlir::SmallVector<std::string> checks;

private:
  void block(mlir::Block &block);
  void statement(mlir::Operation *op);
  //===--- rows (Rows.cpp) ---===//
  /// The steps of rows, a few rows at a time.
  void rows(GroupOp op, mlir::ArrayRef<Target> targets);
  void rowsByBlocks(GroupOp op, mlir::ArrayRef<Target> targets);
  void stepsOfRows(GroupOp op, mlir::ArrayRef<Target> targets, int64_t count,
                   llvm::function_ref<View(ArrayType, int64_t, int64_t)> view);
  /// Memory of this worker for what steps give to one another.
  Value local(int64_t offset);
  void scan(ScanOp op);
  struct Frame;
  void runs(Frame &own);
  /// The steps of a scan for the present rows.
  void steps();
  void step(Value position);
  /// Writes the start of a carry, and reads what it is in the end, for the present rows.
  void startCarry(int64_t number);
  void finishCarry(int64_t number);
  /// Where a carry of the present scan is kept at a position.
  View carryAt(int64_t number, Value position);
  /// Calls `visit` with the number of steps that the present rows take; row by row where it
  /// differs and `type` has rows.
  void forLengths(ArrayType type, llvm::function_ref<void(Value)> visit);
  /// Where the plan puts a result of an op.
  Target planned(mlir::Operation *op, int64_t number);
  View placeOf(Storage storage, ArrayType type);
  /// Emits a statement: for this worker's share of what it stores, or for worker 0.
  void shared(Share share, llvm::function_ref<void()> emit);
  /// The pointer at a byte offset of RondoCall, and an element of the array that it points to.
  Value field(size_t offset);
  Value element(Value array, int64_t number);
  Value slot(int64_t number);

  mlir::func::FuncOp function;
  mlir::Block *entry;
  TargetDescription machine;
  const Profile &profile;
  Code code;
  Shapes shapes;
  Emitter emitter;
  mlir::SmallVector<Value> offsets;

  /// A scan whose steps are being emitted: where its results and its carries' positions are, and,
  /// at the present position, the storage of the next carries, the stacks' parts and the sums.
  struct Frame {
    ScanOp scan;
    mlir::SmallVector<Target> results;
    mlir::SmallVector<View> rows;
    mlir::SmallVector<View> next, stackParts, sums;
  };
  Frame *frame = nullptr;
};

/// The offsets of a function's slots in its arena, aligned to 64 bytes, and the arena's size.
mlir::SmallVector<Value> arenaOffsets(Code &code, Shapes &shapes, mlir::func::FuncOp function);

} // namespace rondo

#endif // RONDO_LOWER_FUNCTION_H
