// rondo-hoist: what depends on no carry leaves the loop.
#include "Normalise/Hoisting.h"
#include "Normalise/Parting.h"
#include "Normalise/Passes.h"
#include "Normalise/Terms.h"

namespace rondo {
#define GEN_PASS_DEF_HOISTPASS
#include "Normalise/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {
struct Hoist : rondo::impl::HoistPassBase<Hoist> {
  void runOnOperation() override {
    // Inner scans first: what leaves them may leave the outer one too.
    SmallVector<ScanOp> scans;
    getOperation()->walk<WalkOrder::PostOrder>([&](ScanOp scan) { scans.push_back(scan); });
    for (ScanOp scan : scans) {
      if (scan.getSegments()) {
        moveInvariants(scan);
        continue;
      }
      partJoints(scan);
      gatherEarlyTerms(scan);
      moveInvariants(scan);
      numScans += moveSteps(scan);
    }
  }
};
} // namespace
