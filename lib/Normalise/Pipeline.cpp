#include "Normalise/Pipeline.h"
#include "Normalise/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace rondo;

/// Dead results, slices and carries go, and equal values are one, before the next pass looks.
static void cleanUp(std::vector<std::unique_ptr<Pass>> &passes) {
  passes.push_back(createCanonicalizerPass());
  passes.push_back(createCSEPass());
}

void rondo::buildNormalisePipeline(std::vector<std::unique_ptr<Pass>> &passes) {
  cleanUp(passes);
  // Sums leave first: unmap and hoist would stack what they add up.
  passes.push_back(createSinkPass());
  cleanUp(passes);
  passes.push_back(createUnmapPass());
  cleanUp(passes);
  // Reuse compares the reverse bodies with the forward ones, which hoist takes apart.
  passes.push_back(createReusePass());
  cleanUp(passes);
  passes.push_back(createSinkPass());
  cleanUp(passes);
  passes.push_back(createHoistPass());
  cleanUp(passes);
  // What hoist took out may have cut carries apart, and what split separates may be hoisted.
  passes.push_back(createSplitPass());
  cleanUp(passes);
  passes.push_back(createHoistPass());
  cleanUp(passes);
  // Merged products chain on what no carry reaches, which then leaves the loop.
  passes.push_back(createMergePass());
  cleanUp(passes);
  passes.push_back(createHoistPass());
  cleanUp(passes);
  passes.push_back(createExplainLoopsPass());
}
