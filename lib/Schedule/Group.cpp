// rondo-group: what is computed together, in one nest of loops.
//
// Greedy, from the last op of a block to the first: an op joins the group of its readers if all of
// them are in one group that can take it, or if what others read of it can be stored by that group
// on the way. A group has at most one head (contract, reduce, argmax, scatter); elementwise work
// that feeds a reduction is its prologue, elementwise work that reads a head its tail. Nothing that
// would be computed more than once is taken in: there is no way through a broadcast, into a
// contraction's operands or into a gathered table.
#include "Rondo/Remark.h"
#include "Schedule/ClusterOrder.h"
#include "Schedule/Passes.h"
#include "Schedule/Positions.h"
#include "mlir/Analysis/TopologicalSortUtils.h"

namespace rondo {
#define GEN_PASS_DEF_GROUP
#include "Schedule/Passes.h.inc"
} // namespace rondo

using namespace mlir;
using namespace rondo;

namespace {

/// Who reads a value, through ops that are computed where they are read.
struct Reader {
  Operation *op = nullptr; // an op of the block
  int64_t operand = 0;     // of `op`; -1 if the value is read in a region of it
  bool repeats = false;    // a broadcast stands between
};

class Grouper {
public:
  explicit Grouper(Block &block) : block(block), order(block) {}

  void run() {
    SmallVector<Operation *> work;
    for (Operation &op : block.without_terminator())
      if (isWork(&op))
        work.push_back(&op);
    for (Operation *op : work) {
      clusterOf[op] = clusters.size();
      clusters.push_back({{op}, isHead(op) ? op : nullptr, {op->getResult(0)}});
    }
    for (Operation *op : llvm::reverse(work))
      join(op);
    for (Cluster &cluster : clusters)
      if (!cluster.members.empty())
        build(cluster);
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isLazy(&op) && op.use_empty())
        op.erase();
    sortTopologically(&block);
  }

  int64_t numFused = 0;

private:
  struct Cluster {
    SmallVector<Operation *> members;
    Operation *head = nullptr;
    SmallVector<Value> roots;
  };

  static bool isWork(Operation *op) {
    return !isLazy(op) && !isa<ScanOp, GroupOp>(op) && op->getNumResults() == 1 &&
           !op->hasTrait<OpTrait::IsTerminator>();
  }

  SmallVector<Reader> readers(Value value) {
    SmallVector<Reader> found;
    SmallVector<std::pair<Value, bool>> stack{{value, false}};
    while (!stack.empty()) {
      auto [next, repeats] = stack.pop_back_val();
      for (OpOperand &use : next.getUses()) {
        Operation *user = use.getOwner();
        Operation *here = block.findAncestorOpInBlock(*user);
        if (here == user && isLazy(user) && !isa<CheckOp>(user)) {
          bool grows = isa<BroadcastOp>(user) &&
                       arrayType(user->getResult(0)).getRank() != arrayType(next).getRank();
          stack.push_back({user->getResult(0), repeats || grows});
          continue;
        }
        found.push_back({here, here == user ? use.getOperandNumber() : int64_t(-1), repeats});
      }
    }
    return found;
  }

  /// Whether an operand of a work op may be computed where the op is.
  static bool takes(Operation *reader, int64_t operand, Operation *producer) {
    if (isa<ContractOp>(reader))
      return operand == 2 && !isHead(producer);
    if (isa<GatherOp>(reader))
      return operand == 1 && !isHead(producer);
    if (isa<ScatterOp>(reader))
      return operand == 2 && !isHead(producer);
    if (isa<RandomOp>(reader))
      return false;
    if (isa<ReduceOp, ArgmaxOp>(reader))
      return !isHead(producer);
    int64_t axis = isa<PadOp>(reader)      ? cast<PadOp>(reader).getAxis()
                   : isa<ConcatOp>(reader) ? cast<ConcatOp>(reader).getAxis()
                                           : -1;
    if (axis >= 0) {
      // Along a small constant axis the positions are unrolled, each part is computed once.
      DimAttr dim = arrayType(reader->getResult(0)).getDim(axis);
      return !isHead(producer) && dim.isConstant() && dim.getConstant() <= 8;
    }
    return reader->hasTrait<Elementwise>();
  }

