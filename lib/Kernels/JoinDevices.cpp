// rondo-join-devices: what is in the modules of devices becomes part of the program.
#include "Kernels/Passes.h"
#include "Rondo/Rondo.h"

namespace rondo {
#define GEN_PASS_DEF_JOINDEVICES
#include "Kernels/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// A function that is defined elsewhere.
static bool isDeclaration(Operation *op) {
  auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
  return function && function.isExternal();
}

/// A table or a function that code brought along for itself.
static bool isInternal(Operation *op) {
  if (auto global = dyn_cast<LLVM::GlobalOp>(op))
    return global.getLinkage() == LLVM::Linkage::Internal ||
           global.getLinkage() == LLVM::Linkage::Private;
  auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
  return function && (function.getLinkage() == LLVM::Linkage::Internal ||
                      function.getLinkage() == LLVM::Linkage::Private);
}

namespace {
struct JoinDevicesPass : rondo::impl::JoinDevicesBase<JoinDevicesPass> {
  using JoinDevicesBase::JoinDevicesBase;

  void runOnOperation() override {
    ModuleOp program = getOperation();
    SymbolTable symbols(program);
    for (auto device : llvm::to_vector(program.getOps<ModuleOp>()))
      join(symbols, device);
  }

  void join(SymbolTable &symbols, ModuleOp device) {
    llvm::DenseMap<StringAttr, StringAttr> names;
    llvm::DenseSet<StringAttr> common = findCommon(symbols, device);
    for (Operation &op : llvm::make_early_inc_range(*device.getBody())) {
      StringAttr name = SymbolTable::getSymbolName(&op);
      Operation *there = symbols.lookup(name);
      if (common.contains(name)) {
        op.erase();
        continue;
      }
      if (auto function = dyn_cast<func::FuncOp>(op))
        function->setAttr(rondo::names::deviceOf, name);
      if (there || !(isDeclaration(&op) || isInternal(&op)))
        names[name] = StringAttr::get(&getContext(), device.getSymName().value_or("device") + "." +
                                                         name.getValue());
    }
    rename(device, names);
    addKernels(device, names);
    for (Operation &op : llvm::make_early_inc_range(*device.getBody())) {
      op.remove();
      symbols.insert(&op);
    }
    symbols.erase(device);
  }

  /// What the program has as well, one of which will do: declarations, and what code brought along
  /// if it is the same there, with all that it uses.
  static llvm::DenseSet<StringAttr> findCommon(const SymbolTable &symbols, ModuleOp device) {
    llvm::DenseSet<StringAttr> common;
    for (Operation &op : *device.getBody()) {
      StringAttr name = SymbolTable::getSymbolName(&op);
      Operation *there = symbols.lookup(name);
      if (there && (isDeclaration(&op) ||
                    (isInternal(&op) && OperationEquivalence::isEquivalentTo(
                                            &op, there, OperationEquivalence::IgnoreLocations))))
        common.insert(name);
    }
    for (bool isStable = false; !isStable;) {
      isStable = true;
      for (Operation &op : *device.getBody()) {
        StringAttr name = SymbolTable::getSymbolName(&op);
        if (!common.contains(name))
          continue;
        std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(&op);
        if (uses && llvm::any_of(*uses, [&](const SymbolTable::SymbolUse &use) {
              return !common.contains(use.getSymbolRef().getRootReference());
            })) {
          common.erase(name);
          isStable = false;
        }
      }
    }
    return common;
  }

  /// Gives the symbols of a module, wherever it names them, the names that are mapped to.
  static void rename(ModuleOp device, const llvm::DenseMap<StringAttr, StringAttr> &names) {
    AttrTypeReplacer replacer;
    replacer.addReplacement([&](FlatSymbolRefAttr symbol) -> std::optional<Attribute> {
      StringAttr name = names.lookup(symbol.getAttr());
      return name ? FlatSymbolRefAttr::get(name) : symbol;
    });
    device.getBody()->walk([&](Operation *op) { replacer.replaceElementsIn(op); });
    for (Operation &op : *device.getBody())
      if (StringAttr name = names.lookup(SymbolTable::getSymbolName(&op)))
        SymbolTable::setSymbolName(&op, name);
  }

  void addKernels(ModuleOp device, const llvm::DenseMap<StringAttr, StringAttr> &names) {
    auto own = device->getAttrOfType<ArrayAttr>(device::names::kernels);
    if (!own)
      return;
    SmallVector<Attribute> kernels;
    if (auto others = getOperation()->getAttrOfType<ArrayAttr>(device::names::kernels))
      llvm::append_range(kernels, others);
    for (auto name : own.getAsRange<StringAttr>())
      kernels.push_back(names.lookup(name));
    getOperation()->setAttr(device::names::kernels, ArrayAttr::get(&getContext(), kernels));
  }
};
} // namespace
