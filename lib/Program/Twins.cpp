// rondo-twins: double-precision twins of the entries that have a gradient.
#include "Machine/TargetDescription.h"
#include "Program/ConvertPrecision.h"
#include "Program/HoldStopped.h"
#include "Program/Passes.h"
#include "Rondo/Rondo.h"

namespace rondo {
#define GEN_PASS_DEF_TWINS
#include "Program/Passes.h.inc"
} // namespace rondo

using namespace mlir;

namespace {

bool isEntry(func::FuncOp function) {
  auto kind = function->getAttrOfType<StringAttr>(rondo::names::kind);
  return kind && kind.getValue() == "entry" && !function->hasAttr(rondo::names::twinOf);
}

/// Whether a function of the module has the attribute, which names another one.
bool isThere(ModuleOp module, StringRef attribute, func::FuncOp of) {
  return llvm::any_of(module.getOps<func::FuncOp>(), [&](func::FuncOp function) {
    return function->getAttr(attribute) == of.getSymNameAttr();
  });
}

bool isSingle(func::FuncOp function) {
  auto single = [](Type type) {
    auto array = dyn_cast<rondo::ArrayType>(type);
    return array && array.getElementType().isF32();
  };
  return llvm::any_of(function.getArgumentTypes(), single) ||
         llvm::any_of(function.getResultTypes(), single);
}

/// Gives the clone's lists of uses the order of the function's: where passes take readers in this
/// order, both get the same schedule.
void keepUseOrder(func::FuncOp function, IRMapping &mapping) {
  auto keep = [&](Value value) {
    llvm::DenseMap<std::pair<Operation *, unsigned>, unsigned> places;
    for (OpOperand &use : value.getUses()) {
      unsigned place = places.size();
      places[{mapping.lookup(use.getOwner()), use.getOperandNumber()}] = place;
    }
    if (places.size() < 2)
      return;
    Value twin = mapping.lookup(value);
    twin.shuffleUseList(llvm::map_to_vector(twin.getUses(), [&](OpOperand &use) {
      return places.lookup({use.getOwner(), use.getOperandNumber()});
    }));
  };
  function.walk([&](Operation *op) {
    llvm::for_each(op->getResults(), keep);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArguments(), keep);
  });
}

struct TwinsPass : rondo::impl::TwinsBase<TwinsPass> {
  using TwinsBase::TwinsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (auto gradient : llvm::to_vector(module.getOps<func::FuncOp>())) {
      auto of = gradient->getAttrOfType<StringAttr>(rondo::names::gradientOf);
      auto function = of ? symbols.lookup<func::FuncOp>(of) : nullptr;
      if (!function || !isEntry(function) || !isEntry(gradient))
        continue;
      addCheck(symbols, function);
      if (!isSingle(function))
        continue;
      addTwin(symbols, function);
      addTwin(symbols, gradient);
    }
  }

  /// The function as differences see it, in double precision; an entry of its own, since it has
  /// arguments that the other has not.
  void addCheck(SymbolTable &symbols, func::FuncOp function) {
    if (isThere(getOperation(), rondo::names::checkOf, function)) // read back after this pass ran
      return;
    auto check = function.clone();
    check.setSymName((function.getSymName() + ".check").str());
    if (!rondo::holdStopped(check)) {
      check.erase();
      return;
    }
    // The descriptor does not take the program's precision from it.
    check->setAttr(rondo::names::checkOf, function.getSymNameAttr());
    rondo::convertToDouble(check);
    symbols.insert(check);
    ++numTwins;
  }

  void addTwin(SymbolTable &symbols, func::FuncOp function) {
    if (isThere(getOperation(), rondo::names::twinOf, function))
      return;
    IRMapping mapping;
    auto twin = function.clone(mapping);
    keepUseOrder(function, mapping);
    twin.setSymName((function.getSymName() + ".f64").str());
    twin->setAttr(rondo::names::twinOf, function.getSymNameAttr());
    rondo::convertToDouble(twin);
    // Scheduled as what it is the twin of.
    auto target = rondo::TargetDescription::of(function);
    target.elementScale = 2;
    twin->setAttr(rondo::names::target, target.attribute(&getContext()));
    symbols.insert(twin);
    ++numTwins;
  }
};

} // namespace
