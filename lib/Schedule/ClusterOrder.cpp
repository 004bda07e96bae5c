#include "Schedule/ClusterOrder.h"
#include "Schedule/Positions.h"

using namespace mlir;
using namespace rondo;

static bool isMovement(Operation *op) { return isLazy(op) && !isa<CheckOp>(op); }

ClusterOrder::ClusterOrder(Block &block) {
  for (Operation &op : block)
    if (!isMovement(&op))
      numbers.try_emplace(&op, static_cast<int64_t>(numbers.size()));
  auto count = static_cast<int64_t>(numbers.size());
  next.resize(count);
  // Who reads what is moved: from the last op to the first, all of its readers are known.
  llvm::DenseMap<Operation *, Nodes> moved;
  for (Operation &op : llvm::reverse(block)) {
    Nodes readers;
    for (Operation *user : op.getUsers()) {
      Operation *here = block.findAncestorOpInBlock(*user);
      if (auto it = numbers.find(here); it != numbers.end())
        readers.push_back(it->second);
      else
        readers.append(moved.lookup(here));
    }
    llvm::sort(readers);
    readers.erase(llvm::unique(readers), readers.end());
    if (auto it = numbers.find(&op); it != numbers.end())
      next[it->second] = std::move(readers);
    else
      moved[&op] = std::move(readers);
  }
  labelTree();
  members.resize(count);
  tree.resize(count);
  seen.assign(count, 0);
  for (int64_t node = 0; node < count; ++node) {
    clusterOf.push_back(node);
    members[node].push_back(node);
    tree[node].insert(entered[node]);
    place.push_back(node);
    placed.push_back(node);
  }
}

/// A depth-first search over all nodes. It enters the nearest reader first, so that its paths are
/// long and few questions are left to a search.
void ClusterOrder::labelTree() {
  auto count = static_cast<int64_t>(next.size());
  entered.assign(count, -1);
  left.assign(count, -1);
  int64_t clock = 0;
  for (int64_t root = 0; root < count; ++root) {
    if (entered[root] >= 0)
      continue;
    SmallVector<std::pair<int64_t, size_t>> stack{{root, 0}};
    entered[root] = clock++;
    while (!stack.empty()) {
      auto &[node, number] = stack.back();
      if (number == next[node].size()) {
        left[node] = clock - 1;
        stack.pop_back();
        continue;
      }
      int64_t reader = next[node][number++];
      if (entered[reader] < 0) {
        entered[reader] = clock++;
        stack.push_back({reader, 0});
      }
    }
  }
}

/// Whether the tree has a path from a node to a cluster.
bool ClusterOrder::isBelow(int64_t node, int64_t cluster) const {
  auto it = tree[cluster].lower_bound(entered[node]);
  return it != tree[cluster].end() && *it <= left[node];
}

/// Whether a path leads from one of some nodes to a cluster.
bool ClusterOrder::search(Nodes stack, int64_t to) {
  ++numSearches;
  while (!stack.empty()) {
    int64_t node = stack.pop_back_val(), cluster = clusterOf[node];
    ++numVisited;
    if (cluster == to || isBelow(node, to))
      return true;
    if (place[cluster] > place[to] || std::exchange(seen[cluster], numSearches) == numSearches)
      continue;
    for (int64_t member : members[cluster]) {
      if (isBelow(member, to))
        return true;
      stack.append(next[member]);
    }
  }
  return false;
}

bool ClusterOrder::reaches(Operation *from, Operation *to) {
  return search({nodeOf(from)}, find(to));
}

bool ClusterOrder::isBetween(Operation *a, Operation *b) {
  int64_t first = find(a), second = find(b);
  if (place[first] > place[second])
    std::swap(first, second);
  Nodes starts;
  for (int64_t member : members[first])
    for (int64_t reader : next[member])
      if (clusterOf[reader] != first && clusterOf[reader] != second)
        starts.push_back(reader);
  return search(starts, second);
}

/// The merged cluster takes the place of the second one. What waits for the first one and stands
/// in between moves behind it; nothing else has to, for none of that leads to the second one.
void ClusterOrder::merge(Operation *a, Operation *b) {
  int64_t first = find(a), second = find(b);
  if (place[first] > place[second])
    std::swap(first, second);
  int64_t low = place[first], high = place[second];
  ++numSearches;
  Nodes stack;
  SmallVector<int64_t> waiting;
  auto follow = [&](int64_t cluster) {
    for (int64_t member : members[cluster])
      for (int64_t reader : next[member])
        if (place[clusterOf[reader]] < high)
          stack.push_back(clusterOf[reader]);
  };
  seen[first] = numSearches;
  follow(first);
  while (!stack.empty()) {
    int64_t cluster = stack.pop_back_val();
    ++numVisited;
    if (std::exchange(seen[cluster], numSearches) == numSearches)
      continue;
    waiting.push_back(place[cluster]);
    follow(cluster);
  }
  placed[low] = -1;
  if (!waiting.empty()) {
    SmallVector<int64_t> order, later;
    int64_t begin = *llvm::min_element(waiting);
    numVisited += high - begin;
    for (int64_t at = begin; at <= high; ++at)
      if (placed[at] >= 0)
        (seen[placed[at]] == numSearches ? later : order).push_back(placed[at]);
    llvm::append_range(order, later);
    int64_t at = high + 1;
    for (int64_t cluster : llvm::reverse(order)) {
      place[cluster] = --at;
      placed[at] = cluster;
    }
    while (at > begin)
      placed[--at] = -1;
  }

  int64_t into = second, from = first;
  if (members[into].size() < members[from].size())
    std::swap(into, from);
  place[into] = place[second];
  placed[place[into]] = into;
  for (int64_t member : members[from])
    clusterOf[member] = into;
  members[into].append(members[from]);
  members[from].clear();
  tree[into].insert(tree[from].begin(), tree[from].end());
  tree[from].clear();
}
