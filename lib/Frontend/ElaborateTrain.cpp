// The `train` declaration: the specification, and the function of one optimizer step.
#include "Frontend/Elaborator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;
using core::Role;

void Elaborator::elaborateTrain(const TrainDecl &train, Environment *scope) {
  const auto *name = llvm::dyn_cast<NameExpr>(train.model);
  if (!name) {
    notSupported(train.model->range, "a configuration in `train` (use -D NAME=N)");
    return;
  }
  if (!model || name->name.name != model->name.name) { // [Sem-Train-Model]
    error(train.model->range, "expected the model of this file, found `" + name->name.name + "`");
    return;
  }
  core::TrainSpec spec;
  spec.range = train.range;
  bool complete = true;
  auto need = [&](TrainClauseKind kind) {
    const TrainClause *clause = train.find(kind);
    if (!clause) // [Sem-Train-Clause]
      error(train.model->range, "expected the clause '" + spelling(kind) + "' in `train`");
    complete &= clause != nullptr;
    return clause;
  };
  const TrainClause *minimize = need(TrainClauseKind::Minimize);
  const TrainClause *data = need(TrainClauseKind::Data);
  const TrainClause *optimizer = need(TrainClauseKind::Optimizer);
  const TrainClause *batch = need(TrainClauseKind::Batch);
  const TrainClause *steps = need(TrainClauseKind::Steps);
  if (!complete)
    return;

  const core::Function *loss = trainLoss(*minimize);
  for (auto [clause, target] : {std::pair(batch, &spec.batch), std::pair(steps, &spec.steps)})
    if (std::optional<Polynomial> number = evaluateDim(clause->value, modelScope)) {
      bool isSteps = clause == steps;
      program->rangeObligations.push_back({*number, isSteps ? largestInt : largestSize,
                                           clause->value->range, isSteps ? "steps" : "batch"});
      *target = *number;
    }
  trainData(*data, spec);
  Value cell = evaluate(optimizer->value, *modelScope);
  if (!loss || cell.isPoison())
    return;
  bool isCell = cell.isFunction() && cell.function->kind == Callable::Decl &&
                cell.function->decl->callableKind == CallableKind::Cell &&
                cell.function->decl->params.size() >= 2;
  if (!isCell) { // [Sem-Train-Optimizer]
    error(optimizer->value->range,
          "expected a cell that takes a parameter and its gradient, found " + cell.describe());
    return;
  }
  spec.loss = loss->name;
  program->train = std::move(spec);
  elaborateUpdate(train, *cell.function, *optimizer->value, *loss);
}

/// [Sem-Train-Loss] The loss is an entry point that gives one f32, or a value and its weight.
const core::Function *Elaborator::trainLoss(const TrainClause &clause) {
  const auto *name = llvm::dyn_cast<NameExpr>(clause.value);
  for (const core::Function &candidate : program->functions) {
    if (!name || candidate.name != name->name.name)
      continue;
    const std::vector<core::Node *> &results = candidate.body->results;
    bool fits = results.size() == 1 || results.size() == 2;
    for (const core::Node *result : results)
      fits &= result->type.rank() == 0 && result->type.element == Element::Float;
    if (!fits)
      error(clause.value->range, "expected an entry point that gives one f32, or two: a value and "
                                 "its weight")
          .note(candidate.range, "it is declared here");
    return fits ? &candidate : nullptr;
  }
  if (diagnostics.hasErrors())
    return nullptr;
  Diagnostic &report = error(clause.value->range,
                             "expected the name of an entry point of `" + model->name.name + "`");
  const Binding *member = name ? modelScope->lookup(name->name.name.str()) : nullptr;
  bool isFunction = member && member->value.isFunction() && member->value.function->owner;
  if (isFunction && !isCheckable(*member->value.function->decl))
    report.note(member->range, "it is none, since not all of its arguments have types");
  return nullptr;
}

/// [Sem-Train-Data]
void Elaborator::trainData(const TrainClause &clause, core::TrainSpec &spec) {
  const auto *call = llvm::dyn_cast<CallExpr>(clause.value);
  const auto *source = llvm::dyn_cast<NameExpr>(call ? call->callee : clause.value);
  if (!source || source->name.name != "text") {
    notSupported(clause.value->range, "a source of data other than text(window = N)");
    return;
  }
  spec.source = "text";
  for (const Argument &argument : call ? call->args : llvm::ArrayRef<Argument>()) {
    if (argument.name.name != "window") {
      error(argument.name ? argument.name.range : argument.value->range,
            "expected the option `window = N` of the data source");
      continue;
    }
    if (std::optional<Polynomial> number = evaluateDim(argument.value, modelScope)) {
      program->rangeObligations.push_back({*number, largestSize, argument.value->range, "window"});
      spec.options.emplace_back("window", *number);
    }
  }
}

