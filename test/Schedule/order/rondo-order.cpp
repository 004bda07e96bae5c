// rondo-order: ClusterOrder against a search of the whole graph, and how its work grows.
//
// Random graphs: of many pairs of ops it is asked whether something stands between them, and those
// with nothing in between are merged. Then blocks of n and 2n ops, the second half of which reads
// the first half backwards as adjoints do: twice as many ops may take little more than twice as
// many steps.
#include "Driver/Register.h"
#include "Schedule/ClusterOrder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"
#include <random>

using namespace mlir;
using namespace rondo;

namespace {

using Reads = std::vector<std::pair<int64_t, int64_t>>; // by op: two earlier ones, -1: the argument

struct Graph {
  Graph(MLIRContext &context, const Reads &reads, const std::set<int64_t> &moved) {
    std::string type = "!rondo.array<[4, 4], f32>", text = "func.func @f(%x: " + type + ") {\n";
    auto name = [](int64_t number) {
      return number < 0 ? std::string("%x") : "%v" + std::to_string(number);
    };
    for (auto [number, pair] : llvm::enumerate(reads))
      text += name(number) + " = " +
              (moved.count(number) ? "rondo.transpose " + name(pair.first) +
                                         " [1, 0] : <[4, 4], "
                                         "f32> -> <[4, 4], f32>\n"
                                   : "rondo.add " + name(pair.first) + ", " + name(pair.second) +
                                         " : " + type + "\n");
    module = parseSourceString<ModuleOp>(text + "return\n}\n", &context);
    if (!module)
      std::exit(1);
    block = &(*module->getOps<func::FuncOp>().begin()).getBody().front();
    for (Operation &op : block->without_terminator())
      ops.push_back(&op);
  }

  OwningOpRef<ModuleOp> module;
  Block *block;
  std::vector<Operation *> ops;
};

/// The same questions, answered by a search.
struct Search {
  const Graph &graph;
  llvm::DenseMap<Operation *, int64_t> clusterOf;

  bool reaches(Operation *from, int64_t to) {
    std::vector<Operation *> stack{from};
    std::set<Operation *> seen;
    while (!stack.empty()) {
      Operation *op = stack.back();
      stack.pop_back();
      if (!seen.insert(op).second)
        continue;
      if (clusterOf[op] == to)
        return true;
      for (Operation *other : graph.ops)
        if (other == op || (clusterOf[op] >= 0 && clusterOf[other] == clusterOf[op]))
          stack.insert(stack.end(), other->user_begin(), other->user_end());
    }
    return false;
  }

  bool isBetween(Operation *a, Operation *b) { return leaves(a, b) || leaves(b, a); }

  /// Whether a path goes from the one's cluster through a third one to the other's.
  bool leaves(Operation *a, Operation *b) {
    std::vector<Operation *> stack;
    for (Operation *op : graph.ops)
      if (clusterOf[op] == clusterOf[a])
        stack.insert(stack.end(), op->user_begin(), op->user_end());
    std::set<Operation *> seen;
    while (!stack.empty()) {
      Operation *op = stack.back();
      stack.pop_back();
      if (!seen.insert(op).second || clusterOf[op] == clusterOf[a] || clusterOf[op] == clusterOf[b])
        continue;
      if (clusterOf[op] >= 0 && reaches(op, clusterOf[b]))
        return true;
      if (clusterOf[op] < 0) // movement
        stack.insert(stack.end(), op->user_begin(), op->user_end());
    }
    return false;
  }
};

int compare(MLIRContext &context, unsigned seed) {
  std::mt19937 random(seed);
  auto below = [&](int64_t limit) { return static_cast<int64_t>(random() % limit); };
  int64_t count = 12 + below(40);
  Reads reads;
  std::set<int64_t> moved;
  for (int64_t number = 0; number < count; ++number) {
    reads.push_back({below(number + 1) - 1, below(3) ? number - 1 : below(number + 1) - 1});
    if (number > 0 && below(5) == 0)
      moved.insert(number);
  }
  Graph graph(context, reads, moved);
  ClusterOrder order(*graph.block);
  Search search{graph, llvm::DenseMap<Operation *, int64_t>()};
  for (auto [number, op] : llvm::enumerate(graph.ops))
    search.clusterOf[op] = moved.count(number) ? -1 : static_cast<int64_t>(number);
  int merged = 0;
  for (int64_t trial = 0; trial < 6 * count; ++trial) {
    Operation *a = graph.ops[below(count)], *b = graph.ops[below(count)];
    int64_t from = search.clusterOf[a], to = search.clusterOf[b];
    if (from < 0 || to < 0 || from == to)
      continue;
    bool isBetween = search.isBetween(a, b);
    if (order.reaches(a, b) != search.reaches(a, to) || order.isBetween(a, b) != isBetween) {
      llvm::outs() << "seed " << seed << ": a wrong answer after " << merged << " merges\n";
      std::exit(1);
    }
    if (isBetween || below(3) == 0)
      continue;
    order.merge(a, b);
    for (Operation *op : graph.ops)
      if (search.clusterOf[op] == from)
        search.clusterOf[op] = to;
    ++merged;
  }
  return merged;
}

/// What it takes to group a chain and its adjoint, from the last op to the first.
int64_t work(MLIRContext &context, int64_t count) {
  Reads reads;
  for (int64_t number = 0; number < count; ++number)
    reads.push_back({number - 1, number - 1});
  for (int64_t number = count; number-- > 0;)
    reads.push_back({static_cast<int64_t>(reads.size()) - 1, number});
  Graph graph(context, reads, {});
  ClusterOrder order(*graph.block);
  for (int64_t number = 2 * count - 1; number-- > 0;) {
    Operation *op = graph.ops[number];
    for (Operation *user : op->getUsers())
      if (!order.isBetween(op, user)) {
        // Three out of four: clusters of a few ops each.
        if (number % 4 != 0)
          order.merge(op, user);
        break;
      }
  }
  return order.numVisited;
}

} // namespace

int main() {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  int merged = 0;
  for (unsigned seed = 0; seed < 150; ++seed)
    merged += compare(context, seed);
  llvm::outs() << "merged " << (merged > 1000 ? "many" : "few") << "\n";
  int64_t small = work(context, 1000), large = work(context, 2000);
  if (!(large <= 3 * small)) {
    llvm::outs() << small << " steps for 1000 ops, " << large << " for 2000\n";
    return 1;
  }
  return 0;
}