  /// Whether a head's value is read at plain positions of what the cluster stores, every element of
  /// it at one of them.
  bool canHead(Operation *head, int64_t number) {
    Cluster &cluster = clusters[number];
    if (cluster.head || isBlocked(head) || isa<ScatterOp>(head))
      return false;
    auto enters = [&](Operation *op) {
      auto it = clusterOf.find(op);
      return it == clusterOf.end() ? isLazy(op) : it->second == number;
    };
    SmallVector<Positions> demands;
    for (Value root : cluster.roots) {
      auto found = demandsOf(root, head->getResult(0), enters);
      if (!found)
        return false;
      for (const Positions &at : *found)
        if (!llvm::is_contained(demands, at))
          demands.push_back(at);
    }
    ArrayRef<DimAttr> stored = arrayType(cluster.roots.front()).getDims();
    for (const Positions &at : demands)
      for (auto [axis, dim] : llvm::enumerate(stored)) {
        int64_t count = llvm::count_if(
            at, [axis = axis](const Position &p) { return p.axis == static_cast<int64_t>(axis); });
        bool isOne = dim.isConstant() && dim.getConstant() == 1;
        if (count > 1 || (count == 0 && !isOne))
          return false;
      }
    return !demands.empty() && demands.size() <= 6;
  }

  void join(Operation *op) {
    SmallVector<Reader> all = readers(op->getResult(0));
    SmallVector<int64_t> candidates;
    for (const Reader &reader : all)
      if (auto it = clusterOf.find(reader.op);
          it != clusterOf.end() && !llvm::is_contained(candidates, it->second))
        candidates.push_back(it->second);
    const char *reason = nullptr;
    for (int64_t number : candidates) {
      reason = obstacle(op, all, number);
      if (!reason) {
        int64_t own = clusterOf[op];
        Cluster &cluster = clusters[number];
        // The op may have taken its own producers' place already: merge whole clusters.
        for (Operation *member : clusters[own].members)
          clusterOf[member] = number;
        llvm::append_range(cluster.members, clusters[own].members);
        if (clusters[own].head)
          cluster.head = clusters[own].head;
        bool isReadElsewhere = llvm::any_of(all, [&](const Reader &reader) {
          return clusterOf.lookup_or(reader.op, -1) != number;
        });
        if (isReadElsewhere)
          cluster.roots.push_back(op->getResult(0));
        order.merge(op, cluster.members.front());
        clusters[own] = {};
        ++numFused;
        return;
      }
    }
    if (reason)
      missed(op, "group") << wordsFor(op) << " is stored for what reads it: " << reason;
  }

  /// Why an op cannot join a cluster; null if it can.
  const char *obstacle(Operation *op, ArrayRef<Reader> all, int64_t number) {
    Cluster &cluster = clusters[number];
    bool isReadElsewhere = false;
    for (const Reader &reader : all) {
      if (clusterOf.lookup_or(reader.op, -1) == number) {
        if (reader.operand < 0)
          return "it is read in a loop";
        if (reader.repeats)
          return "it is read again and again through a broadcast, and would be computed as often";
        if (!takes(reader.op, reader.operand, op))
          return isHead(op) ? "a group has one product or sum at most, and its reader is not "
                              "elementwise"
                            : "its reader takes each element more than once, and it would be "
                              "computed as often";
        continue;
      }
      isReadElsewhere = true;
      if (reader.op != block.getTerminator() && order.reaches(reader.op, cluster.members.front()))
        return "what else reads it comes before the group of its reader";
    }
    if (isReadElsewhere) {
      if (arrayType(op->getResult(0)).getDims() != arrayType(cluster.roots.front()).getDims())
        return "others read it too, and its dims are not those of the group";
      if (cluster.head && isa<ScatterOp>(cluster.head))
        return "others read it too, and a scatter stores nothing else";
    }
    if (!isHead(op) || canHead(op, number))
      return nullptr;
    if (cluster.head)
      return "the group of its reader has a product or sum already";
    if (isa<ScatterOp>(op))
      return "a scatter is complete only at its end";
    return isBlocked(op) ? "its sum runs over memory in blocks"
                         : "it is read at other positions than those that the group stores";
  }

