// Who needs a value: from a function's results back, the sizes that must not be 0 for it.
#ifndef RONDO_FRONTEND_USES_H
#define RONDO_FRONTEND_USES_H

#include "Frontend/Core.h"

#include "llvm/ADT/DenseMap.h"

namespace rondo::core {

/// A set of sizes, all 1 or more, by their numbers.
using Use = uint64_t;
/// Any of these; nobody where there is none. None contains another.
using Uses = llvm::SmallVector<Use, 2>;

void insert(Uses &uses, Use use);
/// The uses that both lists have.
Uses both(const Uses &left, const Uses &right);

/// The value of an int that lengths and the configuration tell, or none.
std::optional<Polynomial> lengthOf(const Node *node);

/// Whether lengths and the configuration decide a condition.
bool isOfLengths(const Node *condition);

/// Numbers the sizes that may be 0.
class Sizes {
public:
  /// `isTrue` tells the conditions that the configuration decides.
  explicit Sizes(llvm::function_ref<bool(const Node *)> isTrue) : isTrue(isTrue) {}

  /// That a size is 1 or more; beyond the last number every size counts as such, so that more is
  /// needed.
  Use use(const Polynomial &size);
  /// The run-time sizes among these dims.
  Use useOf(llvm::ArrayRef<Polynomial> dims);
  /// Where a condition has this value, as far as lengths and the configuration decide it: what the
  /// data decide may be so in every call.
  Uses whereIs(const Node *condition, bool value);
  std::vector<Polynomial> of(Use use) const;

  /// Whether the dim has to do with a stream's prefix, along which nothing is out of range.
  static bool isOfStream(const Polynomial &dim);

private:
  Uses whereCompares(const Node *condition, bool value);
  Uses whereAtLeastOne(const Polynomial &size);
  llvm::function_ref<bool(const Node *)> isTrue;
  llvm::SmallVector<Polynomial> numbered;
};

/// The uses of all values of a function, of one of two kinds.
class UseFinder {
public:
  enum Kind {
    Elements, ///< Where some element of a result needs some element of the value.
    Values,   ///< Where the value is computed for a result, elements or not.
  };
  UseFinder(Sizes &sizes, Kind kind) : sizes(sizes), kind(kind) {}

  void find(const Function &function);
  Uses operator[](const Node *node) const { return usesOf.lookup(node); }

private:
  Use own(llvm::ArrayRef<Polynomial> dims) { return kind == Elements ? sizes.useOf(dims) : 0; }
  void add(const Node *node, const Uses &uses);
  void visit(const Block &block);
  void visit(const Node &node, const Uses &uses);
  void visitScan(const Node &node, const Uses &uses);
  void visitChoice(const Node &node, const Uses &uses);

  Sizes &sizes;
  Kind kind;
  llvm::DenseMap<const Node *, Uses> usesOf;
};

} // namespace rondo::core

#endif // RONDO_FRONTEND_USES_H
