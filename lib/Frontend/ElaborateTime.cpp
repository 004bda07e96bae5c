// unroll and scan: a cell over a sequence.
#include "Frontend/Elaborator.h"
#include "Frontend/Mentions.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

/// The leading dim of all arrays of a value, or null where they have none or differ.
static const Polynomial *leadingDim(const Value &value) {
  if (value.isArray())
    return value.node && value.node->type.rank() > 0 ? &value.node->type.dims.front() : nullptr;
  const Polynomial *common = nullptr;
  for (const auto &[name, field] : value.fields) {
    const Polynomial *dim = leadingDim(field);
    if (!dim || (common && !(*common == *dim)))
      return nullptr;
    common = dim;
  }
  return common;
}

Value Elaborator::evaluateUnroll(const UnrollExpr &expr, Environment &scope) {
  const UnrollModifiers &modifiers = expr.modifiers;
  if (expr.isStateful())
    return notSupported(modifiers.stateful, "`stateful`");
  if (modifiers.remat != Remat::Auto)
    return notSupported(modifiers.rematRange, "a choice of `remat`");
  Value cell = evaluate(expr.cell, scope);
  if (cell.isPoison())
    return {};
  if (!cell.isFunction()) { // [Sem-Unroll-Cell]
    if (trial && cell.known && cell.known->getAtom())
      aborted = true;
    Diagnostic &report =
        error(expr.cell->range, "expected a cell to unroll, found " + cell.describe());
    if (llvm::isa<CallExpr>(expr.cell))
      report.advice(
          "an unroll calls the cell in each step: unroll f over x; what is the same in all "
          "steps is held by its name: f(a = e)");
    return {};
  }
  Unroll spec;
  spec.range = expr.range;
  spec.reverse = expr.isReverse();
  std::optional<Polynomial> dim;
  llvm::SMRange dimRange;
  auto agree = [&](const Polynomial &found, llvm::SMRange range) {
    if (!dim) {
      dim = found;
      dimRange = range;
    }
    if (*dim == found)
      return true;
    Diagnostic &report = error(range, "expected `" + dim->str() +
                                          "` steps as in the rest of the "
                                          "unroll, found `" +
                                          found.str() + "`"); // [Sem-Unroll-Dims]
    report.note(dimRange, "the steps are those of this");
    noteOrigins(report, {*dim, found});
    return false;
  };
  llvm::SmallVector<const Expr *> sources;
  if (const auto *zipped = llvm::dyn_cast_if_present<TupleExpr>(modifiers.over))
    llvm::append_range(sources, zipped->items);
  else if (modifiers.over)
    sources.push_back(modifiers.over);
  bool failed = false;
  for (const Expr *source : sources) {
    Value value = evaluate(source, scope);
    if (value.isPoison())
      return {};
    const Polynomial *leading = onlyArrays(value) ? leadingDim(value) : nullptr;
    if (!leading) { // [Sem-Unroll-Over]
      error(source->range, "expected a sequence to unroll over, found " + value.describe());
      return {};
    }
    failed |= !agree(*leading, source->range);
    spec.inputs.push_back(std::move(value));
  }
  if (modifiers.count) {
    std::optional<Polynomial> count = evaluateDim(modifiers.count, &scope, /*mayBeZero=*/true);
    failed |= !count || !agree(*count, modifiers.count->range);
  }
  if (modifiers.from) {
    Value from = evaluate(modifiers.from, scope);
    if (from.isPoison())
      return {};
    if (!from.isRecord()) // [Sem-Unroll-From]
      return poison(modifiers.from->range,
                    "expected a record of states after `from`, found " + from.describe());
    spec.from = std::move(from);
    spec.fromRange = modifiers.from->range;
  }
  if (modifiers.truncate) {
    spec.truncate = evaluateDim(modifiers.truncate, &scope);
    failed |= !spec.truncate;
  }
  if (modifiers.reset) {
    Value reset = evaluate(modifiers.reset, scope);
    if (reset.isPoison())
      return {};
    bool fits =
        reset.isArray() && reset.type().element == Element::Bool && reset.type().rank() == 1;
    if (!fits) // [Sem-Unroll-Reset]
      return poison(modifiers.reset->range,
                    "expected one bool per step after `reset when`, found " + reset.describe());
    failed |= !agree(reset.type().dims.front(), modifiers.reset->range);
    spec.reset = reset.node;
  }
  if (failed)
    return {};
  spec.dim = *dim;
  builder.range = expr.range;
  auto [outputs, last] = unroll(*cell.function, spec, expr.cell);
  if (!expr.isScan || outputs.isPoison())
    return outputs;
  return Value::ofFields({{"", std::move(outputs)}, {"", std::move(last)}});
}

