// From the program's object to an executable: the object, the prelinked runtime, libm and libc.
#ifndef RONDO_TARGET_LINK_H
#define RONDO_TARGET_LINK_H

#include "Target/Output.h"

namespace rondo {

/// Why nothing can be linked here, if so.
llvm::Error checkLinker();

/// Links `object` (the bytes of a relocatable file) with the prelinked runtime to an executable
/// file.
llvm::Error link(llvm::StringRef object, Output &output);

} // namespace rondo

#endif // RONDO_TARGET_LINK_H