  /// Makes a group of a cluster's ops, and of what only moves elements between them.
  void build(Cluster &cluster) {
    llvm::sort(cluster.members, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    OpBuilder builder(cluster.members.back());
    builder.setInsertionPointAfter(cluster.members.back());
    auto types = llvm::map_to_vector(cluster.roots, [](Value root) { return root.getType(); });
    auto group = GroupOp::create(builder, cluster.members.back()->getLoc(), types);
    builder.createBlock(&group.getBody());
    IRMapping mapping;
    for (Operation *member : cluster.members) {
      for (Value operand : member->getOperands())
        inside(operand, mapping, builder);
      builder.clone(*member, mapping);
    }
    SmallVector<Value> yielded;
    for (Value root : cluster.roots)
      yielded.push_back(mapping.lookup(root));
    YieldOp::create(builder, group.getLoc(), yielded);
    explain(group, cluster);
    llvm::DenseSet<Operation *> members(cluster.members.begin(), cluster.members.end());
    for (auto [root, result] : llvm::zip_equal(cluster.roots, group.getResults()))
      root.replaceUsesWithIf(result,
                             [&](OpOperand &use) { return !members.contains(use.getOwner()); });
    // Members are read by nothing but each other and dead movement now.
    for (Operation *member : llvm::reverse(cluster.members)) {
      eraseLazyUsers(member->getResult(0));
      clusterOf.erase(member);
      member->erase();
    }
  }

  static void explain(GroupOp group, const Cluster &cluster) {
    if (!wantsRemarks(group.getContext()) || cluster.members.size() < 2)
      return;
    auto remark = decided(cluster.head ? cluster.head : cluster.members.front(), "group");
    remark << "one nest computes ";
    llvm::interleaveComma(cluster.members, remark, [&](Operation *op) { remark << wordsFor(op); });
    remark << "; it stores ";
    llvm::interleaveComma(cluster.roots, remark,
                          [&](Value root) { remark << wordsFor(arrayType(root)); });
    remark << ", the rest stays in registers";
  }

  /// Clones the ops that move elements from a value inside of the group to `value`.
  bool inside(Value value, IRMapping &mapping, OpBuilder &builder) {
    if (mapping.contains(value))
      return true;
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &block || !isLazy(op) || isa<CheckOp>(op))
      return false;
    bool reads = false;
    for (Value operand : op->getOperands())
      reads |= inside(operand, mapping, builder);
    if (reads)
      builder.clone(*op, mapping);
    return reads;
  }

  static void eraseLazyUsers(Value value) {
    for (Operation *user : llvm::make_early_inc_range(value.getUsers())) {
      if (!isLazy(user))
        continue;
      eraseLazyUsers(user->getResult(0));
      if (user->use_empty())
        user->erase();
    }
  }

  Block &block;
  ClusterOrder order;
  SmallVector<Cluster> clusters;
  llvm::DenseMap<Operation *, int64_t> clusterOf;
};

struct GroupPass : rondo::impl::GroupBase<GroupPass> {
  using GroupBase::GroupBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<Block *> blocks;
      function.walk([&](ScanOp scan) { blocks.push_back(scan.getBlock()); });
      if (!function.isExternal())
        blocks.push_back(&function.getBody().front());
      for (Block *block : blocks) {
        Grouper grouper(*block);
        grouper.run();
        numFused += grouper.numFused;
      }
    }
  }
};

} // namespace
