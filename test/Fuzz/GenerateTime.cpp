// Cells and blocks of their own, and the loops over them; streamed functions.
#include "Generator.h"

using namespace rondo::fuzz;

static constexpr size_t mostCells = 5;

/// Fills a definition with names of its own.
template <typename Body> void Generator::inside(Cell &cell, Body body) {
  std::vector<Binding> outerScope = std::move(scope);
  std::vector<Binding> *outerParameters = std::exchange(makeParameters, &cell.parameters);
  std::vector<Binding> *outerLets = std::exchange(makeLets, &cell.lets);
  scope = {{"x", cell.input, nullptr}};
  for (const Binding &argument : cell.held)
    scope.push_back(argument);
  for (const Binding &state : cell.states)
    scope.push_back(state);
  bool outer = std::exchange(inCell, true);
  body();
  inCell = outer;
  scope = std::move(outerScope);
  makeParameters = outerParameters;
  makeLets = outerLets;
  program.cells.push_back(cell);
}

/// What a cell calls another for: `b`, of the state's type.
void Generator::nest(Cell &cell, const Type &state) {
  Type input{{size()}, 0};
  Cell inner = makeCell(input, state, /*isNested=*/true);
  Binding let{"b", state, makeNode(inner.name + "($0)", state, {expression(input, 1)})};
  cell.lets.push_back(let);
  scope.push_back(let);
}

/// Gates of the state's type, made all at once and taken apart.
std::vector<Binding> Generator::gates(Cell &cell, const Type &state) {
  Dim count = 2 + random.below(3), n = state.dims[0], m = cell.input.dims[0];
  Type all{{count, n}, 0};
  std::vector<NodePtr> children{leaf({{count, n, m}, 0}), leaf({{count, n, n}, 0})};
  bool isWide = m + n > 40;
  std::vector<std::string> texts = {
      "row_norm($0 @ x) + row_norm($1 @ h)", "row_norm($0 @ x) + row_norm($1 @ h)",
      "row_norm($0 @ x + $1 @ h)",
      isWide ? "0.1 * ($0 @ x) + 0.1 * ($1 @ h)" : "0.5 * ($0 @ x) + 0.5 * ($1 @ h)",
      isWide ? "0.1 * ($0 @ x) * (0.1 * ($1 @ h))" : "($0 @ x) * (0.5 * ($1 @ h))"};
  std::string text = random.of(texts);
  if (random.chance(40)) {
    text += random.chance(30) ? " * (1.0 + $2)" : " + $2";
    children.push_back(leaf(all));
  }
  std::string names;
  std::vector<Binding> result;
  for (Dim i = 0; i < count; ++i) {
    result.push_back({"g" + std::to_string(i), state, nullptr});
    names += (i ? ", " : "") + result.back().name;
  }
  cell.lets.push_back({"(" + names + ")", all, makeNode(text, all, children)});
  scope.insert(scope.end(), result.begin(), result.end());
  return result;
}

NodePtr Generator::nextState(Cell &cell, const Binding &state, const std::vector<Binding> &gates) {
  if (gates.empty() || state.type != gates.front().type)
    return makeNode("tanh($0 + $1)", state.type,
                    {fromCellInput(cell, state.type), expression(state.type, 2)});
  static const std::vector<std::string> texts = {
      "sigmoid($0) * $1 + (1.0 - sigmoid($0)) * tanh($2)", "sigmoid($0) * $1 + tanh($2)",
      "0.5 * $1 + 0.5 * sin($2 + $0)", "tanh($0) * sigmoid($2)"};
  std::string text = random.of(texts);
  // With a gate as the other operand nothing but gates is between the products and the state.
  NodePtr other = random.chance(40) ? makeNode(random.of(gates).name, state.type)
                                    : expression(state.type, 1 + random.below(2));
  return makeNode(
      text, state.type,
      {makeNode(random.of(gates).name, state.type), makeNode(state.name, state.type), other});
}

