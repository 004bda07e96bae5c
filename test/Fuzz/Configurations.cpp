#include "Configurations.h"
#include "Driver/Pipelines.h"
#include "Target/Machine.h"
#include "rondo/Philox.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <array>

using namespace rondo;
using namespace rondo::fuzz;

std::vector<std::string> Configuration::disabledPasses() const {
  return disabled.empty() ? std::vector<std::string>() : std::vector<std::string>{disabled};
}

std::string Configuration::str() const {
  return llvm::join(processors, ", ") + " at -O" + std::to_string(level) +
         (isDouble && isSingle ? ""
          : isDouble           ? ", f64"
                               : ", f32") +
         (disabled.empty() ? "" : ", without " + disabled) + (segments ? ", in segments" : "") +
         (packsAll ? "" : ", packed by size");
}

const std::vector<std::string> &rondo::fuzz::allTargets() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const char *name : {"x86-64-v4", "x86-64-v3", "x86-64"}) {
      auto processor = resolveProcessor(name);
      llvm::Error error = processor ? checkRunsHere(*processor) : processor.takeError();
      if (!error)
        result.push_back(name);
      else
        llvm::outs() << "left out: " << name << ", " << llvm::toString(std::move(error)) << "\n";
    }
    if (result.empty())
      result.push_back("native");
    return result;
  }();
  return names;
}

static Configuration forAllTargets(const std::string &disabled, bool segments) {
  Configuration configuration;
  configuration.processors = allTargets();
  configuration.disabled = disabled;
  configuration.segments = segments;
  return configuration;
}

std::vector<Configuration> rondo::fuzz::allConfigurations() {
  std::vector<Configuration> all;
  for (bool segments : {false, true}) {
    all.push_back(forAllTargets("", segments));
    for (const std::string &pass : optionalPasses())
      all.push_back(forAllTargets(pass, segments));
  }
  for (unsigned level : {0u, 2u, 3u}) {
    all.push_back(forAllTargets("", false));
    all.back().level = level;
  }
  return all;
}

Configuration rondo::fuzz::configurationOf(uint64_t number) {
  uint64_t key = foldKey(number, siteNumber("configuration"));
  auto below = [&, next = uint64_t(0)](size_t bound) mutable {
    return drawBits(key, next++)[0] % static_cast<uint32_t>(bound);
  };
  const std::vector<std::string> &passes = optionalPasses();
  Configuration configuration;
  configuration.processors = {allTargets()[below(allTargets().size())]};
  if (below(2))
    configuration.disabled = passes[below(passes.size())];
  configuration.segments = below(4) == 0;
  configuration.level = std::array{0u, 1u, 1u, 2u, 2u, 3u}[below(6)];
  configuration.packsAll = below(3) != 0;
  configuration.isDouble = number % 2 == 0;
  configuration.isSingle = !configuration.isDouble;
  return configuration;
}
