// rondo-outline: long functions become several, each of a few thousand operations.
//
// LLVM's passes take a time that grows faster than a function. What a statement computes lies in
// memory, so that statements are cut apart where they stand: a piece gets what it reads as
// arguments and gives nothing back. Pieces that are the same are one function: those of layers, and
// those of a loss and of what else computes the same.
#include "Target/Passes.h"
#include "Team/Team.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"
#include <map>

namespace rondo {
#define GEN_PASS_DEF_OUTLINE
#include "Target/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

static int64_t sizeOf(Operation *op) {
  int64_t size = 0;
  op->walk([&](Operation *inner) { size += inner->hasTrait<OpTrait::ConstantLike>() ? 0 : 1; });
  return size;
}

namespace {

/// The functions of the module that were made, of which no two are the same.
class Pieces {
public:
  /// The function that is the same as a new one, which is gone then; or the new one.
  LLVM::LLVMFuncOp unique(LLVM::LLVMFuncOp part) {
    llvm::hash_code hash = hash_value(part.getFunctionType());
    part.getBody().walk([&](Operation *op) {
      hash = llvm::hash_combine(
          hash, OperationEquivalence::computeHash(op, OperationEquivalence::ignoreHashValue,
                                                  OperationEquivalence::ignoreHashValue,
                                                  OperationEquivalence::IgnoreLocations));
    });
    SmallVector<LLVM::LLVMFuncOp> &alike = byHash[hash];
    for (LLVM::LLVMFuncOp other : alike)
      if (other.getFunctionType() == part.getFunctionType() &&
          OperationEquivalence::isRegionEquivalentTo(&other.getBody(), &part.getBody(),
                                                     OperationEquivalence::IgnoreLocations)) {
        part.erase();
        return other;
      }
    alike.push_back(part);
    return part;
  }

private:
  std::map<size_t, SmallVector<LLVM::LLVMFuncOp>> byHash;
};

class Outliner {
public:
  Outliner(LLVM::LLVMFuncOp function, Pieces &pieces, int64_t limit, int64_t smallest)
      : function(function), pieces(pieces), limit(limit), smallest(smallest) {}

  int64_t numPieces = 0;

  /// Moves the statements of a block into functions; the parts of a statement before, where it is
  /// too long or, as a condition outside of all loops, runs them once.
  void cut(Block &block, bool isOnce = true) {
    for (Operation &op : block) {
      bool runsOnce = isOnce && isa<scf::IfOp>(op);
      if (op.getNumRegions() > 0 && sizeOf(&op) > (runsOnce ? smallest : limit))
        for (Region &region : op.getRegions())
          for (Block &inner : region)
            cut(inner, runsOnce);
    }
    // Where a piece ends depends on nothing but what stands there: what is the same in two places
    // is cut the same way and becomes one function of LLVM.
    SmallVector<Operation *> piece;
    int64_t size = 0;
    auto finish = [&] {
      // A call takes as long as some ten operations.
      if (size >= smallest)
        move(piece);
      piece.clear();
      size = 0;
    };
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      if (!isStatement(&op)) {
        if (!isMemoryEffectFree(&op))
          finish();
        continue;
      }
      int64_t own = sizeOf(&op);
      if (size + own > limit)
        finish();
      piece.push_back(&op);
      size += own;
      if (own >= smallest)
        finish();
    }
    finish();
  }

private:
  static bool isStatement(Operation *op) {
    return isa<team::BarrierOp>(op) ||
           (isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op) && op->use_empty());
  }

  /// Statements that stand one after the other, with nothing but arithmetic in between, which comes
  /// before all of them then.
  void move(ArrayRef<Operation *> piece) {
    llvm::SetVector<Value> arguments;
    // Who a worker is, is known by the first two.
    arguments.insert(function.getArgument(0));
    arguments.insert(function.getArgument(1));
    llvm::SetVector<Operation *> constants;
    llvm::DenseSet<Operation *> members(piece.begin(), piece.end());
    auto isInside = [&](Value value) {
      for (Operation *op = value.getParentBlock()->getParentOp(); op && op != function;
           op = op->getParentOp())
        if (members.contains(op))
          return true;
      return members.contains(value.getDefiningOp());
    };
    for (Operation *op : piece)
      op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
        for (Value operand : inner->getOperands()) {
          if (isInside(operand))
            continue;
          Operation *producer = operand.getDefiningOp();
          if (producer && producer->hasTrait<OpTrait::ConstantLike>())
            constants.insert(producer);
          else
            arguments.insert(operand);
        }
      });
    MLIRContext *context = function.getContext();
    auto types = llvm::map_to_vector(arguments, [](Value value) { return value.getType(); });
    if (!llvm::all_of(types, LLVM::isCompatibleType))
      return;
    Location loc = piece.front()->getLoc();
    OpBuilder builder(function);
    auto nothing = LLVM::LLVMVoidType::get(context);
    auto part = LLVM::LLVMFuncOp::create(
        builder, loc, (function.getSymName() + "." + Twine(numPieces++)).str(),
        LLVM::LLVMFunctionType::get(nothing, types), LLVM::Linkage::Internal, /*dsoLocal=*/true);
    part.setNoInline(true);
    builder.setInsertionPoint(piece.back());
    auto call = LLVM::CallOp::create(builder, loc, part, arguments.getArrayRef());
    Block *body = part.addEntryBlock(builder);
    builder.setInsertionPointToStart(body);
    IRMapping mapping;
    mapping.map(arguments.getArrayRef(), body->getArguments());
    for (Operation *constant : constants)
      builder.clone(*constant, mapping);
    for (Operation *op : piece) {
      op->remove();
      body->push_back(op);
    }
    for (Operation *op : piece)
      op->walk([&](Operation *inner) {
        for (OpOperand &operand : inner->getOpOperands())
          operand.set(mapping.lookupOrDefault(operand.get()));
      });
    builder.setInsertionPointToEnd(body);
    LLVM::ReturnOp::create(builder, loc, ValueRange());
    if (LLVM::LLVMFuncOp same = pieces.unique(part); same != part)
      call.setCallee(same.getSymName());
  }

  LLVM::LLVMFuncOp function;
  Pieces &pieces;
  int64_t limit, smallest;
};

struct OutlinePass : rondo::impl::OutlineBase<OutlinePass> {
  using OutlineBase::OutlineBase;

  void runOnOperation() override {
    Pieces pieces;
    for (auto function : llvm::to_vector(getOperation().getOps<LLVM::LLVMFuncOp>())) {
      // A worker's code: of the call and the worker's number.
      if (function.isExternal() || function.getNumArguments() != 2 ||
          !isa<LLVM::LLVMPointerType>(function.getArgument(0).getType()) ||
          !function.getArgument(1).getType().isInteger(64) || sizeOf(function) <= limit)
        continue;
      Outliner outliner(function, pieces, limit, smallest);
      for (Block &block : function.getBody())
        outliner.cut(block);
      numPieces += outliner.numPieces;
    }
  }
};

} // namespace