Cell Generator::makeCell(const Type &input, const Type &state, bool isNested, bool isGiven) {
  Cell cell;
  cell.name = "c" + std::to_string(fresh++);
  cell.input = input;
  cell.states.push_back({"h", state, nullptr});
  if (random.chance(40))
    cell.states.push_back({"s", random.chance(50) ? state : Type{{size()}, 0}, nullptr});
  if (isGiven)
    cell.held.push_back(
        {"m", {{ragged(), random.chance(50) ? state.dims[0] : size()}, 0}, nullptr});
  inside(cell, [&] {
    std::vector<Binding> taken;
    if (random.chance(isWide ? 90 : 50))
      taken = gates(cell, state);
    if (!isNested && random.chance(20))
      nest(cell, state);
    NodePtr value = isGiven ? fromMemory(state, 1) : expression(state, 2);
    Binding let{"a", state, value};
    cell.lets.push_back(let);
    scope.push_back(let);
    for (Binding &s : cell.states)
      s.value = nextState(cell, s, taken);
    // `a` counts in any case.
    cell.states[0].value =
        makeNode(random.chance(50) ? "tanh($0 + a)" : "(0.5 * $0 + 0.5 * tanh(a))", state,
                 {cell.states[0].value});
    static const std::vector<std::string> outputs = {
        "h'", "h'", "h'", "tanh(h' + 0.5 * h)", "row_norm(h')", "softmax(h')"};
    cell.result = makeNode(random.of(outputs), state);
  });
  return cell;
}

/// W @ x + U @ h, so that the recurrence is a real one.
NodePtr Generator::fromCellInput(const Cell &cell, const Type &type) {
  Dim n = type.dims[0], m = cell.input.dims[0], h = cell.states[0].type.dims[0];
  return makeNode(n + m + h > 60 ? "(0.2 * ($0 @ x) + 0.2 * ($1 @ h))" : "($0 @ x + $1 @ h)", type,
                  {leaf({{n, m}, 0}), leaf({{n, h}, 0})});
}

/// What a cell has of the sequence that it is given: attention with one query, or a product with
/// what is the same at each of its positions.
NodePtr Generator::fromMemory(const Type &type, int depth) {
  Type memory;
  for (const Binding &binding : scope)
    if (binding.name == "m")
      memory = binding.type;
  Dim k = memory.dims[1], n = type.dims[0];
  NodePtr query = expression({{k}, 0}, depth);
  std::string value = k == n ? "m" : "(m @ $1)";
  std::vector<NodePtr> children{query};
  if (k != n)
    children.push_back(leaf({{k, n}, 0}));
  std::string extents = "[s < " + dimText(memory.dims[0]) + ", k < " + std::to_string(k) + ": ";
  std::string weights = "$1";
  if (k == n)
    weights = "[a < " + std::to_string(k) + ", b < " + std::to_string(k) + ": 0.1 * float(a >= b)]";
  std::vector<std::string> texts = {
      "(softmax(m @ $0) @ " + value + ")",
      "(softmax(einsum(\"sk,k->s\", tanh(m), $0)) @ " + value + ")",
      "(0.2 * sum(m @ $0) * " + std::string(k == n ? "$0)" : "($0 @ $1))"),
      "(0.1 * sum(" + extents + "$0[k]] @ " + weights + ", 0))",
      "(0.1 * sum(" + extents + "$0[k] * m[s, k]] @ " + weights + ", 0))"};
  if (k > 3)
    children[0] = makeNode("(0.3 * $0)", query->type, {query});
  std::string text = random.of(texts);
  children[0] = named(children[0]);
  return makeNode(text, type, children);
}

Cell Generator::makeBlock(const Type &type) {
  Cell block;
  block.name = "b" + std::to_string(fresh++);
  block.input = type;
  inside(block, [&] {
    Dim n = type.dims[0];
    block.result = makeNode(n > 30 ? "tanh(0.2 * ($0 @ x) + $1)" : "tanh($0 @ x + $1)", type,
                            {leaf({{n, n}, 0}), expression(type, 2)});
  });
  return block;
}

