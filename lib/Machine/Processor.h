// Which processor code is made for: `--mtriple`, `--mcpu` and the features that they imply.
#ifndef RONDO_MACHINE_PROCESSOR_H
#define RONDO_MACHINE_PROCESSOR_H

#include "Machine/TargetDescription.h"
#include "llvm/Support/Error.h"
#include <string>

namespace rondo {

struct Processor {
  std::string triple;
  std::string baseline; // LLVM's processor whose features all code of the triple may use
  std::string tune;     // the processor to schedule for
  std::string features; // what the code may use beyond the baseline: "avx2 fma"
  TargetDescription description;

  /// LLVM's spelling: "+avx2,+fma".
  std::string llvmFeatures() const;
};

/// Resolves an `--mcpu` name: "native", an architecture level such as "x86-64-v3", or a processor;
/// empty is native, or the baseline where `triple` is another architecture than this machine's. An
/// empty triple is this machine's. Only features that the runtime can check for at start are used.
llvm::Expected<Processor> resolveProcessor(llvm::StringRef name, llvm::StringRef triple = "");
/// An error that says why code for `processor` does not run here: another architecture, or the
/// first feature that this machine lacks.
llvm::Error checkRunsHere(const Processor &processor);

} // namespace rondo

#endif // RONDO_MACHINE_PROCESSOR_H
