// AArch64: 32 vectors of 128 bits (NEON), which all its processors have, and their caches.
//
// Code uses the baseline, Armv8-A: fused multiply-adds and rounding are part of it, loads and
// stores of some lanes are not (SVE has them, which code does not use).
#include "Machine/Architecture.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/TargetParser/AArch64TargetParser.h"

using namespace llvm;
using rondo::CacheSizes, rondo::Processor, rondo::TargetDescription;

namespace {

struct Row {
  StringLiteral name;
  CacheSizes caches;
};

/// A core's part of what is shared is where all cores of the common models work.
constexpr Row table[] = {
    {"cortex-a53", {32, 128, 0}},     {"cortex-a55", {32, 128, 512}},
    {"cortex-a57", {32, 512, 0}},     {"cortex-a72", {32, 256, 0}},
    {"cortex-a76", {64, 512, 512}},   {"neoverse-n1", {64, 1024, 512}},
    {"neoverse-n2", {64, 1024, 512}}, {"neoverse-v1", {64, 1024, 512}},
    {"neoverse-v2", {64, 2048, 384}}, {"grace", {64, 1024, 1624}},
    {"apple-m1", {128, 3072, 1024}},  {"apple-m2", {128, 4096, 1024}},
    {"a64fx", {64, 682, 0}},
};

constexpr CacheSizes otherwise = {64, 512, 512};

} // namespace

Error rondo::describeAArch64(Processor &processor, const StringSet<> *present) {
  StringRef name = processor.tune;
  if (!present && name != "generic" && !AArch64::parseCpu(name))
    return createStringError("--mcpu=" + name +
                             ": unknown processor, expected native, generic or one of LLVM's names "
                             "such as cortex-a72 or neoverse-n1");
  TargetDescription &description = processor.description;
  description.vectorBits = 128;
  description.vectorRegisters = 32;
  description.masks = false;
  description.rounds = true;
  description.scales = false;
  const Row *found = find_if(table, [&](const Row &row) { return row.name == name; });
  (found != std::end(table) ? found->caches : otherwise).describe(description);
  return Error::success();
}
