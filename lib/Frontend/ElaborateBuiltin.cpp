// The functions that are not written in rondo: scalar functions, reductions, draws, checks.
#include "Frontend/Elaborator.h"
#include "Frontend/Needs.h"
#include "Frontend/Uses.h"
#include "Rondo/Scalars.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

/// The builtins and who elaborates them; `grad` and the like take syntax, not values.
const std::map<std::string, Elaborator::Handler> &Elaborator::handlers() {
  static const std::map<std::string, Handler> table = [] {
    std::map<std::string, Handler> entries;
    for (llvm::StringRef name : functionNames())
      entries[name.str()] = &Elaborator::builtinUnary;
    for (const char *name : {"sum", "mean", "max", "min"})
      entries[name] = &Elaborator::builtinReduce;
    entries["argmax"] = &Elaborator::builtinArgmax;
    entries["einsum"] = &Elaborator::builtinEinsum;
    entries["reshape"] = &Elaborator::builtinReshape;
    entries["transpose"] = &Elaborator::builtinTranspose;
    entries["concat"] = &Elaborator::builtinConcat;
    entries["select"] = &Elaborator::builtinSelect;
    entries["clip"] = &Elaborator::builtinClip;
    entries["div"] = &Elaborator::builtinDiv;
    entries["range"] = &Elaborator::builtinRange;
    for (const char *name : {"uniform", "normal"})
      entries[name] = &Elaborator::builtinRandom;
    entries["full"] = &Elaborator::builtinFull;
    for (const char *name : {"float", "integer"})
      entries[name] = &Elaborator::builtinConvert;
    entries["check"] = &Elaborator::builtinCheck;
    entries["grad"] = &Elaborator::builtinGrad;
    entries["stream"] = &Elaborator::builtinStream;
    entries["init"] = &Elaborator::builtinInit;
    entries["step"] = &Elaborator::builtinStep;
    return entries;
  }();
  return table;
}

bool Elaborator::isBuiltin(llvm::StringRef name) { return handlers().count(name.str()) != 0; }

/// Arguments of these are syntax: a shape, the name of what is differentiated.
static bool takesSyntax(llvm::StringRef name, size_t position) {
  return (name == "reshape" && position == 1) || (name == "transpose" && position == 1) ||
         (name == "full" && position == 0) ||
         ((name == "uniform" || name == "normal") && position == 0) ||
         (name == "grad" && position == 1);
}

Value Elaborator::callBuiltin(const Callable &callable, std::vector<CallArgument> arguments,
                              const Expr *site, llvm::SMRange range, const CallExpr *expr,
                              Environment *scope) {
  BuiltinCall builtin{callable.builtin, {}, {}, range, expr, scope, site};
  if (expr) {
    bool failed = false;
    for (const Argument &argument : expr->args) {
      Value value;
      if (argument.name || !takesSyntax(callable.builtin, builtin.positional.size())) {
        value = evaluate(argument.value, *scope);
        failed |= value.isPoison();
      }
      CallArgument evaluated{argument.name, std::move(value), argument.value->range};
      if (argument.name)
        builtin.named[argument.name.name.str()] = std::move(evaluated);
      else
        builtin.positional.push_back(std::move(evaluated));
    }
    if (failed)
      return {};
  } else {
    for (CallArgument &argument : arguments) {
      if (takesSyntax(callable.builtin, builtin.positional.size()))
        return poison(range, "`" + callable.builtin + "` cannot be passed as a function");
      if (argument.name)
        builtin.named[argument.name.name.str()] = std::move(argument);
      else
        builtin.positional.push_back(std::move(argument));
    }
  }
  static const std::map<std::string, std::vector<std::string>> names = {
      {"sum", {"axis"}},
      {"mean", {"axis"}},
      {"max", {"axis", "initial"}},
      {"min", {"axis", "initial"}},
      {"argmax", {"axis"}},
      {"concat", {"axis"}}};
  auto allowed = names.find(callable.builtin);
  for (const auto &[name, argument] : builtin.named)
    if (allowed == names.end() || !llvm::is_contained(allowed->second, name))
      return poison(argument.name.range,
                    "`" + callable.builtin + "` has no argument `" + name + "`");
  builder.range = range;
  return (this->*handlers().at(callable.builtin))(builtin);
}

/// [Sem-Builtin-Arguments]
bool Elaborator::expectArguments(BuiltinCall &call, size_t least, size_t most) {
  size_t count = call.positional.size();
  if (count >= least && count <= most)
    return true;
  std::string wanted = std::to_string(least);
  if (most != least)
    wanted += most == SIZE_MAX ? " or more" : " to " + std::to_string(most);
  error(call.range, "expected " + wanted + (most == 1 ? " argument" : " arguments") + " for `" +
                        call.name + "`, found " + std::to_string(count));
  return false;
}

