// Which processor code is made for: `--mcpu` and the features that it implies.
#include "Machine/Processor.h"
#include "Machine/Caches.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using rondo::Processor;

/// What code may use beyond its architecture's baseline.
static constexpr StringLiteral usable[] = {
#define RONDO_X86_FEATURE(name) name,
#include "rondo/Features.def"
};

std::string Processor::llvmFeatures() const {
  SmallVector<StringRef> names;
  StringRef(features).split(names, ' ', -1, /*KeepEmpty=*/false);
  return join(map_range(names, [](StringRef name) { return ("+" + name).str(); }), ",");
}

Expected<Processor> rondo::resolveProcessor(StringRef name) {
  Processor processor;
  processor.triple = sys::getProcessTriple();
  Triple triple(processor.triple);
  bool isNative = name.empty() || name == "native";
  processor.tune = isNative ? sys::getHostCPUName().str() : name.str();
  if (!triple.isX86()) {
    if (!isNative)
      return createStringError("--mcpu=" + name + ": only native is supported on " +
                               triple.getArchName());
    processor.description = rondo::TargetDescription::forVectorBits(128);
    describeMachine(processor.description);
    return processor;
  }

  StringSet<> available;
  if (isNative) {
    for (const auto &[feature, present] : sys::getHostCPUFeatures())
      if (present)
        available.insert(feature);
  } else {
    if (X86::parseArchX86(name, /*Only64Bit=*/true) == X86::CK_None)
      return createStringError(
          "--mcpu=" + name +
          ": unknown processor, expected native, x86-64, x86-64-v2, x86-64-v3, x86-64-v4 or one "
          "of LLVM's names such as skylake or znver5");
    SmallVector<StringRef> features;
    X86::getFeaturesForCPU(name, features);
    StringMap<bool> implied; // the list leaves out what its members imply
    for (StringRef feature : features) {
      available.insert(feature);
      X86::updateImpliedFeatures(feature, true, implied);
    }
    for (const auto &[feature, present] : implied)
      if (present)
        available.insert(feature);
  }
  SmallVector<StringRef> used;
  for (StringRef feature : usable)
    if (available.contains(feature))
      used.push_back(feature);
  processor.features = join(used, " ");
  // AVX without the rest has no 256-bit integers, AVX-512 without it no masks for narrow vectors.
  auto has = [&](StringRef feature) { return is_contained(used, feature); };
  bool isWide = has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl");
  processor.description = rondo::TargetDescription::forVectorBits(isWide        ? 512
                                                                  : has("avx2") ? 256
                                                                                : 128);
  processor.description.rounds = has("sse4.1");
  rondo::describeProcessor(processor.tune, processor.description);
  if (isNative)
    rondo::describeMachine(processor.description);
  return processor;
}

Error rondo::checkRunsHere(const Processor &processor) {
  StringMap<bool> present = sys::getHostCPUFeatures();
  SmallVector<StringRef> names;
  StringRef(processor.features).split(names, ' ', -1, /*KeepEmpty=*/false);
  for (StringRef name : names)
    if (!present.lookup(name))
      return createStringError("this machine lacks '" + name + "', for which the code is made");
  return Error::success();
}
