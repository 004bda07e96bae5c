// The ops of a block in clusters that run as wholes, and in what order these may run.
//
// Clusters are merged one by one; who merges them first asks whether they still could run one after
// the other. The graph of clusters never has a cycle, so that an order of them is kept up to date,
// and a search for a path leaves out whatever comes after its end: the time of all questions
// together grows with the number of ops, not with its square.
#ifndef RONDO_SCHEDULE_CLUSTERORDER_H
#define RONDO_SCHEDULE_CLUSTERORDER_H

#include "Rondo/Rondo.h"
#include <set>

namespace rondo {

class ClusterOrder {
public:
  /// Each op is a cluster of its own. Ops that only move elements are none: who reads them reads
  /// what they move.
  explicit ClusterOrder(mlir::Block &block);

  /// Whether `to` or what runs with it waits for `from`, or is it.
  bool reaches(mlir::Operation *from, mlir::Operation *to);
  /// Whether a path leads from one of two clusters to the other through a third one.
  bool isBetween(mlir::Operation *a, mlir::Operation *b);
  /// Makes one cluster of two that no path through a third one connects.
  void merge(mlir::Operation *a, mlir::Operation *b);

  int64_t numVisited = 0; // clusters that questions and merges have looked at

private:
  using Nodes = mlir::SmallVector<int64_t, 4>;

  int64_t nodeOf(mlir::Operation *op) const { return numbers.find(op)->second; }
  int64_t find(mlir::Operation *op) const { return clusterOf[nodeOf(op)]; }
  void labelTree();
  bool isBelow(int64_t node, int64_t cluster) const;
  bool search(Nodes stack, int64_t to);

  llvm::DenseMap<mlir::Operation *, int64_t> numbers; // of nodes: the ops
  mlir::SmallVector<Nodes> next;                      // by node: who reads it, in the block's order
  /// Of a tree of paths, each node's number in preorder and the last one below it: a path that is
  /// found without a search.
  mlir::SmallVector<int64_t> entered, left;

  // Clusters have the number of one of their nodes.
  mlir::SmallVector<int64_t> clusterOf;      // by node
  mlir::SmallVector<Nodes> members;          // by cluster
  mlir::SmallVector<std::set<int64_t>> tree; // by cluster: its members' numbers in preorder
  mlir::SmallVector<int64_t> place;          // by cluster: before those of all that wait for it
  mlir::SmallVector<int64_t> placed;         // by place: the cluster, or -1
  mlir::SmallVector<int64_t> seen;           // by cluster: the last search that has met it
  int64_t numSearches = 0;
};

} // namespace rondo

#endif // RONDO_SCHEDULE_CLUSTERORDER_H
