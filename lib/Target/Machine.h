// Which processor code is made for: `--mcpu`, the features it implies, LLVM's target machine.
#ifndef RONDO_TARGET_MACHINE_H
#define RONDO_TARGET_MACHINE_H

#include "Schedule/TargetDescription.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace rondo {

struct Processor {
  std::string triple;
  std::string tune;     // the processor to schedule for
  std::string features; // what the code may use beyond the baseline: "avx2 fma"
  TargetDescription description;

  /// LLVM's spelling: "+avx2,+fma".
  std::string llvmFeatures() const;
};

/// Resolves a `--mcpu` name: "native", an architecture level such as "x86-64-v3", or a processor.
/// Only features that the runtime can check for at start are used.
llvm::Expected<Processor> resolveProcessor(llvm::StringRef name);
/// An error that names the first feature of `processor` that this machine lacks.
llvm::Error checkRunsHere(const Processor &processor);

/// `level` is that of -O0 to -O3.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createMachine(const Processor &processor,
                                                                   unsigned level);

} // namespace rondo

#endif // RONDO_TARGET_MACHINE_H
