// What a function needs of lengths, and where: a need holds wherever its value is needed.
#include "Frontend/Needs.h"
#include "Frontend/Uses.h"

#include "llvm/ADT/STLExtras.h"

using namespace rondo;
using namespace rondo::core;

bool core::lengthsOf(const Node *condition, std::vector<Polynomial> &leasts) {
  if (condition->op == Op::Elementwise && condition->name == "and")
    return lengthsOf(condition->operands[0], leasts) && lengthsOf(condition->operands[1], leasts);
  if (condition->op != Op::Compare)
    return false;
  std::optional<Polynomial> lhs = lengthOf(condition->operands[0]),
                            rhs = lengthOf(condition->operands[1]);
  if (!lhs || !rhs || !(*lhs - *rhs).isLinear())
    return false;
  bool isStrict = condition->name == "lt" || condition->name == "gt";
  bool isBoth = condition->name == "eq";
  if (isBoth || condition->name == "gt" || condition->name == "ge")
    leasts.push_back(*lhs - *rhs - (isStrict ? 1 : 0));
  if (isBoth || condition->name == "lt" || condition->name == "le")
    leasts.push_back(*rhs - *lhs - (isStrict ? 1 : 0));
  return condition->name != "ne";
}

namespace {

class NeedFinder {
public:
  NeedFinder(const Function &function, llvm::function_ref<bool(const Node *)> isTrue,
             llvm::DenseSet<const Node *> &wanting)
      : function(function), wanting(wanting), sizes(isTrue), elements(sizes, UseFinder::Elements),
        values(sizes, UseFinder::Values) {
    for (const Argument &argument : function.arguments)
      llvm::append_range(given, argument.node->type.dims);
  }

  std::vector<Need> run() {
    elements.find(function);
    values.find(function);
    collect(*function.body, 0);
    // Last, so that a check or a slice says it in its own words.
    for (const WrittenSize &size : written)
      need(size.dim, "the size " + size.dim.str() + " would be negative", size.range, size.uses,
           Need::Size);
    return std::move(needs);
  }

private:
  /// `steps` are the loops around the block.
  void collect(const Block &block, Use steps) {
    for (const Node *node : block.nodes) {
      if (values[node].empty())
        continue;
      if (node->op == Op::Require)
        collect(*node, steps);
      if (!node->body && node->op != Op::Scan)
        for (const Polynomial &dim : node->type.dims)
          needSize(dim, *node);
      if (node->op == Op::Scan)
        needSize(node->dim, *node);
      if (node->body)
        collect(*node->body, node->op == Op::Scan ? steps | sizes.useOf(node->dim) : steps);
    }
  }

  void collect(const Node &node, Use steps) {
    switch (node.need) {
    case Need::Run:
      return need(node.dim, node.name, node.range, both(values[&node], {steps}), node.need);
    case Need::Size:
      return need(node.dim, node.name, node.range, values[&node], node.need);
    case Need::Element:
      Uses uses = both(elements[&node], {sizes.useOf(node.type.dims)});
      if (!isAlways(uses) && !Sizes::isOfStream(node.dim) && !isImplied(node.dim, {computed(node)}))
        wanting.insert(&node);
      return need(node.dim, node.name, node.range, uses, node.need);
    }
  }

  static bool isAlways(const Uses &uses) { return llvm::is_contained(uses, Use(0)); }

  /// The sizes that are 1 or more wherever an element of the value is computed: its own, and those
  /// of loops around it whose steps it depends on. (What does not depend on the step may be
  /// computed before a loop that makes none.)
  Use computed(const Node &node) {
    Use use = sizes.useOf(node.type.dims);
    for (const Block *block = node.block; block && block->owner; block = block->parent)
      if (block->owner->op == Op::Scan && dependsOn(&node, *block))
        use |= sizes.useOf(block->owner->dim);
    return use;
  }

  /// Whether a value in the block, or in one within, follows from the block's arguments.
  bool dependsOn(const Node *node, const Block &block) {
    if (node->op == Op::Argument)
      return node->block == &block;
    auto [known, isNew] = depends.try_emplace({node, &block}, false);
    if (!isNew)
      return known->second;
    bool result = llvm::any_of(node->operands,
                               [&](const Node *operand) { return dependsOn(operand, block); });
    if (!result && node->body)
      result = llvm::any_of(node->body->results,
                            [&](const Node *inner) { return dependsOn(inner, block); });
    return depends[{node, &block}] = result;
  }

  /// Sizes of arguments are compared with the arguments themselves.
  void needSize(const Polynomial &dim, const Node &node) {
    if (dim.isStatic() || dim.isAtLeast(0) || llvm::is_contained(given, dim))
      return;
    auto *known = llvm::find_if(written, [&](const WrittenSize &size) { return size.dim == dim; });
    if (known == written.end()) {
      written.push_back({dim, node.range, {}});
      known = written.end() - 1;
    }
    for (Use use : values[&node])
      insert(known->uses, use);
  }

  /// Whether the uses alone say that `least` is not negative: that `T` is 1 or more needs no
  /// `T - 1` of 0 or more.
  bool isImplied(const Polynomial &least, const Uses &uses) {
    return llvm::all_of(uses, [&](Use use) {
      return llvm::any_of(
          sizes.of(use), [&](const Polynomial &size) { return (least - (size - 1)).isAtLeast(0); });
    });
  }

  void need(const Polynomial &least, const std::string &message, llvm::SMRange range,
            const Uses &uses, Need::Kind kind) {
    // A size that is negative where nobody needs it is said although no call is refused for it, so
    // that code keeps it at 0 (Rondo/Needs.h).
    if (Sizes::isOfStream(least) || uses.empty() || (kind != Need::Size && isImplied(least, uses)))
      return;
    Need found{least, message, range, {}};
    if (!isAlways(uses))
      for (Use use : uses)
        found.uses.push_back(sizes.of(use));
    bool isSaid = llvm::any_of(needs, [&](const Need &other) {
      return other.least == least && (other.uses.empty() || other.uses == found.uses);
    });
    if (!isSaid)
      needs.push_back(std::move(found));
  }

  struct WrittenSize {
    Polynomial dim;
    llvm::SMRange range;
    Uses uses;
  };

  const Function &function;
  llvm::DenseSet<const Node *> &wanting;
  Sizes sizes;
  UseFinder elements, values;
  llvm::DenseMap<std::pair<const Node *, const Block *>, bool> depends;
  llvm::SmallVector<Polynomial> given;
  llvm::SmallVector<WrittenSize> written;
  std::vector<Need> needs;
};

} // namespace

std::vector<Need> core::findNeeds(const Function &function,
                                  llvm::function_ref<bool(const Node *)> isTrue,
                                  llvm::DenseSet<const Node *> &wanting) {
  return NeedFinder(function, isTrue, wanting).run();
}
