// Statements: parameters, states, layers, names.
#include "Frontend/Elaborator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;

Value Elaborator::elaborateBody(const Body &body, Environment &scope, bool needsResult) {
  std::optional<Value> result;
  for (const Stmt *stmt : body.stmts) {
    bool isLast = stmt == body.stmts.back();
    if (!isLast && llvm::isa<ExprStmt>(stmt)) // [Sem-Result-Last]
      error(stmt->range, "expected the value of the body to stand last, found statements after it")
          .advice("name a value with 'let', or remove it");
    elaborateStmt(stmt, scope, result);
    if (aborted)
      return {};
  }
  if (!result && needsResult) // [Sem-Result]
    return poison(body.range, "expected an expression at the end of the body, its value");
  return result.value_or(Value());
}

void Elaborator::elaborateStmt(const Stmt *stmt, Environment &scope, std::optional<Value> &result) {
  builder.range = stmt->range;
  switch (stmt->kind) {
  case NodeKind::StateStmt:
    return elaborateState(*llvm::cast<StateStmt>(stmt), scope);
  case NodeKind::ParamStmt:
    return elaborateParam(*llvm::cast<ParamStmt>(stmt), scope);
  case NodeKind::LetStmt: {
    const auto *let = llvm::cast<LetStmt>(stmt);
    return bindPattern(let->pattern, evaluate(let->value, scope), let->value->range, scope);
  }
  case NodeKind::AssignStmt:
    return elaborateAssign(*llvm::cast<AssignStmt>(stmt), scope);
  case NodeKind::LayerStmt:
    return elaborateLayer(*llvm::cast<LayerStmt>(stmt), scope);
  case NodeKind::ExprStmt:
    result = evaluate(llvm::cast<ExprStmt>(stmt)->value, scope);
    return;
  default: // [Sem-Fn-Place]
    error(stmt->range, "a fn inside of a body stands in a model only");
  }
}

/// [Sem-Name-Once] A name is given once in a scope; inner scopes may hide it.
Binding *Elaborator::declareName(const Identifier &name, Environment &scope) {
  auto [it, isNew] = scope.names.try_emplace(name.name.str());
  if (!isNew && it->second.range.isValid() && it->second.range.Start != name.range.Start) {
    error(name.range, "`" + name.name + "` is declared twice")
        .note(it->second.range, "the first one is here");
    return nullptr;
  }
  it->second = {};
  it->second.range = name.range;
  return &it->second;
}

