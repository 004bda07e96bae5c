// Turns one planned function into its code and arena functions (include/rondo/Abi.h).
#ifndef RONDO_LOWER_FUNCTION_H
#define RONDO_LOWER_FUNCTION_H

#include "Lower/Emitter.h"

namespace rondo {

class FunctionLowering {
public:
  /// Emits at the end of `entry`, whose argument is that of RondoCode.
  FunctionLowering(mlir::func::FuncOp function, mlir::Block *entry,
                   const TargetDescription &machine);
  mlir::LogicalResult run();
  /// The messages of the checks, by number.
  mlir::SmallVector<std::string> checks;

private:
  void block(mlir::Block &block);
  void statement(mlir::Operation *op);
  void scan(ScanOp op);
  /// The steps of a scan for the present rows.
  void steps(ScanOp op, mlir::ArrayRef<Target> results);
  void step(ScanOp op, mlir::ArrayRef<Target> results, Value position);
  /// Where the plan puts a result of an op.
  Target planned(mlir::Operation *op, int64_t number);
  /// The pointer at a byte offset of RondoCall, and an element of the array that it points to.
  Value field(size_t offset);
  Value element(Value array, int64_t number);
  Value slot(int64_t number);

  mlir::func::FuncOp function;
  mlir::Block *entry;
  TargetDescription machine;
  Code code;
  Shapes shapes;
  Emitter emitter;
  /// The scan around, and the storage of its stacks' parts and sums at the present position.
  mlir::SmallVector<Target> stackParts, sums;
};

/// Bytes of arena up to slot `end` of a function's plan, as a 64-byte aligned offset.
Value arenaOffset(Code &code, Shapes &shapes, mlir::func::FuncOp function, int64_t end);

} // namespace rondo

#endif // RONDO_LOWER_FUNCTION_H
