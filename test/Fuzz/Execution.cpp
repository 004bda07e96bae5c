// Compiled code: its numbers, its bits, where it stops.
#include "Checker.h"
#include <cstring>

using namespace mlir;
using namespace rondo;
using namespace rondo::fuzz;

bool Checker::compiledAgrees() {
  if (!settings.compiled)
    return true;
  for (const std::string &processor : settings.configuration.processors)
    for (bool isDouble : {true, false})
      if ((isDouble ? settings.configuration.isDouble : settings.configuration.isSingle) &&
          !compiledAgrees(processor, isDouble)) {
        finding->processor = processor;
        return false;
      }
  return true;
}

bool Checker::compiledAgrees(const std::string &processor, bool isDouble) {
  double tolerance = isDouble ? settings.f64Tolerance : settings.f32Tolerance;
  if (tolerance == 0)
    return true;
  const char *precision = isDouble ? "f64" : "f32";
  std::unique_ptr<Compiled> program =
      Compiled::make(*module, isDouble, processor, settings.configuration);
  if (!program)
    return violated("compiled", std::string(precision) + " does not compile");
  for (func::FuncOp function : entries()) {
    StringRef name = function.getName();
    std::vector<HostArray> results;
    if (!stopsCompiled(*program, name, precision))
      return false;
    if (alwaysStops(name))
      continue;
    std::string error = program->call(name, data.of(name), 1, results);
    if (!error.empty())
      return violated("compiled", name.str() + ": " + error);
    for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(results, reference[name])))
      if (!close("compiled", name, i, std::string("in ") + precision, std::get<0>(pair),
                 std::get<1>(pair), tolerance, isDouble ? 2e-16 : 6e-8))
        return false;
    for (int64_t workers = 2; workers <= settings.threads; ++workers)
      if (!sameBits(*program, name, workers, results))
        return false;
  }
  return true;
}

/// Where the program stops, compiled code does, says at which example, and touches nothing else.
bool Checker::stopsCompiled(Compiled &program, StringRef name, const char *precision) {
  auto known = stops.find(differentiated(name));
  if (known == stops.end())
    return true;
  const llvm::BitVector &stopped = known->second;
  std::vector<HostArray> results;
  std::string error = program.call(name, refused->of(name), 1, results);
  if (error.empty())
    return violated("refusals", name.str() + " goes on in " + precision);
  auto [before, after] = StringRef(error).split("' stopped in example ");
  unsigned example = 0;
  if (after.consumeInteger(10, example) || example >= stopped.size() || !stopped[example])
    return violated("refusals", name.str() + " in " + precision + ": " + error);
  return true;
}

/// One worker computes each element, whoever it is.
bool Checker::sameBits(Compiled &program, StringRef name, int64_t workers,
                       ArrayRef<HostArray> wanted) {
  std::vector<HostArray> results;
  std::string error = program.call(name, data.of(name), workers, results);
  if (!error.empty())
    return violated("any number of workers", name.str() + ": " + error);
  for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(results, wanted))) {
    auto &[found, known] = pair;
    if (found.ints != known.ints || std::memcmp(found.floats.data(), known.floats.data(),
                                                known.floats.size() * sizeof(double)) != 0)
      return violated(
          "any number of workers",
          llvm::formatv("{0} result {1} has other bits with {2} workers", name, i, workers));
  }
  return true;
}
