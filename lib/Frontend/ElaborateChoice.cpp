// Choices and comprehensions.
#include "Frontend/Elaborator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

Value Elaborator::choose(const Value &condition, const Value &yes, const Value &no,
                         llvm::SMRange range) {
  if (yes.isPoison() || no.isPoison() || condition.isPoison())
    return {};
  if (yes.isRecord() && no.isRecord() && yes.fields.size() == no.fields.size()) {
    Value result = yes;
    for (auto [field, other] : llvm::zip_equal(result.fields, no.fields)) {
      field.second = choose(condition, field.second, other.second, range);
      if (field.second.isPoison())
        return {};
    }
    return result;
  }
  if (!yes.isArray() || !no.isArray()) // [Sem-If-Branches]
    return poison(range, "expected two arrays or two records alike to choose from, found " +
                             yes.describe() + " and " + no.describe());
  if (!condition.isArray() || condition.type().element != Element::Bool)
    return poison(range, "expected bool as the condition, found " + condition.describe());
  core::Node *test = nodeOf(condition), *a = nodeOf(yes), *b = nodeOf(no);
  // A literal beside an index is an index where it is certainly below the bound.
  for (auto [literal, index] : {std::pair(&a, &b), std::pair(&b, &a)})
    if ((*index)->type.element == Element::Index && (*literal)->op == core::Op::Constant &&
        (*literal)->type.element == Element::Int && (*literal)->number >= 0 &&
        (*index)->type.bound->isAtLeast(static_cast<int64_t>((*literal)->number) + 1))
      *literal = builder.constant((*literal)->number, (*index)->type.withDims({}));
  if (!unifyOperands(a, b, range) || !unifyOperands(test, a, range, /*elements=*/false) ||
      !unifyOperands(test, b, range, /*elements=*/false))
    return {};
  return Value::ofNode(builder.select(test, a, b));
}

std::vector<core::Branch> Elaborator::branchesHere() const {
  // What is computed outside of the branches, such as what layers hold, knows nothing of them.
  std::vector<core::Branch> here;
  llvm::copy_if(branches, std::back_inserter(here), [&](const core::Branch &branch) {
    const core::Block *block = branch.condition->block;
    return block == program->outside || builder.block->isWithin(block);
  });
  return here;
}

void Elaborator::oblige(core::Obligation obligation) {
  llvm::copy_if(branches, std::back_inserter(obligation.branches),
                [](const core::Branch &branch) { return core::isConfigured(branch.condition); });
  program->obligations.push_back(std::move(obligation));
}

/// [Sem-If] A check stops the program in the branch that is taken alone.
core::Node *Elaborator::check(core::Node *operand, core::Node *condition, llvm::StringRef message) {
  core::Node *holds = builder.constant(1, condition->type);
  std::vector<core::Branch> here = branchesHere();
  for (const core::Branch &branch : llvm::reverse(here)) {
    core::Node *taken =
        builder.extend(const_cast<core::Node *>(branch.condition), condition->type.dims);
    condition = branch.value ? builder.select(taken, condition, holds)
                             : builder.select(taken, holds, condition);
  }
  return builder.check(operand, condition, message);
}

/// [Sem-If] The condition is one bool.
Value Elaborator::evaluateIf(const IfExpr &expr, Environment &scope) {
  Value condition = evaluate(expr.condition, scope);
  if (condition.isArray() &&
      (condition.type().element != Element::Bool || condition.type().rank() != 0)) {
    error(expr.condition->range,
          "expected one bool as the condition, found " + condition.describe())
        .advice("select(c, a, b) chooses element by element");
    condition = {};
  }
  llvm::SaveAndRestore<bool> inBranch(context.underIf, true);
  auto evaluateBranch = [&](const Expr *branch, bool taken) {
    if (condition.isArray())
      branches.push_back({nodeOf(condition), taken});
    Value value = evaluate(branch, scope);
    if (condition.isArray())
      branches.pop_back();
    return value;
  };
  Value yes = evaluateBranch(expr.thenValue, true), no = evaluateBranch(expr.elseValue, false);
  builder.range = expr.range;
  return choose(condition, yes, no, expr.range);
}

/// [Sem-Comprehension] The variables are indices below the extents.
Value Elaborator::evaluateComprehension(const ComprehensionExpr &expr, Environment &scope) {
  std::vector<Polynomial> extents;
  for (const ComprehensionExpr::Index &index : expr.indices) {
    std::optional<Polynomial> extent = evaluateDim(index.extent, &scope);
    if (!extent)
      return {};
    extents.push_back(*extent);
  }
  Environment *inner = createEnvironment(&scope);
  for (auto [index, extent] : llvm::zip_equal(expr.indices, extents)) {
    builder.range = index.name.range;
    Frame &frame = openFrame(extent, /*reverse=*/false);
    Binding *binding = declareName(index.name, *inner);
    core::Node *position = builder.convert(frame.position, {Element::Index, {}, extent});
    if (binding)
      binding->value = Value::ofNode(position);
  }
  Value value = evaluate(expr.body, *inner);
  builder.range = expr.range;
  return closeMaps(expr.indices.size(), value, expr.body->range);
}
