// grad(e, v), and cells as values: init(c), step(c, s, x).
#include "Frontend/Elaborator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

namespace {
/// Computes a value again with other values in place of some: copies every node that depends on
/// them, and shares the rest. A copy is made once and stands where every use of it can see it: what
/// a copied body computes stands in the copy of that body, and everything else in `root`, also
/// where a copied body is what asks for it first.
class Recompute {
public:
  Recompute(core::Builder &builder, std::map<core::Node *, core::Node *> replacements)
      : builder(builder), root(builder.block), copies(std::move(replacements)) {}

  core::Node *get(core::Node *node) {
    if (auto it = copies.find(node); it != copies.end())
      return it->second;
    if (!depends(node))
      return node;
    llvm::SaveAndRestore<core::Block *> blockScope(builder.block, root);
    std::vector<core::Node *> operands;
    for (core::Node *operand : node->operands)
      operands.push_back(get(operand));
    core::Node *copy = builder.createDetached(node->op, node->type, operands);
    core::Block *body = node->body;
    *copy = *node;
    copy->operands = std::move(operands);
    if (body)
      copy->body = cloneBody(body, copy);
    builder.append(copy);
    return copies[node] = copy;
  }

private:
  core::Block *cloneBody(core::Block *body, core::Node *owner) {
    core::Block *clone = builder.createBlock(builder.block, owner);
    llvm::SaveAndRestore<core::Block *> blockScope(builder.block, clone);
    for (core::Node *argument : body->arguments) {
      clone->arguments.push_back(builder.argument(clone, argument->type));
      copies[argument] = clone->arguments.back();
    }
    for (core::Node *node : body->nodes) {
      // Inside of a copied loop everything is copied, in order.
      std::vector<core::Node *> operands;
      for (core::Node *operand : node->operands)
        operands.push_back(get(operand));
      core::Node *copy = builder.createDetached(node->op, node->type, operands);
      core::Block *inner = node->body;
      *copy = *node;
      copy->operands = std::move(operands);
      if (inner)
        copy->body = cloneBody(inner, copy);
      builder.append(copy);
      copies[node] = copy;
    }
    for (core::Node *result : body->results)
      clone->results.push_back(get(result));
    return clone;
  }

  bool depends(core::Node *node) {
    if (copies.count(node))
      return true;
    auto [it, isNew] = known.try_emplace(node, false);
    if (!isNew)
      return it->second;
    bool result =
        llvm::any_of(node->operands, [&](core::Node *operand) { return depends(operand); });
    if (!result && node->body)
      result = dependsInside(node->body);
    return known[node] = result;
  }
  bool dependsInside(core::Block *body) {
    return llvm::any_of(body->nodes, [&](core::Node *node) { return depends(node); }) ||
           llvm::any_of(body->results, [&](core::Node *node) { return depends(node); });
  }

  core::Builder &builder;
  core::Block *root;
  std::map<core::Node *, core::Node *> copies;
  std::map<core::Node *, bool> known;
};
} // namespace

/// [Sem-Grad] The gradient of a scalar with respect to a name: a value, a parameter, or a record.
Value Elaborator::builtinGrad(BuiltinCall &call) {
  if (!expectArguments(call, 2, 2))
    return {};
  const Expr *by = call.expr->args[1].value;
  const auto *name = llvm::dyn_cast<NameExpr>(by);
  const auto *field = llvm::dyn_cast<FieldExpr>(by);
  if (!name && !field)
    return poison(by->range, "expected the name of a value to differentiate by");
  Value value = call.positional[0].value;
  if (!value.isArray() || value.type().rank() != 0 || value.type().element != Element::Float)
    return poison(call.positional[0].range,
                  "expected one f32 to differentiate, found " + value.describe());
  Value wanted = evaluate(by, *call.scope);
  if (wanted.isPoison())
    return {};
  bool floats = onlyArrays(wanted);
  mapLeaves(wanted, [&](core::Node *node) {
    floats &= node->type.element == Element::Float;
    return node;
  });
  if (!floats) // [Sem-Grad-Float]
    return poison(by->range, "expected f32 to differentiate by, found " + wanted.describe());

  builder.range = call.range;
  core::Node *grad = builder.createDetached(core::Op::Grad, {});
  grad->body = builder.createBlock(builder.block, grad);
  std::map<core::Node *, core::Node *> replacements;
  mapLeaves(wanted, [&](core::Node *node) {
    grad->operands.push_back(node);
    grad->body->arguments.push_back(builder.argument(grad->body, node->type));
    replacements.try_emplace(node, grad->body->arguments.back());
    return node;
  });
  {
    llvm::SaveAndRestore<core::Block *> blockScope(builder.block, grad->body);
    Recompute recompute(builder, std::move(replacements));
    grad->body->results.push_back(recompute.get(value.node));
  }
  builder.append(grad);
  unsigned next = 0;
  return mapLeaves(wanted,
                   [&](core::Node *node) { return builder.result(grad, next++, node->type); });
}

