// Programs of others that finish what LLVM has made: the linker, the assembler of PTX.
#ifndef RONDO_TARGET_RUNPROGRAM_H
#define RONDO_TARGET_RUNPROGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace rondo {

/// Temporary files that are removed when this goes, however the work ends.
class Scratch {
public:
  Scratch() = default;
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;
  ~Scratch();
  /// A new file with these bytes; its path.
  llvm::Expected<std::string> add(llvm::StringRef suffix, llvm::StringRef bytes);

private:
  std::vector<std::string> paths;
};

/// Runs a program; where it fails, "`what` failed: " and the first line of what it says that speaks
/// of an error, or its first line.
llvm::Error runProgram(llvm::StringRef path, llvm::ArrayRef<std::string> arguments,
                       llvm::StringRef what, Scratch &scratch);

} // namespace rondo

#endif // RONDO_TARGET_RUNPROGRAM_H
