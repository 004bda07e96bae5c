// What differs from one architecture to another. To add one: a file like AArch64.cpp, its row in
// Processor.cpp, its features in rondo/Features.def, and the runtime's Fiber.cpp and Team.cpp.
#ifndef RONDO_MACHINE_ARCHITECTURE_H
#define RONDO_MACHINE_ARCHITECTURE_H

#include "Machine/Processor.h"
#include "llvm/ADT/StringSet.h"

namespace rondo {

/// Sets the features and the description of `processor`, whose `tune` is known. `present` are the
/// features of this machine for native, else null: then they are those of the name, and a name that
/// is not one of the architecture's processors is an error.
llvm::Error describeX86(Processor &processor, const llvm::StringSet<> *present);
llvm::Error describeAArch64(Processor &processor, const llvm::StringSet<> *present);

/// A core's caches in KiB: the first for data, the second, and its part of the third (0: none).
struct CacheSizes {
  int64_t l1, l2, l3;
  void describe(TargetDescription &description) const {
    description.l1Bytes = l1 << 10;
    description.l2Bytes = l2 << 10;
    description.l3Bytes = l3 << 10;
  }
};

} // namespace rondo

#endif // RONDO_MACHINE_ARCHITECTURE_H
