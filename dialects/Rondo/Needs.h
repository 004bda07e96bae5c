// The attribute `rondo.needs` says what a function needs of the lengths of its arguments, a list of
//
//   {least = #rondo.dim<T - 4>, message = "position 3 of an axis that is shorter",
//    place = "model.rondo:3:9", uses = [[#rondo.dim<S>, #rondo.dim<R>], ...]}
//
// In every example `least` is not negative, or (with `uses`) each list has a dim that is 0 or less,
// so that no element of a result needs it: none is there, or a choice by lengths takes something
// else. A call without it is refused before anything is read, allocated or started. It holds for
// the function whatever passes do to its body. A size that is negative where nobody needs it counts
// as 0 in storage and loops.
#ifndef RONDO_DIALECTS_NEEDS_H
#define RONDO_DIALECTS_NEEDS_H

#include "Rondo/Rondo.h"

namespace rondo {

namespace names {
inline constexpr llvm::StringLiteral needs = "rondo.needs";
} // namespace names

struct Need {
  DimAttr least;
  llvm::StringRef message, place;
  /// Where none is given, it is always needed.
  llvm::SmallVector<llvm::SmallVector<DimAttr>> uses;
};

llvm::SmallVector<Need> getNeeds(mlir::func::FuncOp function);
mlir::DictionaryAttr needAttribute(DimAttr least, llvm::StringRef message, llvm::StringRef place,
                                   llvm::ArrayRef<llvm::SmallVector<DimAttr>> uses);
/// True if the function's needs, or the dims' symbols alone, say that `dim` is not negative.
bool isNeverNegative(mlir::func::FuncOp function, DimAttr dim);
/// True if `dim` may be negative in an example that does not need it. As a size it is 0 there.
bool mayBeNegative(mlir::func::FuncOp function, DimAttr dim);
/// True if all positions at which the slice reads are positions of its operand, in every call. Not
/// so where only some element of a result needs them: a position may be beyond the end, and an
/// empty slice may be read as if it had one.
bool isWithin(SliceOp slice);
/// True if no position of the slice is beyond its operand, but for that of an empty slice. Where it
/// is not, what an example lacks is 0, so that gradients of 0 times it are 0.
bool endsWithin(SliceOp slice);
/// Returns the dim by which storage is sized: no example's own size is larger than it is where
/// symbols have their padded values. A difference of lengths, such as T - S, may be larger for an
/// example than for the padded lengths: what is subtracted then counts as 0.
DimAttr storageDim(mlir::func::FuncOp function, DimAttr dim);
llvm::LogicalResult verifyNeeds(mlir::Operation *op, mlir::Attribute attribute);

} // namespace rondo

#endif // RONDO_DIALECTS_NEEDS_H
