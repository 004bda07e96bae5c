// Who needs a value: from a function's results back, the sizes that must not be 0 for some element
// of a result to need some element of the value. A need holds wherever its value is needed.
#include "Frontend/Needs.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

using namespace rondo;
using namespace rondo::core;

bool core::lengthsOf(const Node *condition, std::vector<Polynomial> &leasts) {
  auto number = [](const Node *node) -> std::optional<Polynomial> {
    if (node->op == Op::Length)
      return node->dim;
    if (node->op == Op::Constant && node->type.element == Element::Int)
      return static_cast<int64_t>(node->number);
    return std::nullopt;
  };
  if (condition->op == Op::Elementwise && condition->name == "and")
    return lengthsOf(condition->operands[0], leasts) && lengthsOf(condition->operands[1], leasts);
  if (condition->op != Op::Compare)
    return false;
  std::optional<Polynomial> lhs = number(condition->operands[0]),
                            rhs = number(condition->operands[1]);
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

/// A set of sizes, all 1 or more, by their numbers.
using Use = uint64_t;
/// Any of these; nobody where there is none. None contains another.
using Uses = llvm::SmallVector<Use, 2>;

class NeedFinder {
public:
  NeedFinder(const Function &function, llvm::DenseSet<const Node *> &wanting)
      : function(function), wanting(wanting) {
    for (const Argument &argument : function.arguments)
      llvm::append_range(given, argument.node->type.dims);
  }

  std::vector<Need> run() {
    for (const Node *result : function.body->results)
      add(result, {Use(0)});
    visit(*function.body);
    collect(*function.body, 0);
    // Last, so that a check or a slice says it in its own words.
    for (const auto &[dim, range] : written)
      need(dim, "the size " + dim.str() + " would be negative", range, {Use(0)});
    return std::move(needs);
  }

private:
  static bool isOfStream(const Polynomial &dim) {
    return llvm::any_of(dim.getAtoms(), [](const Atom *atom) { return atom->kind == Atom::Bound; });
  }

  /// The number of a size that may be 0; sizes beyond the last number count as never 0, so that
  /// more is needed.
  Use bit(const Polynomial &dim) {
    if (dim.isStatic() || dim.isAtLeast(1) || isOfStream(dim))
      return 0;
    auto *known = llvm::find(sizes, dim);
    if (known == sizes.end()) {
      if (sizes.size() == 64)
        return 0;
      sizes.push_back(dim);
      known = sizes.end() - 1;
    }
    return Use(1) << (known - sizes.begin());
  }

  Use bits(llvm::ArrayRef<Polynomial> dims) {
    Use use = 0;
    for (const Polynomial &dim : dims)
      use |= bit(dim);
    return use;
  }

  static Uses with(Uses uses, Use more) {
    Uses result;
    for (Use use : uses)
      insert(result, use | more);
    return result;
  }

  static void insert(Uses &uses, Use use) {
    constexpr size_t most = 16; // beyond which a value counts as always needed
    if (llvm::any_of(uses, [&](Use other) { return (other & use) == other; }))
      return;
    llvm::erase_if(uses, [&](Use other) { return (other & use) == use; });
    uses.push_back(use);
    if (uses.size() > most)
      uses = {Use(0)};
  }

  void add(const Node *node, const Uses &uses) {
    for (Use use : uses)
      insert(usesOf[node], use);
  }

  /// From the last node to the first, so that all users of a node are known when it is visited.
  void visit(const Block &block) {
    for (const Node *node : llvm::reverse(block.nodes)) {
      Uses uses = usesOf.lookup(node);
      if (!uses.empty())
        visit(*node, uses);
    }
  }

  void visit(const Node &node, const Uses &uses) {
    switch (node.op) {
    case Op::Result: {
      const Node *of = node.operands[0];
      Uses own = with(uses, bits(node.type.dims));
      if (of->op == Op::Scan && node.index >= of->numCarries)
        add(of->body->results[node.index], own);
      return add(of, own);
    }
    case Op::Scan:
      // Every step needs all carries of the step before.
      for (unsigned i = 0; i < node.numCarries; ++i) {
        add(node.body->results[i], with(uses, bit(node.dim)));
        add(node.operands[i], uses);
      }
      visit(*node.body);
      for (auto [operand, argument] :
           llvm::zip_equal(node.operands, llvm::drop_begin(node.body->arguments)))
        add(operand, usesOf.lookup(argument));
      return;
    case Op::Grad:
    case Op::Stream:
      for (const Node *result : node.body->results)
        add(result, uses);
      visit(*node.body);
      for (const Node *operand : node.operands)
        add(operand, uses);
      return;
    case Op::Check:
      // The condition decides whatever there is of the operand.
      add(node.operands[1], uses);
      return add(node.operands[0], with(uses, bits(node.type.dims)));
    case Op::Elementwise:
      if (node.name == "select")
        return visitChoice(node, with(uses, bits(node.type.dims)));
      for (const Node *operand : node.operands)
        add(operand, with(uses, bits(node.type.dims)));
      return;
    case Op::Require:
      if (node.need == Need::Run)
        return add(node.operands[0], uses);
      [[fallthrough]];
    default:
      for (const Node *operand : node.operands)
        add(operand, with(uses, bits(node.type.dims)));
    }
  }

  /// A choice by lengths needs what it takes: `if T > 0 then x[0] else 0.0` no x[0] of nothing.
  void visitChoice(const Node &node, const Uses &uses) {
    const Node *condition = node.operands[0];
    add(condition, uses);
    while (condition->op == Op::Broadcast)
      condition = condition->operands[0];
    std::vector<Polynomial> leasts;
    if (!lengthsOf(condition, leasts)) {
      add(node.operands[1], uses);
      return add(node.operands[2], uses);
    }
    Use all = 0;
    for (const Polynomial &least : leasts) {
      all |= bit(least + 1);
      add(node.operands[2], with(uses, bit(Polynomial(0) - least)));
    }
    add(node.operands[1], with(uses, all));
  }

  /// `steps` are the loops around the block.
  void collect(const Block &block, Use steps) {
    for (const Node *node : block.nodes) {
      Uses uses = usesOf.lookup(node);
      if (uses.empty())
        continue;
      if (node->op == Op::Require) {
        if (node->need == Need::Size)
          uses = {Use(0)};
        else
          uses = node->need == Need::Run ? Uses{steps} : with(uses, bits(node->type.dims));
        if (node->need == Need::Element && !llvm::is_contained(uses, Use(0)) &&
            !isOfStream(node->dim) && !isImplied(node->dim, {computed(*node)}))
          wanting.insert(node);
        need(node->dim, node->name, node->range, uses);
      }
      if (!node->body && node->op != Op::Scan)
        for (const Polynomial &dim : node->type.dims)
          needSize(dim, node->range);
      if (node->op == Op::Scan)
        needSize(node->dim, node->range);
      if (node->body)
        collect(*node->body, node->op == Op::Scan ? steps | bit(node->dim) : steps);
    }
  }

  /// The sizes that are 1 or more wherever an element of the value is computed: its own, and those
  /// of loops around it whose steps it depends on. (What does not depend on the step may be
  /// computed before a loop that makes none.)
  Use computed(const Node &node) {
    Use use = bits(node.type.dims);
    for (const Block *block = node.block; block && block->owner; block = block->parent)
      if (block->owner->op == Op::Scan && dependsOn(&node, *block))
        use |= bit(block->owner->dim);
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
  void needSize(const Polynomial &dim, llvm::SMRange range) {
    if (!dim.isStatic() && !dim.isAtLeast(0) && !llvm::is_contained(given, dim))
      written.emplace_back(dim, range);
  }

  /// Whether the uses alone say that `least` is not negative: that `T` is 1 or more needs no
  /// `T - 1` of 0 or more.
  bool isImplied(const Polynomial &least, const Uses &uses) {
    return llvm::all_of(uses, [&](Use use) {
      for (auto [number, size] : llvm::enumerate(sizes))
        if ((use >> number & 1) && (least - (size - 1)).isAtLeast(0))
          return true;
      return false;
    });
  }

  void need(const Polynomial &least, const std::string &message, llvm::SMRange range,
            const Uses &uses) {
    if (isOfStream(least) || isImplied(least, uses))
      return;
    bool isAlways = llvm::is_contained(uses, Use(0));
    if (isAlways) {
      if (llvm::is_contained(always, least))
        return;
      always.push_back(least);
    }
    Need found{least, message, range, {}};
    if (!isAlways)
      for (Use use : uses) {
        auto &dims = found.uses.emplace_back();
        for (auto [number, size] : llvm::enumerate(sizes))
          if (use >> number & 1)
            dims.push_back(size);
      }
    needs.push_back(std::move(found));
  }

  const Function &function;
  llvm::DenseSet<const Node *> &wanting;
  llvm::DenseMap<std::pair<const Node *, const Block *>, bool> depends;
  llvm::SmallVector<Polynomial> sizes, given, always;
  llvm::SmallVector<std::pair<Polynomial, llvm::SMRange>> written;
  llvm::DenseMap<const Node *, Uses> usesOf;
  std::vector<Need> needs;
};

} // namespace

std::vector<Need> core::findNeeds(const Function &function, llvm::DenseSet<const Node *> &wanting) {
  return NeedFinder(function, wanting).run();
}
