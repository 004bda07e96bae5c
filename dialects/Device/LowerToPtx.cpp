// rondo-lower-ptx: the device ops of kernels as special registers, intrinsics and inline PTX.
//
// Numbers of threads and blocks fit in 32 bits, which is what the registers have. Shuffles,
// barriers and asynchronous copies are LLVM's intrinsics, which it knows not to move to where other
// threads of the warp are elsewhere. It does not know so of its mma.sync, which it may sink into a
// branch; so that one is inline assembly, with side effects.
#include "Device/Device.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "rondo/Abi.h"
#include <cstddef>

namespace rondo::device {
#define GEN_PASS_DEF_LOWERTOPTX
#include "Device/Passes.h.inc"
} // namespace rondo::device

using namespace mlir;
using namespace rondo::device;
using arith::CmpIPredicate;
using LLVM::AtomicBinOp;
using LLVM::AtomicOrdering;

namespace {

/// Address spaces of NVPTX.
enum Space : unsigned { Generic = 0, Global = 1, Shared = 3 };

/// The array that stands for a block's shared memory.
constexpr StringLiteral sharedName = "rondo_shared";
/// LLVM's name for what PTX calls the scope of a GPU.
constexpr StringLiteral gpuScope = "device";

/// Lowers the ops of one kernel. The builder is kept at the op that is being lowered.
class Lowering {
public:
  explicit Lowering(LLVM::LLVMFuncOp kernel)
      : builder(kernel.getContext()), loc(kernel.getLoc()),
        sharedBytes(SharedMemory::of(kernel).bytes) {}

  void lower(Operation *op);
  /// What a kernel loads is of the call and of what it points to: addresses of global memory.
  void refine(LLVM::LoadOp op);

private:
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...).getResult();
  }
  Type pointer(Space space = Generic) {
    return LLVM::LLVMPointerType::get(builder.getContext(), space);
  }
  Type i32Type() { return builder.getI32Type(); }
  Type i64Type() { return builder.getI64Type(); }
  Value i64(int64_t value) { return make<arith::ConstantIntOp>(value, 64); }
  Value i32(int64_t value) { return make<arith::ConstantIntOp>(value, 32); }
  Value intrinsic(Type type, const Twine &name, ValueRange arguments = {}) {
    auto symbol = builder.getStringAttr("llvm.nvvm." + name);
    return LLVM::CallIntrinsicOp::create(builder, loc, type, symbol, arguments).getResult(0);
  }
  void perform(const Twine &name, ValueRange arguments = {}) {
    LLVM::CallIntrinsicOp::create(builder, loc, builder.getStringAttr("llvm.nvvm." + name),
                                  arguments);
  }
  Value specialRegister(StringRef name) { return intrinsic(i32Type(), "read.ptx.sreg." + name); }
  Value number(StringRef name) {
    return make<LLVM::ZExtOp>(i64Type(), specialRegister(name), /*nonNeg=*/true);
  }
  Value cast(Value address, Space space) {
    return address.getType() == pointer(space)
               ? address
               : make<LLVM::AddrSpaceCastOp>(pointer(space), address);
  }
  Value shared(int64_t offset);
  Value shuffle(Value value, int64_t mask);
  void copyAsync(CopyAsyncOp op);
  void multiply(MmaOp op);

  void blockBarrier() { perform("barrier.cta.sync.aligned.all", i32(0)); }
  void gridBarrier(Value state);
  void waitFor(Value phaseField, Value phase);
  void fence() { LLVM::FenceOp::create(builder, loc, AtomicOrdering::acq_rel, gpuScope); }
  Value loadAtomic(Value address, AtomicOrdering ordering) {
    return make<LLVM::LoadOp>(i32Type(), address, /*alignment=*/4, /*isVolatile=*/false,
                              /*isNonTemporal=*/false, /*isInvariant=*/false,
                              /*isInvariantGroup=*/false, ordering, gpuScope);
  }
  void storeRelaxed(Value value, Value address) {
    LLVM::StoreOp::create(builder, loc, value, address, /*alignment=*/4, /*isVolatile=*/false,
                          /*isNonTemporal=*/false, /*isInvariantGroup=*/false,
                          AtomicOrdering::monotonic, gpuScope);
  }
  Value field(Value base, size_t offset) {
    return make<LLVM::GEPOp>(base.getType(), builder.getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  }
  void ifThen(Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise = nullptr);

  OpBuilder builder;
  Location loc;
  int64_t sharedBytes;
};