/// The number argument `i`, as f32 where `toFloat`.
core::Node *Elaborator::numberArgument(BuiltinCall &call, size_t i, bool toFloat) {
  const CallArgument &argument = call.positional[i];
  if (!needArray(argument.value, argument.range, "an argument of `" + call.name + "`"))
    return nullptr;
  core::Node *node = nodeOf(argument.value);
  if (node->type.element == Element::Bool) {
    error(argument.range, "expected numbers, found " + argument.value.describe());
    return nullptr;
  }
  if (toFloat)
    return asFloat(node);
  if (node->type.element == Element::Index)
    return builder.convert(node, node->type.withElement(Element::Int));
  return node;
}

/// [Sem-Axis] An axis is a known int; a negative one counts from the last dim.
std::optional<int64_t> Elaborator::axisArgument(BuiltinCall &call, size_t rank,
                                                bool mayBePositional, bool &failed) {
  const CallArgument *argument = nullptr;
  if (auto it = call.named.find("axis"); it != call.named.end())
    argument = &it->second;
  else if (mayBePositional && call.positional.size() > 1)
    argument = &call.positional[1];
  if (!argument)
    return std::nullopt;
  std::optional<int64_t> axis =
      argument->value.known ? argument->value.known->getConstant() : std::nullopt;
  int64_t count = static_cast<int64_t>(rank);
  if (axis && *axis < 0)
    *axis += count;
  if (!axis || *axis < 0 || *axis >= count) {
    error(argument->range, "expected an axis from " + std::to_string(-count) + " to " +
                               std::to_string(count - 1) + ", found " +
                               (axis ? argument->value.known->str() : argument->value.describe()));
    failed = true;
    return std::nullopt;
  }
  return axis;
}

Value Elaborator::builtinUnary(BuiltinCall &call) {
  if (!expectArguments(call, 1, 1))
    return {};
  bool anyElement = call.name == "stop_gradient";
  bool keepsInts = scalar::rowOf<double>(call.name)->onInts;
  if (anyElement) {
    Value value = call.positional[0].value;
    if (!onlyArrays(value))
      return poison(call.range, "expected arrays, found " + value.describe());
    return mapLeaves(value, [&](core::Node *node) {
      return node->type.element == Element::Float ? builder.elementwise("stop_gradient", node)
                                                  : node;
    });
  }
  core::Node *node = numberArgument(call, 0, !keepsInts);
  return node ? Value::ofNode(builder.elementwise(call.name, node)) : Value();
}

/// [Sem-Reduce] `sum(x)` and `mean(x)` reduce all axes or, with a second argument, one; `max` and
/// `min` of two arguments are elementwise, `axis = k` names one axis, and `initial = v` is one more
/// number, so that there is an extreme of nothing.
Value Elaborator::builtinReduce(BuiltinCall &call) {
  bool isExtreme = call.name == "max" || call.name == "min";
  if (!expectArguments(call, 1, 2))
    return {};
  auto initial = call.named.find("initial");
  if (isExtreme && call.positional.size() == 2 && !call.named.empty()) {
    const CallArgument &named = call.named.begin()->second;
    return poison(named.name.range, "`" + call.name + "` of two arguments works element by " +
                                        "element and has no argument `" + named.name.name.str() +
                                        "`");
  }
  if (isExtreme && call.positional.size() == 2) {
    const Value &lhs = call.positional[0].value, &rhs = call.positional[1].value;
    if (!needArray(lhs, call.positional[0].range, "an argument of `" + call.name + "`") ||
        !needArray(rhs, call.positional[1].range, "an argument of `" + call.name + "`"))
      return {};
    return arithmetic(call.name, lhs, rhs, call.range, /*toFloat=*/false);
  }
  core::Node *node = numberArgument(call, 0, /*toFloat=*/call.name == "mean");
  if (!node)
    return {};
  bool failed = false;
  std::optional<int64_t> axis = axisArgument(call, node->type.rank(), !isExtreme, failed);
  if (failed)
    return {};
  std::vector<int64_t> axes;
  for (int64_t i = 0; i < static_cast<int64_t>(node->type.rank()); ++i)
    if (!axis || *axis == i)
      axes.push_back(i);
  if (call.name == "sum")
    return Value::ofNode(builder.reduce("sum", node, axes));
  core::Node *result = builder.reduce(isExtreme ? call.name : "sum", node, axes);
  if (initial != call.named.end()) {
    if (!needArray(initial->second.value, initial->second.range, "the argument `initial`"))
      return {};
    return arithmetic(call.name, Value::ofNode(result), initial->second.value, call.range,
                      /*toFloat=*/false);
  }
  if (call.name == "mean" && !axes.empty()) {
    core::Node *count = nullptr;
    for (int64_t reduced : axes) {
      core::Node *length = asFloat(builder.length(node->type.dims[static_cast<size_t>(reduced)]));
      count = count ? builder.elementwise("mul", {count, length}) : length;
    }
    result = builder.elementwise("div", {result, builder.extend(count, result->type.dims)});
  }
  // [Sem-Empty]
  for (int64_t reduced : axes)
    result = require(result, core::Need::Element, node->type.dims[static_cast<size_t>(reduced)] - 1,
                     call.name + " of nothing");
  return Value::ofNode(result);
}