/// How a cell is unrolled over its first child.
std::string Generator::modifiers(const std::string &text, const Type &type, const Cell &cell,
                                 std::vector<NodePtr> &children, int depth) {
  std::string all = text;
  auto child = [&](NodePtr node) {
    children.push_back(std::move(node));
    return "$" + std::to_string(children.size() - 1);
  };
  if (!inFunction && random.chance(35))
    all += " reverse";
  if (random.chance(20))
    all += " truncate " + std::to_string(1 + random.below(4));
  if (!inFunction && random.chance(25)) {
    const Binding &state = random.of(cell.states);
    all += " from (" + state.name + " = " + child(expression(state.type, depth - 1)) + ")";
  }
  if (!inFunction && random.chance(20)) {
    const Binding *ids = indices();
    all += " reset when (";
    all += ids && type.dims[0] == T && random.chance(50)
               ? "ids == 1)"
               : child(expression({{type.dims[0]}, 0}, depth - 1)) + " > 0.4)";
  }
  return all;
}

static bool isSequence(const Type &type) {
  return type.dims.size() == 2 && type.dims[0] < 0 && type.dims[1] > 0;
}

/// The arguments of a cell that it is given beside its input.
std::string Generator::givenTo(Cell &cell, std::vector<NodePtr> &children, int depth) {
  std::string text;
  for (const Binding &argument : cell.held) {
    children.push_back(expression(argument.type, depth - 1));
    text +=
        (text.empty() ? "(" : ", ") + argument.name + " = $" + std::to_string(children.size() - 1);
  }
  return text.empty() ? text : text + ")";
}

/// A cell of its own, unrolled: for [T, n] or [S, n]; alone or two on top of one another.
NodePtr Generator::unrolled(const Type &type, int depth) {
  if (inCell || !isSequence(type) || program.cells.size() >= mostCells)
    return binary(type, depth);
  Dim n = type.dims[1];
  if (!inFunction && random.chance(15)) {
    Cell cell = makeCell({{n}, 0}, {{n}, 0});
    const char *reverse = random.chance(35) ? " reverse" : "";
    return makeNode("(unroll stack<" + std::to_string(2 + random.below(2)) + ", " + cell.name +
                        "> over $0" + reverse + ")",
                    type, {expression(type, depth - 1)});
  }
  Dim m = sizeBeside({type.dims[0]});
  Cell cell = makeCell({{m}, 0}, {{n}, 0}, false, !inFunction && random.chance(25));
  std::vector<NodePtr> children{expression({{type.dims[0], m}, 0}, depth - 1)};
  std::string given = givenTo(cell, children, depth);
  std::string text =
      modifiers("(unroll " + cell.name + given + " over $0", type, cell, children, depth);
  return makeNode(text + ")", type, children);
}

/// The outputs and the last states, by a let of their own.
NodePtr Generator::scanned(const Type &type, int depth) {
  if (inCell || inFunction || !isSequence(type) || program.cells.size() >= mostCells)
    return contraction(type, depth);
  Dim m = sizeBeside({type.dims[0]});
  Cell cell = makeCell({{m}, 0}, {{type.dims[1]}, 0}, false, random.chance(25));
  std::vector<NodePtr> children{expression({{type.dims[0], m}, 0}, depth - 1)};
  std::string given = givenTo(cell, children, depth);
  std::string text =
      modifiers("scan " + cell.name + given + " over $0", type, cell, children, depth);
  std::string number = std::to_string(fresh++), outputs = "y" + number, last = "l" + number;
  Type both{{}, -1}; // nothing else has it
  program.lets.push_back({"(" + outputs + ", " + last + ")", both, makeNode(text, both, children)});
  scope.push_back({outputs, type, nullptr});
  for (const Binding &state : cell.states)
    scope.push_back({last + "." + state.name, state.type, nullptr});
  return makeNode(outputs, type);
}

