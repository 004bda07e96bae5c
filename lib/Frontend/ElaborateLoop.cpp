// Loops of the core program: frames with slices, carries and stacks; states; maps; repeats.
#include "Frontend/Elaborator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace rondo;
using namespace rondo::ast;
using core::Element;

Frame &Elaborator::openFrame(const Polynomial &dim, bool reverse, std::optional<RepeatKey> key) {
  Frame &frame = *frames.emplace_back(std::make_unique<Frame>());
  frame.scan = builder.createDetached(core::Op::Scan, {});
  frame.scan->dim = dim;
  frame.scan->reverse = reverse;
  frame.outer = builder.block;
  frame.body = frame.scan->body = builder.createBlock(builder.block, frame.scan);
  frame.key = key;
  frame.dim = dim;
  frame.position = builder.argument(frame.body, {Element::Int, {}, {}});
  builder.block = frame.body;
  return frame;
}

core::Node *Elaborator::slice(Frame &frame, core::Node *node) {
  core::Node *&sliced = frame.sliced[node];
  if (!sliced) {
    sliced = builder.argument(frame.body, node->type.withErased(0));
    frame.slices.push_back(node);
    frame.sliceArguments.push_back(sliced);
  }
  return sliced;
}

core::Node *Elaborator::carry(Frame &frame, core::Node *start) {
  frame.starts.push_back(start);
  frame.carryArguments.push_back(builder.argument(frame.body, start->type));
  return frame.carryArguments.back();
}

std::vector<core::Node *> Elaborator::closeFrame() {
  Frame &frame = *frames.back();
  // States of cells inside: stacked along the loop's dim where they change.
  std::vector<std::pair<StateVariable *, size_t>> changed;
  if (host && frames.size() > host->level)
    for (StateVariable &variable : host->variables) {
      if (variable.level != frames.size() - host->level)
        continue;
      --variable.level;
      if (!variable.next)
        continue;
      changed.emplace_back(&variable, frame.stacks.size());
      frame.stacks.push_back(variable.next);
    }
  core::Node *scan = frame.scan;
  scan->operands = frame.starts;
  scan->numCarries = static_cast<unsigned>(frame.starts.size());
  scan->operands.insert(scan->operands.end(), frame.slices.begin(), frame.slices.end());
  frame.body->arguments = {frame.position};
  for (const auto *list : {&frame.carryArguments, &frame.sliceArguments})
    frame.body->arguments.insert(frame.body->arguments.end(), list->begin(), list->end());
  frame.body->results = frame.carryNext;
  frame.body->results.insert(frame.body->results.end(), frame.stacks.begin(), frame.stacks.end());

  builder.block = frame.outer;
  builder.append(scan);
  std::vector<core::Node *> results;
  for (core::Node *start : frame.starts)
    results.push_back(builder.result(scan, static_cast<unsigned>(results.size()), start->type));
  for (core::Node *stack : frame.stacks)
    results.push_back(builder.result(scan, static_cast<unsigned>(results.size()),
                                     stack->type.withLeading(frame.dim)));
  for (auto [variable, index] : changed)
    variable->next = results[frame.starts.size() + index];
  frames.pop_back();
  return results;
}

void Elaborator::abandonFrame() {
  if (host && frames.size() > host->level)
    for (StateVariable &variable : host->variables)
      if (variable.level == frames.size() - host->level) {
        --variable.level;
        variable.next = nullptr;
      }
  builder.block = frames.back()->outer;
  frames.pop_back();
}

//===----------------------------------------------------------------------===//
// Values in loops
//===----------------------------------------------------------------------===//

bool Elaborator::onlyArrays(const Value &value) {
  if (value.isRecord())
    return llvm::all_of(value.fields, [&](const auto &field) { return onlyArrays(field.second); });
  return value.isArray();
}

Value Elaborator::mapLeaves(const Value &value,
                            llvm::function_ref<core::Node *(core::Node *)> map) {
  if (!value.isRecord())
    return value.isArray() ? Value::ofNode(map(nodeOf(value))) : value;
  Value result = value;
  for (auto &[name, field] : result.fields)
    field = mapLeaves(field, map);
  return result;
}

