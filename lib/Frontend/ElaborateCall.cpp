// Calls: arguments to parameters, the map rule, bodies inlined.
#include "Frontend/Elaborator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

/// How deep calls may nest; a definition that calls itself ends here.
static constexpr unsigned maxDepth = 64;
/// How deep expressions may nest inside of nested calls, so that the stack suffices.
static constexpr unsigned maxNesting = 1500;
static constexpr unsigned maxCalls = 100000;

Value Elaborator::evaluateCall(const CallExpr &expr, Environment &scope) {
  Value callee = evaluate(expr.callee, scope);
  if (callee.isPoison())
    return {};
  if (!callee.isFunction()) {
    if (trial && callee.known && callee.known->getAtom())
      aborted = true;
    return poison(expr.callee->range, "expected a function before the arguments, found " +
                                          callee.describe()); // [Sem-Call]
  }
  if (callee.function->kind == Callable::Builtin)
    return callBuiltin(*callee.function, {}, expr.callee, expr.range, &expr, &scope);
  std::vector<CallArgument> arguments;
  bool failed = false;
  for (const Argument &argument : expr.args) {
    Value value;
    if (const auto *lambda = llvm::dyn_cast<LambdaExpr>(argument.value)) {
      auto callable = std::make_shared<Callable>();
      callable->kind = Callable::Lambda;
      callable->lambda = lambda;
      callable->environment = &scope;
      callable->context = std::make_shared<BodyContext>(context);
      value = Value::ofFunction(std::move(callable));
    } else {
      value = evaluate(argument.value, scope);
    }
    failed |= value.isPoison();
    arguments.push_back({argument.name, std::move(value), argument.value->range});
  }
  if (failed)
    return {};
  builder.range = expr.range;
  return call(*callee.function, std::move(arguments), expr.callee, expr.range);
}

Value Elaborator::call(const Callable &callable, std::vector<CallArgument> arguments,
                       const Expr *site, llvm::SMRange range) {
  if (aborted)
    return {};
  llvm::SaveAndRestore<unsigned> deeper(depth, depth + 1);
  if (depth > maxDepth || nesting > maxNesting) // [Sem-Recursion]
    return poison(range, "calls nest deeper than " + std::to_string(maxDepth) + ": does `" +
                             callable.name() + "` call itself?");
  if (depth == 1)
    outermost = range;
  if (++numCalls > maxCalls) { // [Sem-Large]
    if (numCalls == maxCalls + 1)
      error(outermost, "more than " + std::to_string(maxCalls) +
                           " calls in one program; use `repeat` or `unroll`");
    return {};
  }
  llvm::SaveAndRestore<std::vector<Use>> useScope(uses);
  uses.push_back({range, callable.describe()});
  switch (callable.kind) {
  case Callable::Builtin:
    return callBuiltin(callable, std::move(arguments), site, range, nullptr, nullptr);
  case Callable::Lambda:
    return callLambda(callable, arguments, range);
  case Callable::Stream:
    return callStream(callable, arguments, site, range);
  case Callable::Body: {
    Environment *scope = createEnvironment(callable.environment);
    llvm::SaveAndRestore<bool> nested(context.isNested, true);
    bindPattern(callable.repeat->pattern, arguments.front().value, range, *scope);
    return elaborateBody(*callable.repeat->body, *scope);
  }
  case Callable::Decl:
    return callDecl(callable, std::move(arguments), site, range);
  }
  llvm_unreachable("all kinds are handled");
}

