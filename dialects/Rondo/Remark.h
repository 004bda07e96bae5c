// Remarks: what the compiler decided about a part of the model, and why (`rondoc --remarks`).
//
// A pass says it where it decides, at the op, which has the model's line:
//
//   decided(op, "hoist") << "leaves the loop over " << dim.str() << ": no carry reaches it";
//   missed(op, "hoist") << "stays in the loop over " << dim.str() << ": it reads carry h";
//
// `decided` is for what was done, or chosen among several ways; `missed` for what a user might have
// expected and did not get. Both say the reason after a colon, in the model's terms: dims by their
// names, ops by wordsFor(op). The category is one word and the first of the message, so that
// `--remarks=hoist` selects; the present ones are listed in lib/Driver/Remarks.md. One remark per
// decision, not per op, and none from a pass that changes its mind later.
//
// Nothing is built, not even the text, where nobody listens (`<<` does nothing then). For reasons
// that must be searched for, ask wantsRemarks first. rondoc prints them with the source line;
// `rondo-opt --remarks-filter=REGEX` prints those of a category, as MLIR does.
#ifndef RONDO_DIALECT_REMARK_H
#define RONDO_DIALECT_REMARK_H

#include "Rondo/Rondo.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/raw_ostream.h"

namespace rondo {

/// An op's own place; where that is unknown, as of constants once something was folded, that of
/// what uses it, or of the nearest op around.
mlir::Location placeOf(mlir::Operation *op);

/// A message in the making; it goes out when it is destroyed.
class Remark {
public:
  Remark(mlir::Location loc, mlir::func::FuncOp function, llvm::StringRef category, bool isMissed);
  Remark(Remark &&other) = delete;
  ~Remark();

  template <typename T> Remark &operator<<(const T &part) {
    if (isWanted)
      llvm::raw_string_ostream(text) << part;
    return *this;
  }

private:
  mlir::Location loc;
  mlir::func::FuncOp function;
  llvm::StringRef category;
  bool isMissed, isWanted;
  std::string text;
};

/// Whether anybody listens.
inline bool wantsRemarks(mlir::MLIRContext *context) { return context->getRemarkEngine(); }
Remark decided(mlir::Operation *op, llvm::StringRef category);
Remark missed(mlir::Operation *op, llvm::StringRef category);

/// What a remark calls an op: "product bk,kn->bn", "sum over T", "tanh", "loop over T".
std::string wordsFor(mlir::Operation *op);
/// What a remark calls an array: "f32[B, T, 4]".
std::string wordsFor(ArrayType type);

} // namespace rondo

#endif // RONDO_DIALECT_REMARK_H
