// rondo-lower-launch: the start of a kernel, as a call of the runtime.
#include "Device/Device.h"
#include "rondo/Abi.h"
#include <cstddef>

namespace rondo::device {
#define GEN_PASS_DEF_LOWERLAUNCH
#include "Device/Passes.h.inc"
} // namespace rondo::device

using namespace mlir;
using namespace rondo::device;

namespace {

/// Lowers the launches of one function of the host.
class Lowering {
public:
  Lowering(LLVM::LLVMFuncOp function, ArrayAttr kernels, size_t mostNumbers)
      : builder(function.getContext()), loc(function.getLoc()), kernels(kernels) {
    builder.setInsertionPointToStart(&function.getBody().front());
    device = load(field(function.getArgument(0), offsetof(RondoCall, device)));
    auto array = LLVM::LLVMArrayType::get(builder.getI64Type(), mostNumbers);
    numbers = mostNumbers == 0 ? make<LLVM::ZeroOp>(pointer())
                               : make<LLVM::AllocaOp>(pointer(), array, i64(1), 8);
  }

  LogicalResult lower(LaunchOp op) {
    const auto *place = llvm::find(kernels, builder.getStringAttr(op.getKernel()));
    if (place == kernels.end())
      return op.emitOpError("starts @")
             << op.getKernel() << ", which " << names::kernels << " does not list";
    auto kernel = SymbolTable::lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(op, op.getKernelAttr());
    size_t count = op.getNumbers().size();
    if (!kernel || kernel.getNumArguments() != count + 1)
      return op.emitOpError("expected @")
             << op.getKernel() << " to be a kernel that is given the call and numbers: " << count;
    builder.setInsertionPoint(op);
    loc = op.getLoc();
    for (auto [index, number] : llvm::enumerate(op.getNumbers()))
      LLVM::StoreOp::create(builder, loc, number, field(numbers, index * sizeof(int64_t)));
    Value launch = load(field(device, offsetof(RondoDevice, launch)));
    Value number = i64(std::distance(kernels.begin(), place));
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(builder.getContext()),
        {pointer(), builder.getI64Type(), pointer(), builder.getI64Type()});
    LLVM::CallOp::create(builder, loc, type,
                         ValueRange{launch, device, number, numbers, i64(count)});
    op.erase();
    return success();
  }

private:
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...).getResult();
  }
  Type pointer() { return LLVM::LLVMPointerType::get(builder.getContext()); }
  Value i64(int64_t value) { return make<LLVM::ConstantOp>(builder.getI64IntegerAttr(value)); }
  Value load(Value address) { return make<LLVM::LoadOp>(pointer(), address); }
  Value field(Value base, size_t offset) {
    return make<LLVM::GEPOp>(pointer(), builder.getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  }

  OpBuilder builder;
  Location loc;
  ArrayAttr kernels;
  Value device, numbers;
};

struct LowerLaunch : rondo::device::impl::LowerLaunchBase<LowerLaunch> {
  void runOnOperation() override {
    auto kernels = getOperation()->getAttrOfType<ArrayAttr>(names::kernels);
    if (!kernels)
      kernels = ArrayAttr::get(&getContext(), {});
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      SmallVector<LaunchOp> launches;
      size_t mostNumbers = 0;
      function.walk([&](LaunchOp op) {
        launches.push_back(op);
        mostNumbers = std::max(mostNumbers, op.getNumbers().size());
      });
      if (launches.empty())
        continue;
      Lowering lowering(function, kernels, mostNumbers);
      for (LaunchOp launch : launches)
        if (failed(lowering.lower(launch)))
          return signalPassFailure();
    }
  }
};

} // namespace
