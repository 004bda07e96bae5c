// Which processor code is made for: `--mtriple`, `--mcpu` and the features that they imply.
#include "Machine/Processor.h"
#include "Machine/Architecture.h"
#include "Machine/Caches.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using rondo::Processor;

namespace {
struct Architecture {
  Triple::ArchType type;
  StringLiteral baseline;
  Error (*describe)(Processor &, const StringSet<> *);
};
} // namespace

static constexpr Architecture architectures[] = {
    {Triple::x86_64, "x86-64", rondo::describeX86},
    {Triple::aarch64, "generic", rondo::describeAArch64},
};

std::string Processor::llvmFeatures() const {
  SmallVector<StringRef> names;
  StringRef(features).split(names, ' ', -1, /*KeepEmpty=*/false);
  return join(map_range(names, [](StringRef name) { return ("+" + name).str(); }), ",");
}

Expected<Processor> rondo::resolveProcessor(StringRef name, StringRef wanted) {
  Triple host(sys::getProcessTriple());
  Triple triple = wanted.empty() ? host : Triple(Triple::normalize(wanted));
  const Architecture *architecture = find_if(
      architectures, [&](const Architecture &each) { return each.type == triple.getArch(); });
  if (architecture == std::end(architectures) || (!wanted.empty() && !triple.isOSLinux()))
    return createStringError(
        (wanted.empty() ? "no code is made for " + triple.str() : "--mtriple=" + wanted) +
        ": expected x86_64-linux-gnu or aarch64-linux-gnu");
  bool isForeign = triple.getArch() != host.getArch();
  if (name == "native" && isForeign)
    return createStringError("--mcpu=native: this machine is of another architecture, " +
                             host.getArchName() + ", than " + triple.getArchName());
  bool isNative = name == "native" || (name.empty() && !isForeign);
  Processor processor;
  processor.triple = triple.str();
  processor.baseline = architecture->baseline.str();
  processor.tune = isNative       ? sys::getHostCPUName().str()
                   : name.empty() ? processor.baseline
                                  : name.str();
  processor.description.cores = 8;
  StringSet<> present;
  if (isNative)
    for (const auto &[feature, isPresent] : sys::getHostCPUFeatures())
      if (isPresent)
        present.insert(feature);
  if (Error error = architecture->describe(processor, isNative ? &present : nullptr))
    return error;
  if (isNative)
    describeMachine(processor.description);
  return processor;
}

Error rondo::checkRunsHere(const Processor &processor) {
  Triple triple(processor.triple), host(sys::getProcessTriple());
  if (triple.getArch() != host.getArch())
    return createStringError("this machine is " + host.getArchName() +
                             ", and the code is made for " + triple.getArchName());
  StringMap<bool> present = sys::getHostCPUFeatures();
  SmallVector<StringRef> names;
  StringRef(processor.features).split(names, ' ', -1, /*KeepEmpty=*/false);
  for (StringRef name : names)
    if (!present.lookup(name))
      return createStringError("this machine lacks '" + name + "', for which the code is made");
  return Error::success();
}
