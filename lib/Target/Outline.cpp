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
#include "mlir/IR/Matchers.h"
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

/// Whether a constant is neither a size nor an offset but the name of a random draw, by which no
/// code gets better: as an argument, it leaves what differs in it alone the same.
static bool isKey(Operation *constant) {
  llvm::APInt value;
  return matchPattern(constant, m_ConstantInt(&value)) && !value.isSignedIntN(33);
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
          (!other.getOptimizeNoneAttr() || part.getOptimizeNoneAttr()) &&
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
  Outliner(LLVM::LLVMFuncOp function, Pieces &pieces, int64_t limit, int64_t loopLimit,
           int64_t smallest)
      : function(function), pieces(pieces), limit(limit), loopLimit(loopLimit), smallest(smallest) {
  }

  int64_t numPieces = 0;

  /// Moves the statements of a block into functions; the parts of a statement before, where it is
  /// too long or, as a condition outside of all loops, runs them once.
  void cut(Block &block, bool isOnce = true) {
    for (Operation &op : block) {
      bool runsOnce = isOnce && isa<scf::IfOp>(op);
      if (op.getNumRegions() > 0 && sizeOf(&op) > (runsOnce ? smallest : loopLimit))
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
      // What reads a counter comes after the piece.
      if (own >= smallest || !op.use_empty())
        finish();
    }
    finish();
  }

private:
  /// What computes into memory; at most counters are left of it.
  static bool isStatement(Operation *op) {
    return isa<team::BarrierOp>(op) || (isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op) &&
                                        llvm::all_of(op->getResults(), [](Value result) {
                                          return result.use_empty() ||
                                                 isa<IntegerType>(result.getType());
                                        }));
  }

  /// Makes `part` return values, and those who read them outside of it read what the call gives.
  static void giveBack(LLVM::LLVMFuncOp part, LLVM::CallOp call, ArrayRef<Value> values) {
    Location loc = part.getLoc();
    OpBuilder builder(part.getContext());
    builder.setInsertionPointToEnd(&part.getBody().front());
    if (values.empty()) {
      LLVM::ReturnOp::create(builder, loc, ValueRange());
      return;
    }
    Value all = values.front();
    if (values.size() > 1) {
      all = LLVM::UndefOp::create(builder, loc, call.getResult().getType());
      for (auto [place, value] : llvm::enumerate(values))
        all = LLVM::InsertValueOp::create(builder, loc, all, value, place);
    }
    LLVM::ReturnOp::create(builder, loc, all);
    builder.setInsertionPointAfter(call);
    for (auto [place, value] : llvm::enumerate(values)) {
      Value given = call.getResult();
      if (values.size() > 1)
        given = LLVM::ExtractValueOp::create(builder, loc, given, place);
      Value inside = value;
      inside.replaceUsesWithIf(given,
                               [&](OpOperand &use) { return !part->isAncestor(use.getOwner()); });
    }
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
    auto isIn = [&](Operation *op) {
      for (; op && op != function; op = op->getParentOp())
        if (members.contains(op))
          return true;
      return false;
    };
    auto isInside = [&](Value value) {
      return isIn(value.getDefiningOp() ? value.getDefiningOp()
                                        : value.getParentBlock()->getParentOp());
    };
    SmallVector<Value> values; // that are read elsewhere
    for (Operation *op : piece)
      for (Value result : op->getResults())
        if (!llvm::all_of(result.getUsers(), isIn))
          values.push_back(result);
    for (Operation *op : piece)
      op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
        for (Value operand : inner->getOperands()) {
          if (isInside(operand))
            continue;
          Operation *producer = operand.getDefiningOp();
          if (producer && producer->hasTrait<OpTrait::ConstantLike>() && !isKey(producer))
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
    auto given = llvm::map_to_vector(values, [](Value value) { return value.getType(); });
    Type result = given.empty()       ? Type(LLVM::LLVMVoidType::get(context))
                  : given.size() == 1 ? given.front()
                                      : LLVM::LLVMStructType::getLiteral(context, given);
    auto part = LLVM::LLVMFuncOp::create(
        builder, loc, (function.getSymName() + "." + Twine(numPieces++)).str(),
        LLVM::LLVMFunctionType::get(result, types), LLVM::Linkage::Internal, /*dsoLocal=*/true);
    part.setNoInline(true);
    part.setOptimizeNoneAttr(function.getOptimizeNoneAttr());
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
    giveBack(part, call, values);
    if (LLVM::LLVMFuncOp same = pieces.unique(part); same != part)
      call.setCallee(same.getSymName());
  }

  LLVM::LLVMFuncOp function;
  Pieces &pieces;
  int64_t limit, loopLimit, smallest;
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
      int64_t most = function.getOptimizeNoneAttr() ? limit : std::max<int64_t>(limit, loopLimit);
      Outliner outliner(function, pieces, limit, most, smallest);
      for (Block &block : function.getBody())
        outliner.cut(block);
      numPieces += outliner.numPieces;
    }
  }
};

} // namespace