Value Elaborator::closeMaps(size_t count, Value value, llvm::SMRange range) {
  if (!value.isPoison() && !onlyArrays(value)) // [Sem-Map-Result]
    value =
        poison(range, "expected arrays as the result of what is mapped, found " + value.describe());
  for (size_t i = 0; i < count; ++i) {
    if (value.isPoison()) {
      abandonFrame();
      continue;
    }
    Frame &frame = *frames.back();
    value = mapLeaves(value, [&](core::Node *node) {
      frame.stacks.push_back(node);
      return node;
    });
    std::vector<core::Node *> results = closeFrame();
    size_t next = 0;
    value = mapLeaves(value, [&](core::Node *) { return results[next++]; });
  }
  return value;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

StateVariable *Elaborator::addState(llvm::StringRef name, const core::Type &type,
                                    llvm::SMRange range, llvm::function_ref<Value()> initial) {
  StateVariable &variable = host->variables.emplace_back();
  variable.path = context.statePath + name.str();
  variable.range = range;
  variable.type = type;
  variable.level = static_cast<unsigned>(frames.size() - host->level);
  core::Type full = type;
  for (size_t i = frames.size(); i > host->level; --i)
    full = full.withLeading(frames[i - 1]->dim);
  core::Node *node = host->add(variable, full, initial);
  if (!node) {
    host->variables.pop_back();
    return nullptr;
  }
  variable.nodes.push_back(node);
  for (size_t i = host->level; i < frames.size(); ++i) {
    node = slice(*frames[i], node);
    variable.nodes.push_back(node);
  }
  return &variable;
}

/// True if a value needs something that is computed in `block`, or in a block inside of it.
static bool needs(const core::Node *node, const core::Block *block,
                  llvm::DenseSet<const core::Node *> &seen) {
  if (!seen.insert(node).second)
    return false;
  if (node->block && node->block->isWithin(block))
    return true;
  if (node->body)
    for (const core::Node *inner : node->body->nodes)
      if (needs(inner, block, seen))
        return true;
  return llvm::any_of(node->operands,
                      [&](const core::Node *operand) { return needs(operand, block, seen); });
}

core::Node *Elaborator::evaluateOutside(size_t index, const StateVariable &variable,
                                        const core::Type &type,
                                        llvm::function_ref<Value()> initial) {
  std::vector<std::unique_ptr<Frame>> inside;
  std::move(frames.begin() + static_cast<ptrdiff_t>(index), frames.end(),
            std::back_inserter(inside));
  frames.resize(index);
  Frame &loop = *inside.front();
  llvm::SaveAndRestore<core::Block *> blockScope(builder.block, loop.outer);
  Value value;
  {
    llvm::SaveAndRestore<CellStates *> statesScope(context.states, nullptr);
    for (size_t i = 1; i < inside.size(); ++i)
      openFrame(inside[i]->dim, /*reverse=*/false, inside[i]->key);
    value = initial();
    size_t loops = inside.size() - 1;
    if (value.isArray() && value.node && value.node->op == core::Op::Constant) {
      for (size_t i = 0; i < loops; ++i)
        abandonFrame();
      value = Value::ofNode(builder.constant(value.node->number, type));
    } else {
      value = closeMaps(loops, std::move(value), variable.range);
    }
  }
  std::move(inside.begin(), inside.end(), std::back_inserter(frames));
  if (!value.isArray())
    return nullptr;
  llvm::DenseSet<const core::Node *> seen;
  if (needs(value.node, loop.body, seen)) { // [Sem-State-Initial]
    error(variable.range, "the initial value of `" + variable.path +
                              "` is evaluated once, before the steps, and cannot depend on a step");
    return nullptr;
  }
  return value.node;
}

Value Elaborator::stateRecord(const CellStates &states,
                              llvm::function_ref<core::Node *(const StateVariable &)> get) {
  std::vector<Field> fields;
  for (const auto &[name, variable] : states.own)
    fields.emplace_back(name, Value::ofNode(get(*variable)));
  for (const auto &[name, child] : states.children) {
    Value inner = stateRecord(*child, get);
    if (!inner.fields.empty())
      fields.emplace_back(name, std::move(inner));
  }
  return Value::ofFields(std::move(fields));
}

const Value *Elaborator::findState(const Value &from, llvm::StringRef path) {
  const Value *value = &from;
  while (value && !path.empty()) {
    auto [name, rest] = path.split('.');
    value = value->isRecord() ? value->find(name) : nullptr;
    path = rest;
  }
  return value;
}

//===----------------------------------------------------------------------===//
// repeat
//===----------------------------------------------------------------------===//

/// [Sem-Repeat] The body's value has the type of the first one.
Value Elaborator::evaluateRepeat(const RepeatExpr &expr, Environment &scope) {
  std::optional<Polynomial> count = evaluateDim(expr.count, &scope);
  Value start = evaluate(expr.start, scope);
  if (!count || start.isPoison())
    return {};
  if (!onlyArrays(start))
    return poison(expr.start->range, "expected arrays, found " + start.describe());
  start = mapLeaves(start, [](core::Node *node) { return node; });
  builder.range = expr.range;
  Frame &frame = openFrame(*count, /*reverse=*/false, RepeatKey{context.instance, &expr});
  Value value = mapLeaves(start, [&](core::Node *node) { return carry(frame, node); });
  Environment *inner = createEnvironment(&scope);
  bindPattern(expr.pattern, value, expr.start->range, *inner);
  {
    llvm::SaveAndRestore<bool> nested(context.isNested, true);
    value = elaborateBody(*expr.body, *inner);
  }
  builder.range = expr.range;
  value = coerceLike(value, start, resultRange(*expr.body), "the value of a repeat's body");
  if (value.isPoison()) {
    abandonFrame();
    return {};
  }
  mapLeaves(value, [&](core::Node *node) {
    frame.carryNext.push_back(node);
    return node;
  });
  std::vector<core::Node *> results = closeFrame();
  size_t next = 0;
  return mapLeaves(start, [&](core::Node *) { return results[next++]; });
}

/// Brings a value to the type of another, or reports the difference.
Value Elaborator::coerceLike(const Value &value, const Value &like, llvm::SMRange range,
                             const llvm::Twine &what) {
  if (value.isPoison())
    return {};
  if (!like.isRecord())
    return coerce(value, like.type(), range, what, {});
  if (!value.isRecord() || value.fields.size() != like.fields.size())
    return poison(range,
                  "expected " + what + " to be " + like.describe() + ", found " + value.describe());
  Value result = value;
  for (auto [field, other] : llvm::zip_equal(result.fields, like.fields)) {
    field.second = coerceLike(field.second, other.second, range, what);
    if (field.second.isPoison())
      return {};
  }
  return result;
}
