// Letter specs of structured ops: "btk,kn->btn".
#ifndef RONDO_DIALECTS_SPEC_H
#define RONDO_DIALECTS_SPEC_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace rondo {

/// The letters of each operand and of the result; one letter (a-z, A-Z) per dim.
struct Spec {
  llvm::SmallVector<std::string, 3> operands;
  std::string result;

  /// Parses "ab,bc->ac"; none if it is not of that form or repeats a letter within an array.
  static std::optional<Spec> parse(llvm::StringRef text);
  std::string str() const;

  /// The axis of a letter, or -1.
  static int64_t axis(llvm::StringRef letters, char letter);
  /// A letter that no array of the spec uses.
  char freshLetter() const;
};

} // namespace rondo

#endif // RONDO_DIALECTS_SPEC_H
