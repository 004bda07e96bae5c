// A minimum vertex cut between what must come from outside (slices, what is not cheap) and what the
// body reads, by augmenting shortest paths. Bodies have hundreds of ops at most.
#include "Normalise/Crossing.h"
#include "Normalise/ScanEdit.h"
#include "Rondo/TypicalSizes.h"
#include "llvm/ADT/MapVector.h"
#include <deque>

using namespace mlir;
using namespace rondo;

/// Elements of one part.
static int64_t sizeOf(Value value) { return typicalElements(arrayType(value).getDims()); }

namespace {

/// Each value is an edge from its entry to its exit, with what it costs to read it.
class FlowNetwork {
public:
  static constexpr int64_t unbounded = int64_t(1) << 60;

  int64_t addNode() {
    edges.emplace_back();
    return static_cast<int64_t>(edges.size()) - 1;
  }
  void addEdge(int64_t from, int64_t to, int64_t capacity) {
    edges[from].push_back({to, edges[to].size(), capacity});
    edges[to].push_back({from, edges[from].size() - 1, 0});
  }
  void saturate(int64_t source, int64_t sink) {
    while (augment(source, sink))
      ;
  }
  /// The nodes from which the sink can still be reached.
  std::vector<bool> reaching(int64_t sink) const {
    std::vector<bool> seen(edges.size());
    SmallVector<int64_t> pending{sink};
    seen[sink] = true;
    while (!pending.empty()) {
      int64_t node = pending.pop_back_val();
      for (const Edge &edge : edges[node])
        if (!seen[edge.to] && edges[edge.to][edge.back].capacity > 0) {
          seen[edge.to] = true;
          pending.push_back(edge.to);
        }
    }
    return seen;
  }

private:
  struct Edge {
    int64_t to;
    size_t back;
    int64_t capacity;
  };

  bool augment(int64_t source, int64_t sink) {
    std::vector<std::pair<int64_t, size_t>> from(edges.size(), {-1, 0});
    std::deque<int64_t> pending{source};
    from[source] = {source, 0};
    while (!pending.empty() && from[sink].first < 0) {
      int64_t node = pending.front();
      pending.pop_front();
      for (auto [i, edge] : llvm::enumerate(edges[node]))
        if (edge.capacity > 0 && from[edge.to].first < 0) {
          from[edge.to] = {node, i};
          pending.push_back(edge.to);
        }
    }
    if (from[sink].first < 0)
      return false;
    int64_t flow = unbounded;
    for (int64_t node = sink; node != source; node = from[node].first)
      flow = std::min(flow, edges[from[node].first][from[node].second].capacity);
    for (int64_t node = sink; node != source; node = from[node].first) {
      Edge &edge = edges[from[node].first][from[node].second];
      edge.capacity -= flow;
      edges[node][edge.back].capacity += flow;
    }
    return true;
  }

  std::vector<SmallVector<Edge, 4>> edges;
};

} // namespace

SmallVector<Value> rondo::cheapestCrossing(ScanOp scan, const llvm::DenseSet<Value> &movable,
                                           ValueRange wanted,
                                           function_ref<bool(Operation *)> isFree) {
  FlowNetwork network;
  int64_t source = network.addNode(), sink = network.addNode();
  llvm::MapVector<Value, int64_t> entry; // The exit is the node after it.
  auto add = [&](Value value, int64_t cost) {
    int64_t node = network.addNode();
    network.addEdge(node, network.addNode(), cost);
    entry[value] = node;
    return node;
  };
  // Sizes count first, then the number of arrays.
  for (BlockArgument slice : scan.getSliceArguments())
    network.addEdge(source, add(slice, 6 * sizeOf(slice) + 1), FlowNetwork::unbounded);
  for (Operation &op : scan.getBlock()->without_terminator())
    for (Value result : op.getResults()) {
      if (!movable.contains(result))
        continue;
      int64_t node = add(result, 16 * sizeOf(result) + 1);
      if (!isFree(&op)) {
        network.addEdge(source, node, FlowNetwork::unbounded);
        continue;
      }
      op.walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          if (auto it = entry.find(operand); it != entry.end())
            network.addEdge(it->second + 1, node, FlowNetwork::unbounded);
      });
    }
  for (Value value : wanted)
    if (auto it = entry.find(value); it != entry.end())
      network.addEdge(it->second + 1, sink, FlowNetwork::unbounded);
  network.saturate(source, sink);
  std::vector<bool> inside = network.reaching(sink);
  SmallVector<Value> cut;
  for (auto [value, node] : entry)
    if (inside[node + 1] && !inside[node])
      cut.push_back(value);
  return cut;
}