/// [Sem-Init] `init(c)` is a record of a cell's states as they start, with those of its layers.
/// Their types follow from its generic arguments alone.
Value Elaborator::builtinInit(BuiltinCall &call) {
  if (!expectArguments(call, 1, 1))
    return {};
  const Value &cell = call.positional[0].value;
  bool isCell = cell.isFunction() && cell.function->kind == Callable::Decl &&
                cell.function->decl->callableKind == CallableKind::Cell;
  if (!isCell)
    return poison(call.positional[0].range, "expected a cell, found " + cell.describe());
  StateHost own;
  own.level = frames.size();
  own.add = [&](StateVariable &, const core::Type &,
                llvm::function_ref<Value()> initial) -> core::Node * {
    Value value = initial();
    return value.isArray() ? value.node : nullptr;
  };
  llvm::SaveAndRestore<StateHost *> hostScope(host, &own);
  return initialState(*cell.function);
}

Value Elaborator::initialState(const Callable &cell) {
  const CallableDecl &decl = *cell.decl;
  Environment *scope = createEnvironment(cell.environment);
  for (const GenericParam &param : decl.generics) {
    auto it = cell.generics.find(param.name.name.str());
    if (it != cell.generics.end())
      scope->names[it->first].value = it->second;
    else if (param.defaultValue)
      scope->names[param.name.name.str()].value = evaluate(param.defaultValue, *scope);
  }
  CellStates states;
  BodyContext inner;
  inner.decl = &decl;
  inner.states = &states;
  inner.site = context.site + "/init";
  llvm::SaveAndRestore<BodyContext> contextScope(context, inner);
  std::vector<Field> layers;
  for (const Stmt *stmt : decl.body->stmts) {
    if (const auto *state = llvm::dyn_cast<StateStmt>(stmt))
      elaborateState(*state, *scope);
    const auto *layer = llvm::dyn_cast<LayerStmt>(stmt);
    Value value = layer ? evaluate(layer->value, *scope) : Value();
    if (value.isFunction() && value.function->kind == Callable::Decl &&
        value.function->decl->callableKind == CallableKind::Cell)
      layers.emplace_back(layer->name.name.str(), initialState(*value.function));
  }
  Value record =
      stateRecord(states, [](const StateVariable &variable) { return variable.nodes.front(); });
  record.fields.insert(record.fields.end(), layers.begin(), layers.end());
  return record;
}

/// [Sem-Step] `step(c, s, x)` is the output and the next state, from the state s.
Value Elaborator::builtinStep(BuiltinCall &call) {
  if (!expectArguments(call, 2, SIZE_MAX))
    return {};
  const Value &cell = call.positional[0].value, &state = call.positional[1].value;
  if (!cell.isFunction() || !state.isRecord())
    return poison(call.range, "expected a cell, a record of its state, and its arguments");
  StateHost own;
  own.level = frames.size();
  core::Block *outside = builder.block;
  own.add = [&](StateVariable &variable, const core::Type &type,
                llvm::function_ref<Value()>) -> core::Node * {
    // The cell may be mapped inside; the state before the step is one value around those loops.
    llvm::SaveAndRestore<core::Block *> blockScope(builder.block, outside);
    const Value *from = findState(state, variable.path);
    if (!from) {
      error(call.positional[1].range, "expected the state `" + variable.path + "` in the record");
      return nullptr;
    }
    Value value = coerce(*from, type, call.positional[1].range, "the state `" + variable.path + "`",
                         variable.range);
    return value.isPoison() ? nullptr : nodeOf(value);
  };
  CellStates root;
  std::vector<CallArgument> arguments(call.positional.begin() + 2, call.positional.end());
  Value output;
  {
    llvm::SaveAndRestore<StateHost *> hostScope(host, &own);
    llvm::SaveAndRestore<CellStates *> statesScope(context.states, &root);
    llvm::SaveAndRestore<std::string> pathScope(context.statePath, "");
    llvm::SaveAndRestore<bool> rootScope(hostRoot, true);
    output = this->call(*cell.function, std::move(arguments), call.expr->args[0].value, call.range);
  }
  if (output.isPoison())
    return {};
  Value next = stateRecord(root, [](const StateVariable &variable) {
    return variable.next ? variable.next : variable.nodes.front();
  });
  return Value::ofFields({{"", std::move(output)}, {"", std::move(next)}});
}
