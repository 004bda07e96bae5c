// Types and dims: evaluation of what is declared, unification with what is given.
#include "Frontend/Elaborator.h"

#include "llvm/ADT/StringSwitch.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

std::optional<Element> Elaborator::elementOf(const Identifier &name) {
  auto element = llvm::StringSwitch<std::optional<Element>>(name.name)
                     .Case("f32", Element::Float)
                     .Case("int", Element::Int)
                     .Case("bool", Element::Bool)
                     .Default(std::nullopt);
  if (!element)
    error(name.range, "unknown type `" + name.name + "`") // [Sem-Element]
        .advice("types are f32, int, bool and idx<D>; precision is chosen when the model is "
                "compiled");
  return element;
}

/// [Sem-Dim-Linear] A dim is linear in run-time lengths, and divides them by constants only.
/// [Sem-Size] Its numbers are no larger than arrays are, so that arithmetic at run time is exact.
bool Elaborator::checkDim(const Polynomial &dim, llvm::SMRange range) {
  constexpr int64_t largest = int64_t(1) << 40;
  for (const auto &[product, coefficient] : dim.getTerms()) {
    if (std::abs(coefficient.numerator) > largest || coefficient.denominator > largest) {
      error(range, "expected a size or a position of at most 2^40, found `" + dim.str() + "`");
      return false;
    }
    unsigned atRunTime = 0;
    for (const Atom *atom : product) {
      atRunTime += !atom->isStatic();
      if (atom->kind == Atom::Quotient && !atom->isStatic() && !atom->denominator.getConstant())
        error(range,
              "a run-time length can be divided by a constant only, found `" + atom->name + "`");
    }
    if (atRunTime > 1)
      error(range, "a dim cannot be a product of run-time lengths, found `" + dim.str() + "`");
  }
  return true;
}

std::optional<Polynomial> Elaborator::evaluateDim(const Expr *expr, Environment *scope,
                                                  bool mayBeZero) {
  Value value = evaluate(expr, *scope);
  if (value.isPoison())
    return std::nullopt;
  if (!value.isArray() || !value.known) { // [Sem-Dim]
    error(expr->range, "expected a size: configuration, the name of a dim or an `int` argument, "
                       "found " +
                           value.describe());
    return std::nullopt;
  }
  std::optional<int64_t> constant = value.known->getConstant();
  if (constant && *constant < (mayBeZero ? 0 : 1)) { // [Sem-Dim-Positive]
    error(expr->range, "expected a positive size, found " + std::to_string(*constant));
    return std::nullopt;
  }
  if (!checkDim(*value.known, expr->range))
    return std::nullopt;
  if (!constant && !mayBeZero && value.known->isStatic())
    oblige({core::Obligation::Positive, *value.known, 1, expr->range, {}});
  return value.known;
}

std::optional<core::Type> Elaborator::evaluateType(const TypeExpr *type, Environment *scope) {
  core::Type result;
  llvm::ArrayRef<Expr *> dims;
  if (const auto *array = llvm::dyn_cast<ArrayType>(type)) {
    std::optional<Element> element = elementOf(array->element);
    if (!element)
      return std::nullopt;
    result.element = *element;
    dims = array->dims;
  } else if (const auto *index = llvm::dyn_cast<IndexType>(type)) {
    result.element = Element::Index;
    result.bound = evaluateDim(index->bound, scope);
    if (!result.bound)
      return std::nullopt;
    dims = index->dims;
  } else if (const auto *like = llvm::dyn_cast<LikeType>(type)) {
    Value value = evaluate(like->value, *scope);
    if (value.isPoison() || !needArray(value, like->range, "the value after `like`"))
      return std::nullopt;
    return value.type();
  } else {
    notSupported(type->range, "a record here");
    return std::nullopt;
  }
  bool failed = false;
  for (const Expr *dim : dims) {
    std::optional<Polynomial> size = evaluateDim(dim, scope);
    failed |= !size;
    result.dims.push_back(size.value_or(1));
  }
  return failed ? std::nullopt : std::optional(result);
}

std::optional<size_t> Elaborator::declaredRank(const TypeExpr *type) {
  if (const auto *array = llvm::dyn_cast_if_present<ArrayType>(type))
    return array->dims.size();
  if (const auto *index = llvm::dyn_cast_if_present<IndexType>(type))
    return index->dims.size();
  return std::nullopt;
}

/// [Sem-Dim-Free] A name in a signature that stands for nothing (functions aside) is a free dim.
bool Elaborator::isFreeDim(const Expr *expr, Environment &scope) const {
  const auto *name = llvm::dyn_cast<NameExpr>(expr);
  if (!name || name->primed)
    return false;
  const Binding *binding = scope.lookup(name->name.name.str());
  return !binding || (binding->kind == Binding::Plain && binding->value.isFunction());
}

