// rondo-recompute: what is cheaper to compute again than to keep in memory.
//
// A value that a reduction reads, and that is read again by work that waits for this reduction,
// cannot stay in registers: softmax's exponentials, layer norm's centred rows. If it follows from
// one array that is in memory anyway, its second reader gets a copy of the ops that make it, which
// then becomes a part of that reader's group.
#include "Machine/TargetDescription.h"
#include "Rondo/Remark.h"
#include "Rondo/Spec.h"
#include "Rondo/TypicalSizes.h"
#include "Schedule/Passes.h"
#include "Schedule/Positions.h"
#include "llvm/ADT/SetVector.h"
#include <map>

namespace rondo {
#define GEN_PASS_DEF_RECOMPUTE
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

bool isElementwise(Operation *op) { return op->hasTrait<Elementwise>() && !isLazy(op); }

/// The ops that compute a value from arrays in memory, last first.
struct Cone {
  llvm::SetVector<Operation *> ops;
  llvm::SetVector<Value> arrays; // of the value's own dims; smaller ones cost nothing
  int64_t heavy = 0;
};

class Recomputer {
public:
  Recomputer(Block &block, const TargetDescription &machine) : block(block), machine(machine) {}

  int64_t numCopies = 0;

  void run() {
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
      if (auto scatter = dyn_cast<ScatterOp>(&op))
        compareInstead(scatter);
    SmallVector<Operation *> ops;
    for (Operation &op : block.without_terminator())
      if (isElementwise(&op) && op.getNumResults() == 1)
        ops.push_back(&op);
    for (Operation *op : llvm::reverse(ops))
      copyForLaterReaders(op);
  }

private:
  /// scatter into zeros at one place of each row, read elementwise: no array of zeros with a few
  /// other numbers, but a choice by position where it is read.
  void compareInstead(ScatterOp op) {
    auto base = op.getBase().getDefiningOp<ConstantOp>();
    if (!base || base.getSplat() != 0.0 || op->use_empty() ||
        !llvm::all_of(op->getUsers(), [&](Operation *user) {
          return user->getBlock() == &block && isElementwise(user);
        }))
      return;
    Spec spec = *Spec::parse(op.getSpec());
    const std::string &table = spec.operands[0], &index = spec.operands[1];
    if (index.size() + 1 != table.size() || spec.result != index)
      return;
    SmallVector<int64_t> axes;
    for (char letter : index) {
      axes.push_back(Spec::axis(table, letter));
      if (axes.back() < 0 || (axes.size() > 1 && axes[axes.size() - 2] > axes.back()))
        return;
    }
    OpBuilder builder(op);
    Location loc = op.getLoc();
    ArrayType type = op.getType();
    auto places = type.withElementType(arrayType(op.getIndex()).getElementType());
    Value at = BroadcastOp::create(builder, loc, places, op.getIndex(), axes);
    Value position = IotaOp::create(builder, loc, places, op.getIndexedAxis());
    auto chosen = type.withElementType(builder.getI1Type());
    Value here = CompareOp::create(builder, loc, chosen, Comparison::Equal, position, at);
    Value update = BroadcastOp::create(builder, loc, type, op.getUpdate(), axes);
    Value result = SelectOp::create(builder, loc, type, here, update, base);
    decided(op, "recompute") << wordsFor(op) << " of zeros and one number per row, "
                             << wordsFor(type)
                             << ", is a choice by position where it is read: it is not stored";
    op.replaceAllUsesWith(result);
    op.erase();
    ++numCopies;
  }

  /// Gives readers of `op` that wait for a reduction of it copies of what computes it.
  void copyForLaterReaders(Operation *op) {
    Value value = op->getResult(0);
    llvm::SetVector<Operation *> readers(value.getUsers().begin(), value.getUsers().end());
    if (readers.size() < 2 || !llvm::all_of(readers, [&](Operation *reader) {
          return reader->getBlock() == &block &&
                 (isElementwise(reader) || isa<ReduceOp, ArgmaxOp>(reader));
        }))
      return;
    Cone cone;
    const char *reason = collect(value, arrayType(value), cone);
    if (!reason)
      reason = whyDear(cone, arrayType(value));
    // The stages take a walk to the last reader, which may be far.
    if (reason && !wantsRemarks(op->getContext()))
      return;
    std::map<int64_t, SmallVector<Operation *>> stages = readersByStage(op, readers);
    if (stages.size() < 2)
      return;
    if (reason) {
      missed(op, "recompute") << wordsFor(op) << ", " << wordsFor(arrayType(value))
                              << ", is stored until a reduction of it has been waited for: "
                              << reason;
      return;
    }
    auto ops = llvm::to_vector(cone.ops);
    llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    for (auto &[stage, later] : llvm::drop_begin(stages)) {
      IRMapping mapping;
      for (Operation *each : ops)
        builder.clone(*each, mapping);
      for (Operation *reader : later)
        reader->replaceUsesOfWith(value, mapping.lookup(value));
      ++numCopies;
    }
    decided(op, "recompute") << wordsFor(op) << ", " << wordsFor(arrayType(value))
                             << ", is computed again where a reduction of it has been waited for: "
                             << (cone.heavy ? "it is larger than the second-level cache"
                                            : "it follows from what is in memory anyway by little");
  }