/// [Sem-Argmax] Along the last axis, or the one given.
Value Elaborator::builtinArgmax(BuiltinCall &call) {
  if (!expectArguments(call, 1, 2))
    return {};
  core::Node *node = numberArgument(call, 0, false);
  if (!node)
    return {};
  if (node->type.rank() == 0)
    return poison(call.range, "expected an array with a dim, found " + node->type.str());
  bool failed = false;
  std::optional<int64_t> axis = axisArgument(call, node->type.rank(), true, failed);
  if (failed)
    return {};
  size_t along = axis ? static_cast<size_t>(*axis) : node->type.rank() - 1;
  core::Node *result = builder.argmax(node, along);
  return Value::ofNode(
      require(result, core::Need::Element, node->type.dims[along] - 1, "argmax of nothing"));
}

Value Elaborator::builtinSelect(BuiltinCall &call) {
  if (!expectArguments(call, 3, 3))
    return {};
  return choose(call.positional[0].value, call.positional[1].value, call.positional[2].value,
                call.range);
}

/// [Sem-Clip] Between 0 and a known int, the result of clipping ints is an index.
Value Elaborator::builtinClip(BuiltinCall &call) {
  if (!expectArguments(call, 3, 3))
    return {};
  for (const CallArgument &argument : call.positional)
    if (!needArray(argument.value, argument.range, "an argument of `clip`"))
      return {};
  const Value &value = call.positional[0].value, &low = call.positional[1].value,
              &high = call.positional[2].value;
  Value above = arithmetic("min", value, high, call.range, false);
  if (above.isPoison())
    return {};
  Value result = arithmetic("max", above, low, call.range, false);
  bool isIndex = !result.isPoison() && result.type().element == Element::Int && low.known &&
                 high.known && low.known->getConstant() == 0;
  if (!isIndex)
    return result;
  core::Type type = result.type();
  type.element = Element::Index;
  type.bound = *high.known + 1;
  return Value::ofNode(require(builder.convert(result.node, type), core::Need::Element, *high.known,
                               "an index from 0 to " + high.known->str()));
}

/// [Sem-Div] `div(a, b)` is the quotient of ints, rounded down.
Value Elaborator::builtinDiv(BuiltinCall &call) {
  if (!expectArguments(call, 2, 2))
    return {};
  for (const CallArgument &argument : call.positional)
    if (!needArray(argument.value, argument.range, "an argument of `div`"))
      return {};
  const Value &lhs = call.positional[0].value, &rhs = call.positional[1].value;
  if (lhs.type().element == Element::Float || rhs.type().element == Element::Float)
    return poison(call.range,
                  "expected ints to divide, found " + lhs.describe() + " and " + rhs.describe());
  std::optional<int64_t> divisor = rhs.known ? rhs.known->getConstant() : std::nullopt;
  if (divisor == 0)
    return poison(call.positional[1].range, "division by zero");
  bool known = lhs.known && rhs.known && rhs.known->isStatic() &&
               (lhs.known->isStatic() || divisor.value_or(0) > 0);
  if (!known)
    return arithmetic("div", lhs, rhs, call.range, /*toFloat=*/false);
  std::optional<int64_t> number = lhs.known->getConstant();
  if (number && divisor)
    return Value::ofInt(llvm::divideFloorSigned(*number, *divisor));
  return Value::ofInt(program->atoms.divideRounding(*lhs.known, *rhs.known, call.range));
}

