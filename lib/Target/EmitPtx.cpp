// rondo-emit-ptx: takes kernels out of the program; what stays of them is PTX, a constant.
#include "Device/Device.h"
#include "Target/ConstantData.h"
#include "Target/Passes.h"
#include "Target/Ptx.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Pass/PassManager.h"
#include <future>

namespace rondo {
#define GEN_PASS_DEF_EMITPTX
#include "Target/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

static bool isInternal(Operation *op) {
  LLVM::Linkage linkage = isa<LLVM::GlobalOp>(op) ? cast<LLVM::GlobalOp>(op).getLinkage()
                                                  : cast<LLVM::LLVMFuncOp>(op).getLinkage();
  return linkage == LLVM::Linkage::Internal || linkage == LLVM::Linkage::Private;
}

namespace {

/// Moves the kernels of a module into one of their own within it, with copies of the functions and
/// constants that they use.
class Outlining {
public:
  explicit Outlining(ModuleOp module)
      : module(module), builder(OpBuilder::atBlockEnd(module.getBody())),
        kernels(ModuleOp::create(builder, module.getLoc())) {
    builder.setInsertionPointToEnd(kernels.getBody());
  }

  /// The new module; its kernels have the names of the description.
  FailureOr<ModuleOp> run(ArrayAttr descriptions) {
    for (auto description : descriptions.getAsRange<DictionaryAttr>()) {
      auto symbol = description.getAs<StringAttr>("symbol");
      auto kernel = module.lookupSymbol<LLVM::LLVMFuncOp>(symbol);
      if (!kernel)
        return module.emitError("has no kernel @") << symbol.getValue();
      kernel->moveBefore(kernels.getBody(), kernels.getBody()->end());
      kernel.setSymNameAttr(description.getAs<StringAttr>("name"));
      pending.push_back(kernel);
    }
    while (!pending.empty())
      if (failed(copyUsed(pending.pop_back_val())))
        return failure();
    return kernels;
  }

  /// Erases the new module, and of what was copied all that is of no other use.
  void finish() {
    kernels.erase();
    auto isUnused = [&](Operation *op) {
      return isInternal(op) && SymbolTable::symbolKnownUseEmpty(op, module);
    };
    for (auto *unused = llvm::find_if(copied, isUnused); unused != copied.end();
         unused = llvm::find_if(copied, isUnused)) {
      (*unused)->erase();
      copied.erase(unused);
    }
  }

private:
  LogicalResult copyUsed(Operation *op) {
    std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(op);
    for (const SymbolTable::SymbolUse &use : *uses) {
      StringAttr name = use.getSymbolRef().getRootReference();
      if (kernels.lookupSymbol(name))
        continue;
      Operation *original = module.lookupSymbol(name);
      if (!isa_and_nonnull<LLVM::LLVMFuncOp, LLVM::GlobalOp>(original))
        return op->emitError("uses @") << name.getValue() << ", which no kernel can";
      Operation *copy = builder.clone(*original);
      if (auto function = dyn_cast<LLVM::LLVMFuncOp>(copy))
        function.setLinkage(LLVM::Linkage::Internal); // LLVM makes its name a legal one
      copied.push_back(original);
      pending.push_back(copy);
    }
    return success();
  }

  ModuleOp module;
  OpBuilder builder;
  ModuleOp kernels;
  SmallVector<Operation *> pending, copied;
};

struct EmitPtx : rondo::impl::EmitPtxBase<EmitPtx> {
  using EmitPtxBase::EmitPtxBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto descriptions = module->getAttrOfType<ArrayAttr>(device::names::kernels);
    if (!descriptions)
      return;
    Outlining outlining(module);
    FailureOr<ModuleOp> kernels = outlining.run(descriptions);
    if (failed(kernels) || failed(lower(*kernels)) || failed(emit(*kernels)))
      return signalPassFailure();
    outlining.finish();
  }

private:
  LogicalResult lower(ModuleOp kernels) {
    OpPassManager manager(ModuleOp::getOperationName());
    manager.addPass(device::createLowerToPtx());
    manager.addPass(createSCFToControlFlowPass());
    manager.addPass(createConvertToLLVMPass());
    manager.addPass(createReconcileUnrealizedCastsPass());
    return runPipeline(manager, kernels);
  }

  LogicalResult emit(ModuleOp kernels) {
    auto refuse = [&](llvm::Error error) {
      return kernels.emitError() << llvm::toString(std::move(error));
    };
    llvm::Expected<std::string> text = emitPtx(kernels, level);
    if (!text)
      return refuse(text.takeError());
    ConstantData data(getOperation());
    data.bytes(ptxSymbol, *text + '\0');
    if (ptxas.empty())
      return success();
    std::vector<std::future<llvm::Expected<std::string>>> cubins; // it takes its time
    for (const CubinArchitecture &architecture : cubinArchitectures)
      cubins.push_back(std::async(std::launch::async,
                                  [&] { return assemble(ptxas, *text, architecture.name); }));
    bool isDone = true;
    for (auto [architecture, cubin] : llvm::zip_equal(cubinArchitectures, cubins)) {
      llvm::Expected<std::string> code = cubin.get();
      if (code)
        data.bytes(architecture.symbol, *code);
      else if (std::exchange(isDone, false))
        refuse(code.takeError());
      else
        llvm::consumeError(code.takeError());
    }
    return success(isDone);
  }
};

} // namespace
