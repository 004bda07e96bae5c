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

/// [Sem-If] Both branches are computed; the condition is one bool.
Value Elaborator::evaluateIf(const IfExpr &expr, Environment &scope) {
  Value condition = evaluate(expr.condition, scope);
  if (condition.isArray() &&
      (condition.type().element != Element::Bool || condition.type().rank() != 0)) {
    error(expr.condition->range,
          "expected one bool as the condition, found " + condition.describe())
        .advice("select(c, a, b) chooses element by element");
    condition = {};
  }
  llvm::SaveAndRestore<bool> branch(context.underIf, true);
  Value yes = evaluate(expr.thenValue, scope), no = evaluate(expr.elseValue, scope);
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
