// rondo-describe-kernels: what a launch of each kernel needs, noted on the module.
#include "Device/Device.h"

namespace rondo::device {
#define GEN_PASS_DEF_DESCRIBEKERNELS
#include "Device/Passes.h.inc"
} // namespace rondo::device

using namespace mlir;
using namespace rondo::device;

/// PTX's identifiers have no dots, and the language's have no dollars, so that names stay apart.
static std::string ptxName(StringRef symbol) {
  std::string name = symbol.str();
  llvm::replace(name, '.', '$');
  return name;
}

namespace {
struct DescribeKernels : rondo::device::impl::DescribeKernelsBase<DescribeKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto listed = module->getAttrOfType<ArrayAttr>(names::kernels);
    if (!listed)
      return;
    Builder builder(module.getContext());
    SmallVector<Attribute> kernels;
    for (auto symbol : listed.getAsRange<StringAttr>()) {
      auto kernel = module.lookupSymbol<LLVM::LLVMFuncOp>(symbol);
      if (!kernel || threadsOf(kernel) == 0) {
        module.emitError("expected @") << symbol.getValue() << " to be a kernel";
        return signalPassFailure();
      }
      SharedMemory shared = SharedMemory::of(kernel);
      auto field = [&](StringRef name, Attribute value) {
        return builder.getNamedAttr(name, value);
      };
      kernels.push_back(builder.getDictionaryAttr(
          {field("symbol", symbol), field("name", builder.getStringAttr(ptxName(symbol))),
           field("threads", builder.getI64IntegerAttr(threadsOf(kernel))),
           field("shared_bytes", builder.getI64IntegerAttr(shared.bytes)),
           field("takes_rest", builder.getBoolAttr(shared.takesRest)),
           field("cooperative", builder.getBoolAttr(kernel->hasAttr(names::cooperative))),
           field("numbers", builder.getI64IntegerAttr(kernel.getNumArguments() - 1))}));
    }
    module->setAttr(names::kernels, builder.getArrayAttr(kernels));
  }
};
} // namespace
