// From the program's object to an executable: the object, the prelinked runtime, libm and libc.
#ifndef RONDO_TARGET_LINK_H
#define RONDO_TARGET_LINK_H

#include "Target/Output.h"

namespace rondo {

/// Why nothing can be linked here for `triple` (empty: this machine's), if so.
llvm::Error checkLinker(llvm::StringRef triple = "");

/// Links `object` (the bytes of a relocatable file) with the prelinked runtime of its triple to an
/// executable file.
llvm::Error link(llvm::StringRef object, llvm::StringRef triple, Output &output);

} // namespace rondo

#endif // RONDO_TARGET_LINK_H
