// The caches of this machine.
//
// For `--mcpu=native` they are those that the machine reports (Linux's sysfs; LLVM's target machine
// knows no cache sizes of x86), of a shared cache one core's part. For a named processor, and where
// the machine reports nothing, they come from the table of its architecture (X86.cpp, AArch64.cpp):
// a name always gives the same numbers.
#ifndef RONDO_MACHINE_CACHES_H
#define RONDO_MACHINE_CACHES_H

#include "Machine/TargetDescription.h"

namespace rondo {

/// Fills in the caches and cores of this machine, as far as it reports them; `root` is sysfs's
/// folder of processors.
void describeMachine(TargetDescription &description,
                     llvm::StringRef root = "/sys/devices/system/cpu");

} // namespace rondo

#endif // RONDO_MACHINE_CACHES_H