/// What carries look like in a step: cut from the gradient between segments of `truncate` steps,
/// started anew where `reset` holds. [Sem-Truncate] The first step is not cut from the start, which
/// is no step, so that a start that is learned has its gradient.
core::Node *Elaborator::modifyCarry(Frame &frame, const Unroll &spec, core::Node *carried,
                                    core::Node *start) {
  llvm::SaveAndRestore<core::Block *> blockScope(builder.block, frame.body);
  core::Node *node = carried;
  if (spec.truncate && node->type.element == Element::Float) {
    if (!frame.cut) {
      core::Type scalar{Element::Int, {}, {}};
      core::Node *count = frame.position;
      if (spec.reverse)
        count = builder.elementwise("sub", {builder.length(spec.dim - 1), count});
      core::Node *rest = builder.elementwise("rem", {count, builder.length(*spec.truncate)});
      core::Node *zero = builder.constant(0, scalar);
      frame.cut = builder.elementwise(
          "and", {builder.compare("eq", rest, zero), builder.compare("gt", count, zero)});
    }
    node = builder.select(builder.extend(frame.cut, node->type.dims),
                          builder.elementwise("stop_gradient", node), node);
  }
  if (spec.reset)
    node = builder.select(builder.extend(slice(frame, spec.reset), node->type.dims), start, node);
  return node;
}

std::pair<Value, Value> Elaborator::unroll(const Callable &callable, const Unroll &spec,
                                           const Expr *site) {
  llvm::SaveAndRestore<std::vector<Use>> useScope(uses);
  uses.push_back({spec.range, callable.describe()});
  if (const RepeatExpr *repeat = onlyRepeats(callable))
    return unrollLayers(callable, *repeat, spec, site);
  llvm::SMRange range = spec.range;
  Frame &frame = openFrame(spec.dim, spec.reverse);
  std::vector<CallArgument> arguments;
  for (const Value &input : spec.inputs)
    arguments.push_back(
        {{}, mapLeaves(input, [&](core::Node *node) { return slice(frame, node); }), range});

  CellStates root;
  StateHost own;
  own.level = frames.size();
  std::vector<const StateVariable *> order;
  llvm::StringMap<bool> used;
  own.add = [&](StateVariable &variable, const core::Type &type,
                llvm::function_ref<Value()> initial) -> core::Node * {
    core::Node *start = nullptr;
    const Value *from = spec.from ? findState(*spec.from, variable.path) : nullptr;
    if (from) {
      llvm::SaveAndRestore<core::Block *> blockScope(builder.block, frame.outer);
      builder.range = spec.fromRange;
      Value value =
          coerce(*from, type, spec.fromRange, "the state `" + variable.path + "`", variable.range);
      start = value.isPoison() ? nullptr : nodeOf(value);
    } else {
      start = evaluateOutside(own.level - 1, variable, type, initial);
    }
    if (!start)
      return nullptr;
    builder.range = variable.range;
    used[variable.path] = true;
    return modifyCarry(frame, spec, carry(frame, start), start);
  };
  Value outputs;
  {
    llvm::SaveAndRestore<StateHost *> hostScope(host, &own);
    llvm::SaveAndRestore<CellStates *> statesScope(context.states, &root);
    llvm::SaveAndRestore<std::string> pathScope(context.statePath, "");
    llvm::SaveAndRestore<bool> rootScope(hostRoot, callable.kind != Callable::Body);
    llvm::SaveAndRestore<bool> branchScope(context.underIf, false);
    outputs = call(callable, std::move(arguments), site, range);
  }
  builder.range = range;
  if (!outputs.isPoison() && !onlyArrays(outputs))
    outputs =
        poison(range, "expected arrays as the outputs of a step, found " + outputs.describe());
  if (!outputs.isPoison() && spec.from)
    checkFrom(*spec.from, "", own, spec.fromRange);
  if (outputs.isPoison()) {
    abandonFrame();
    return {};
  }
  for (StateVariable &variable : own.variables)
    frame.carryNext.push_back(variable.next ? variable.next : variable.nodes.front());
  outputs = mapLeaves(outputs, [&](core::Node *node) {
    frame.stacks.push_back(node);
    return node;
  });
  std::vector<core::Node *> results = closeFrame();
  size_t next = own.variables.size();
  outputs = mapLeaves(outputs, [&](core::Node *) { return results[next++]; });
  Value last = stateRecord(root, [&](const StateVariable &variable) {
    for (auto [i, candidate] : llvm::enumerate(own.variables))
      if (&candidate == &variable)
        return results[i];
    llvm_unreachable("every state of the record belongs to the host");
  });
  return {std::move(outputs), std::move(last)};
}