void Lowering::lower(Operation *op) {
  builder.setInsertionPoint(op);
  loc = op->getLoc();
  auto replace = [&](Value value) { op->getResult(0).replaceAllUsesWith(value); };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ThreadOp) { replace(number("tid.x")); })
      .Case([&](ThreadsOp) { replace(number("ntid.x")); })
      .Case([&](BlockOp) { replace(number("ctaid.x")); })
      .Case([&](BlocksOp) { replace(number("nctaid.x")); })
      .Case([&](SharedOp shared) { replace(this->shared(shared.getOffset())); })
      .Case([&](SharedRestOp rest) {
        rest.getAddress().replaceAllUsesWith(shared(sharedBytes));
        Value all = number("dynamic_smem_size");
        rest.getBytes().replaceAllUsesWith(make<arith::SubIOp>(all, i64(sharedBytes)));
      })
      .Case([&](CopyAsyncOp copy) { copyAsync(copy); })
      .Case([&](CommitOp) { perform("cp.async.commit.group"); })
      .Case([&](WaitOp wait) {
        // Its operand is part of the instruction, so it must be LLVM's own constant.
        Type type = i32Type();
        auto pending = builder.getIntegerAttr(type, wait.getPending());
        perform("cp.async.wait.group", make<LLVM::ConstantOp>(type, pending));
      })
      .Case([&](BarrierOp) { blockBarrier(); })
      .Case([&](GridBarrierOp barrier) { gridBarrier(barrier.getState()); })
      .Case([&](ShuffleOp op) { replace(shuffle(op.getValue(), op.getMask())); })
      .Case([&](MmaOp op) { multiply(op); });
  op->erase();
}

void Lowering::refine(LLVM::LoadOp op) {
  if (op.getType() != pointer())
    return;
  builder.setInsertionPointAfter(op);
  loc = op.getLoc();
  Value global = cast(op.getResult(), Global);
  op.getResult().replaceAllUsesExcept(cast(global, Generic), global.getDefiningOp());
}

Value Lowering::shared(int64_t offset) {
  Value base = make<LLVM::AddressOfOp>(pointer(Shared), sharedName);
  return cast(offset == 0 ? base : field(base, offset), Generic);
}

Value Lowering::shuffle(Value value, int64_t mask) {
  Type type = value.getType();
  auto exchange = [&](Value part) {
    StringRef suffix = part.getType().isF32() ? "f32" : "i32";
    // All threads of the warp, in one segment of 32.
    return intrinsic(part.getType(), "shfl.sync.bfly." + suffix,
                     {i32(-1), part, i32(mask), i32(31)});
  };
  if (type.getIntOrFloatBitWidth() == 32)
    return exchange(value);
  Value bits = type.isF64() ? make<LLVM::BitcastOp>(i64Type(), value) : value;
  Value low = exchange(make<arith::TruncIOp>(i32Type(), bits));
  Value high = exchange(make<arith::TruncIOp>(i32Type(), make<arith::ShRUIOp>(bits, i64(32))));
  Value result =
      make<arith::OrIOp>(make<arith::ExtUIOp>(i64Type(), low),
                         make<arith::ShLIOp>(make<arith::ExtUIOp>(i64Type(), high), i64(32)));
  return type.isF64() ? make<LLVM::BitcastOp>(type, result) : result;
}

/// 16 bytes go past the first cache, whose lines are of no more use once they are in shared memory;
/// PTX has smaller copies only through it. Where the copy is of no bytes, the rest, which is all,
/// is filled with zeros.
void Lowering::copyAsync(CopyAsyncOp op) {
  int64_t bytes = op.getBytes();
  std::string name = (Twine("cp.async.") + (bytes == 16 ? "cg" : "ca") + ".shared.global." +
                      Twine(bytes) + (op.getValid() ? ".s" : ""))
                         .str();
  SmallVector<Value> operands{cast(op.getTo(), Shared), cast(op.getFrom(), Global)};
  if (Value valid = op.getValid())
    operands.push_back(make<arith::SelectOp>(valid, i32(bytes), i32(0)));
  perform(name, operands);
}

void Lowering::multiply(MmaOp op) {
  bool isTf32 = op.getKind() == "tf32";
  std::string assembly = "mma.sync.aligned.m16n8k";
  assembly += isTf32 ? "8.row.col.f32.tf32.tf32.f32" : "16.row.col.f32.bf16.bf16.f32";
  assembly += " {$0, $1, $2, $3}, {$4, $5, $6, $7}, {$8, $9}, {$10, $11, $12, $13};";
  SmallVector<Type> types(4, builder.getF32Type());
  auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  auto all = LLVM::InlineAsmOp::create(
      builder, loc, type, op->getOperands(), assembly, "=f,=f,=f,=f,r,r,r,r,r,r,f,f,f,f",
      /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None,
      /*asm_dialect=*/LLVM::AsmDialectAttr(), /*operand_attrs=*/ArrayAttr());
  for (auto [index, result] : llvm::enumerate(op->getResults()))
    result.replaceAllUsesWith(make<LLVM::ExtractValueOp>(all.getRes(), index));
}

