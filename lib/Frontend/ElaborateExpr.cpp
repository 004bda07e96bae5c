// Expressions: which there are, names, and the nodes of values.
#include "Frontend/Elaborator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

Value Elaborator::evaluate(const Expr *expr, Environment &scope) {
  if (aborted)
    return {};
  llvm::SaveAndRestore<unsigned> deeper(nesting, nesting + 1);
  builder.range = expr->range;
  switch (expr->kind) {
  case NodeKind::IntExpr:
    return knownInt(llvm::cast<IntExpr>(expr)->value, expr->range);
  case NodeKind::FloatExpr:
    return Value::ofNode(
        builder.constant(llvm::cast<FloatExpr>(expr)->value, {Element::Float, {}, {}}));
  case NodeKind::BoolExpr:
    return Value::ofNode(
        builder.constant(llvm::cast<BoolExpr>(expr)->value ? 1 : 0, {Element::Bool, {}, {}}));
  case NodeKind::StringExpr:
    return Value::ofText(llvm::cast<StringExpr>(expr)->value);
  case NodeKind::NameExpr:
    return evaluateName(*llvm::cast<NameExpr>(expr), scope);
  case NodeKind::FieldExpr:
    return evaluateField(*llvm::cast<FieldExpr>(expr), scope);
  case NodeKind::UnaryExpr:
    return evaluateUnary(*llvm::cast<UnaryExpr>(expr), scope);
  case NodeKind::BinaryExpr:
    return evaluateBinary(*llvm::cast<BinaryExpr>(expr), scope);
  case NodeKind::CallExpr:
    return evaluateCall(*llvm::cast<CallExpr>(expr), scope);
  case NodeKind::GenericExpr:
    return evaluateGeneric(*llvm::cast<GenericExpr>(expr), scope);
  case NodeKind::IndexExpr:
    return evaluateIndex(*llvm::cast<IndexExpr>(expr), scope);
  case NodeKind::ComprehensionExpr:
    return evaluateComprehension(*llvm::cast<ComprehensionExpr>(expr), scope);
  case NodeKind::IfExpr:
    return evaluateIf(*llvm::cast<IfExpr>(expr), scope);
  case NodeKind::UnrollExpr:
    return evaluateUnroll(*llvm::cast<UnrollExpr>(expr), scope);
  case NodeKind::RepeatExpr:
    return evaluateRepeat(*llvm::cast<RepeatExpr>(expr), scope);
  case NodeKind::TupleExpr: {
    std::vector<Field> fields;
    for (const Expr *item : llvm::cast<TupleExpr>(expr)->items) {
      fields.emplace_back("", evaluate(item, scope));
      if (fields.back().second.isPoison())
        return {};
    }
    return Value::ofFields(std::move(fields));
  }
  case NodeKind::RecordExpr: {
    std::vector<Field> fields;
    for (const Argument &field : llvm::cast<RecordExpr>(expr)->fields) {
      fields.emplace_back(field.name.name.str(), evaluate(field.value, scope));
      if (fields.back().second.isPoison())
        return {};
    }
    return Value::ofFields(std::move(fields));
  }
  case NodeKind::ListExpr: // [Sem-List]
    return poison(expr->range, "a list stands only as a shape: reshape(x, [T, d])");
  case NodeKind::WithExpr:
    return notSupported(expr->range, "`with`");
  case NodeKind::WhereExpr:
    return notSupported(expr->range, "`where`");
  case NodeKind::LambdaExpr:
    return poison(expr->range, "a function `x => e` stands only as an argument of a call");
  default:
    return poison(expr->range, "a slice stands only between the brackets of an index");
  }
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// A known name that differs in a letter or two, or nothing.
std::string Elaborator::similarName(llvm::StringRef name, const Environment &scope) {
  unsigned limit = name.size() < 3 ? 0 : name.size() < 4 ? 1 : 2;
  std::string best;
  auto consider = [&](const std::string &known) {
    unsigned distance = name.edit_distance(known, /*AllowReplacements=*/true, limit);
    if (distance > limit || distance == 0)
      return;
    limit = distance - 1;
    best = known;
  };
  for (const Environment *level = &scope; level; level = level->parent)
    for (const auto &[known, binding] : level->names)
      consider(known);
  for (const auto &[known, handler] : handlers())
    consider(known);
  return best;
}

Value Elaborator::evaluateName(const NameExpr &expr, Environment &scope) {
  std::string name = expr.name.name.str();
  const Binding *binding = scope.lookup(name);
  if (!binding) {
    if (!expr.primed && isBuiltin(name)) {
      auto callable = std::make_shared<Callable>();
      callable->kind = Callable::Builtin;
      callable->builtin = name;
      return Value::ofFunction(std::move(callable));
    }
    for (const char *later : {"batch", "batch_index", "training", "custom_grad", "beam"})
      if (name == later)
        return notSupported(expr.range, "`" + name + "`");
    Diagnostic &report = error(expr.range, "unknown name `" + name + "`"); // [Sem-Name]
    if (std::string similar = similarName(name, scope); !similar.empty())
      report.advice("did you mean `" + similar + "`?");
    return {};
  }
  if (binding->kind == Binding::State) {
    core::Node *node = readState(*binding->state, expr.primed, expr.range);
    return node ? Value::ofNode(node) : Value();
  }
  if (expr.primed) // [Sem-Prime-State]
    return poison(expr.range,
                  "expected a state of this cell before the prime, found `" + name + "`");
  if (binding->kind == Binding::Parameter) {
    if (!function) // [Sem-Outside]
      return poison(expr.range, "the value of a parameter is not known here");
    return Value::ofNode(readParameter(*binding->parameter));
  }
  return binding->value;
}

Value Elaborator::evaluateField(const FieldExpr &expr, Environment &scope) {
  // [Sem-Layer-State] `r.h` is a layer's state before the step, `r.h'` after its call.
  if (const auto *name = llvm::dyn_cast<NameExpr>(expr.base)) {
    const Binding *binding = scope.lookup(name->name.name.str());
    bool isLayer =
        binding && binding->value.isFunction() && !binding->value.function->label.empty();
    if (isLayer) {
      const std::string &label = binding->value.function->label;
      for (const Stmt *stmt : binding->value.function->decl->body->stmts)
        if (const auto *param = llvm::dyn_cast<ParamStmt>(stmt))
          for (const Identifier &own : param->names)
            if (own.name == expr.field.name)
              return poison(expr.field.range, "`" + expr.field.name + "` is a parameter of `" +
                                                  label + "`, which only its own body reads");
      CellStates *states = nullptr;
      if (context.states)
        for (auto &[child, of] : context.states->children)
          if (child == label)
            states = of.get();
      if (!states && context.states && !expr.primed)
        states = declareStates(*binding->value.function, expr.range);
      if (!states)
        return poison(expr.range, "the state of `" + label + "` is known after its call only");
      for (auto &[own, variable] : states->own)
        if (own == expr.field.name) {
          if (!expr.primed)
            return Value::ofNode(readState(*variable, false, expr.range));
          return Value::ofNode(variable->next ? variable->next
                                              : readState(*variable, false, expr.range));
        }
      return poison(expr.field.range, "`" + label + "` has no state `" + expr.field.name + "`");
    }
  }
  Value base = evaluate(expr.base, scope);
  if (base.isPoison())
    return base;
  if (expr.primed)
    return poison(expr.field.range, "expected a state of a layer before the prime");
  if (base.isRecord())
    if (const Value *field = base.find(expr.field.name))
      return *field;
  // [Sem-Field]
  return poison(expr.field.range, "expected a record with the field `" + expr.field.name +
                                      "`, found " + base.describe());
}

/// Makes the states of a layer that are read before its call, as far as their types follow from its
/// generic arguments.
CellStates *Elaborator::declareStates(const Callable &layer, llvm::SMRange range) {
  const CallableDecl &decl = *layer.decl;
  if (decl.callableKind != CallableKind::Cell)
    return nullptr;
  Environment *scope = createEnvironment(layer.environment);
  for (const auto &[name, value] : layer.generics)
    scope->names[name].value = value;
  context.states->children.emplace_back(layer.label, std::make_unique<CellStates>());
  CellStates *states = context.states->children.back().second.get();
  states->isAhead = true;
  BodyContext inner = context;
  inner.decl = &decl;
  inner.states = states;
  inner.statePath = context.statePath + layer.label + ".";
  inner.isNested = false;
  llvm::SaveAndRestore<BodyContext> contextScope(context, inner);
  for (const Stmt *stmt : decl.body->stmts)
    if (const auto *state = llvm::dyn_cast<StateStmt>(stmt))
      elaborateState(*state, *scope);
  return states;
}

Value Elaborator::evaluateGeneric(const GenericExpr &expr, Environment &scope) {
  Value base = evaluateName(*expr.base, scope);
  if (base.isPoison())
    return base;
  if (!base.isFunction() || base.function->kind != Callable::Decl) {
    if (trial && base.known)
      aborted = true;
    return poison(expr.base->range,
                  "expected a fn, block, cell or model before `<`, found " + base.describe());
  }
  auto callable = std::make_shared<Callable>(*base.function);
  llvm::ArrayRef<GenericParam> params = callable->decl->generics;
  size_t position = 0;
  bool failed = false;
  for (const Argument &argument : expr.args) {
    const GenericParam *param = nullptr;
    if (argument.name) {
      const auto *it = llvm::find_if(params, [&](const GenericParam &candidate) {
        return candidate.name.name == argument.name.name;
      });
      param = it == params.end() ? nullptr : it;
    } else if (position < params.size()) {
      param = &params[position++];
    }
    if (!param) { // [Sem-Generic-Arguments]
      error(argument.name ? argument.name.range : argument.value->range,
            callable->describe() + " has no such generic argument")
          .note(callable->decl->name.range, "it is declared here");
      return {};
    }
    Value value = evaluate(argument.value, scope);
    if (value.isPoison()) {
      failed = true;
      continue;
    }
    if (!value.isFunction() && !value.known) { // [Sem-Generic-Argument]
      error(argument.value->range, "expected an integer or a function that is known at compile "
                                   "time, found " +
                                       value.describe());
      failed = true;
      continue;
    }
    bool wantsInt = param->kind == GenericKind::Int;
    bool wantsFunction = param->kind != GenericKind::Int && param->kind != GenericKind::Unmarked;
    if ((wantsInt && value.isFunction()) || (wantsFunction && !value.isFunction())) {
      error(argument.value->range, "expected " + spelling(param->kind) + " for `" +
                                       param->name.name + "`, found " + value.describe());
      failed = true;
      continue;
    }
    callable->generics[param->name.name.str()] = std::move(value);
  }
  return failed ? Value() : Value::ofFunction(std::move(callable));
}

//===----------------------------------------------------------------------===//
// Nodes of values
//===----------------------------------------------------------------------===//

core::Node *Elaborator::nodeOf(const Value &value) {
  return value.node ? value.node : builder.length(*value.known);
}

core::Node *Elaborator::asFloat(core::Node *node) {
  return builder.convert(node, node->type.withElement(Element::Float));
}

bool Elaborator::needArray(const Value &value, llvm::SMRange range, const llvm::Twine &what) {
  if (value.isArray())
    return true;
  if (!value.isPoison()) // [Sem-Array]
    error(range, "expected " + what + " to be an array, found " + value.describe());
  return false;
}

static Element common(Element lhs, Element rhs) {
  if (lhs == rhs)
    return lhs;
  if (lhs == Element::Float || rhs == Element::Float)
    return Element::Float;
  return Element::Int;
}

/// [Sem-Broadcast] A scalar operator is mapped over leading dims: the dims of one operand begin
/// with all dims of the other, which is held along the rest.
bool Elaborator::unifyOperands(core::Node *&lhs, core::Node *&rhs, llvm::SMRange range,
                               bool elements) {
  if (elements && lhs->type.element != rhs->type.element) {
    if (lhs->type.element == Element::Bool || rhs->type.element == Element::Bool) {
      error(range, "expected both operands to be numbers, or both bool, found " + lhs->type.str() +
                       " and " + rhs->type.str()); // [Sem-Element-Clash]
      return false;
    }
    Element element = common(lhs->type.element, rhs->type.element);
    lhs = builder.convert(lhs, lhs->type.withElement(element));
    rhs = builder.convert(rhs, rhs->type.withElement(element));
  } else if (elements && lhs->type.element == Element::Index &&
             lhs->type.bound != rhs->type.bound) {
    lhs = builder.convert(lhs, lhs->type.withElement(Element::Int));
    rhs = builder.convert(rhs, rhs->type.withElement(Element::Int));
  }
  const std::vector<Polynomial> &left = lhs->type.dims, &right = rhs->type.dims;
  size_t shared = std::min(left.size(), right.size());
  for (size_t axis = 0; axis < shared; ++axis)
    if (!(left[axis] == right[axis])) {
      Diagnostic &report =
          error(range, "expected dims that agree, found `" + left[axis].str() + "` and `" +
                           right[axis].str() + "` as dim " + std::to_string(axis) + " of " +
                           lhs->type.str() + " and " + rhs->type.str());
      noteOrigins(report, {left[axis], right[axis]});
      return false;
    }
  std::vector<Polynomial> dims = left.size() > right.size() ? left : right;
  lhs = builder.extend(lhs, dims);
  rhs = builder.extend(rhs, dims);
  return true;
}