  /// Readers by the number of reductions, contractions and loops between `op` and them.
  std::map<int64_t, SmallVector<Operation *>>
  readersByStage(Operation *op, const llvm::SetVector<Operation *> &readers) {
    std::map<int64_t, SmallVector<Operation *>> stages;
    llvm::DenseMap<Operation *, int64_t> after{{op, 0}};
    size_t numLeft = readers.size();
    for (Operation *next = op->getNextNode(); next && numLeft > 0; next = next->getNextNode()) {
      int64_t stage = -1;
      next->walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          if (Operation *producer = operand.getDefiningOp())
            if (auto it = after.find(producer); it != after.end())
              stage = std::max(stage, it->second);
      });
      if (stage < 0)
        continue;
      if (readers.contains(next)) {
        stages[stage].push_back(next);
        --numLeft;
      }
      after[next] = stage + (isElementwise(next) || isLazy(next) ? 0 : 1);
    }
    return stages;
  }

  /// What computes `value`; or, where that is too much or reads too much, why it does not do.
  const char *collect(Value value, ArrayType type, Cone &cone) {
    Operation *op = value.getDefiningOp();
    if (op && op->getBlock() == &block && isElementwise(op)) {
      if (!cone.ops.insert(op))
        return nullptr;
      cone.heavy += takesLong(op) ? 1 : 0;
      if (cone.ops.size() > 8 || cone.heavy > 1 || isa<PowOp>(op))
        return "to compute it takes long";
      for (Value operand : op->getOperands())
        if (const char *reason = collect(operand, type, cone))
          return reason;
      return nullptr;
    }
    if (op && isa<ConstantOp, IotaOp, LengthOp>(op))
      return nullptr;
    if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op))
      // Along a new axis the numbers are few; they are stored, whatever computes them.
      return arrayType(broadcast.getOperand()).getRank() < type.getRank()
                 ? nullptr
                 : "it reads an array at other positions";
    if (op && isLazy(op))
      return "it reads an array at other positions";
    cone.arrays.insert(value);
    return cone.arrays.size() <= 1 ? nullptr : "it follows from several arrays";
  }

  /// Why an array would be stored that otherwise were not, or keeping the value beats reading that;
  /// null where neither is so.
  const char *whyDear(const Cone &cone, ArrayType type) {
    for (Value array : cone.arrays) {
      Operation *op = array.getDefiningOp();
      bool isInMemory = !op || op->getBlock() != &block || isa<ScanOp, GroupOp>(op);
      bool hasOtherReader = llvm::any_of(array.getUsers(), [&](Operation *user) {
        return !cone.ops.contains(block.findAncestorOpInBlock(*user));
      });
      if (!isInMemory && !hasOtherReader)
        return "what it follows from would be stored instead";
    }
    if (cone.heavy == 0)
      return nullptr;
    // In a near cache the value is as quickly read as computed.
    int64_t bytes = machine.bytesOf(type.getElementType()) * typicalElements(type.getDims());
    return bytes >= machine.l2Bytes ? nullptr : "in a near cache it is as quickly read";
  }

  Block &block;
  const TargetDescription &machine;
};

struct RecomputePass : rondo::impl::RecomputeBase<RecomputePass> {
  using RecomputeBase::RecomputeBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      TargetDescription machine = TargetDescription::of(function);
      for (Block *block : scheduledBlocks(function)) {
        Recomputer recomputer(*block, machine);
        recomputer.run();
        numCopies += recomputer.numCopies;
      }
    }
  }
};

} // namespace