void Elaborator::bindPattern(const Pattern &pattern, const Value &value, llvm::SMRange range,
                             Environment &scope) {
  auto bind = [&](const Identifier &name, Value part) {
    if (Binding *binding = declareName(name, scope))
      binding->value = std::move(part);
  };
  if (!pattern.isTuple)
    return bind(pattern.names.front(), value);
  size_t count = pattern.names.size();
  auto bindAll = [&](llvm::function_ref<Value(size_t)> part) {
    for (auto [i, name] : llvm::enumerate(pattern.names))
      bind(name, part(i));
  };
  if (value.isRecord() && value.fields.size() == count)
    return bindAll([&](size_t i) { return value.fields[i].second; });
  if (value.isArray() && value.type().rank() > 0) {
    const Polynomial leading = value.type().dims.front();
    if (leading.getConstant() == static_cast<int64_t>(count))
      return bindAll([&](size_t i) {
        builder.range = pattern.names[i].range;
        const std::vector<Polynomial> &dims = value.node->type.dims;
        std::vector<Polynomial> rest(dims.begin() + 1, dims.end());
        return Value::ofNode(builder.reshape(
            builder.slice(value.node, 0, static_cast<int64_t>(i), 1), std::move(rest)));
      });
  }
  if (!value.isPoison()) // [Sem-Let-Tuple]
    error(range, "expected a tuple of " + std::to_string(count) +
                     ", or an array whose leading dim is that constant, found " + value.describe())
        .note(pattern.range, "for these names");
  bindAll([](size_t) { return Value(); });
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

core::Node *Elaborator::configuredNumber(const Value &value) {
  if (!value.isArray() || value.type().element == core::Element::Bool)
    return nullptr;
  core::Node *node = nodeOf(value);
  return core::isConfigured(node) ? node : nullptr;
}

bool Elaborator::evaluateInitialiser(const ParamStmt &stmt, Environment &scope,
                                     core::Parameter &parameter) {
  llvm::SmallVector<const Expr *> arguments{stmt.init};
  parameter.initialiser = "constant";
  size_t least = 1, most = 1;
  if (stmt.isDrawn) {
    const auto *call = llvm::dyn_cast<CallExpr>(stmt.init);
    const auto *name = llvm::dyn_cast<NameExpr>(call ? call->callee : stmt.init);
    parameter.initialiser = name ? name->name.name.str() : "";
    static const std::map<std::string, std::pair<size_t, size_t>> known = {
        {"constant", {1, 1}}, {"normal", {1, 1}}, {"uniform", {2, 2}},
        {"glorot", {0, 2}},   {"he", {0, 2}},     {"orthogonal", {0, 1}}};
    auto it = known.find(parameter.initialiser);
    if (it == known.end()) { // [Sem-Param-Initialiser]
      error(stmt.init->range, "unknown initialiser `" + parameter.initialiser + "`")
          .advice("there are constant, normal, uniform, glorot, he and orthogonal");
      return false;
    }
    std::tie(least, most) = it->second;
    arguments.clear();
    if (call)
      for (const Argument &argument : call->args)
        arguments.push_back(argument.value);
    if (arguments.size() < least || arguments.size() > most) {
      error(stmt.init->range, "expected " + std::to_string(least) +
                                  (least == most ? "" : " to " + std::to_string(most)) +
                                  " numbers for the initialiser `" + parameter.initialiser +
                                  "`, found " + std::to_string(arguments.size()));
      return false;
    }
  }
  for (const Expr *argument : arguments) {
    Value value = evaluate(argument, scope);
    if (value.isPoison())
      return false;
    const core::Node *node = configuredNumber(value);
    if (!node) { // [Sem-Param-Number]
      error(argument->range,
            "expected a number that is known at compile time, found " + value.describe());
      return false;
    }
    parameter.initArguments.push_back(node);
  }
  return true;
}

void Elaborator::elaborateParam(const ParamStmt &stmt, Environment &scope) {
  std::optional<core::Type> type = evaluateType(stmt.type, &scope);
  Instance *instance = context.instance;
  bool isFunction = context.decl && context.decl->callableKind == CallableKind::Fn;
  if (isFunction || !instance) { // [Sem-Fn-Param]
    error(stmt.range, "a fn has no parameters; make it a block");
    type.reset();
  } else if (instance->function && type) {
    error(instance->site, "`" + instance->path + "` has parameters and a fn cannot hold them")
        .note(instance->function->name.range, "make this fn a block");
    type.reset();
  }
  if (type && type->element != core::Element::Float) { // [Sem-Param-Float]
    error(stmt.type->range, "expected a parameter of f32, found " + type->str());
    type.reset();
  }
  std::vector<RepeatKey> repeats;
  std::vector<Polynomial> dims;
  repeatsHere(repeats, dims);
  if (type) {
    dims.insert(dims.end(), type->dims.begin(), type->dims.end());
    for (const Polynomial &dim : dims)
      if (!dim.isStatic()) { // [Sem-Param-Dims]
        Diagnostic &report = error(stmt.type->range, "a parameter's dims are known at compile "
                                                     "time, but `" +
                                                         dim.str() + "` is a run-time length");
        noteOrigins(report, dim);
        type.reset();
        break;
      }
  }
  for (const Identifier &name : stmt.names) {
    Binding *binding = declareName(name, scope);
    if (!binding || !type)
      continue;
    auto [it, isNew] = instance->parameters.try_emplace(name.name.str());
    ParameterSlot &slot = it->second;
    if (isNew) {
      core::Parameter &parameter = program->parameters.emplace_back();
      parameter.path = instance->path + (instance->path.empty() ? "" : ".") + name.name.str();
      if (parameter.path == "__metadata__" && !trial) // [Sem-Param-Name]
        error(name.range,
              "a parameter cannot be called `__metadata__`: what a file of weights says "
              "of itself has this name");
      parameter.range = name.range;
      parameter.type = type->withDims(dims);
      slot = {&parameter, repeats};
      auto [owner, first] = parameterOwners.try_emplace(parameter.path, instance);
      if (!first && owner->second != instance) { // [Sem-Path-Once]
        // The uses of one place in two uses of a block: it is those that need names.
        const Instance *second = instance, *earlier = owner->second;
        while (second->site.Start == earlier->site.Start && second->parent && earlier->parent)
          std::tie(second, earlier) = std::pair(second->parent, earlier->parent);
        if (clashes.insert({second, earlier}).second)
          error(second->site, "a second use without a name in this scope: parameters of both "
                              "would be called `" +
                                  parameter.path + "`")
              .note(earlier->site, "the first one is here")
              .advice("name it: layer NAME = ...");
      }
      if (!evaluateInitialiser(stmt, scope, parameter))
        continue;
    } else if (slot.parameter->type.dims != dims) { // [Sem-Param-Shared]
      Diagnostic &report =
          error(instance->site, "parameter `" + slot.parameter->path + "` is " +
                                    type->withDims(dims).str() + " in this use and " +
                                    slot.parameter->type.str() + " in an earlier one");
      noteOrigins(report, dims);
      continue;
    }
    binding->kind = Binding::Parameter;
    binding->parameter = &slot;
  }
}

core::Node *Elaborator::readParameter(const ParameterSlot &slot) {
  core::Node *&argument = parameterNodes[slot.parameter];
  if (!argument)
    argument = addArgument(core::Role::Parameter, slot.parameter->path, slot.parameter->type);
  core::Node *node = argument;
  for (const RepeatKey &key : slot.repeats)
    for (const std::unique_ptr<Frame> &frame : frames)
      if (frame->key == key)
        node = slice(*frame, node);
  return node;
}

//===----------------------------------------------------------------------===//
// Layers and instances
//===----------------------------------------------------------------------===//

void Elaborator::repeatsHere(std::vector<RepeatKey> &repeats, std::vector<Polynomial> &dims) const {
  if (context.instance) {
    repeats = context.instance->repeats;
    dims = context.instance->repeatDims;
  }
  for (size_t i = context.frameBase; i < frames.size(); ++i)
    if (frames[i]->key) {
      repeats.push_back(*frames[i]->key);
      dims.push_back(frames[i]->dim);
    }
}

Instance *Elaborator::childInstance(const Callable &callable, llvm::StringRef name,
                                    const void *site, llvm::SMRange range) {
  if (callable.instance)
    return callable.instance;
  if (callable.owner)
    return callable.owner;
  Instance *parent = context.instance;
  if (!parent) {
    throwaway.push_back(std::make_unique<Instance>());
    parent = throwaway.back().get();
    parent->function = context.decl;
  }
  std::unique_ptr<Instance> &child = parent->children[site];
  if (!child) {
    child = std::make_unique<Instance>();
    child->path = parent->path + (parent->path.empty() ? "" : ".") + name.str();
    child->parent = parent;
    child->site = range;
    child->function = parent->function;
    repeatsHere(child->repeats, child->repeatDims);
  }
  return child.get();
}

void Elaborator::elaborateLayer(const LayerStmt &stmt, Environment &scope) {
  Value value = evaluate(stmt.value, scope);
  Binding *binding = declareName(stmt.name, scope);
  if (!binding || value.isPoison())
    return;
  bool isConstructor = value.isFunction() && value.function->kind == Callable::Decl &&
                       value.function->decl->callableKind != CallableKind::Fn;
  if (!isConstructor) { // [Sem-Layer]
    error(stmt.value->range, "expected a block or a cell as a layer, found " + value.describe());
    return;
  }
  if (value.function->decl->callableKind == CallableKind::Model) {
    notSupported(stmt.value->range, "a model as a layer");
    return;
  }
  auto layer = std::make_shared<Callable>(*value.function);
  layer->instance = childInstance(*layer, stmt.name.name, &stmt, stmt.range);
  layer->label = stmt.name.name.str();
  binding->value = Value::ofFunction(std::move(layer));
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

void Elaborator::elaborateState(const StateStmt &stmt, Environment &scope) {
  if (!context.decl || context.decl->callableKind != CallableKind::Cell || !context.states ||
      context.isNested) { // [Sem-State-Place]
    if (context.decl && context.decl->callableKind == CallableKind::Cell && !context.states)
      return; // The call was refused.
    if (context.decl && context.decl->callableKind == CallableKind::Block) {
      notSupported(stmt.range, "the state of a block, which lives over training steps,");
      return;
    }
    error(stmt.range, "a state stands at the top of a cell's body");
    return;
  }
  std::optional<core::Type> type;
  if (stmt.type && !(type = evaluateType(stmt.type, &scope)))
    return;
  if (!type) {
    llvm::SaveAndRestore<core::Block *> blockScope(builder.block, program->outside);
    Value value = evaluate(stmt.init, scope);
    if (value.isPoison() || !needArray(value, stmt.init->range, "the initial value of a state"))
      return;
    type = value.type();
  }
  for (const Identifier &name : stmt.names) {
    Binding *binding = declareName(name, scope);
    if (!binding)
      continue;
    auto initial = [&]() -> Value {
      builder.range = stmt.range;
      Value value = evaluate(stmt.init, scope);
      if (value.isArray() && value.type().rank() == 0 && type->rank() != 0) {
        value = coerce(value, type->withDims({}), stmt.init->range,
                       "the initial value of `" + name.name + "`",
                       stmt.type ? stmt.type->range : llvm::SMRange());
        return value.isPoison() ? value : Value::ofNode(builder.extend(nodeOf(value), type->dims));
      }
      value = coerce(value, *type, stmt.init->range, "the initial value of `" + name.name + "`",
                     stmt.type ? stmt.type->range : llvm::SMRange());
      return value.isPoison() ? value : Value::ofNode(nodeOf(value));
    };
    StateVariable *variable = nullptr;
    for (const auto &[own, earlier] : context.states->own)
      if (own == name.name)
        variable = earlier;
    if (!variable) {
      variable = addState(name.name, *type, name.range, initial);
      if (!variable)
        continue;
      context.states->own.emplace_back(name.name.str(), variable);
    }
    binding->kind = Binding::State;
    binding->state = variable;
  }
}

core::Node *Elaborator::readState(StateVariable &state, bool primed, llvm::SMRange range) {
  if (frames.size() < host->level) { // [Sem-State-Initial]
    error(range, "the initial value of a state is evaluated once, before the steps, and cannot "
                 "depend on another state");
    return nullptr;
  }
  if (!primed) {
    size_t level = std::min(frames.size() - host->level, state.nodes.size() - 1);
    return state.nodes[level];
  }
  if (state.next)
    return state.next;
  // [Sem-Prime-Read]
  error(range, "the next value of `" + state.path + "` is read before it is assigned")
      .note(state.range, "the state is declared here");
  return nullptr;
}

void Elaborator::elaborateAssign(const AssignStmt &stmt, Environment &scope) {
  Value value = evaluate(stmt.value, scope);
  const Binding *binding = scope.lookup(stmt.name.name.str());
  if (!binding || binding->kind != Binding::State) { // [Sem-Prime-State]
    if (!binding || binding->value.isArray() || binding->value.isFunction())
      error(stmt.name.range,
            "expected a state of this cell before the prime, found `" + stmt.name.name + "`");
    return;
  }
  StateVariable &state = *binding->state;
  if (context.isNested) { // [Sem-Prime-Top]
    error(stmt.name.range, "a state is assigned at the top of a cell's body");
    return;
  }
  if (state.assigned.isValid()) { // [Sem-Prime-Once]
    error(stmt.name.range, "the next value of `" + stmt.name.name + "` is assigned twice")
        .note(state.assigned, "the first one is here");
    return;
  }
  state.assigned = stmt.name.range;
  builder.range = stmt.range;
  if (value.isArray() && value.type().rank() == 0 && state.type.rank() != 0)
    if (core::Node *node = nodeOf(value); node->type.element == state.type.element)
      value = Value::ofNode(builder.extend(node, state.type.dims));
  value = coerce(value, state.type, stmt.value->range, "the next value of `" + stmt.name.name + "`",
                 state.range);
  state.next = value.isPoison() ? state.nodes.back() : nodeOf(value);
}
