// rondo-unmap: a loop whose steps do not depend on each other becomes ops over all steps.
#include "Normalise/Hoisting.h"
#include "Normalise/Passes.h"

namespace rondo {
#define GEN_PASS_DEF_UNMAPPASS
#include "Normalise/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {
struct Unmap : rondo::impl::UnmapPassBase<Unmap> {
  void runOnOperation() override {
    SmallVector<ScanOp> scans;
    getOperation()->walk<WalkOrder::PostOrder>([&](ScanOp scan) { scans.push_back(scan); });
    for (ScanOp scan : scans) {
      moveInvariants(scan);
      if (scan.getNumCarries() == 0 && !scan.getSegments())
        numScans += moveSteps(scan);
    }
  }
};
} // namespace
