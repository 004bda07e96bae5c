// x86-64: the features that code uses, and the caches of its processors.
#include "Machine/Architecture.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using rondo::CacheSizes, rondo::Processor, rondo::TargetDescription;

namespace {

/// What code may use beyond the baseline.
constexpr StringLiteral usable[] = {
#define RONDO_X86_FEATURE(name) name,
#include "rondo/Features.def"
};

struct Row {
  X86::CPUKind kind;
  CacheSizes caches;
};

/// A core's part of L3 is where all cores of the common models work. Whatever is not listed has the
/// numbers of its architecture level, by the width of its vectors.
constexpr Row table[] = {
    // Intel, clients.
    {X86::CK_SandyBridge, {32, 256, 2048}},
    {X86::CK_IvyBridge, {32, 256, 2048}},
    {X86::CK_Haswell, {32, 256, 2048}},
    {X86::CK_Broadwell, {32, 256, 2048}},
    {X86::CK_SkylakeClient, {32, 256, 2048}},
    {X86::CK_IcelakeClient, {48, 512, 2048}},
    {X86::CK_Rocketlake, {48, 512, 2048}},
    {X86::CK_Tigerlake, {48, 1280, 3072}},
    {X86::CK_Alderlake, {48, 1280, 3072}},
    {X86::CK_Raptorlake, {48, 2048, 3072}},
    {X86::CK_Meteorlake, {48, 2048, 3072}},
    {X86::CK_Arrowlake, {48, 3072, 3072}},
    {X86::CK_Lunarlake, {48, 2560, 3072}},
    // Intel, servers.
    {X86::CK_SkylakeServer, {32, 1024, 1408}},
    {X86::CK_Cascadelake, {32, 1024, 1408}},
    {X86::CK_Cooperlake, {32, 1024, 1408}},
    {X86::CK_IcelakeServer, {48, 1280, 1536}},
    {X86::CK_SapphireRapids, {48, 2048, 1920}},
    {X86::CK_Emeraldrapids, {48, 2048, 5120}},
    {X86::CK_Graniterapids, {48, 2048, 4032}},
    {X86::CK_GraniterapidsD, {48, 2048, 4032}},
    {X86::CK_Diamondrapids, {48, 2048, 4032}},
    // AMD.
    {X86::CK_ZNVER1, {32, 512, 2048}},
    {X86::CK_ZNVER2, {32, 512, 4096}},
    {X86::CK_ZNVER3, {32, 512, 4096}},
    {X86::CK_ZNVER4, {32, 1024, 4096}},
    {X86::CK_ZNVER5, {48, 1024, 4096}},
};

} // namespace

/// What processors of this name have.
static StringSet<> featuresOf(StringRef name) {
  SmallVector<StringRef> features;
  X86::getFeaturesForCPU(name, features);
  StringSet<> all;
  StringMap<bool> implied; // the list leaves out what its members imply
  for (StringRef feature : features) {
    all.insert(feature);
    X86::updateImpliedFeatures(feature, true, implied);
  }
  for (const auto &[feature, present] : implied)
    if (present)
      all.insert(feature);
  return all;
}

Error rondo::describeX86(Processor &processor, const StringSet<> *present) {
  StringRef name = processor.tune;
  X86::CPUKind kind = X86::parseArchX86(name, /*Only64Bit=*/!present);
  if (!present && kind == X86::CK_None)
    return createStringError(
        "--mcpu=" + name +
        ": unknown processor, expected native, x86-64, x86-64-v2, x86-64-v3, x86-64-v4 or one "
        "of LLVM's names such as skylake or znver5");
  StringSet<> available = present ? *present : featuresOf(name);
  SmallVector<StringRef> used;
  for (StringRef feature : usable)
    if (available.contains(feature))
      used.push_back(feature);
  processor.features = join(used, " ");
  // AVX without the rest has no 256-bit integers, AVX-512 without it no masks for narrow vectors.
  auto has = [&](StringRef feature) { return is_contained(used, feature); };
  bool isWide = has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl");
  TargetDescription &description = processor.description;
  description = TargetDescription::forVectorBits(isWide ? 512 : has("avx2") ? 256 : 128);
  description.rounds = has("sse4.1");
  const Row *found = find_if(table, [&](const Row &row) { return row.kind == kind; });
  CacheSizes other = isWide ? CacheSizes{32, 1024, 1408} : CacheSizes{32, 256, 2048};
  (found != std::end(table) ? found->caches : other).describe(description);
  return Error::success();
}
