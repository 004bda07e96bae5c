// rondo-rows: groups that read one another row by row become the steps of one group of rows.
//
// From the last group of a block to the first: a group joins the rows of those that read it if each
// of them reads, of a row, that row alone, and if nothing outside stands between. Rows are the
// first dims that all results have in common. This fuses loops over rows; the nests within stay as
// rondo-group made them.
#include "Machine/TargetDescription.h"
#include "Rondo/Remark.h"
#include "Rondo/RowsOf.h"
#include "Rondo/TypicalSizes.h"
#include "Schedule/ClusterOrder.h"
#include "Schedule/Passes.h"
#include "Schedule/Positions.h"
#include "mlir/Analysis/TopologicalSortUtils.h"

namespace rondo {
#define GEN_PASS_DEF_ROWS
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

class RowFinder {
public:
  RowFinder(Block &block, const TargetDescription &machine)
      : block(block), machine(machine), order(block) {}

  void run() {
    SmallVector<GroupOp> groups;
    for (GroupOp group : block.getOps<GroupOp>())
      if (isStep(group)) {
        clusterOf[group] = clusters.size();
        clusters.push_back({group});
        groups.push_back(group);
      }
    for (GroupOp group : llvm::reverse(groups))
      for (GroupOp reader : readersOf(group))
        join(clusterOf[group], clusterOf[reader]);
    for (SmallVector<GroupOp> &cluster : clusters) {
      if (cluster.size() > 1)
        dropNumbers(cluster);
      // What is left may have too little of a row.
      if (cluster.size() > 1 && rowsOf(cluster) > 0)
        build(cluster);
    }
    sortTopologically(&block);
  }

  int64_t numJoined = 0;

private:
  /// Whether a group computes rows from rows, whatever these are.
  static bool isStep(GroupOp group) {
    bool hasRows = llvm::all_of(group.getResultTypes(),
                                [](Type type) { return cast<ArrayType>(type).getRank() > 0; });
    return hasRows && llvm::none_of(*group.getBlock(), [](Operation &op) {
             return isa<ContractOp, ScatterOp, ArgmaxOp, CheckOp>(op);
           });
  }

  SmallVector<GroupOp> readersOf(GroupOp group) {
    SmallVector<GroupOp> readers;
    SmallVector<Operation *> stack(group->user_begin(), group->user_end());
    llvm::DenseSet<Operation *> seen;
    while (!stack.empty()) {
      Operation *here = block.findAncestorOpInBlock(*stack.pop_back_val());
      if (!seen.insert(here).second)
        continue;
      if (auto reader = dyn_cast<GroupOp>(here); reader && clusterOf.count(reader))
        readers.push_back(reader);
      else if (isLazy(here) && !isa<CheckOp>(here))
        stack.append(here->user_begin(), here->user_end());
    }
    return readers;
  }

  void join(int64_t from, int64_t to) {
    if (from == to)
      return;
    SmallVector<GroupOp> all(clusters[from]);
    all.append(clusters[to]);
    const char *obstacle = rowsOf(all) == 0 ? "they have no rows in common that fit the cache"
                           : order.isBetween(clusters[from].front(), clusters[to].front())
                               ? "what else reads it comes in between"
                               : nullptr;
    if (obstacle) {
      missed(clusters[from].back(), "rows")
          << wordsFor(mainOp(clusters[from].back()))
          << " is computed for all rows before it is read by "
          << wordsFor(mainOp(clusters[to].front())) << ": " << obstacle;
      return;
    }
    order.merge(clusters[from].front(), clusters[to].front());
    for (GroupOp group : clusters[from])
      clusterOf[group] = to;
    clusters[from].clear();
    clusters[to] = std::move(all);
  }