void Lowering::ifThen(Value condition, llvm::function_ref<void()> then,
                      llvm::function_ref<void()> otherwise) {
  auto op =
      scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/static_cast<bool>(otherwise));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(op.thenBlock());
  then();
  if (!otherwise)
    return;
  builder.setInsertionPointToStart(op.elseBlock());
  otherwise();
}

/// Thread 0 of each block counts its block in `arrived`. The last one resets the count and moves
/// `phase` on; the others wait for that. In the terms of PTX's memory model:
///
/// - What the threads of a block wrote comes before bar.sync, so before thread 0's first fence.
/// That
///   fence and the addition behind it are a release pattern; the addition of the last one, which
///   sees all others through a chain of atomics, and the fence behind it an acquire pattern. So all
///   of it comes before the last one's fence.
/// - That fence and the store of `phase` are a release pattern again, and each ld.acquire that sees
///   the new phase acquires it. So all that any block wrote, and the reset of the count, comes
///   before the last bar.sync of every block, and before the next barrier's addition.
/// - The old phase is read before the first fence, hence before this block is counted, hence before
///   anyone moves the phase on. It is no older one: this thread has seen the one before it through
///   an acquire or written it, and coherence forbids going back.
///
/// The fences are explicit since NVPTX turns an atomicrmw of any ordering into a relaxed one. An
/// ld.acquire.gpu also empties the multiprocessor's first cache, for all threads of the block.
void Lowering::gridBarrier(Value state) {
  Value team = cast(cast(state, Global), Generic);
  blockBarrier();
  Value isFirst = make<arith::CmpIOp>(CmpIPredicate::eq, specialRegister("tid.x"), i32(0));
  ifThen(isFirst, [&] {
    Value arrived = field(team, offsetof(RondoTeam, arrived));
    Value phaseField = field(team, offsetof(RondoTeam, phase));
    Value phase = loadAtomic(phaseField, AtomicOrdering::monotonic);
    fence();
    Value before = make<LLVM::AtomicRMWOp>(AtomicBinOp::add, arrived, i32(1),
                                           AtomicOrdering::monotonic, gpuScope);
    Value last = make<arith::SubIOp>(specialRegister("nctaid.x"), i32(1));
    ifThen(
        make<arith::CmpIOp>(CmpIPredicate::eq, before, last),
        [&] {
          storeRelaxed(i32(0), arrived);
          fence();
          storeRelaxed(make<arith::AddIOp>(phase, i32(1)), phaseField);
        },
        [&] { waitFor(phaseField, phase); });
  });
  blockBarrier();
}

/// Spins until the phase is another one.
void Lowering::waitFor(Value phaseField, Value phase) {
  auto loop = scf::WhileOp::create(builder, loc, TypeRange(), ValueRange());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&loop.getBefore());
  Value now = loadAtomic(phaseField, AtomicOrdering::acquire);
  scf::ConditionOp::create(builder, loc, make<arith::CmpIOp>(CmpIPredicate::eq, now, phase),
                           ValueRange());
  builder.createBlock(&loop.getAfter());
  scf::YieldOp::create(builder, loc);
}

struct LowerToPtx : rondo::device::impl::LowerToPtxBase<LowerToPtx> {
  void runOnOperation() override {
    for (auto kernel : getOperation().getOps<LLVM::LLVMFuncOp>())
      if (threadsOf(kernel) > 0)
        lower(kernel);
  }

private:
  void lower(LLVM::LLVMFuncOp kernel) {
    SmallVector<Operation *> ops;
    SmallVector<LLVM::LoadOp> loads;
    kernel.walk([&](Operation *op) {
      if (isa<DeviceDialect>(op->getDialect()))
        ops.push_back(op);
      else if (auto load = dyn_cast<LLVM::LoadOp>(op))
        loads.push_back(load);
      if (isa<SharedOp, SharedRestOp>(op))
        declareShared();
    });
    Lowering lowering(kernel);
    for (LLVM::LoadOp load : loads)
      lowering.refine(load);
    for (Operation *op : ops)
      lowering.lower(op);
    Builder builder(&getContext());
    kernel.setCConv(LLVM::CConv::PTX_Kernel);
    kernel.setPassthroughAttr(builder.getArrayAttr(
        builder.getStrArrayAttr({"nvvm.maxntid", std::to_string(threadsOf(kernel))})));
    kernel->removeAttr(names::kernel);
    kernel->removeAttr(names::cooperative);
  }

  /// One array without a size: it is the same memory in all kernels.
  void declareShared() {
    ModuleOp module = getOperation();
    if (module.lookupSymbol(sharedName))
      return;
    auto builder = OpBuilder::atBlockBegin(module.getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
    LLVM::GlobalOp::create(builder, module.getLoc(), type, /*isConstant=*/false,
                           LLVM::Linkage::External, sharedName, Attribute(), /*alignment=*/16,
                           Shared);
  }
};

} // namespace