//===----------------------------------------------------------------------===//
// The optimizer step
//===----------------------------------------------------------------------===//

/// [Sem-Train-Clip] The limit of a clause, or null.
core::Node *Elaborator::clipLimit(const TrainDecl &train, TrainClauseKind kind) {
  const TrainClause *clause = train.find(kind);
  if (!clause)
    return nullptr;
  Value value = evaluate(clause->value, *modelScope);
  core::Node *limit = configuredNumber(value);
  if (limit) {
    limit = asFloat(limit);
    program->numberObligations.push_back({limit, /*isPositive=*/true, clause->value->range});
  } else if (!value.isPoison()) {
    error(clause->value->range, "expected a positive number, found " + value.describe());
  }
  return limit;
}

/// Scales all gradients together so that their norm is at most `limit`. The squares are of
/// quotients by the largest element, so that they neither overflow nor vanish, whatever its size;
/// neither does anything else here, for a norm that is finite or not.
void Elaborator::clipNorm(llvm::MutableArrayRef<core::Node *> gradients, core::Node *limit) {
  core::Type scalar{Element::Float, {}, {}};
  auto over = [&](core::Node *gradient, llvm::StringRef kind, core::Node *terms) {
    auto axes = llvm::to_vector(llvm::seq<int64_t>(0, gradient->type.rank()));
    return builder.reduce(kind.str(), terms, {axes.begin(), axes.end()});
  };
  auto combine = [&](llvm::StringRef kind, core::Node *all, core::Node *one) {
    return all ? builder.elementwise(kind.str(), {all, one}) : one;
  };
  core::Node *largest = nullptr, *sum = nullptr;
  for (core::Node *gradient : gradients)
    largest = combine("max", largest, over(gradient, "max", builder.elementwise("abs", gradient)));
  core::Node *zero = builder.constant(0, scalar), *one = builder.constant(1, scalar);
  core::Node *isFinite =
      builder.compare("eq", builder.elementwise("sub", {largest, largest}), zero);
  largest = builder.check(largest, isFinite, "the gradient is not finite and has no norm to clip");
  core::Node *unit = builder.select(builder.compare("gt", largest, zero), largest, one);
  std::vector<core::Node *> quotients;
  for (core::Node *gradient : gradients) {
    core::Node *units = builder.extend(unit, gradient->type.dims);
    quotients.push_back(builder.elementwise("div", {gradient, units}));
    core::Node *square = builder.elementwise("mul", {quotients.back(), quotients.back()});
    sum = combine("add", sum, over(gradient, "sum", square));
  }
  core::Node *most = builder.elementwise("div", {limit, builder.elementwise("sqrt", sum)});
  core::Node *isLong = builder.compare("gt", unit, most);
  for (auto [gradient, quotient] : llvm::zip_equal(gradients, quotients)) {
    core::Node *shorter =
        builder.elementwise("mul", {quotient, builder.extend(most, gradient->type.dims)});
    gradient = builder.select(builder.extend(isLong, gradient->type.dims), shorter, gradient);
  }
}

/// The arguments of the optimizer after parameter and gradient. [Sem-Train-Setting] A number is a
/// setting, which a flag of the program may change; anything else is compiled in.
std::vector<CallArgument> Elaborator::optimizerSettings(const Callable &optimizer,
                                                        const Expr &site) {
  auto placeOf = [&](llvm::StringRef name) {
    if (const auto *call = llvm::dyn_cast<CallExpr>(&site))
      for (const Argument &argument : call->args)
        if (argument.name.name == name)
          return argument.value->range;
    return site.range;
  };
  std::vector<CallArgument> settings;
  for (const ValueParam &param : optimizer.decl->params.drop_front(2)) {
    std::string name = param.name.name.str();
    llvm::SMRange range = placeOf(name);
    Value standard =
        param.defaultValue ? evaluate(param.defaultValue, *optimizer.environment) : Value();
    auto held = optimizer.held.find(name);
    Value value = held == optimizer.held.end() ? standard : held->second;
    if (value.isPoison()) {
      error(range, "expected the argument `" + param.name.name + "` of " + optimizer.describe())
          .note(param.name.range, "it is declared here");
      continue;
    }
    bool wantsNumber = standard.isArray() && standard.type().element == Element::Float;
    if (wantsNumber && !(value.isArray() && value.type().element != Element::Bool)) {
      error(range, "expected a number as the argument `" + param.name.name + "` of " +
                       optimizer.describe() + ", found " + value.describe())
          .note(param.name.range, "it is declared here");
      continue;
    }
    bool isNumber = standard.isArray() ? wantsNumber
                                       : value.isArray() && value.type().element == Element::Float;
    if (core::Node *number = isNumber ? configuredNumber(value) : nullptr) {
      program->numberObligations.push_back({number, /*isPositive=*/false, range});
      value = Value::ofNode(addArgument(Role::Setting, name, {Element::Float, {}, {}}, number));
    }
    settings.push_back({{}, std::move(value), range});
  }
  return settings;
}

