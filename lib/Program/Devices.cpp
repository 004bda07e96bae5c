// rondo-devices: a module for a GPU within the program, with a function for each of its functions.
#include "Machine/TargetDescription.h"
#include "Program/Passes.h"
#include "Rondo/Rondo.h"

namespace rondo {
#define GEN_PASS_DEF_DEVICES
#include "Program/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {
struct DevicesPass : rondo::impl::DevicesBase<DevicesPass> {
  using DevicesBase::DevicesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (module.lookupSymbol(names::cuda)) // read back after this pass ran
      return;
    TargetDescription machine = TargetDescription::forCuda();
    machine.products = products;
    auto device = ModuleOp::create(module.getLoc(), names::cuda);
    device->setAttr(names::target, machine.attribute(&getContext()));
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      auto clone = function.clone();
      device.push_back(clone);
      // A clone in double precision counts its elements as those of the function it is of.
      if (clone->removeAttr(names::target)) {
        TargetDescription own = machine;
        own.elementScale = TargetDescription::of(function).elementScale;
        clone->setAttr(names::target, own.attribute(&getContext()));
      }
      ++numClones;
      if (only) {
        function.eraseBody();
        function.setPrivate();
      }
    }
    module.push_back(device);
  }
};
} // namespace
