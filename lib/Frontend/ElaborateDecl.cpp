// Modules, definitions checked on their own, models and their entry points.
#include "Frontend/Elaborator.h"
#include "Frontend/Library.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

std::unique_ptr<core::Program> rondo::analyze(const Modules &modules, Diagnostics &diagnostics) {
  return Elaborator(modules, diagnostics).run();
}

Elaborator::Elaborator(const Modules &modules, Diagnostics &diagnostics)
    : modules(modules), diagnostics(diagnostics), program(std::make_unique<core::Program>()),
      builder(*program) {}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

Diagnostic &Elaborator::error(llvm::SMRange range, const llvm::Twine &text) {
  bool isKept = silenced == 0 && !trial;
  std::deque<Diagnostic> &list = silenced == 0 && trial ? *trial : suppressed;
  if (!isKept)
    list.emplace_back(Diagnostic::Severity::Error, range, text);
  Diagnostic &report = isKept ? diagnostics.error(range, text) : list.back();
  // What goes wrong inside of another file's definition was asked for in this one.
  const llvm::SourceMgr &sources = diagnostics.getSources();
  auto isMain = [&](llvm::SMRange place) {
    return place.isValid() &&
           sources.FindBufferContainingLoc(place.Start) == sources.getMainFileID();
  };
  if (range.isValid() && !isMain(range))
    for (const Use &use : llvm::reverse(uses))
      if (isMain(use.range)) {
        report.note(use.range, "in this use of " + use.callee);
        break;
      }
  return report;
}

Value Elaborator::poison(llvm::SMRange range, const llvm::Twine &text) {
  error(range, text);
  return {};
}

Value Elaborator::notSupported(llvm::SMRange range, const llvm::Twine &what) {
  return poison(range, what + " is not supported yet");
}

std::string Value::describe() const {
  switch (kind) {
  case Poison:
    return "an error";
  case Array:
    return type().str();
  case Function:
    return function->describe();
  case Text:
    return "text";
  case Record: {
    std::string text = "(";
    for (const auto &[name, value] : fields) {
      if (text.size() > 1)
        text += ", ";
      text += (name.empty() ? "" : name + ": ") + value.describe();
    }
    return text + ")";
  }
  }
  llvm_unreachable("all kinds are handled");
}

std::string Callable::name() const {
  switch (kind) {
  case Decl:
    return decl->name.name.str();
  case Builtin:
    return builtin;
  case Lambda:
    return "function";
  case Stream:
    return "stream";
  case Body:
    return "repeat";
  }
  llvm_unreachable("all kinds are handled");
}