/// The last state of a cell over a sequence, or over its positions but one.
NodePtr Generator::lastState(const Type &type, int depth) {
  if (inCell || inFunction || type.dims.size() != 1 || type.dims[0] < 0 ||
      program.cells.size() >= mostCells)
    return overSequence(type, depth);
  Dim length = ragged(), m = sizeBeside({length});
  Cell cell = makeCell({{m}, 0}, type);
  std::string part;
  if (hasLength(1) && random.chance(50))
    part = random.chance(50) ? "[1:]" : "[:-1]";
  std::string number = std::to_string(fresh++), outputs = "y" + number, last = "l" + number;
  Type both{{}, -1};
  std::string text =
      "scan " + cell.name + " over $0" + part + (random.chance(35) ? " reverse" : "");
  program.lets.push_back({"(" + outputs + ", " + last + ")", both,
                          makeNode(text, both, {expression({{length, m}, 0}, depth - 1)})});
  return makeNode(last + ".h", type);
}

/// Layers, each with parameters of its own.
NodePtr Generator::repeated(const Type &type, int depth) {
  if (inCell || inFunction || type.dims.empty() || type.dims.back() < 0 ||
      program.cells.size() >= mostCells)
    return rowWise(type, depth);
  Type row{{type.dims.back()}, 0};
  std::string turns = "(repeat " + std::to_string(2 + random.below(2)) + " with r = $0 { ";
  NodePtr start = expression(type, depth - 1);
  if (isSequence(type) && random.chance(40))
    return makeNode(turns + "r + (unroll " + makeCell(row, row).name + " over r) })", type,
                    {start});
  return makeNode(turns + "row_norm(r + " + makeBlock(row).name + "(r)) })", type, {start});
}

/// A function of the model whose element at each position is of the positions so far.
void Generator::addFunction() {
  Type input{{T, size()}, 0}, result = input;
  if (random.chance(40))
    result.dims[1] = size();
  Function function{"f" + std::to_string(fresh++), input, {}, nullptr};
  std::vector<Binding> outer = std::exchange(scope, {{"z", input, nullptr}});
  makeLets = &function.lets;
  inFunction = true;
  NodePtr value = expression(result, 2);
  if (random.chance(70)) {
    // A number beside a sequence: it has no positions of its own in a step.
    static const std::vector<std::string> texts = {"(0.5 * $0)",
                                                   "($0 - 0.25)",
                                                   "max($0, 0.1 * $0)",
                                                   "select($0 > 0.1, $0, 0.5 * $0)",
                                                   "clip($0, -0.5, 0.5)",
                                                   "($0 * float($0 > 0.1))",
                                                   "($0 + $1[clip(range(T), 0, 3)])"};
    value = named(value);
    value = makeNode(random.of(texts), result, {value, leaf({{4, result.dims[1]}, 0})});
  }
  function.result = value;
  inFunction = false;
  makeLets = nullptr;
  for (const Binding &parameter : program.parameters)
    outer.push_back(parameter);
  scope = std::move(outer);
  program.functions.push_back(std::move(function));
}

/// The same step by step.
NodePtr Generator::streamed(const Type &type, int depth) {
  if (program.functions.empty() || isStreamed || inCell || inFunction || type.dims.size() != 2 ||
      type.dims[0] > 0)
    return rowWise(type, depth);
  const Function &function = program.functions.front();
  if (function.result->type.dims[1] != type.dims[1])
    return rowWise(type, depth);
  Type input = function.input;
  input.dims[0] = type.dims[0];
  isStreamed = true;
  std::string text = random.chance(80) ? "(unroll streamed(f = " + function.name + ") over $0)"
                                       : function.name + "($0)";
  return makeNode(text, type, {expression(input, depth - 1)});
}