Value Elaborator::callLambda(const Callable &callable, llvm::ArrayRef<CallArgument> arguments,
                             llvm::SMRange range) {
  llvm::ArrayRef<Identifier> params = callable.lambda->params;
  if (params.size() != arguments.size())
    return poison(range, "expected a call with " + std::to_string(params.size()) +
                             (params.size() == 1 ? " argument, found " : " arguments, found ") +
                             std::to_string(arguments.size()));
  Environment *scope = createEnvironment(callable.environment);
  for (auto [param, argument] : llvm::zip_equal(params, arguments))
    if (Binding *binding = declareName(param, *scope))
      binding->value = argument.value;
  // [Sem-Lambda] What it uses has its parameters there; it has no states.
  llvm::SaveAndRestore<BodyContext> contextScope(context, *callable.context);
  context.states = nullptr;
  return evaluate(callable.lambda->body, *scope);
}

/// [Sem-Call-Arguments] Positional arguments go to the parameters in order, those that are held
/// left out. [Sem-Call-Held] Named ones alone give the function with those held.
Value Elaborator::callDecl(const Callable &callable, std::vector<CallArgument> arguments,
                           const Expr *site, llvm::SMRange range) {
  const CallableDecl &decl = *callable.decl;
  auto find = [&](llvm::StringRef name) -> const ValueParam * {
    const auto *it = llvm::find_if(
        decl.params, [&](const ValueParam &param) { return param.name.name == name; });
    return it == decl.params.end() ? nullptr : it;
  };
  std::map<std::string, std::pair<Value, llvm::SMRange>> given;
  for (const auto &[name, value] : callable.held)
    given[name] = {value, range};
  bool onlyNamed = !arguments.empty();
  for (const CallArgument &argument : arguments) {
    onlyNamed &= static_cast<bool>(argument.name);
    if (!argument.name)
      continue;
    if (!find(argument.name.name)) {
      error(argument.name.range,
            callable.describe() + " has no argument `" + argument.name.name + "`")
          .note(decl.name.range, "it is declared here");
      return {};
    }
    given[argument.name.name.str()] = {argument.value, argument.range};
  }
  if (onlyNamed) {
    auto held = std::make_shared<Callable>(callable);
    for (const auto &[name, value] : given)
      held->held[name] = value.first;
    return Value::ofFunction(std::move(held));
  }
  size_t next = 0;
  for (const CallArgument &argument : arguments) {
    if (argument.name)
      continue;
    while (next < decl.params.size() && given.count(decl.params[next].name.name.str()))
      ++next;
    if (next == decl.params.size()) {
      error(argument.range, "expected at most " + std::to_string(decl.params.size()) +
                                " arguments for " + callable.describe())
          .note(decl.name.range, "it is declared here");
      return {};
    }
    given[decl.params[next++].name.name.str()] = {argument.value, argument.range};
  }
  std::vector<Value> values;
  std::vector<llvm::SMRange> ranges;
  for (const ValueParam &param : decl.params) {
    auto it = given.find(param.name.name.str());
    if (it == given.end() && !param.defaultValue) {
      error(range, "expected the argument `" + param.name.name + "` of " + callable.describe())
          .note(param.name.range, "it is declared here");
      return {};
    }
    values.push_back(it == given.end() ? Value() : it->second.first);
    ranges.push_back(it == given.end() ? range : it->second.second);
    if (it != given.end() && it->second.first.isPoison())
      return {};
  }
  return callMapped(callable, std::move(values), ranges, site, range);
}

