// The ways to compile a program that must not change its numbers: each target, each level of
// optimisation, each optional pass off.
#ifndef RONDO_TEST_FUZZ_CONFIGURATIONS_H
#define RONDO_TEST_FUZZ_CONFIGURATIONS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace rondo::fuzz {

/// Stand among processors for this machine's GPU, for one that is emulated, and for an emulated
/// machine of another architecture.
inline constexpr llvm::StringLiteral deviceTarget = "cuda", emulatedTarget = "cuda-emulate",
                                     elsewhereTarget = "aarch64";

struct Configuration {
  std::vector<std::string> processors = {"native"}; // one after the other
  std::string disabled;                             // an optional pass; empty: none
  bool segments = false;                 // gradients segment by segment, as for a memory budget
  unsigned level = 1;                    // -O0 to -O3
  bool packsAll = true;                  // weights of any size are packed into panels
  bool isDouble = true, isSingle = true; // precisions, one after the other

  std::vector<std::string> disabledPasses() const;
  std::string str() const;
};

/// AVX-512, AVX2 and 128 bits, as far as this machine can run them.
const std::vector<std::string> &allTargets();
/// All targets, with no pass or each of the optional ones off, gradients in segments or not.
std::vector<Configuration> allConfigurations();
/// One for a number, drawn: a target, a precision, a level, as often as not a pass to disable.
Configuration configurationOf(uint64_t number);

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_CONFIGURATIONS_H
