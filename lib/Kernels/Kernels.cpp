// rondo-kernels: the code of a device's threads, cut into kernels and the host's code.
#include "Kernels/Passes.h"
#include "Machine/TargetDescription.h"
#include "Rondo/Rondo.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "rondo/Abi.h"
#include "llvm/ADT/SetVector.h"
#include <cstddef>

namespace rondo {
#define GEN_PASS_DEF_KERNELS
#include "Kernels/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

/// Whether an op is where kernels end, or has such an op in it.
static bool isHosts(Operation *op) {
  return op
      ->walk([](Operation *inner) {
        return isa<team::BarrierOp, device::PersistentOp>(inner) ? WalkResult::interrupt()
                                                                 : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Whether an op at most reads; with regions, all in them.
static bool onlyReads(Operation *op) {
  std::optional<SmallVector<MemoryEffects::EffectInstance>> effects = getEffectsRecursively(op);
  return effects && llvm::all_of(*effects, [](const MemoryEffects::EffectInstance &effect) {
           return isa<MemoryEffects::Read>(effect.getEffect());
         });
}

namespace {

/// One kernel in the making: ops are cloned into it, with what they are computed from.
class Kernel {
public:
  Kernel(LLVM::LLVMFuncOp host, const std::string &name, bool isCooperative)
      : host(host), builder(host.getContext()) {
    builder.setInsertionPoint(host);
    Type pointer = LLVM::LLVMPointerType::get(host.getContext());
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(host.getContext()), {pointer});
    function = LLVM::LLVMFuncOp::create(builder, host.getLoc(), name, type);
    function->setAttr(device::names::kernel,
                      builder.getI64IntegerAttr(TargetDescription::of(host).threadsPerBlock));
    if (isCooperative)
      function->setAttr(device::names::cooperative, builder.getUnitAttr());
    entry = function.addEntryBlock(builder);
    mapping.map(host.getArgument(0), entry->getArgument(0));
    builder.setInsertionPointToEnd(entry);
  }

  void add(Operation *op) {
    llvm::SetVector<Value> outside;
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (!op->isAncestor(operand.getParentBlock()->getParentOp()))
          outside.insert(operand);
    });
    for (Value value : outside)
      bring(value);
    builder.clone(*op, mapping);
  }

  /// Ends the kernel; the numbers that it is to be given.
  SmallVector<Value> finish() {
    LLVM::ReturnOp::create(builder, host.getLoc(), ValueRange());
    Type pointer = entry->getArgument(0).getType();
    SmallVector<Type> arguments{pointer};
    arguments.append(numbers.size(), builder.getI64Type());
    function.setFunctionType(
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(host.getContext()), arguments));
    function.walk([&](Operation *op) { lowerTeam(op); });
    return numbers;
  }

  LLVM::LLVMFuncOp function;
  /// A value of the host's that no kernel can be given, if there is one.
  Value wrong;

private:
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(builder, host.getLoc(), std::forward<Args>(args)...).getResult();
  }

  /// Makes a value known: computed again, or a number that the host gives.
  void bring(Value value) {
    if (mapping.contains(value))
      return;
    Operation *op = value.getDefiningOp();
    if (op && op->getNumRegions() == 0 && onlyReads(op)) {
      bool isData = isa<LLVM::LoadOp>(op) && !isa<LLVM::LLVMPointerType>(value.getType()) &&
                    !value.getType().isInteger(64);
      if (isData)
        wrong = value;
      for (Value operand : op->getOperands())
        bring(operand);
      builder.clone(*op, mapping);
      return;
    }
    if (!value.getType().isInteger(64))
      wrong = value;
    numbers.push_back(value);
    mapping.map(value, entry->addArgument(value.getType(), value.getLoc()));
  }