  /// The number of dims that number the rows of these groups; 0 if they cannot go row by row.
  int64_t rowsOf(ArrayRef<GroupOp> groups) {
    ArrayRef<DimAttr> common = arrayType(groups.front()->getResult(0)).getDims();
    size_t rank = 0;
    for (GroupOp group : groups)
      for (Type type : group.getResultTypes()) {
        ArrayRef<DimAttr> dims = cast<ArrayType>(type).getDims();
        rank = std::max(rank, dims.size());
        size_t same = 0;
        while (same < std::min(common.size(), dims.size()) && common[same] == dims[same])
          ++same;
        common = common.take_front(same);
      }
    auto rows = static_cast<int64_t>(std::min(common.size(), rank - 1));
    llvm::DenseSet<Operation *> members(groups.begin(), groups.end());
    for (GroupOp group : groups)
      for (auto [other, aligned] : readsOf(group))
        if (members.contains(other))
          rows = std::min(rows, aligned);
    // Whatever number of rows there is, a single one is worth no loop.
    if (llvm::all_of(common.take_front(rows),
                     [](DimAttr dim) { return dim.isConstant() && dim.getConstant() == 1; }))
      return 0;
    return fits(groups, rows) && hasBatchInRows(groups, rows) ? rows : 0;
  }

  /// What a group reads of others: found once, asked for whenever a group joins its rows.
  ArrayRef<std::pair<GroupOp, int64_t>> readsOf(GroupOp group) {
    auto [known, isNew] = reads.try_emplace(group);
    if (isNew)
      known->second = alignedReads(group, isLazy);
    return known->second;
  }

  /// Whether what is computed of one row stays in the first-level cache; on a device, in the shared
  /// memory of a block, for whose threads a row must have something to do.
  bool fits(ArrayRef<GroupOp> groups, int64_t rows) const {
    int64_t bytes = 0, most = 0;
    for (GroupOp group : groups)
      for (Type type : group.getResultTypes()) {
        int64_t own = typicalRowBytes(cast<ArrayType>(type), rows);
        most = std::max(most, own);
        bytes += own;
      }
    return rows > 0 && bytes <= machine.mostRowBytes() && most >= machine.leastRowBytes();
  }

  int64_t typicalRowBytes(ArrayType type, int64_t rows) const {
    return machine.bytesOf(type.getElementType()) *
           typicalElements(type.getDims().drop_front(rows));
  }

  /// The length of a ragged dim goes by the example, which has to be known before.
  bool hasBatchInRows(ArrayRef<GroupOp> groups, int64_t rows) {
    auto function = cast<func::FuncOp>(enclosingFunction(block.getParentOp()));
    auto isBatch = [&](DimAttr dim) {
      return dim.getSymbol() && lookupSymbol(function, dim.getSymbol()) == SymbolKind::Batch;
    };
    return llvm::all_of(groups, [&](GroupOp group) {
      return llvm::all_of(group.getResultTypes(), [&](Type type) {
        return llvm::none_of(cast<ArrayType>(type).getDims().drop_front(rows), isBatch);
      });
    });
  }

  static bool isMovement(Operation *op) { return isLazy(op) && !isa<CheckOp>(op); }

  //===--- building ---===//

  /// Takes out the first steps that compute a number for each row and read no more than that: there
  /// is nothing of a row to keep near.
  void dropNumbers(SmallVector<GroupOp> &cluster) {
    int64_t rows = rowsOf(cluster);
    llvm::sort(cluster, [](GroupOp a, GroupOp b) { return a->isBeforeInBlock(b); });
    while (!cluster.empty() && llvm::all_of(*cluster.front().getBlock(), [&](Operation &op) {
      return llvm::all_of(op.getOperandTypes(),
                          [&](Type type) { return cast<ArrayType>(type).getRank() <= rows; });
    })) {
      clusterOf.erase(cluster.front());
      cluster.erase(cluster.begin());
    }
  }

