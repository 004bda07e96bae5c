// LLVM's target machine for a processor.
#ifndef RONDO_TARGET_MACHINE_H
#define RONDO_TARGET_MACHINE_H

#include "Machine/Processor.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace rondo {

/// `level` is that of -O0 to -O3.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createMachine(const Processor &processor,
                                                                   unsigned level);

} // namespace rondo

#endif // RONDO_TARGET_MACHINE_H
