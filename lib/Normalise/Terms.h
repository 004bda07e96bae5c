// Sums of values of one block, taken apart.
#ifndef RONDO_LIB_NORMALISE_TERMS_H
#define RONDO_LIB_NORMALISE_TERMS_H

#include "Rondo/Rondo.h"

namespace rondo {

/// The terms of a sum that is written as additions and as inits of contractions, whose partial sums
/// nobody else reads.
struct Terms {
  mlir::Operation *root = nullptr;
  llvm::SmallVector<ContractOp> contracts; // each without its init, which is a term of its own
  llvm::SmallVector<mlir::Value> others;
  /// True if the sum is a chain already: contractions on inits down to what holds no contraction.
  bool isChain = true;
  /// The additions and contractions that the sum consists of, the root first.
  llvm::SmallVector<mlir::Operation *> interior;
  /// Of the terms, those that no carry reaches, where that is known: they come first.
  llvm::SmallVector<ContractOp> earlyContracts;
  llvm::SmallVector<mlir::Value> earlyOthers;

  /// Takes the sum at `root` apart; values for which `isTerm` holds are terms as they are.
  static Terms of(mlir::Operation *root, llvm::function_ref<bool(mlir::Value)> isTerm);
  /// Emits the sum before the root by additions, what no carry reaches on its own.
  mlir::Value add() const;
  /// Emits the sum as a chain: the early terms, the others, then every contraction but `except` on
  /// an accumulator. Null if nothing is left.
  mlir::Value chain(llvm::ArrayRef<ContractOp> except) const;
  /// Replaces the root and erases what nobody reads then.
  void replaceBy(mlir::Value value) const;

private:
  mlir::Value early(mlir::OpBuilder &builder) const;
};

/// The ops of a block that are the last of a sum of two or more terms, in order.
llvm::SmallVector<mlir::Operation *> sumRoots(mlir::Block &block);

/// Visits the sums of a scan's body that a carry reaches, in order. A value that `rewrite` returns
/// replaces the sum.
void rewriteCarriedSums(ScanOp scan, llvm::function_ref<mlir::Value(const Terms &)> rewrite);

/// Lets every sum of a scan's body add up what no carry reaches on its own, so that it can leave
/// the loop as one value.
void gatherEarlyTerms(ScanOp scan);

/// Replaces a sum of arrays within zeros by the arrays one after another, where they do not
/// overlap. True if there were two or more.
bool joinPads(mlir::Operation *root);

} // namespace rondo

#endif // RONDO_LIB_NORMALISE_TERMS_H
