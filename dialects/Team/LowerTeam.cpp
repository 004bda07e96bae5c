// rondo-lower-team: who a worker is, its shares and its barriers, as arithmetic and atomics.
#include "Team/Team.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "rondo/Abi.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <cstddef>

namespace rondo::team {
#define GEN_PASS_DEF_LOWERTEAM
#include "Team/Passes.h.inc"
} // namespace rondo::team

using namespace mlir;
using namespace rondo::team;
using arith::CmpIPredicate;
using LLVM::AtomicBinOp;
using LLVM::AtomicOrdering;

namespace {

/// Lowers the ops of one function. The builder is kept at the op that is being lowered.
class Lowering {
public:
  Lowering(LLVM::LLVMFuncOp function, int64_t spins, const llvm::Triple &triple)
      : builder(function.getContext()), loc(function.getLoc()), function(function), spins(spins),
        triple(triple) {
    builder.setInsertionPointToStart(&function.getBody().front());
    team = load(pointer(), function.getArgument(0), offsetof(RondoCall, team));
    size = load(builder.getI64Type(), team, offsetof(RondoTeam, size));
  }

  void lower(Operation *op) {
    builder.setInsertionPoint(op);
    loc = op->getLoc();
    if (isa<IdOp>(op))
      op->getResult(0).replaceAllUsesWith(function.getArgument(1));
    else if (isa<SizeOp>(op))
      op->getResult(0).replaceAllUsesWith(size);
    else if (auto shareOp = dyn_cast<ShareOp>(op))
      share(shareOp);
    else
      barrier();
    op->erase();
  }

private:
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...).getResult();
  }
  Type pointer() { return LLVM::LLVMPointerType::get(builder.getContext()); }
  Value i64(int64_t value) { return make<arith::ConstantIntOp>(value, 64); }
  Value i32(int64_t value) { return make<arith::ConstantIntOp>(value, 32); }
  Value field(Value base, size_t offset) {
    return make<LLVM::GEPOp>(pointer(), builder.getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  }
  Value load(Type type, Value base, size_t offset) {
    return make<LLVM::LoadOp>(type, field(base, offset), 8);
  }
  Value loadAtomic(Value address, AtomicOrdering ordering) {
    return make<LLVM::LoadOp>(builder.getI32Type(), address, /*alignment=*/4, /*isVolatile=*/false,
                              /*isNonTemporal=*/false, /*isInvariant=*/false,
                              /*isInvariantGroup=*/false, ordering);
  }

  void share(ShareOp op) {
    Value low = op.getLow(), high = op.getHigh(), quantum = i64(op.getQuantum());
    Value count = make<arith::SubIOp>(high, low);
    Value blocks =
        make<arith::DivUIOp>(make<arith::AddIOp>(count, i64(op.getQuantum() - 1)), quantum);
    auto bound = [&](Value worker) {
      Value block = make<arith::DivUIOp>(make<arith::MulIOp>(blocks, worker), size);
      return make<arith::MinSIOp>(make<arith::AddIOp>(low, make<arith::MulIOp>(block, quantum)),
                                  high);
    };
    Value worker = function.getArgument(1);
    op.getFrom().replaceAllUsesWith(bound(worker));
    op.getTo().replaceAllUsesWith(bound(make<arith::AddIOp>(worker, i64(1))));
  }

  void ifThen(Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise = nullptr) {
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

  void call(size_t callback, ValueRange arguments) {
    SmallVector<Value> operands{load(pointer(), team, callback)};
    llvm::append_range(operands, arguments);
    SmallVector<Type> types = llvm::to_vector(ValueRange(arguments).getTypes());
    auto nothing = LLVM::LLVMVoidType::get(builder.getContext());
    LLVM::CallOp::create(builder, loc, LLVM::LLVMFunctionType::get(nothing, types), operands);
  }

  void pause() {
    if (triple.isX86())
      LLVM::CallIntrinsicOp::create(builder, loc, builder.getStringAttr("llvm.x86.sse2.pause"),
                                    ValueRange());
    else if (triple.isAArch64())
      LLVM::CallIntrinsicOp::create(builder, loc, builder.getStringAttr("llvm.aarch64.hint"),
                                    ValueRange(i32(1))); // yield
  }

  void barrier() {
    Value isTeam = make<arith::CmpIOp>(CmpIPredicate::ne, size, i64(1));
    ifThen(isTeam, [&] {
      Value arrived = field(team, offsetof(RondoTeam, arrived));
      Value phaseField = field(team, offsetof(RondoTeam, phase));
      // Nobody moves the phase on before this worker has arrived.
      Value phase = loadAtomic(phaseField, AtomicOrdering::monotonic);
      Value before =
          make<LLVM::AtomicRMWOp>(AtomicBinOp::add, arrived, i32(1), AtomicOrdering::acq_rel);
      Value last = make<arith::TruncIOp>(builder.getI32Type(), make<arith::SubIOp>(size, i64(1)));
      Value isLast = make<arith::CmpIOp>(CmpIPredicate::eq, before, last);
      ifThen(
          isLast,
          [&] {
            LLVM::StoreOp::create(builder, loc, i32(0), arrived, /*alignment=*/4,
                                  /*isVolatile=*/false, /*isNonTemporal=*/false,
                                  /*isInvariantGroup=*/false, AtomicOrdering::monotonic);
            // Sequentially consistent, as the sleepers' side is: either this sees a sleeper, or
            // the sleeper sees the new phase.
            make<LLVM::AtomicRMWOp>(AtomicBinOp::xchg, phaseField,
                                    make<arith::AddIOp>(phase, i32(1)), AtomicOrdering::seq_cst);
            Value sleepers =
                loadAtomic(field(team, offsetof(RondoTeam, sleepers)), AtomicOrdering::seq_cst);
            ifThen(make<arith::CmpIOp>(CmpIPredicate::ne, sleepers, i32(0)),
                   [&] { call(offsetof(RondoTeam, wake), {team}); });
          },
          [&] { waitFor(phaseField, phase); });
    });
  }

  /// Spins, then sleeps, until the phase is another one.
  void waitFor(Value phaseField, Value phase) {
    Type flag = builder.getI1Type(), counter = builder.getI64Type();
    auto loop = scf::WhileOp::create(builder, loc, TypeRange{flag, counter}, i64(spins));
    OpBuilder::InsertionGuard guard(builder);
    Block *before = builder.createBlock(&loop.getBefore(), {}, counter, loc);
    Value now = loadAtomic(phaseField, AtomicOrdering::acquire);
    Value isSame = make<arith::CmpIOp>(CmpIPredicate::eq, now, phase);
    Value left = before->getArgument(0);
    Value isLeft = make<arith::CmpIOp>(CmpIPredicate::ne, left, i64(0));
    scf::ConditionOp::create(builder, loc, make<arith::AndIOp>(isSame, isLeft),
                             ValueRange{isSame, left});
    Block *after = builder.createBlock(&loop.getAfter(), {}, {flag, counter}, {loc, loc});
    pause();
    scf::YieldOp::create(builder, loc,
                         ValueRange(make<arith::SubIOp>(after->getArgument(1), i64(1))));
    builder.setInsertionPointAfter(loop);
    ifThen(loop.getResult(0), [&] { call(offsetof(RondoTeam, wait), {team, phase}); });
  }

  OpBuilder builder;
  Location loc;
  LLVM::LLVMFuncOp function;
  int64_t spins;
  const llvm::Triple &triple;
  Value team, size;
};

struct LowerTeam : rondo::team::impl::LowerTeamBase<LowerTeam> {
  using LowerTeamBase::LowerTeamBase;

  void runOnOperation() override {
    llvm::Triple system(triple.empty() ? llvm::sys::getProcessTriple() : triple.getValue());
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      SmallVector<Operation *> ops;
      function.walk([&](Operation *op) {
        if (isa<IdOp, SizeOp, ShareOp, BarrierOp>(op))
          ops.push_back(op);
      });
      if (ops.empty())
        continue;
      Lowering lowering(function, spins, system);
      for (Operation *op : ops)
        lowering.lower(op);
    }
  }
};

} // namespace