/// [Sem-Map] A definition that is given arrays with more dims than it declares is mapped over the
/// leading ones. Those dims agree as far as several arguments have them; the others are held.
Value Elaborator::callMapped(const Callable &callable, std::vector<Value> values,
                             llvm::ArrayRef<llvm::SMRange> ranges, const Expr *site,
                             llvm::SMRange range) {
  const CallableDecl &decl = *callable.decl;
  std::optional<Polynomial> dim;
  size_t first = 0;
  auto extraDims = [&](size_t i) -> size_t {
    std::optional<size_t> rank = declaredRank(decl.params[i].type);
    if (!rank || !values[i].isArray() || values[i].type().rank() <= *rank)
      return 0;
    return values[i].type().rank() - *rank;
  };
  std::vector<size_t> mapped;
  for (size_t i = 0; i < values.size(); ++i) {
    if (extraDims(i) == 0)
      continue;
    const Polynomial leading = values[i].type().dims.front();
    if (dim && !(*dim == leading)) { // [Sem-Map-Dims]
      Diagnostic &report =
          error(ranges[i], "expected `" + dim->str() + "` as the leading dim over which " +
                               callable.describe() + " is mapped, found `" + leading.str() + "`");
      report.note(ranges[first], "by this argument");
      noteOrigins(report, {*dim, leading});
      return {};
    }
    if (!dim)
      first = i;
    dim = leading;
    mapped.push_back(i);
  }
  if (!dim)
    return callOnce(callable, std::move(values), ranges, site, range);

  builder.range = range;
  Frame &frame = openFrame(*dim, /*reverse=*/false);
  for (size_t i : mapped)
    values[i] = Value::ofNode(slice(frame, values[i].node));
  Value result = callMapped(callable, std::move(values), ranges, site, range);
  builder.range = range;
  return closeMaps(1, std::move(result), range);
}

/// Binds the generic arguments, then the dims that the arguments fix.
bool Elaborator::bindGenerics(const Callable &callable, llvm::ArrayRef<Value> values,
                              Environment &scope, llvm::SMRange range) {
  const CallableDecl &decl = *callable.decl;
  for (const GenericParam &param : decl.generics) {
    auto it = callable.generics.find(param.name.name.str());
    Value value;
    if (it != callable.generics.end())
      value = it->second;
    else if (param.defaultValue)
      value = evaluate(param.defaultValue, scope);
    else
      continue; // [Sem-Generic-Inferred] As a free dim is.
    Binding &binding = scope.names[param.name.name.str()];
    binding.value = std::move(value);
    binding.range = param.name.range;
  }
  for (auto [param, value] : llvm::zip_equal(decl.params, values))
    bindFreeDims(param.type, value, scope);
  for (const GenericParam &param : decl.generics)
    if (!scope.names.count(param.name.name.str())) { // [Sem-Generic-Missing]
      error(range,
            "expected the generic argument `" + param.name.name + "` of " + callable.describe())
          .note(param.name.range, "it is declared here");
      return false;
    }
  return true;
}

/// [Sem-Rank] Refuses an argument that cannot fix the free dims of its parameter's type.
bool Elaborator::checkForm(const Value &value, const ValueParam &param, const Callable &callable,
                           llvm::SMRange range) {
  std::optional<size_t> rank = declaredRank(param.type);
  if (!rank || value.isPoison())
    return true;
  bool isIndex = llvm::isa<IndexType>(param.type);
  bool isKnown = value.known && value.known->getConstant();
  if (value.isArray() && value.type().rank() == *rank &&
      (!isIndex || isKnown || value.type().element == Element::Index))
    return true;
  std::string written;
  llvm::raw_string_ostream os(written);
  print(param.type, os);
  Diagnostic &report =
      error(range, "expected argument `" + param.name.name + "` of " + callable.describe() +
                       " to be " + written + ", found " + value.describe());
  report.note(param.type->range, "declared here");
  if (isIndex)
    report.advice("only inputs, argmax, sample, range, comprehension variables and clip make "
                  "indices");
  return false;
}