/// Every state that `from` names has to be one of the cell's.
void Elaborator::checkFrom(const Value &from, const std::string &path, const StateHost &states,
                           llvm::SMRange range) {
  for (const auto &[name, value] : from.fields) {
    std::string inner = path + name;
    bool known = llvm::any_of(states.variables, [&](const StateVariable &variable) {
      return variable.path == inner ||
             (value.isRecord() && llvm::StringRef(variable.path).starts_with(inner + "."));
    });
    if (!known) // [Sem-From-Name]
      error(range, "the cell has no state `" + inner + "`");
    else if (value.isRecord())
      checkFrom(value, inner + ".", states, range);
  }
}

//===----------------------------------------------------------------------===//
// Cells that only repeat
//===----------------------------------------------------------------------===//

const RepeatExpr *Elaborator::onlyRepeats(const Callable &callable) {
  if (callable.kind != Callable::Decl || callable.decl->callableKind != CallableKind::Cell ||
      callable.decl->params.size() != 1 || callable.decl->body->stmts.size() != 1)
    return nullptr;
  const auto *stmt = llvm::dyn_cast<ExprStmt>(callable.decl->body->stmts.front());
  const auto *repeat = stmt ? llvm::dyn_cast<RepeatExpr>(stmt->value) : nullptr;
  if (!repeat || repeat->pattern.isTuple)
    return nullptr;
  const auto *start = llvm::dyn_cast<NameExpr>(repeat->start);
  llvm::StringRef input = callable.decl->params.front().name.name;
  if (!start || start->primed || start->name.name != input)
    return nullptr;
  bool hidden = repeat->pattern.names.front().name == input;
  return hidden || !mentions(*repeat->body, input) ? repeat : nullptr;
}

