// Who needs a value. A choice whose condition lengths or the configuration decide needs what it
// takes; one that the data decide needs both sides, since data are not known when a call begins.
#include "Frontend/Uses.h"

#include "llvm/ADT/STLExtras.h"

using namespace rondo;
using namespace rondo::core;

void core::insert(Uses &uses, Use use) {
  constexpr size_t most = 16; // beyond which a value counts as always needed
  if (llvm::any_of(uses, [&](Use other) { return (other & use) == other; }))
    return;
  llvm::erase_if(uses, [&](Use other) { return (other & use) == use; });
  uses.push_back(use);
  if (uses.size() > most)
    uses = {Use(0)};
}

Uses core::both(const Uses &left, const Uses &right) {
  Uses result;
  for (Use a : left)
    for (Use b : right)
      insert(result, a | b);
  return result;
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

bool Sizes::isOfStream(const Polynomial &dim) {
  return llvm::any_of(dim.getAtoms(), [](const Atom *atom) { return atom->kind == Atom::Bound; });
}

Use Sizes::use(const Polynomial &size) {
  if (size.isAtLeast(1) || isOfStream(size))
    return 0;
  auto *known = llvm::find(numbered, size);
  if (known == numbered.end()) {
    if (numbered.size() == 64)
      return 0;
    numbered.push_back(size);
    known = numbered.end() - 1;
  }
  return Use(1) << (known - numbered.begin());
}

Use Sizes::useOf(llvm::ArrayRef<Polynomial> dims) {
  Use all = 0;
  for (const Polynomial &dim : dims)
    if (!dim.isStatic())
      all |= use(dim);
  return all;
}

std::vector<Polynomial> Sizes::of(Use use) const {
  std::vector<Polynomial> sizes;
  for (auto [number, size] : llvm::enumerate(numbered))
    if (use >> number & 1)
      sizes.push_back(size);
  return sizes;
}

Uses Sizes::whereAtLeastOne(const Polynomial &size) {
  if ((Polynomial(0) - size).isAtLeast(0))
    return {};
  return {use(size)};
}

std::optional<Polynomial> core::lengthOf(const Node *node) {
  if (node->op == Op::Length)
    return node->dim;
  if (node->op == Op::Constant && node->type.element == Element::Int)
    return static_cast<int64_t>(node->number);
  return std::nullopt;
}

bool core::isOfLengths(const Node *condition) {
  if (isConfigured(condition))
    return true;
  auto isKnown = [](const Node *node) { return lengthOf(node).has_value(); };
  if (condition->op == Op::Compare)
    return llvm::all_of(condition->operands, isKnown) &&
           (*lengthOf(condition->operands[0]) - *lengthOf(condition->operands[1])).isLinear();
  llvm::StringRef name = condition->name;
  return condition->op == Op::Elementwise && (name == "not" || name == "and" || name == "or") &&
         llvm::all_of(condition->operands, isOfLengths);
}

Uses Sizes::whereCompares(const Node *condition, bool value) {
  std::optional<Polynomial> left = lengthOf(condition->operands[0]),
                            right = lengthOf(condition->operands[1]);
  if (!left || !right || !(*left - *right).isLinear())
    return {Use(0)};
  Polynomial more = *left - *right, less = *right - *left;
  llvm::StringRef kind = condition->name;
  if (kind == "eq" || kind == "ne") {
    if ((kind == "eq") == value)
      return both(whereAtLeastOne(more + 1), whereAtLeastOne(less + 1));
    Uses either = whereAtLeastOne(more);
    for (Use use : whereAtLeastOne(less))
      insert(either, use);
    return either;
  }
  bool isMore = (kind == "gt" || kind == "ge") == value;
  bool isStrict = (kind == "gt" || kind == "lt") == value;
  return whereAtLeastOne((isMore ? more : less) + (isStrict ? 0 : 1));
}

Uses Sizes::whereIs(const Node *condition, bool value) {
  condition = withoutBroadcast(condition);
  if (isConfigured(condition))
    return isTrue(condition) == value ? Uses{Use(0)} : Uses{};
  if (condition->op == Op::Compare)
    return whereCompares(condition, value);
  if (condition->op != Op::Elementwise)
    return {Use(0)};
  if (condition->name == "not")
    return whereIs(condition->operands[0], !value);
  if (condition->name != "and" && condition->name != "or")
    return {Use(0)};
  Uses left = whereIs(condition->operands[0], value),
       right = whereIs(condition->operands[1], value);
  if ((condition->name == "and") == value)
    return both(left, right);
  for (Use use : right)
    insert(left, use);
  return left;
}

//===----------------------------------------------------------------------===//
// Uses
//===----------------------------------------------------------------------===//

void UseFinder::find(const Function &function) {
  for (const Node *result : function.body->results)
    add(result, {Use(0)});
  visit(*function.body);
}

void UseFinder::add(const Node *node, const Uses &uses) {
  for (Use use : uses)
    insert(usesOf[node], use);
}

/// From the last node to the first, so that all users of a node are known when it is visited.
void UseFinder::visit(const Block &block) {
  for (const Node *node : llvm::reverse(block.nodes)) {
    Uses uses = usesOf.lookup(node);
    if (!uses.empty())
      visit(*node, uses);
  }
}

void UseFinder::visit(const Node &node, const Uses &uses) {
  Uses some = both(uses, {own(node.type.dims)}); // where the node has an element as well
  switch (node.op) {
  case Op::Result: {
    const Node *of = node.operands[0];
    if (of->op == Op::Scan && node.index >= of->numCarries)
      add(of->body->results[node.index], some);
    return add(of, some);
  }
  case Op::Scan:
    return visitScan(node, uses);
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
    return add(node.operands[0], some);
  case Op::Elementwise:
    if (node.name == "select")
      return visitChoice(node, some);
    break;
  case Op::Require:
    if (node.need == Need::Run)
      return add(node.operands[0], uses);
    break;
  default:
    break;
  }
  for (const Node *operand : node.operands)
    add(operand, some);
}

/// Every step needs all carries of the step before.
void UseFinder::visitScan(const Node &node, const Uses &uses) {
  for (unsigned i = 0; i < node.numCarries; ++i) {
    add(node.body->results[i], both(uses, {own(node.dim)}));
    add(node.operands[i], uses);
  }
  visit(*node.body);
  for (auto [operand, argument] :
       llvm::zip_equal(node.operands, llvm::drop_begin(node.body->arguments)))
    add(operand, usesOf.lookup(argument));
}

/// `if T > 0 then x[0] else 0.0` needs no x[0] of nothing.
void UseFinder::visitChoice(const Node &node, const Uses &uses) {
  add(node.operands[0], uses);
  add(node.operands[1], both(uses, sizes.whereIs(node.operands[0], true)));
  add(node.operands[2], both(uses, sizes.whereIs(node.operands[0], false)));
}