std::string Callable::describe() const {
  switch (kind) {
  case Decl:
    return spelling(decl->callableKind).str() + " `" + name() + "`";
  case Builtin:
    return "the function `" + builtin + "`";
  case Lambda:
    return "a function";
  case Stream:
    return "stream(" + inner->describe() + ")";
  case Body:
    return "the body of a repeat";
  }
  llvm_unreachable("all kinds are handled");
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

void Elaborator::declareModule(const Module &module, Environment &scope) {
  for (const Decl *decl : module.decls) {
    const auto *callable = llvm::dyn_cast<CallableDecl>(decl);
    if (!callable)
      continue;
    auto [it, isNew] = scope.names.try_emplace(callable->name.name.str());
    if (!isNew) { // [Sem-Decl-Once]
      error(callable->name.range, "`" + callable->name.name + "` is declared twice")
          .note(it->second.range, "the first one is here");
      continue;
    }
    auto function = std::make_shared<Callable>();
    function->decl = callable;
    function->environment = &scope;
    it->second.value = Value::ofFunction(std::move(function));
    it->second.range = callable->name.range;
  }
}

/// [Sem-Prelude] The prelude's names are known in every module; those of another module where it
/// is imported. A module's own names hide both.
Environment *Elaborator::declareModules() {
  Environment *prelude = createEnvironment(nullptr);
  std::map<std::string, Environment *> scopes;
  for (const auto &[name, module] : modules) {
    Environment *scope = prelude;
    if (!isPrelude(name) || module == modules.back().second) {
      scope = createEnvironment(createEnvironment(prelude));
      scopes[name] = scope;
    }
    declareModule(*module, *scope);
  }
  for (const auto &[name, module] : modules)
    for (const Decl *decl : module->decls) {
      const auto *import = llvm::dyn_cast<ImportDecl>(decl);
      auto imported = import ? scopes.find(import->module.name.str()) : scopes.end();
      auto own = scopes.find(name);
      if (imported == scopes.end() || own == scopes.end() || imported == own)
        continue;
      for (const auto &[known, binding] : imported->second->names)
        own->second->parent->names[known] = binding;
    }
  return scopes[modules.back().first];
}

std::unique_ptr<core::Program> Elaborator::run() {
  program->outside = builder.createBlock(nullptr, nullptr);
  builder.block = program->outside;
  Environment *scope = declareModules();
  const Module &module = *modules.back().second;

  const TrainDecl *train = nullptr;
  llvm::SmallVector<const CallableDecl *> models;
  for (const Decl *decl : module.decls) {
    if (const auto *callable = llvm::dyn_cast<CallableDecl>(decl)) {
      if (callable->callableKind == CallableKind::Model)
        models.push_back(callable);
      else
        checkAlone(*callable, scope);
    } else if (const auto *another = llvm::dyn_cast<TrainDecl>(decl)) {
      if (train) // [Sem-Train-Once]
        error(another->range, "a second `train`").note(train->range, "the first one is here");
      train = another;
    }
  }
  if (models.size() > 1) // [Sem-Model-Once]
    error(models[1]->name.range, "a second model; a file has one")
        .note(models[0]->name.range, "the first one is here");
  if (!models.empty())
    elaborateModel(*models.front(), scope);
  if (train)
    elaborateTrain(*train, scope);
  return diagnostics.hasErrors() ? nullptr : std::move(program);
}

//===----------------------------------------------------------------------===//
// Definitions on their own
//===----------------------------------------------------------------------===//

/// A definition is checked on its own where its arguments' types are written.
bool Elaborator::isCheckable(const CallableDecl &decl) const {
  return llvm::all_of(decl.params,
                      [](const ValueParam &param) {
                        return (param.type && !llvm::isa<LikeType>(param.type)) ||
                               param.defaultValue;
                      }) &&
         llvm::all_of(decl.generics, [](const GenericParam &param) {
           return param.kind == GenericKind::Unmarked || param.kind == GenericKind::Int;
         });
}

void Elaborator::checkAlone(const CallableDecl &decl, Environment *scope) {
  if (!isCheckable(decl))
    return;
  std::deque<Diagnostic> found;
  llvm::SaveAndRestore<std::deque<Diagnostic> *> trialScope(trial, &found);
  llvm::SaveAndRestore<bool> abortedScope(aborted, false);
  size_t obligations = program->obligations.size(), parameters = program->parameters.size();
  auto owners = parameterOwners;

  Environment *own = createEnvironment(scope);
  for (const GenericParam &param : decl.generics) {
    Binding &binding = own->names[param.name.name.str()];
    binding.value =
        Value::ofInt(program->atoms.create(Atom::Generic, param.name.name, param.name.range));
    binding.range = param.name.range;
  }
  throwaway.push_back(std::make_unique<Instance>());
  bool isFunction = decl.callableKind == CallableKind::Fn;
  elaborateFunction(decl, own, isFunction ? nullptr : throwaway.back().get(), /*isEntry=*/false);

  program->obligations.resize(obligations, {core::Obligation::Exact, 0, 1, {}, {}});
  program->parameters.resize(parameters);
  parameterOwners = std::move(owners);
  if (aborted)
    return;
  for (const Diagnostic &diagnostic : found) {
    broken.insert(&decl);
    diagnostics.error(diagnostic.range, diagnostic.text).notes = diagnostic.notes;
  }
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

void Elaborator::elaborateModel(const CallableDecl &decl, Environment *scope) {
  model = &decl;
  program->modelName = decl.name.name.str();
  modelInstance = std::make_unique<Instance>();
  modelScope = createEnvironment(scope);
  for (const GenericParam &param : decl.generics) {
    Value given = param.defaultValue ? evaluate(param.defaultValue, *modelScope) : Value();
    Binding &binding = modelScope->names[param.name.name.str()];
    binding.range = param.name.range;
    if (given.isFunction()) {
      binding.value = given;
      continue;
    }
    if (param.defaultValue && !given.isPoison() && !given.known) // [Sem-Config]
      error(param.defaultValue->range,
            "expected an integer or a function as configuration, found " + given.describe());
    const Atom *atom = program->atoms.create(Atom::Config, param.name.name, param.name.range);
    program->configuration.push_back({atom, given.known});
    binding.value = Value::ofInt(atom);
  }

  llvm::SaveAndRestore<BodyContext> contextScope(context, BodyContext());
  llvm::SaveAndRestore<std::vector<core::Branch>> branchesScope(branches, {});
  context.decl = &decl;
  context.instance = modelInstance.get();
  llvm::SmallVector<const CallableDecl *> functions;
  for (const Stmt *stmt : decl.body->stmts) {
    const auto *member = llvm::dyn_cast<DeclStmt>(stmt);
    const auto *function = member ? llvm::dyn_cast<CallableDecl>(member->decl) : nullptr;
    if (!function) {
      std::optional<Value> none;
      if (llvm::isa<ParamStmt, LayerStmt>(stmt))
        elaborateStmt(stmt, *modelScope, none);
      else // [Sem-Model-Body]
        error(stmt->range, "a model's body has parameters, layers and fns, and no other "
                           "statements yet");
      continue;
    }
    auto [it, isNew] = modelScope->names.try_emplace(function->name.name.str());
    if (!isNew) { // [Sem-Name-Once]
      error(function->name.range, "`" + function->name.name + "` is declared twice")
          .note(it->second.range, "the first one is here");
      continue;
    }
    auto callable = std::make_shared<Callable>();
    callable->decl = function;
    callable->environment = modelScope;
    callable->owner = modelInstance.get();
    it->second.value = Value::ofFunction(std::move(callable));
    it->second.range = function->name.range;
    functions.push_back(function);
  }
  for (const CallableDecl *function : functions) {
    unsigned before = diagnostics.getNumErrors();
    if (!isCheckable(*function))
      continue;
    elaborateFunction(*function, createEnvironment(modelScope), modelInstance.get(),
                      isEntryPoint(*function));
    if (diagnostics.getNumErrors() != before)
      broken.insert(function);
  }
}

/// [Sem-Entry] A model's fn without generics whose arguments all have types is an entry point.
bool Elaborator::isEntryPoint(const CallableDecl &decl) const {
  return decl.generics.empty() &&
         llvm::all_of(decl.params, [](const ValueParam &param) { return param.type != nullptr; });
}

core::Function &Elaborator::beginFunction(llvm::StringRef name, llvm::SMRange range) {
  core::Function &created = program->functions.emplace_back();
  created.name = name.str();
  created.range = range;
  created.body = builder.createBlock(nullptr, nullptr);
  builder.block = created.body;
  builder.range = range;
  function = &created;
  parameterNodes.clear();
  seed = step = ordinal = nullptr;
  return created;
}

/// Adds an argument and its node.
core::Node *Elaborator::addArgument(core::Role role, const llvm::Twine &name,
                                    const core::Type &type, const core::Node *defaultValue) {
  core::Node *node = builder.argument(function->body, type);
  function->arguments.push_back({role, name.str(), node, defaultValue});
  return node;
}

/// Puts the arguments in their order: parameters as declared, inputs, gradients, states, settings,
/// seed, step, ordinal.
void Elaborator::endFunction() {
  std::map<std::tuple<core::Role, size_t, size_t>, core::Argument> ordered;
  for (auto [i, argument] : llvm::enumerate(function->arguments)) {
    size_t declared = 0;
    if (argument.role == core::Role::Parameter)
      while (program->parameters[declared].path != argument.name)
        ++declared;
    ordered.try_emplace({argument.role, declared, i}, argument);
  }
  function->arguments.clear();
  for (auto &[key, argument] : ordered)
    function->arguments.push_back(std::move(argument));
  assert(frames.empty() && "every loop that was opened is closed");
  function = nullptr;
  builder.block = program->outside;
}

/// Makes the value of an argument of a function that is elaborated on its own. Its dims are those
/// of `type` in `scope`, where free ones are bound to new atoms.
Value Elaborator::declareArgument(const TypeExpr *type, const std::string &name,
                                  llvm::SMRange range, Environment &scope, bool isEntry,
                                  const core::Node *defaultValue) {
  if (const auto *record = llvm::dyn_cast<RecordType>(type)) {
    std::vector<Field> fields;
    for (auto [i, field] : llvm::enumerate(record->fields)) {
      std::string label = field.name ? field.name.name.str() : std::to_string(i);
      fields.emplace_back(field.name ? label : "", declareArgument(field.type, name + "." + label,
                                                                   range, scope, isEntry, nullptr));
      if (fields.back().second.isPoison())
        return {};
    }
    return Value::ofFields(std::move(fields));
  }
  std::optional<core::Type> evaluated = evaluateType(type, &scope);
  if (!evaluated)
    return {};
  return Value::ofNode(addArgument(core::Role::Input, name, *evaluated, defaultValue));
}

void Elaborator::declareFreeDims(const TypeExpr *type, Environment &scope, bool isEntry) {
  auto declare = [&](const Expr *expr) {
    if (!isFreeDim(expr, scope))
      return;
    const Identifier &name = llvm::cast<NameExpr>(expr)->name;
    Binding &binding = scope.names[name.name.str()];
    binding = {};
    binding.value = Value::ofInt(
        program->atoms.create(isEntry ? Atom::Ragged : Atom::Generic, name.name, name.range));
    binding.range = name.range;
  };
  if (const auto *array = llvm::dyn_cast_if_present<ArrayType>(type))
    llvm::for_each(array->dims, declare);
  if (const auto *index = llvm::dyn_cast_if_present<IndexType>(type)) {
    declare(index->bound);
    llvm::for_each(index->dims, declare);
  }
  if (const auto *record = llvm::dyn_cast_if_present<RecordType>(type))
    for (const RecordType::Field &field : record->fields)
      declareFreeDims(field.type, scope, isEntry);
}

void Elaborator::elaborateFunction(const CallableDecl &decl, Environment *scope, Instance *instance,
                                   bool isEntry) {
  beginFunction(decl.name.name, decl.name.range);
  llvm::SaveAndRestore<BodyContext> contextScope(context, BodyContext());
  llvm::SaveAndRestore<std::vector<core::Branch>> branchesScope(branches, {});
  context.decl = &decl;
  context.instance = instance;
  context.site = decl.name.name.str();
  CellStates states;
  StateHost own;
  llvm::SaveAndRestore<StateHost *> hostScope(host);
  if (decl.callableKind == CallableKind::Cell) {
    own.add = [&](StateVariable &, const core::Type &type, llvm::function_ref<Value()> initial) {
      initial();
      return builder.argument(function->body, type);
    };
    host = &own;
    context.states = &states;
  }

  auto isInt = [](const ValueParam &param) {
    const auto *array = llvm::dyn_cast_if_present<ArrayType>(param.type);
    return array && array->element.name == "int" && array->dims.empty();
  };
  auto declareName = [&](const ValueParam &param, Value value) {
    Binding &binding = scope->names[param.name.name.str()];
    binding = {};
    binding.value = std::move(value);
    binding.range = param.name.range;
  };
  for (const ValueParam &param : decl.params)
    if (isInt(param)) {
      if (param.defaultValue && isEntry)
        notSupported(param.defaultValue->range, "a default of an entry point's `int` argument");
      const Atom *atom = program->atoms.create(isEntry ? Atom::Uniform : Atom::Generic,
                                               param.name.name, param.name.range);
      function->symbols.push_back(atom);
      declareName(param, Value::ofInt(atom));
    }
  for (const ValueParam &param : decl.params)
    declareFreeDims(param.type, *scope, isEntry);
  for (const ValueParam &param : decl.params) {
    if (isInt(param))
      continue;
    Value defaultValue = param.defaultValue ? evaluate(param.defaultValue, *scope) : Value();
    if (!param.type) {
      declareName(param, defaultValue);
      continue;
    }
    const core::Node *number = configuredNumber(defaultValue);
    if (isEntry && param.defaultValue && !defaultValue.isPoison() && !number) // [Sem-Entry-Default]
      error(param.defaultValue->range, "expected a number as the default of an entry point's "
                                       "argument, found " +
                                           defaultValue.describe());
    declareName(param, declareArgument(param.type, param.name.name.str(), param.name.range, *scope,
                                       isEntry, number));
  }

  Value result = elaborateBody(*decl.body, *scope);
  if (decl.resultType) {
    builder.range = decl.resultType->range;
    result = coerceTo(result, decl.resultType, scope, resultRange(*decl.body),
                      "the result of `" + decl.name.name + "`");
  }
  if (isEntry && !result.isPoison())
    addResults(result, "result", resultRange(*decl.body));
  endFunction();
  if (!isEntry || result.isPoison())
    program->functions.pop_back();
}

llvm::SMRange Elaborator::resultRange(const Body &body) {
  if (!body.stmts.empty())
    if (const auto *last = llvm::dyn_cast<ExprStmt>(body.stmts.back()))
      return last->value->range;
  return body.range;
}

void Elaborator::addResults(const Value &value, const std::string &name, llvm::SMRange range) {
  if (value.isRecord()) {
    for (auto [i, field] : llvm::enumerate(value.fields))
      addResults(field.second, name + "." + (field.first.empty() ? std::to_string(i) : field.first),
                 range);
    return;
  }
  if (!value.isArray()) { // [Sem-Entry-Result]
    error(range, "expected an entry point to give arrays, found " + value.describe());
    return;
  }
  builder.range = range;
  function->body->results.push_back(nodeOf(value));
  function->results.push_back({core::Role::Input, name});
}
