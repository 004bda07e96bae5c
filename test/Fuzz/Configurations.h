// The ways to compile a program that must not change its numbers: each target, each optional pass
// off.
#ifndef RONDO_TEST_FUZZ_CONFIGURATIONS_H
#define RONDO_TEST_FUZZ_CONFIGURATIONS_H

#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace rondo::fuzz {

struct Configuration {
  std::string processor = "native";
  std::string disabled; // an optional pass; empty: none

  std::vector<std::string> disabledPasses() const;
  std::string str() const;
};

/// All of them: AVX-512, AVX2 and 128 bits, as far as this machine can run them, times no pass or
/// each of the optional ones off.
std::vector<Configuration> allConfigurations();
/// The one for a number: consecutive numbers take turns first in the target, then in the pass, and
/// so go through all of them.
Configuration configurationOf(uint64_t number);

} // namespace rondo::fuzz

#endif // RONDO_TEST_FUZZ_CONFIGURATIONS_H