Value Elaborator::callOnce(const Callable &callable, std::vector<Value> values,
                           llvm::ArrayRef<llvm::SMRange> ranges, const Expr *site,
                           llvm::SMRange range) {
  const CallableDecl &decl = *callable.decl;
  if (decl.callableKind == CallableKind::Model)
    return notSupported(range, "a call of a model");
  std::string label = callable.label.empty() ? callable.name() : callable.label;

  Environment *scope = createEnvironment(callable.environment);
  if (!bindGenerics(callable, values, *scope, range))
    return {};
  // `int` arguments are names of sizes in the types of the others.
  std::vector<Value> bound(values.size());
  auto bind = [&](size_t i) {
    const ValueParam &param = decl.params[i];
    Value value = values[i];
    if (value.isPoison() && param.defaultValue)
      value = evaluate(param.defaultValue, *scope);
    builder.range = ranges[i];
    if (!checkForm(value, param, callable, ranges[i]))
      value = {};
    if (param.type)
      value = coerceTo(value, param.type, scope, ranges[i],
                       "argument `" + param.name.name + "` of " + callable.describe());
    Binding &binding = scope->names[param.name.name.str()];
    binding = {};
    binding.range = param.name.range;
    binding.value = value;
    return !value.isPoison();
  };
  bool failed = false;
  auto isInt = [&](size_t i) {
    const auto *array = llvm::dyn_cast_if_present<ArrayType>(decl.params[i].type);
    return array && array->element.name == "int" && array->dims.empty();
  };
  for (size_t i = 0; i < values.size(); ++i)
    if (isInt(i))
      failed |= !bind(i);
  for (size_t i = 0; i < values.size(); ++i)
    if (!isInt(i))
      failed |= !bind(i);
  if (failed)
    return {};

  auto inside = [&]() -> Value {
    bool isBroken = broken.contains(&decl);
    llvm::SaveAndRestore<unsigned> silent(silenced, silenced + (isBroken ? 1 : 0));
    Value result = elaborateBody(*decl.body, *scope);
    if (!decl.resultType || result.isPoison())
      return result;
    builder.range = resultRange(*decl.body);
    return coerceTo(result, decl.resultType, scope, resultRange(*decl.body),
                    "the result of " + callable.describe());
  };
  return enter(callable, label, site, range, inside);
}

/// Runs `inside` as the body of a use of a definition: with its parameters and its states.
Value Elaborator::enter(const Callable &callable, llvm::StringRef label, const Expr *site,
                        llvm::SMRange range, llvm::function_ref<Value()> inside) {
  const CallableDecl &decl = *callable.decl;
  BodyContext inner;
  inner.decl = &decl;
  inner.site = context.site + "/" + siteNumber(label, site);
  inner.frameBase = frames.size();
  inner.underIf = context.underIf;
  if (decl.callableKind != CallableKind::Fn)
    inner.instance = childInstance(callable, label, site, range);
  else if (callable.owner)
    inner.instance = callable.owner;
  if (decl.callableKind == CallableKind::Cell) {
    if (!context.states) // [Sem-Cell-Call]
      return poison(range, "expected " + callable.describe() +
                               " to be unrolled, stepped, or called in a cell: it has state");
    if (context.underIf) // [Sem-Cell-If]
      return poison(range, "a cell is not called in a branch of an if");
    inner.states = context.states;
    if (!hostRoot) {
      inner.states = nullptr;
      for (const auto &[name, states] : context.states->children)
        if (name == label && states->isAhead) {
          inner.states = states.get();
          inner.states->isAhead = false;
        } else if (name == label) { // [Sem-Cell-Once]
          error(range, "the cell `" + label + "` is called twice in one body")
              .advice("name each use: layer NAME = ...");
          return {};
        }
      if (!inner.states) {
        context.states->children.emplace_back(label.str(), std::make_unique<CellStates>());
        inner.states = context.states->children.back().second.get();
      }
      inner.statePath = context.statePath + label.str() + ".";
    }
  }
  hostRoot = false;
  llvm::SaveAndRestore<BodyContext> contextScope(context, inner);
  return inside();
}

/// A name for a use or a draw within its body that does not change when lines are inserted.
std::string Elaborator::siteNumber(llvm::StringRef name, const void *site) {
  auto &numbers = siteNumbers[{context.decl, name.str()}];
  unsigned number = numbers.try_emplace(site, numbers.size()).first->second;
  return number == 0 ? name.str() : name.str() + std::to_string(number);
}