/// [Sem-Unroll-Layers] A cell that only repeats hands each step's value from layer to layer, and
/// each layer's state from step to step. Layer by layer, each over all steps, gives the same.
std::pair<Value, Value> Elaborator::unrollLayers(const Callable &callable, const RepeatExpr &repeat,
                                                 const Unroll &spec, const Expr *site) {
  llvm::SMRange range = spec.range;
  const ValueParam &param = callable.decl->params.front();
  if (spec.inputs.size() != 1 || !spec.inputs.front().isArray())
    return {poison(range, "expected one array to unroll " + callable.describe() + " over"), {}};
  const Value &input = spec.inputs.front();
  // What one step gets, for the dims in the signature.
  Value stepInput = Value::ofNode(builder.argument(builder.block, input.type().withErased(0)));
  std::string label = callable.label.empty() ? callable.name() : callable.label;
  Environment *scope = createEnvironment(callable.environment);
  if (!bindGenerics(callable, {stepInput}, *scope, range))
    return {};
  if (param.type && coerceTo(stepInput, param.type, scope, range,
                             "argument `" + param.name.name + "` of " + callable.describe())
                        .isPoison())
    return {};

  CellStates root;
  Value last;
  auto inside = [&]() -> Value {
    std::optional<Polynomial> count = evaluateDim(repeat.count, scope);
    if (!count)
      return {};
    builder.range = range;
    Frame &frame = openFrame(*count, /*reverse=*/false, RepeatKey{context.instance, &repeat});
    core::Node *sequence = carry(frame, input.node);
    Callable body;
    body.kind = Callable::Body;
    body.repeat = &repeat;
    body.environment = scope;
    Unroll inner = spec;
    inner.inputs = {Value::ofNode(sequence)};
    if (spec.from) {
      if (!leadingDim(*spec.from) || !(*leadingDim(*spec.from) == *count)) {
        error(spec.fromRange, "expected states with the leading dim `" + count->str() +
                                  "`, one per layer, found " + spec.from->describe());
        abandonFrame();
        return {};
      }
      inner.from = mapLeaves(*spec.from, [&](core::Node *node) { return slice(frame, node); });
    }
    auto [outputs, states] = unroll(body, inner, &repeat);
    builder.range = range;
    outputs = coerceLike(outputs, input, resultRange(*repeat.body), "the value of a repeat's body");
    if (outputs.isPoison()) {
      abandonFrame();
      return {};
    }
    frame.carryNext.push_back(nodeOf(outputs));
    mapLeaves(states, [&](core::Node *node) {
      frame.stacks.push_back(node);
      return node;
    });
    std::vector<core::Node *> results = closeFrame();
    size_t next = 1;
    last = mapLeaves(states, [&](core::Node *) { return results[next++]; });
    return Value::ofNode(results.front());
  };
  llvm::SaveAndRestore<CellStates *> statesScope(context.states, &root);
  llvm::SaveAndRestore<bool> rootScope(hostRoot, true);
  llvm::SaveAndRestore<StateHost *> hostScope(host, nullptr);
  llvm::SaveAndRestore<bool> branchScope(context.underIf, false);
  Value outputs = enter(callable, label, site, range, inside);
  if (!outputs.isPoison() && callable.decl->resultType) {
    Value stepOutput = Value::ofNode(builder.argument(builder.block, outputs.type().withErased(0)));
    if (coerceTo(stepOutput, callable.decl->resultType, scope, range,
                 "the result of " + callable.describe())
            .isPoison())
      return {};
  }
  return {std::move(outputs), std::move(last)};
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

/// [Sem-Stream] `stream(f)` gives, step by step, the last element of f of all steps so far.
Value Elaborator::callStream(const Callable &callable, llvm::ArrayRef<CallArgument> arguments,
                             const Expr *site, llvm::SMRange range) {
  if (frames.empty())
    return poison(range, "expected stream(f) to be called in a cell that is unrolled");
  core::Node *stream = builder.createDetached(core::Op::Stream, {});
  const Atom *length = program->atoms.create(Atom::Bound, "S", range);
  stream->dim = length;
  if (function)
    function->streamLengths.push_back(length);
  stream->body = builder.createBlock(builder.block, stream);
  core::Block *outer = builder.block;
  builder.block = stream->body;
  std::vector<CallArgument> sequences;
  for (const CallArgument &argument : arguments) {
    if (!argument.value.isArray()) {
      builder.block = outer;
      return poison(argument.range, "expected an array as the step of a sequence, found " +
                                        argument.value.describe());
    }
    builder.block = outer;
    core::Node *operand = nodeOf(argument.value);
    builder.block = stream->body;
    stream->operands.push_back(operand);
    stream->body->arguments.push_back(
        builder.argument(stream->body, operand->type.withLeading(length)));
    sequences.push_back(
        {argument.name, Value::ofNode(stream->body->arguments.back()), argument.range});
  }
  Value result;
  {
    llvm::SaveAndRestore<StateHost *> hostScope(host, nullptr);
    llvm::SaveAndRestore<CellStates *> statesScope(context.states, nullptr);
    llvm::SaveAndRestore<bool> rootScope(hostRoot, false);
    result = call(*callable.inner, std::move(sequences), site, range);
  }
  const Polynomial *leading =
      result.isPoison() || !onlyArrays(result) ? nullptr : leadingDim(result);
  if (!result.isPoison() && (!leading || !(*leading == stream->dim))) // [Sem-Stream-Result]
    result = poison(range, "expected " + callable.inner->describe() +
                               " to give as many elements as it gets, found " + result.describe());
  if (!result.isPoison())
    mapLeaves(result, [&](core::Node *node) {
      stream->body->results.push_back(node);
      return node;
    });
  builder.block = outer;
  builder.range = range;
  if (result.isPoison())
    return {};
  builder.append(stream);
  unsigned next = 0;
  return mapLeaves(result, [&](core::Node *node) {
    return builder.result(stream, next++, node->type.withErased(0));
  });
}