/// Both are paths with points in them; what is between them is in neither, so that no two meet.
static std::string stateName(const std::string &parameter, const StateVariable &state) {
  return parameter + "/" + state.path;
}

void Elaborator::elaborateUpdate(const TrainDecl &train, const Callable &optimizer,
                                 const Expr &site, const core::Function &loss) {
  std::vector<core::Argument> arguments = loss.arguments;
  core::Node *norm = clipLimit(train, TrainClauseKind::ClipNorm);
  core::Node *limit = clipLimit(train, TrainClauseKind::ClipValue);

  beginFunction("train.update", site.range).isUpdate = true;
  std::vector<std::string> paths;
  std::vector<core::Node *> parameters, gradients;
  for (const core::Argument &argument : arguments)
    if (argument.role == Role::Parameter) {
      paths.push_back(argument.name);
      parameters.push_back(addArgument(Role::Parameter, argument.name, argument.node->type));
    }
  for (auto [path, parameter] : llvm::zip_equal(paths, parameters))
    gradients.push_back(addArgument(Role::Gradient, path, parameter->type));
  std::vector<CallArgument> settings = optimizerSettings(optimizer, site);

  if (norm && !gradients.empty())
    clipNorm(gradients, norm);
  if (limit) {
    core::Node *least = limit->op == core::Op::Constant
                            ? builder.constant(-limit->number, limit->type)
                            : builder.elementwise("neg", limit);
    for (core::Node *&gradient : gradients) {
      const std::vector<Polynomial> &dims = gradient->type.dims;
      gradient = builder.elementwise(
          "max", {builder.elementwise("min", {gradient, builder.extend(limit, dims)}),
                  builder.extend(least, dims)});
    }
  }

  Callable cell = optimizer;
  cell.held.clear();
  std::vector<std::pair<std::string, core::Node *>> states;
  bool failed = settings.size() + 2 != optimizer.decl->params.size();
  for (size_t i = 0; i < paths.size() && !failed; ++i) {
    llvm::SaveAndRestore<BodyContext> contextScope(context, BodyContext());
    llvm::SaveAndRestore<std::vector<core::Branch>> branchesScope(branches, {});
    CellStates root;
    context.states = &root;
    StateHost own;
    own.add = [&](StateVariable &variable, const core::Type &type,
                  llvm::function_ref<Value()> initial) -> core::Node * {
      Value start = initial();
      core::Node *node = start.isArray() ? nodeOf(start) : nullptr;
      if (!node)
        return nullptr;
      while (node->op == core::Op::Broadcast)
        node = node->operands.front();
      if (node->op != core::Op::Constant && !core::isConfigured(node)) { // [Sem-Train-State]
        error(variable.range, "the state of an optimizer starts as a constant");
        return nullptr;
      }
      return addArgument(Role::State, stateName(paths[i], variable), type, node);
    };
    llvm::SaveAndRestore<StateHost *> hostScope(host, &own);
    llvm::SaveAndRestore<bool> rootScope(hostRoot, true);
    std::vector<CallArgument> given{{{}, Value::ofNode(parameters[i]), site.range},
                                    {{}, Value::ofNode(gradients[i]), site.range}};
    given.insert(given.end(), settings.begin(), settings.end());
    Value result = callDecl(cell, std::move(given), &site, site.range);
    result = coerce(result, parameters[i]->type, site.range,
                    "the new parameter from " + optimizer.describe(), optimizer.decl->name.range);
    failed |= result.isPoison();
    if (failed)
      break;
    function->body->results.push_back(nodeOf(result));
    function->results.push_back({Role::Parameter, paths[i]});
    for (StateVariable &variable : own.variables)
      states.emplace_back(stateName(paths[i], variable),
                          variable.next ? variable.next : variable.nodes.front());
  }
  for (auto &[name, node] : states) {
    function->body->results.push_back(node);
    function->results.push_back({Role::State, name});
  }
  endFunction();
}