  void lowerTeam(Operation *op) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(op);
    Value result;
    if (isa<team::IdOp>(op)) {
      Value first = make<arith::MulIOp>(make<device::BlockOp>(), make<device::ThreadsOp>());
      result = make<arith::AddIOp>(first, make<device::ThreadOp>());
    } else if (isa<team::SizeOp>(op)) {
      result = make<arith::MulIOp>(make<device::BlocksOp>(), make<device::ThreadsOp>());
    } else if (isa<team::BarrierOp>(op)) {
      Type pointer = LLVM::LLVMPointerType::get(op->getContext());
      Value at = make<LLVM::GEPOp>(
          pointer, builder.getI8Type(), entry->getArgument(0),
          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offsetof(RondoCall, team))});
      Value state = make<LLVM::LoadOp>(pointer, at, 8);
      device::GridBarrierOp::create(builder, op->getLoc(), state);
    } else {
      return;
    }
    if (result)
      op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }

  LLVM::LLVMFuncOp host;
  OpBuilder builder;
  Block *entry;
  IRMapping mapping;
  SmallVector<Value> numbers;
};

/// Cuts up one function, which becomes the host's code.
class Cutter {
public:
  Cutter(LLVM::LLVMFuncOp host, StringRef name, SmallVectorImpl<Attribute> &kernels)
      : host(host), name(name), kernels(kernels) {}

  LogicalResult run() {
    cut(host.getBody().front());
    eraseDead();
    return result;
  }

private:
  void cut(Block &block) {
    SmallVector<Operation *> run;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto persistent = dyn_cast<device::PersistentOp>(op)) {
        launch(run);
        SmallVector<Operation *> all;
        for (Operation &inner : persistent.getBody().front())
          all.push_back(&inner);
        launch(all, /*isCooperative=*/true, persistent);
        persistent.erase();
      } else if (isa<team::BarrierOp>(op)) {
        launch(run);
        op.erase();
      } else if (isHosts(&op)) {
        launch(run);
        for (Region &region : op.getRegions())
          for (Block &inner : region)
            cut(inner);
      } else if (op.hasTrait<OpTrait::IsTerminator>()) {
        launch(run);
      } else if (!onlyReads(&op)) {
        run.push_back(&op);
      }
    }
  }

  /// Makes ops, which stand one after the other, a kernel and starts it in their place.
  void launch(SmallVectorImpl<Operation *> &ops, bool isCooperative = false,
              Operation *at = nullptr) {
    if (ops.empty())
      return;
    std::string kernelName = (name + ".kernel." + Twine(count++)).str();
    Kernel kernel(host, kernelName, isCooperative);
    for (Operation *op : ops)
      kernel.add(op);
    SmallVector<Value> numbers = kernel.finish();
    if (kernel.wrong)
      result = emitError(kernel.wrong.getLoc(), "a kernel takes a value that is no number: ")
               << kernel.wrong;
    // Where all that the last of them reads is known.
    OpBuilder builder(at ? at : ops.back());
    device::LaunchOp::create(builder, ops.front()->getLoc(), kernelName, numbers);
    kernels.push_back(builder.getStringAttr(kernelName));
    if (!at)
      for (Operation *op : llvm::reverse(ops))
        op->erase();
    ops.clear();
  }

  /// What only kernels wanted.
  void eraseDead() {
    host.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      if (op->use_empty() && !op->hasTrait<OpTrait::IsTerminator>() && !isa<LLVM::LLVMFuncOp>(op) &&
          onlyReads(op))
        op->erase();
    });
  }

  LLVM::LLVMFuncOp host;
  StringRef name;
  SmallVectorImpl<Attribute> &kernels;
  int64_t count = 0;
  LogicalResult result = success();
};

struct KernelsPass : rondo::impl::KernelsBase<KernelsPass> {
  using KernelsBase::KernelsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Attribute> kernels;
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
      auto symbol = function->getAttrOfType<FlatSymbolRefAttr>(rondo::names::code);
      auto code = symbol ? module.lookupSymbol<LLVM::LLVMFuncOp>(symbol.getAttr()) : nullptr;
      if (!code)
        function.emitOpError("has no ") << rondo::names::code;
      if (!code || failed(Cutter(code, function.getSymName(), kernels).run()))
        return signalPassFailure();
    }
    if (kernels.empty())
      return;
    numKernels += kernels.size();
    module->setAttr(device::names::kernels, ArrayAttr::get(&getContext(), kernels));
  }
};

} // namespace
