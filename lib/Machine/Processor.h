// Which processor code is made for: `--mcpu` and the features that it implies.
#ifndef RONDO_MACHINE_PROCESSOR_H
#define RONDO_MACHINE_PROCESSOR_H

#include "Machine/TargetDescription.h"
#include "llvm/Support/Error.h"
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

} // namespace rondo

#endif // RONDO_MACHINE_PROCESSOR_H