  void build(SmallVector<GroupOp> &cluster) {
    int64_t rows = rowsOf(cluster);
    llvm::sort(cluster, [](GroupOp a, GroupOp b) { return a->isBeforeInBlock(b); });
    SmallVector<Value> wanted;
    for (GroupOp group : cluster)
      for (Value result : group.getResults())
        if (isReadOutside(result, cluster))
          wanted.push_back(result);
    if (wanted.empty())
      return; // dead, where the pass that drops it is disabled
    explain(cluster, rows, wanted);
    OpBuilder builder(cluster.back());
    builder.setInsertionPointAfter(cluster.back());
    auto types = llvm::map_to_vector(wanted, [](Value value) { return value.getType(); });
    auto around =
        GroupOp::create(builder, cluster.back().getLoc(), types, builder.getI64IntegerAttr(rows));
    builder.createBlock(&around.getBody());
    IRMapping mapping;
    for (GroupOp group : cluster) {
      group.walk([&](Operation *op) {
        for (Value operand : op->getOperands())
          inside(operand, mapping, builder);
      });
      builder.clone(*group, mapping);
    }
    YieldOp::create(builder, around.getLoc(), llvm::map_to_vector(wanted, [&](Value value) {
                      return mapping.lookup(value);
                    }));
    for (auto [value, result] : llvm::zip_equal(wanted, around.getResults()))
      value.replaceAllUsesWith(result);
    for (GroupOp group : llvm::reverse(cluster)) {
      for (Value result : group.getResults())
        eraseMovement(result);
      group.erase();
    }
    numJoined += static_cast<int64_t>(cluster.size());
  }

  bool isReadOutside(Value value, ArrayRef<GroupOp> cluster) {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      Operation *here = block.findAncestorOpInBlock(*user);
      if (here == user && isMovement(user))
        return isReadOutside(user->getResult(0), cluster);
      auto group = dyn_cast<GroupOp>(here);
      return !group || !llvm::is_contained(cluster, group);
    });
  }

  /// Clones the ops that move elements from a step's result to `value`.
  bool inside(Value value, IRMapping &mapping, OpBuilder &builder) {
    if (mapping.contains(value))
      return true;
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &block || !isMovement(op))
      return false;
    bool reads = false;
    for (Value operand : op->getOperands())
      reads |= inside(operand, mapping, builder);
    if (reads)
      builder.clone(*op, mapping);
    return reads;
  }

  static void eraseMovement(Value value) {
    for (Operation *user : llvm::make_early_inc_range(value.getUsers())) {
      if (!isMovement(user))
        continue;
      eraseMovement(user->getResult(0));
      if (user->use_empty())
        user->erase();
    }
  }

  static Operation *mainOp(GroupOp group) {
    Operation *main = group;
    for (Operation &op : group.getBlock()->without_terminator())
      if (isHead(&op) || (main == group && !isLazy(&op)))
        main = &op;
    return main;
  }

  static void explain(ArrayRef<GroupOp> cluster, int64_t rows, ArrayRef<Value> wanted) {
    if (!wantsRemarks(cluster.front()->getContext()))
      return;
    auto remark = decided(mainOp(cluster.front()), "rows");
    remark << "row by row along ";
    llvm::interleaveComma(arrayType(cluster.front()->getResult(0)).getDims().take_front(rows),
                          remark, [&](DimAttr dim) { remark << dim.str(); });
    remark << ", with no barrier in between: ";
    llvm::interleaveComma(cluster, remark,
                          [&](GroupOp group) { remark << wordsFor(mainOp(group)); });
    remark << "; stored for all rows: ";
    llvm::interleaveComma(wanted, remark,
                          [&](Value value) { remark << wordsFor(arrayType(value)); });
  }

  Block &block;
  const TargetDescription &machine;
  ClusterOrder order;
  SmallVector<SmallVector<GroupOp>> clusters;
  llvm::DenseMap<Operation *, SmallVector<std::pair<GroupOp, int64_t>>> reads;
  llvm::DenseMap<Operation *, int64_t> clusterOf;
};

struct RowsPass : rondo::impl::RowsBase<RowsPass> {
  using RowsBase::RowsBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      TargetDescription machine = TargetDescription::of(function);
      for (Block *block : scheduledBlocks(function)) {
        RowFinder finder(*block, machine);
        finder.run();
        numJoined += finder.numJoined;
      }
    }
  }
};

} // namespace
