// Programs of others that finish what LLVM has made: the linker, the assembler of PTX.
#ifndef RONDO_TARGET_RUNPROGRAM_H
#define RONDO_TARGET_RUNPROGRAM_H

#include "Target/Scratch.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace rondo {

/// Runs a program; where it fails, "`what` failed: " and the first line of what it says that speaks
/// of an error, or its first line. It ends with this process.
llvm::Error runProgram(llvm::StringRef path, llvm::ArrayRef<std::string> arguments,
                       llvm::StringRef what, Scratch &scratch);

} // namespace rondo

#endif // RONDO_TARGET_RUNPROGRAM_H
