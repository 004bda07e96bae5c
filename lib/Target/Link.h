// From the program's object to an executable: the object, the prelinked runtime, libm and libc.
#ifndef RONDO_TARGET_LINK_H
#define RONDO_TARGET_LINK_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace rondo {

/// Links `object` (the bytes of a relocatable file) with the prelinked runtime and writes an
/// executable file to `output`, which appears complete or not at all.
llvm::Error link(llvm::StringRef object, llvm::StringRef output);

/// Writes `bytes` to a temporary beside `output` and renames it, so that a reader sees the whole
/// file or none. "-" is standard output.
llvm::Error writeFile(llvm::StringRef bytes, llvm::StringRef output);

} // namespace rondo

#endif // RONDO_TARGET_LINK_H
