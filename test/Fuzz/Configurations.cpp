#include "Configurations.h"
#include "Driver/Pipelines.h"
#include "Target/Machine.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace rondo;
using namespace rondo::fuzz;

std::vector<std::string> Configuration::disabledPasses() const {
  return disabled.empty() ? std::vector<std::string>() : std::vector<std::string>{disabled};
}

std::string Configuration::str() const {
  return llvm::join(processors, ", ") + (disabled.empty() ? "" : " without " + disabled) +
         (segments ? ", in segments" : "");
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

std::vector<Configuration> rondo::fuzz::allConfigurations() {
  std::vector<Configuration> all;
  for (bool segments : {false, true}) {
    all.push_back({allTargets(), "", segments});
    for (const std::string &pass : optionalPasses())
      all.push_back({allTargets(), pass, segments});
  }
  return all;
}

Configuration rondo::fuzz::configurationOf(uint64_t number) {
  const std::vector<std::string> &passes = optionalPasses();
  const std::vector<std::string> &targets = allTargets();
  size_t pass = number / (2 * targets.size()) % (passes.size() + 1);
  return {{targets[number % targets.size()]},
          pass == 0 ? "" : passes[pass - 1],
          number / targets.size() % 2 == 1};
}