void Elaborator::bindFreeDims(const TypeExpr *type, const Value &actual, Environment &scope) {
  auto bind = [&](const Expr *expr, const Polynomial &dim) {
    if (!isFreeDim(expr, scope))
      return;
    const Identifier &name = llvm::cast<NameExpr>(expr)->name;
    Binding &binding = scope.names[name.name.str()];
    binding = {};
    binding.value = Value::ofInt(dim);
    binding.range = name.range;
  };
  if (const auto *record = llvm::dyn_cast_if_present<RecordType>(type)) {
    for (auto [i, field] : llvm::enumerate(record->fields))
      if (actual.isRecord() && i < actual.fields.size())
        bindFreeDims(field.type, actual.fields[i].second, scope);
    return;
  }
  if (!type || !actual.isArray())
    return;
  core::Type given = actual.type();
  llvm::ArrayRef<Expr *> dims;
  if (const auto *array = llvm::dyn_cast<ArrayType>(type))
    dims = array->dims;
  if (const auto *index = llvm::dyn_cast<IndexType>(type)) {
    dims = index->dims;
    if (given.bound)
      bind(index->bound, *given.bound);
  }
  if (dims.size() == given.rank())
    for (auto [expr, dim] : llvm::zip_equal(dims, given.dims))
      bind(expr, dim);
}

void Elaborator::noteOrigins(Diagnostic &diagnostic, llvm::ArrayRef<Polynomial> dims) {
  llvm::SmallVector<const Atom *> seen;
  for (const Polynomial &dim : dims)
    for (const Atom *atom : dim.getAtoms()) {
      if (llvm::is_contained(seen, atom) || atom->isComposite() || !atom->origin.isValid())
        continue;
      seen.push_back(atom);
      diagnostic.note(atom->origin, "`" + atom->name + "` comes from here");
    }
}

Value Elaborator::coerce(const Value &value, const core::Type &type, llvm::SMRange range,
                         const llvm::Twine &what, llvm::SMRange declared) {
  if (value.isPoison())
    return value;
  if (!value.isArray())
    return poison(range,
                  "expected " + what + " to be " + type.str() + ", found " + value.describe());
  core::Type given = value.type();
  auto mismatch = [&](const llvm::Twine &text) -> Diagnostic & {
    Diagnostic &report = error(range, text);
    if (declared.isValid())
      report.note(declared, "declared here");
    return report;
  };
  if (given.rank() != type.rank()) { // [Sem-Rank]
    mismatch("expected " + what + " to be " + type.str() + ", found " + given.str());
    return {};
  }
  for (auto [axis, pair] : llvm::enumerate(llvm::zip_equal(given.dims, type.dims))) {
    auto [found, expected] = pair;
    if (found == expected)
      continue;
    // [Sem-Dim-Clash]
    Diagnostic &report = mismatch("expected dim " + std::to_string(axis) + " of " + what +
                                  " to be `" + expected.str() + "`, found `" + found.str() + "`");
    noteOrigins(report, {expected, found});
    return {};
  }
  if (given == type)
    return value;
  if (type.element == Element::Float && given.element != Element::Bool)
    return Value::ofNode(asFloat(nodeOf(value)));
  if (type.element == Element::Int && given.element == Element::Index)
    return Value::ofNode(builder.convert(nodeOf(value), type));
  if (type.element == Element::Index) {
    // [Sem-Index-Literal] A literal is an index where it is below the bound for certain.
    if (value.known && value.known->getConstant() && *value.known->getConstant() >= 0 &&
        type.bound->isAtLeast(*value.known->getConstant() + 1))
      return Value::ofNode(
          builder.constant(static_cast<double>(*value.known->getConstant()), type));
    std::string found = value.known ? value.known->str() : given.str();
    Diagnostic &report = mismatch("expected " + what + " to be " + type.str() + ", found " + found);
    if (given.element == Element::Index)
      noteOrigins(report, {*type.bound, *given.bound});
    else if (value.known && value.known->getConstant())
      report.advice("a literal is an index where it is surely 0 or more and below the bound");
    else // [Sem-Index]
      report.advice("only inputs, argmax, sample, range, comprehension variables and clip make "
                    "indices");
    return {};
  }
  mismatch("expected " + what + " to be " + type.str() + ", found " + given.str());
  return {};
}

Value Elaborator::coerceTo(const Value &value, const TypeExpr *type, Environment *scope,
                           llvm::SMRange range, const llvm::Twine &what) {
  if (value.isPoison())
    return value;
  if (const auto *record = llvm::dyn_cast<RecordType>(type)) {
    if (!value.isRecord() || value.fields.size() != record->fields.size())
      return poison(range, "expected " + what + " to be a record of " +
                               std::to_string(record->fields.size()) + " fields, found " +
                               value.describe());
    Value result = value;
    for (auto [field, declared] : llvm::zip_equal(result.fields, record->fields)) {
      if (declared.name && declared.name.name != field.first)
        return poison(range, "expected " + what + " to have the field `" + declared.name.name +
                                 "`, found `" + field.first + "`");
      field.second = coerceTo(field.second, declared.type, scope, range,
                              "field `" + field.first + "` of " + what);
      if (field.second.isPoison())
        return {};
    }
    return result;
  }
  std::optional<core::Type> declared = evaluateType(type, scope);
  if (!declared)
    return {};
  // An int argument keeps what is known of it.
  return coerce(value, *declared, range, what, type->range);
}