/// [Sem-Range] `range(T)` is 0, 1, ... T - 1, as indices into T.
Value Elaborator::builtinRange(BuiltinCall &call) {
  if (!expectArguments(call, 1, 1))
    return {};
  const CallArgument &argument = call.positional[0];
  if (!argument.value.isArray() || !argument.value.known)
    return poison(argument.range, "expected a size, found " + argument.value.describe());
  const Polynomial &dim = *argument.value.known;
  if (!checkDim(dim, argument.range))
    return {};
  return Value::ofNode(builder.iota({Element::Index, {dim}, dim}, 0));
}

Value Elaborator::builtinConvert(BuiltinCall &call) {
  if (!expectArguments(call, 1, 1))
    return {};
  const CallArgument &argument = call.positional[0];
  if (!needArray(argument.value, argument.range, "an argument of `" + call.name + "`"))
    return {};
  core::Node *node = nodeOf(argument.value);
  return Value::ofNode(builder.convert(
      node, node->type.withElement(call.name == "float" ? Element::Float : Element::Int)));
}

/// [Sem-Check] `check(x, condition, "message")` is x, and stops the program where it fails. The
/// condition decides by its own elements: one bool decides also for an x of nothing.
Value Elaborator::builtinCheck(BuiltinCall &call) {
  if (!expectArguments(call, 3, 3))
    return {};
  const CallArgument &value = call.positional[0], &condition = call.positional[1],
                     &message = call.positional[2];
  if (!needArray(value.value, value.range, "what is checked"))
    return {};
  if (!condition.value.isArray() || condition.value.type().element != Element::Bool)
    return poison(condition.range,
                  "expected bool as the condition, found " + condition.value.describe());
  if (message.value.kind != Value::Text)
    return poison(message.range, "expected a message in quotes, found " + message.value.describe());
  core::Node *operand = nodeOf(value.value), *test = nodeOf(condition.value);
  core::Node *extended = operand, *repeated = test;
  if (!unifyOperands(repeated, extended, call.range, false))
    return {};
  if (extended != operand)
    return poison(condition.range, "expected one bool, or one per element");
  // A condition on lengths is a need, so that it is looked at before anything is read; but not
  // where data decide whether the branch that it stands in is taken.
  std::vector<Polynomial> leasts;
  bool isKnown = core::lengthsOf(test, leasts);
  for (const core::Branch &branch : branchesHere())
    isKnown &= core::isOfLengths(branch.condition);
  if (!isKnown)
    return Value::ofNode(check(operand, test, message.value.text));
  for (const Polynomial &least : leasts)
    operand = builder.require(operand, core::Need::Run, least, message.value.text);
  return Value::ofNode(operand);
}

/// [Sem-Random] A written draw is a site; its key counts the step, the example and all loops
/// around it.
Value Elaborator::builtinRandom(BuiltinCall &call) {
  if (!expectArguments(call, 1, 1))
    return {};
  auto shape = shapeArgument(call.expr->args.front().value, call.scope);
  if (!shape)
    return {};
  if (!function) // [Sem-Outside]
    return poison(call.range, "nothing is drawn here, outside of functions");
  builder.range = call.range;
  auto counter = [&](core::Node *&node, core::Role role, llvm::StringRef name) {
    if (!node)
      node = addArgument(role, name, {Element::Int, {}, {}});
    return node;
  };
  std::vector<core::Node *> operands{counter(seed, core::Role::Seed, "seed"),
                                     counter(step, core::Role::Step, "step"),
                                     counter(ordinal, core::Role::Ordinal, "ordinal")};
  for (const std::unique_ptr<Frame> &frame : frames)
    operands.push_back(frame->position);
  core::Node *node = builder.create(core::Op::Random, {Element::Float, *shape, {}}, operands);
  node->name = call.name.str();
  node->site = context.site + "/" + siteNumber(call.name, call.site);
  return Value::ofNode(node);
}

Value Elaborator::builtinFull(BuiltinCall &call) {
  if (!expectArguments(call, 2, 2))
    return {};
  auto shape = shapeArgument(call.expr->args.front().value, call.scope);
  if (!shape)
    return {};
  const CallArgument &value = call.positional[1];
  if (!needArray(value.value, value.range, "an argument of `full`"))
    return {};
  builder.range = call.range;
  return Value::ofNode(builder.prepend(nodeOf(value.value), *shape));
}

Value Elaborator::builtinStream(BuiltinCall &call) {
  if (!expectArguments(call, 1, 1))
    return {};
  const CallArgument &argument = call.positional[0];
  if (!argument.value.isFunction()) {
    if (trial && argument.value.known)
      aborted = true;
    return poison(argument.range, "expected a function, found " + argument.value.describe());
  }
  auto callable = std::make_shared<Callable>();
  callable->kind = Callable::Stream;
  callable->inner = argument.value.function;
  return Value::ofFunction(std::move(callable));
}
