// rondo-devices: a version of every function for a GPU.
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
    SymbolTable symbols(module);
    TargetDescription machine = TargetDescription::forCuda();
    machine.products = products;
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
      std::string name = (function.getSymName() + ".cuda").str();
      if (function.isExternal() || function->hasAttr(rondo::names::deviceOf) ||
          symbols.lookup(name))
        continue;
      auto clone = function.clone();
      clone.setSymName(name);
      clone->setAttr(rondo::names::deviceOf, StringAttr::get(&getContext(), function.getSymName()));
      machine.elementScale = TargetDescription::of(function).elementScale;
      clone->setAttr(rondo::names::target, machine.attribute(&getContext()));
      symbols.insert(clone);
      ++numClones;
      if (only) {
        function.eraseBody();
        function.setPrivate();
      }
    }
  }
};
} // namespace
